"""The built site in a real browser, read from its folder: layout, colours, links, keys, search."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browsing import NARROW, WIDE, emptied, let_go, new_tab, until
from finished import small_mkdocs
from sharing import shared
from surveying import LAYOUT, LEAST_CONTRAST, LEAST_TEXT, SCHEME, ask, looked, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize
    from playwright.sync_api import Page as Tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

SURVEYED = "examples/mini2d/epoch-1/row-3/index.html"
CYCLE = "examples/small/epoch-1/row-3/index.html"
FOCUS = "(() => { const at = document.activeElement; return at.closest('math') ? at.textContent"
FOCUS += " : at.tagName.toLowerCase() })()"
SETTLED = """async () => {
  const place = () => document.querySelector(':target')?.getBoundingClientRect().top;
  for (let last = NaN, same = 0, k = 0; same < 6 && k < 200; k++) {
    await new Promise(requestAnimationFrame);
    same = place() === last ? same + 1 : 0;
    last = place();
  }
}"""


@pytest.fixture(scope="module")
def public() -> Path:
    """A site of few numbers: what one reader does is the same on any page of a cycle."""
    return small_mkdocs() / "public"


@pytest.fixture
def tab(open_tab: Tab, told: list[str]) -> Iterator[Tab]:
    """An empty tab, wide and light, with the probes in every page that it opens."""
    with emptied(open_tab, told, motion="reduce"):
        yield open_tab


@pytest.fixture(scope="module")
def cycle_tab(browser: Browser) -> Iterator[Tab]:
    with new_tab(browser, [], reduced_motion="reduce") as made:
        yield made


@pytest.fixture
def cycle(any_cycle: Tab) -> Tab:
    """A cycle's page in a wide window, at its top."""
    any_cycle.set_viewport_size(WIDE)
    return any_cycle


@pytest.fixture
def any_cycle(cycle_tab: Tab, public: Path) -> Tab:
    """The same in whatever window it had: loaded only where the last test left it."""
    if cycle_tab.url.partition("#")[0] != (public / CYCLE).as_uri():
        opened(cycle_tab, public, CYCLE).evaluate("probes.layOut()")
    let_go(cycle_tab)
    cycle_tab.evaluate("document.activeElement.blur(); location.hash = ''; scrollTo(0, 0)")
    until(cycle_tab, "document.querySelector(':target') === null && scrollY === 0")
    return cycle_tab


# Every page, at two widths, light and dark


@pytest.fixture(scope="module")
def survey(open_tab: Tab, told: list[str], default_site: Path) -> dict[str, dict[str, Any]]:
    """What the probes find on every page, once in a run."""

    def look() -> dict[str, dict[str, Any]]:
        with emptied(open_tab, told, motion="reduce"):
            return looked(open_tab, told, default_site / "public")

    found: dict[str, dict[str, Any]] = shared("survey", look)
    return found


