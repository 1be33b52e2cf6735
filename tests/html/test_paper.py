"""A cycle on paper: printed by Chromium, and read back from the PDF."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

import pytest
from pypdf import PdfReader

from browsing import NARROW, emptied, new_tab, renewed
from examples import PROFILE
from finished import whole_site
from rendering import DEFAULT, layers
from sharing import shared_folder
from tracer.experiment import Experiment
from tracer.html.walkthrough import live_part
from tracer.html.website import Maker, website
from tracer.studies.run import study_later
from tracer.training import run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize
    from playwright.sync_api import Page as Tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

MOST = 8  # sheets for a cycle of the built-in example; of A4 it takes 7
#: `make test` prints each page on one of the two, `.ci/run` on both.
SIZES = {"finished": ("A4", "Letter"), "mkdocs": ("Letter", "A4")}
PRINTED = 1 if PROFILE == "dev" else 2
NUMBER = re.compile(r"\d+(?:\.\d+)?")
RESULTS = "[...document.querySelectorAll('.tr-line .tr-result mn')].map(one => one.textContent)"
LEADING = """[...document.querySelectorAll('article :is(h2, h3, summary, caption, .tr-label)')]
  .filter(one => !one.closest('.tr-twin')).map(one => one.innerText.replace(/[#¶]/g, ''))"""
SCREEN_ONLY = (
    "nav, header, footer, button, .tr-twin, .tr-chip, .tr-card, .tr-card-words, .tr-slice,"
    " .tr-self, .tr-way, .tr-phases, .tr-steps, .tr-next, .headerlink, .md-sidebar, .md-header"
)
SEEN = "many => many.filter(one => one.checkVisibility()).map(one => one.outerHTML.slice(0, 90))"
BEYOND = """[...document.querySelectorAll('article :is(math, svg, table, .tr-line, .tr-term)')]
  .filter(one => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => one.outerHTML.slice(0, 90))"""
UNFOLDED = "document.querySelectorAll('article details').forEach(box => { box.open = true })"
FOLDED = "details:not([open], .tr-twin, .frame-contents)"
#: An A4 sheet between the margins, in CSS pixels: what is laid out as on paper can be asked.
SHEET: ViewportSize = {"width": 696, "height": 1000}
WIDE = {
    "title": "Wide",
    "data": {
        "columns": [*"abcdefgh", "t"],
        "rows": [[(k * 7 + j * 3) % 11 / 7 - 0.5 for j in range(8)] + [k] for k in range(8)],
    },
    "layers": layers((8, "tanh"), (8, "softmax")),
    "init": {"seed": 3},
    "training": {"epochs": 1, "loss": "cross_entropy"},
    "pages": {"rows": [1]},
}


class Sheets:
    """What is printed, as it is read back."""

    def __init__(self, tab: Tab, size: str) -> None:
        pages = PdfReader(BytesIO(tab.pdf(format=size))).pages
        self.texts = [normalize("NFKC", page.extract_text()) for page in pages]
        self.folded_again = tab.locator(f"article {FOLDED}").count()

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def numbers(self) -> Counter[str]:
        return Counter(NUMBER.findall(" ".join(self.texts)))


def _wide(folder: Path) -> None:
    """The first cycle of a wide network in finished HTML, with what it loads; no other page."""
    trace = run(Experiment.from_mapping(WIDE))
    site = website(None, [live_part(trace, study_later(trace))], Maker.of(None))
    cycle = next(path for path in site.order if "/row-" in path)
    for path in (*site.shared, cycle):
        content = site.content(path)
        file = folder / ("site/cycle/one/row/index.html" if path == cycle else f"site/{path}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.fixture(scope="module", params=SIZES)
def site(request: pytest.FixtureRequest) -> str:
    """Who made the page: tracer, or MkDocs."""
    return str(request.param)


@pytest.fixture(scope="module")
def page(
    request: pytest.FixtureRequest, site: str, open_tab: Tab, told: list[str]
) -> Iterator[Tab]:
    """The page of a cycle as a reader sees it in the dark."""
    folder = whole_site() / "html"
    if site == "mkdocs":
        folder = request.getfixturevalue("default_site") / "public"
    path = folder / "examples" / DEFAULT / "epoch-1" / "row-1" / "index.html"
    with emptied(open_tab, told, size=SHEET, scheme="dark"):
        open_tab.goto(path.as_uri())
        yield open_tab


def as_read(tab: Tab) -> Tab:
    """The page as it was opened: loaded anew where it was laid out as on paper."""
    if tab.evaluate("matchMedia('print').matches"):
        renewed(tab, size=SHEET, scheme="dark")
        tab.reload()
    return tab


@pytest.fixture
def tab(page: Tab) -> Tab:
    return as_read(page)


@pytest.fixture(scope="module")
def printed(page: Tab, site: str) -> dict[str, Sheets]:
    return {size: Sheets(as_read(page), size) for size in SIZES[site][:PRINTED]}


def test_a_cycle_takes_few_sheets(printed: dict[str, Sheets]) -> None:
    for size, sheets in printed.items():
        assert 1 < len(sheets) <= MOST, size


def test_every_value_is_in_the_text(printed: dict[str, Sheets], tab: Tab) -> None:
    results = Counter(re.sub("^[−-]", "", text) for text in tab.evaluate(RESULTS))
    assert len(results) > 30
    for size, sheets in printed.items():
        missing = {text for text, count in results.items() if sheets.numbers[text] < count}
        assert missing == set(), size


def test_no_label_is_parted_from_what_it_says(printed: dict[str, Sheets], tab: Tab) -> None:
    leading = {"".join(text.split()) for text in tab.evaluate(LEADING)}
    assert len(leading) > 20
    for size, sheets in printed.items():
        for text in sheets.texts:
            assert "".join(text.strip().splitlines()[-1].split()) not in leading, size


def test_each_sheet_has_its_number_and_the_address(printed: dict[str, Sheets], tab: Tab) -> None:
    for sheets in printed.values():
        for number, text in enumerate(sheets.texts, 1):
            assert f"{number} / {len(sheets)}" in text
            assert tab.url in "".join(text.split())


def test_paper_folds_again_what_it_opened(printed: dict[str, Sheets]) -> None:
    assert printed
    assert all(sheets.folded_again > 5 for sheets in printed.values())


def laid_out(tab: Tab) -> Tab:
    """The same as on paper, to be asked."""
    tab.emulate_media(media="print")
    tab.evaluate(UNFOLDED)
    return tab


def test_paper_is_light_whatever_was_chosen(tab: Tab) -> None:
    laid_out(tab)
    style = "name => getComputedStyle(document.body).getPropertyValue(name)"
    names = ("--tr-text", "--tr-forward", "--tr-paper", "--md-default-bg-color")
    looks = []
    for scheme in ("default", "slate"):
        for place in ("documentElement", "body"):
            tab.evaluate(f"s => {{ document.{place}.dataset.mdColorScheme = s }}", scheme)
        looks.append([tab.evaluate(style, name) for name in names])
    assert looks[0] == looks[1]


def test_paper_has_nothing_that_only_a_screen_can_use(tab: Tab) -> None:
    assert laid_out(tab).locator(SCREEN_ONLY).evaluate_all(SEEN) == []
    assert tab.locator("article .tr-rows").count() > 10
    assert tab.locator("article .tr-stage svg").evaluate_all(SEEN.replace("outerHTML", "id"))


def test_what_is_wide_is_made_to_fit(browser: Browser) -> None:
    wide = shared_folder("wide cycle on paper", _wide)
    with new_tab(browser, [], color_scheme="dark", viewport=NARROW) as tab:
        tab.goto((wide / "site/cycle/one/row/index.html").as_uri())
        tab.evaluate(UNFOLDED)
        for width in (NARROW["width"], 320):
            tab.set_viewport_size({"width": width, "height": 800})
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
        tab.set_viewport_size(SHEET)
        assert laid_out(tab).evaluate(BEYOND) == []
        numbers = Sheets(tab, "A4").numbers
        results = Counter(re.sub("^[−-]", "", text) for text in tab.evaluate(RESULTS))
        assert {text for text, count in results.items() if numbers[text] < count} == set()
