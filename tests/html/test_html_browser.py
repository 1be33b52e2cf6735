"""Finished HTML in a real browser, read from its folder and as one file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from browsing import FORGET, NARROW, WIDE, emptied, renewed, unscripted, until
from finished import small_site

if TYPE_CHECKING:
    from playwright.sync_api import Locator
    from playwright.sync_api import Page as Tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

CYCLE = "small/epoch-1/row-2/index.html"
PAGES = ["small/index.html", CYCLE, "small/checks/index.html"]
PAGES += ["small/task/index.html", "small/epochs/index.html", "small/glossary/index.html"]
LAYOUT = ("cut", "crowded", "outside")
DARK = "document.body.dataset.mdColorScheme === 'slate'"
SHOWN = "document.querySelector('.frame-sheet:not([hidden])').id"
UNFOLDED = "document.querySelectorAll('.tr-more').forEach(box => { box.open = true })"
LEAST_CONTRAST = 4.5
#: From the one in which a page is opened.
WIDTHS = (WIDE["width"], 1920, 768, NARROW["width"], 320)
LOOKS: dict[int, Literal["light", "dark"]] = {WIDE["width"]: "light", NARROW["width"]: "dark"}
#: Pictures that a narrow window cuts, and letters in them, beside indices, that are under 12 px.
CUT = """[...document.querySelectorAll('.tr-figure > .tr-scroll > svg.tr-picture')]
  .filter(drawn => drawn.checkVisibility() && drawn.getBoundingClientRect().width < 500)
  .flatMap(drawn => {
    const scale = drawn.getBoundingClientRect().width / drawn.viewBox.baseVal.width;
    const small = [...drawn.querySelectorAll("text")].filter(
      text => parseFloat(getComputedStyle(text).fontSize) * scale < 12);
    const box = drawn.parentElement;
    return [...small, ...(box.scrollWidth > box.clientWidth + 1 ? [box] : [])];
  }).map(found => found.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def folder() -> Path:
    return small_site()


@pytest.fixture(scope="module")
def one_tab(open_tab: Tab, told: list[str]) -> Iterator[Tab]:
    with emptied(open_tab, told):
        yield open_tab


@pytest.fixture
def tab(one_tab: Tab, told: list[str]) -> Iterator[Tab]:
    """A wide and light tab with nothing remembered; the one file stays open for the next test."""
    renewed(one_tab)
    yield one_tab
    one_tab.evaluate(FORGET)
    assert told == []


def opened(tab: Tab, folder: Path, page: str = CYCLE) -> Tab:
    tab.goto((folder / "html").as_uri() + "/" + page)
    return tab


def sheet(tab: Tab, folder: Path, anchor: str = "") -> Tab:
    tab.goto((folder / "single" / "small.html").as_uri() + (f"#{anchor}" if anchor else ""))
    return tab


def test_the_address_of_the_site_leads_to_its_walkthrough(tab: Tab, folder: Path) -> None:
    opened(tab, folder, "index.html").wait_for_url("**/small/index.html")
    assert tab.locator("h1").count() == 1


def heading(found: Locator) -> str:
    """Its words without the sign of its own link."""
    return str(found.inner_text()).removesuffix("¶")


def shown(tab: Tab) -> str:
    found = tab.locator(".frame-sheet:visible h1")
    assert found.count() == 1
    return heading(found)


def arrives(tab: Tab, anchor: str) -> None:
    """Wait until an address names a place, and that is in the window, below the bar."""
    until(tab, f"document.querySelector(':target')?.id === '{anchor}'")
    at = "document.querySelector(':target').getBoundingClientRect()"
    under = "document.querySelector('.frame-bar').getBoundingClientRect().bottom"
    until(tab, f"{at}.top >= {under} && {at}.top < innerHeight")


def width(tab: Tab) -> int:
    return int(tab.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_any_window_in_both_schemes(tab: Tab, folder: Path, page: str) -> None:
    opened(tab, folder, page).evaluate("probes.layOut()")
    tab.evaluate(UNFOLDED)
    found: dict[str, Any] = {}
    for wide in WIDTHS:  # each width lays out the page anew
        tab.set_viewport_size({"width": wide, "height": 800})
        if scheme := LOOKS.get(wide):
            tab.emulate_media(color_scheme=scheme)
            until(tab, DARK if scheme == "dark" else f"!({DARK})")
            found |= {f"{probe}, {scheme}": tab.evaluate(f"probes.{probe}()") for probe in LAYOUT}
            found[f"faint, {scheme}"] = tab.evaluate(f"probes.faint({LEAST_CONTRAST})")
        assert width(tab) <= 0, wide
        assert wide > NARROW["width"] or tab.evaluate(CUT) == []
    assert {name: what for name, what in found.items() if what} == {}


def test_formulas_are_set_in_the_math_font(tab: Tab, folder: Path) -> None:
    for page in (opened(tab, folder), sheet(tab, folder, "small/epoch-1/row-2")):
        page.evaluate("document.fonts.ready")
        loaded = "[...document.fonts].map(f => `${f.family} ${f.status}`)"
        assert page.evaluate(loaded) == ["STIX Two Math loaded"]


def test_the_scheme_is_chosen_and_remembered(tab: Tab, folder: Path) -> None:
    button = opened(tab, folder).locator(".frame-scheme")
    assert button.get_attribute("aria-label") == "Colours: as the system has them"
    assert not tab.evaluate(DARK)
    button.click()
    button.click()
    assert button.get_attribute("aria-label") == "Colours: dark"
    assert tab.evaluate(DARK)
    opened(tab, folder, "small/task/index.html")
    assert tab.evaluate(DARK)
    tab.locator(".frame-scheme").click()
    assert not tab.evaluate(DARK)


def test_paper_is_light_and_has_no_frame(tab: Tab, folder: Path) -> None:
    tab.emulate_media(color_scheme="dark")
    assert opened(tab, folder).evaluate(DARK)
    tab.emulate_media(color_scheme="dark", media="print")
    until(tab, f"!({DARK})")
    for name in (".frame-bar", ".frame-pages", ".frame-contents", ".frame-beside"):
        assert not tab.locator(name).is_visible(), name
    assert tab.locator("h1").is_visible()
    visible = "e => getComputedStyle(e).contentVisibility"
    assert tab.locator(".tr-line").last.evaluate(visible) == "visible"


def test_the_first_stop_of_tab_skips_the_frame(tab: Tab, folder: Path) -> None:
    opened(tab, folder).keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "frame-skip"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "frame-main"


def test_the_navigation_of_a_narrow_window_comes_when_it_is_called(tab: Tab, folder: Path) -> None:
    tab.set_viewport_size(NARROW)
    opened(tab, folder)
    assert not tab.locator(".frame-pages").is_visible()
    tab.locator(".frame-opens-menu").click()
    assert tab.locator(".frame-opens-menu").get_attribute("aria-expanded") == "true"
    tab.keyboard.press("Escape")
    assert not tab.locator(".frame-pages").is_visible()
    tab.locator(".frame-opens-menu").click()
    tab.locator(".frame-pages a", has_text="Notation").click()
    tab.wait_for_url("**/notation/index.html")
    assert not tab.locator(".frame-pages").is_visible()


def test_a_number_leads_to_its_line_below_the_bar(tab: Tab, folder: Path) -> None:
    opened(tab, folder).locator('[id="a-1-1"] math a[href="#z-1-1"]').first.click()
    arrives(tab, "z-1-1")


def searched(tab: Tab, words: str, title: str) -> None:
    tab.keyboard.press("/")
    tab.keyboard.type(words)
    found = tab.locator(".frame-found a", has_text=title).first
    found.wait_for()
    assert tab.locator(".frame-found mark").count() > 0
    tab.keyboard.press("ArrowDown")
    assert tab.evaluate("document.activeElement.tagName") == "A"
    found.click()


def test_search_finds_a_page_without_a_server(tab: Tab, folder: Path) -> None:
    searched(opened(tab, folder), "drawn random", "Starting values")
    tab.wait_for_url("**/start/index.html*")
    assert heading(tab.locator("h1")) == "Starting values"
    assert not tab.locator(".frame-search").is_visible()


FIRST = {
    "z": r"^Glossary and symbols › Symbols: ",
    "layer error": r"layer",
    "row 2": r"^Epoch 1, row 2$",
    "learning rate": r"^Learning rate$",
    "tanh": r"› Tanh$",
}


def test_search_finds_first_what_is_meant(tab: Tab, folder: Path) -> None:
    opened(tab, folder, "small/task/index.html").keyboard.press("/")
    found = tab.locator(".frame-found a").first
    for words, first in FIRST.items():
        tab.fill(".frame-search input", words)
        found.wait_for()
        assert re.search(first, found.locator("strong").inner_text()), words
        assert found.locator("mark").count() > 0
        teaser = found.locator("span").inner_text()
        assert re.match(r"(… )?\S", teaser)
        assert "show everything" not in teaser


def test_a_table_that_is_too_wide_says_so(tab: Tab, folder: Path) -> None:
    opened(tab, folder, "small/glossary/index.html").set_viewport_size(NARROW)
    box = tab.locator(".tr-scroll.tr-scrolls").first
    box.wait_for()
    assert box.get_attribute("role") == "region"
    assert box.get_attribute("aria-label")
    assert box.evaluate("e => e.tabIndex") == 0
    tab.set_viewport_size({"width": 1900, "height": 900})
    until(tab, "!document.querySelector('.tr-scrolls')")


def test_search_says_when_nothing_is_found(tab: Tab, folder: Path) -> None:
    opened(tab, folder, "small/task/index.html").locator(".frame-opens-search").click()
    tab.keyboard.type("zzzz")
    until(tab, "document.querySelector('[role=status]').textContent.length > 0")
    assert tab.inner_text(".frame-search [role=status]") == "Nothing is found."
    tab.keyboard.press("Escape")
    assert not tab.locator(".frame-search").is_visible()


# One file


def test_one_file_shows_one_page_at_a_time(tab: Tab, folder: Path) -> None:
    assert shown(sheet(tab, folder)) == "Three rows"
    tab.locator(".frame-pages a", has_text="The task").click()
    until(tab, f"{SHOWN} === 'small/task'")
    assert shown(tab) == "The task"
    assert "The task" in tab.title()
    tab.go_back()
    until(tab, f"{SHOWN} === 'small'")


def test_a_number_of_one_file_leads_to_its_line_on_another_page(tab: Tab, folder: Path) -> None:
    sheet(tab, folder, "small/epoch-1/row-2:z-1-1")
    assert shown(tab) == "Epoch 1, row 2"
    link = tab.locator('[id="small/epoch-1/row-2:z-1-1"] math a[href*="task:x-2-1"]').first
    link.click()
    arrives(tab, "small/task:x-2-1")
    assert shown(tab) == "The task"


def test_search_in_one_file(tab: Tab, folder: Path) -> None:
    searched(sheet(tab, folder), "drawn random", "Starting values")
    until(tab, "location.hash.startsWith('#small/start')")
    assert shown(tab) == "Starting values"


def test_one_file_fits_a_phone(tab: Tab, folder: Path) -> None:
    tab.set_viewport_size(NARROW)
    for name in ("small/epoch-1/row-2", "small/checks", "small"):
        sheet(tab, folder, name)
        assert width(tab) <= 0, name


def test_without_scripts_everything_is_there(tab: Tab, folder: Path) -> None:
    with unscripted(tab):
        sheet(tab, folder)
        assert tab.locator(".frame-sheet:visible").count() > 15
        assert tab.locator(".frame-pages").is_visible()
        opened(tab, folder)
        tab.set_viewport_size(NARROW)
        assert tab.locator(".frame-pages").is_visible()