def failing(survey: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    return {path: found[name][:5] for path, found in survey.items() if found[name]}


def test_every_page_was_seen(survey: dict[str, dict[str, Any]]) -> None:
    assert {"index.html", "guide/cli.html", SURVEYED} <= survey.keys()
    assert len(survey) >= 28


def test_nothing_fails_and_nothing_comes_from_outside(survey: dict[str, dict[str, Any]]) -> None:
    assert failing(survey, "told") == {}


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_nothing_is_wider_than_its_place(survey: dict[str, dict[str, Any]], width: str) -> None:
    assert failing(survey, f"cut, {width}") == {}


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_words_in_pictures_have_room(survey: dict[str, dict[str, Any]], width: str) -> None:
    assert failing(survey, f"crowded, {width}") == {}
    assert failing(survey, f"outside, {width}") == {}


def test_words_in_pictures_can_be_read_on_a_phone(survey: dict[str, dict[str, Any]]) -> None:
    assert failing(survey, "small, narrow") == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_formulas_stand_out(survey: dict[str, dict[str, Any]], scheme: str) -> None:
    assert failing(survey, f"faint, {scheme}") == {}


def test_the_survey_sets_the_colours_that_the_theme_takes_from_the_system(
    tab: Tab, default_site: Path
) -> None:
    opened(tab, default_site / "public", "guide/json.html")
    tab.emulate_media(color_scheme="dark")
    tab.wait_for_function(f"{SCHEME} === 'slate'")
    of_the_system = tab.evaluate("({ ...document.body.dataset })")
    tab.emulate_media(color_scheme="light")
    tab.wait_for_function(f"{SCHEME} === 'default'")
    tab.evaluate(f"{SCHEME} = 'slate'")
    assert tab.evaluate("({ ...document.body.dataset })") == of_the_system


def test_formulas_are_set_in_the_math_font(survey: dict[str, dict[str, Any]]) -> None:
    for path, found in survey.items():
        if found["formulas"]["count"]:
            assert found["formulas"]["flat"] == 0, path
            assert found["formulas"]["fonts"] == ['"STIX Two Math"'], path
            assert found["fonts"] == ["STIX Two Math loaded"], path
    assert survey[SURVEYED]["formulas"]["count"] > 300


def test_the_browser_really_draws_with_the_math_font(cycle: Tab) -> None:
    cycle.evaluate("document.fonts.ready")
    session = cycle.context.new_cdp_session(cycle)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    query = {"nodeId": root, "selector": "#z-1-1 math mi"}
    node = session.send("DOM.querySelector", query)["nodeId"]
    used = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    session.detach()
    assert [font["familyName"] for font in used] == ["STIX Two Math"]
    assert used[0]["isCustomFont"]


def test_the_probes_see_what_is_wrong(tab: Tab, public: Path) -> None:
    """Each of them finds something on a page that was spoiled for it."""
    opened(tab, public, CYCLE).evaluate("probes.layOut()")
    assert [ask(tab, probe) for probe in LAYOUT] == [[], [], []]
    tab.add_style_tag(
        content="""
        math { color: #999 !important; font-family: serif !important; }
        .tr-picture text { fill: #888 !important; }
        #z-1-1 .tr-math { overflow: visible !important; width: 3000px; }
        #a-1-1 math { margin-left: -200px; }
        """
    )
    faint = " ".join(ask(tab, "faint", LEAST_CONTRAST))
    assert "math" in faint
    assert "text." in faint
    wrong = " ".join(ask(tab, "cut"))
    assert "page:" in wrong
    assert "#z-1-1:" in wrong
    assert "left of its box" in wrong
    assert ask(tab, "formulas")["fonts"] == ["serif"]
    tab.evaluate("document.querySelectorAll('svg text').forEach(t => t.setAttribute('x', 9))")
    assert len(ask(tab, "crowded")) > 3
    tab.evaluate("document.querySelectorAll('svg text').forEach(t => t.setAttribute('x', -99))")
    assert len(ask(tab, "outside")) > 10
    tab.set_viewport_size(NARROW)
    tab.add_style_tag(content="svg.tr-picture { width: 150px !important; min-width: 0 !important }")
    assert len(ask(tab, "small", LEAST_TEXT)) > 10


# Following a number


FOLLOWED = [
    ("a-1-2", "#z-1-2", WIDE),
    ("loss", "#a-2-1", WIDE),
    ("dL_dz-1-1", "#dL_da-1-1", WIDE),
    ("W_after-2-2-1", "#dL_dW-2-2-1", WIDE),
    ("loss_change", "#loss", WIDE),
    ("W_after-2-2-1", "#dL_dW-2-2-1", NARROW),
    ("z_after-1-1", "#W_after-1-1-1", NARROW),
    ("z-1-1", "../row-2/index.html#W_after-1-1-1", NARROW),
    ("z-1-1", "../row-2/index.html#W_after-1-1-1", WIDE),
    ("dL_dW-1-2-2", "../../task/index.html#x-3-2", WIDE),
]
"""A resized window lays the page out anew, and one that was left is loaded again."""


@pytest.mark.parametrize(("line", "href", "size"), FOLLOWED)
def test_a_number_leads_to_its_line(
    any_cycle: Tab, line: str, href: str, size: ViewportSize
) -> None:
    tab = any_cycle
    tab.set_viewport_size(size)
    tab.locator(f'[id="{line}"] math a[href="{href}"]').first.click()
    anchor = href.partition("#")[2]
    tab.wait_for_function("name => document.querySelector(':target')?.id === name", arg=anchor)
    tab.evaluate(SETTLED)
    arrived = ask(tab, "arrived")
    assert (arrived["id"], arrived["inView"], arrived["marked"]) == (anchor, True, True), arrived
    assert [found for found in ask(tab, "faint", LEAST_CONTRAST) if f"#{anchor} " in found] == []


def test_a_number_of_the_first_cycle_leads_to_the_starting_values(tab: Tab, public: Path) -> None:
    opened(tab, public, CYCLE.replace("row-3", "row-1")).evaluate("probes.layOut()")
    tab.locator('[id="z-1-2"] math a[href$="start/index.html#W-1-1-2"]').click()
    tab.wait_for_url("**/start/index.html#W-1-1-2")
    arrived = ask(tab, "arrived")
    assert (arrived["id"], arrived["inView"], arrived["marked"]) == ("W-1-1-2", True, True)


def test_a_number_in_a_picture_leads_to_its_line(cycle: Tab) -> None:
    cycle.locator('#forward-picture svg a[href="#z-2-1"]').first.click()
    cycle.wait_for_function("document.querySelector(':target')?.id === 'z-2-1'")
    cycle.evaluate(SETTLED)
    assert ask(cycle, "arrived")["inView"]


@pytest.mark.parametrize("name", ["dL_dz", "y_hat", "W"])
def test_a_symbol_leads_to_what_it_means(cycle: Tab, name: str) -> None:
    tab = cycle
    symbol = tab.locator(f'.tr-known mi a[href$="glossary/index.html#{name}"]').last
    drawn = "link => getComputedStyle(link).textDecorationLine"
    symbol.scroll_into_view_if_needed()
    tab.evaluate(SETTLED)
    assert symbol.evaluate(drawn) == "none"
    symbol.hover()
    assert symbol.evaluate(drawn) == "underline"
    symbol.click()
    tab.wait_for_url(f"**/glossary/index.html#{name}")
    tab.evaluate(SETTLED)
    arrived = ask(tab, "arrived")
    assert (arrived["id"], arrived["inView"], arrived["marked"]) == (name, True, True)


def test_a_linked_letter_holds_its_scripts_as_a_plain_one_does(tab: Tab, public: Path) -> None:
    opened(tab, public, CYCLE)
    moved = """() => [...document.querySelectorAll('.tr-known math')].slice(0, 15).map(part => {
      const height = () => part.getBoundingClientRect().height;
      const linked = height();
      part.innerHTML = part.innerHTML.replace(/<a [^>]*>([^<]*)<\\/a>/g, '$1');
      return height() - linked;
    })"""
    tab.add_style_tag(content=".tr-line { content-visibility: visible }")
    found = tab.evaluate(moved)
    assert len(found) == 15
    assert max(map(abs, found)) < 2.5


def test_an_address_with_an_anchor_arrives_there(tab: Tab, public: Path) -> None:
    opened(tab, public, f"{CYCLE}#b_after-2-1").evaluate(SETTLED)
    assert ask(tab, "arrived")["id"] == "b_after-2-1"
    assert ask(tab, "arrived")["inView"]


# Keys


def test_arrow_keys_move_among_the_numbers_of_a_line(cycle: Tab) -> None:
    tab = cycle
    numbers = tab.locator('[id="z-1-1"] mn a')
    texts = numbers.all_text_contents()
    assert len(texts) == 5
    numbers.first.focus()
    walked = []
    for _ in range(5):
        tab.keyboard.press("ArrowRight")
        walked.append(tab.evaluate(FOCUS))
    assert walked == [*texts[1:], texts[-1]]
    tab.keyboard.press("ArrowLeft")
    assert tab.evaluate(FOCUS) == texts[-2]


def test_tab_does_not_stop_at_each_number(cycle: Tab) -> None:
    cycle.locator('[id="z-1-1"] mn a').first.focus()
    cycle.keyboard.press("Tab")
    assert cycle.evaluate(FOCUS) == "summary"


def test_a_page_has_few_nodes_for_each_number(cycle: Tab) -> None:
    printed = """[...document.querySelectorAll('article :is(mn, svg text, td a, p a)')].filter(
      one => /^[−\\d.]+$/.test(one.textContent) && !one.closest('msub, msup, msubsup')).length"""
    count = cycle.evaluate("document.querySelectorAll('article *').length")
    assert count <= 12 * cycle.evaluate(printed)


# Paper, search, a server


def test_everything_is_printed(tab: Tab, public: Path) -> None:
    opened(tab, public, CYCLE).emulate_media(media="print")
    shown = "e => getComputedStyle(e).contentVisibility"
    assert tab.locator(".tr-line").last.evaluate(shown) == "visible"


def searched(tab: Tab, words: str, title: str) -> None:
    tab.click("input.md-search__input")
    tab.keyboard.type(words, delay=20)
    result = tab.locator(".md-search-result__item a", has_text=title).first
    result.wait_for(state="attached")
    address = result.get_attribute("href")
    assert address is not None
    tab.goto(address)
    assert title in tab.inner_text("h1")


def test_search_finds_a_page_with_a_server(tab: Tab, public: Path) -> None:
    failed: list[str] = []
    tab.on("response", lambda got: failed.append(got.url) if got.status >= 400 else None)
    tab.on("pageerror", lambda error: failed.append(str(error)))
    handler = partial(_Quiet, directory=str(public))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            tab.goto(f"http://127.0.0.1:{server.server_port}/{CYCLE}")
            searched(tab, "drawn random seed", "Starting values")
            tab.goto("about:blank")
        finally:
            server.shutdown()
            thread.join()
    assert failed == []


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""
