"""A cycle's page while it is read, in a real browser: cards, folds, keys, touch, paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from browsing import FORGET, NARROW, emptied, let_go, new_tab, renewed, unscripted, until
from finished import small_mkdocs

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

CYCLE = "public/examples/small/epoch-1/row-2/index.html"
CARD = ".tr-card"
FOLDED = "dL_dW-1-2-2"
SHOWN = "name => document.getElementById(name).checkVisibility({contentVisibilityAuto: false})"
UNFOLDED = "document.querySelector('article details.tr-more[open]') !== null"
FOCUSED = "document.activeElement.closest('.tr-card') !== null"


@pytest.fixture(scope="module")
def address() -> str:
    return (small_mkdocs() / CYCLE).as_uri()


@pytest.fixture(scope="module")
def empty_tab(open_tab: Tab, told: list[str]) -> Iterator[Tab]:
    with emptied(open_tab, told):
        yield open_tab


@pytest.fixture
def tab(empty_tab: Tab, told: list[str], address: str) -> Iterator[Tab]:
    """The page in a wide window, at its top: loaded only where the last test changed it."""
    tab = empty_tab
    renewed(tab)
    if tab.url.partition("#")[0] != address or tab.evaluate(UNFOLDED):
        tab.evaluate(FORGET)
        tab.goto("about:blank")
        tab.goto(address)
    let_go(tab)
    tab.evaluate("document.activeElement.blur(); location.hash = ''; scrollTo(0, 0)")
    until(tab, "document.querySelector(':target') === null && scrollY === 0")
    told.clear()
    yield tab
    assert told == []


def test_a_card_tells_of_the_number_that_is_pointed_at(tab: Tab) -> None:
    number = tab.locator('[id="a-1-1"] math a[href="#z-1-1"]').first
    number.hover()
    card = tab.locator(CARD)
    card.wait_for(state="visible")
    line = tab.locator('[id="z-1-1"]')
    assert str(line.get_attribute("data-label")) in (card.text_content() or "")
    assert str(number.text_content()) in (card.locator(".tr-card-value b").text_content() or "")
    ways = card.locator(".tr-card-ways a").evaluate_all("all => all.map(a => a.hash)")
    assert "#z-1-1" in ways
    assert "#a-1-1" in ways
    assert "#z" in ways  # what it means


def test_the_same_quantity_lights_up_in_matrix_table_and_picture(tab: Tab) -> None:
    tab.locator('[id="a-1-1"] math a[href="#z-1-1"]').first.hover()
    tab.wait_for_function("document.querySelectorAll('.tr-lit').length > 3")
    for place in ("svg a.tr-lit", ".tr-matrix a.tr-lit", '[id="z-1-1"] .tr-result.tr-lit'):
        assert tab.locator(place).count() >= 1, place
    hrefs = tab.locator("a.tr-lit").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert set(hrefs) == {"#z-1-1"}


def test_a_symbol_has_a_card_with_its_meaning(tab: Tab) -> None:
    tab.locator('[id="z-1-1"] .tr-formula [data-ref="W-1-1-1"]').hover()
    tab.locator(CARD).wait_for(state="visible")
    assert tab.locator(".tr-card-meaning").count() == 1
    targets = tab.locator(".tr-card-ways a").evaluate_all("all => all.map(a => a.hash)")
    assert "#W" in targets


def test_a_number_of_another_page_is_known_too(tab: Tab) -> None:
    number = tab.locator('[id="z-1-1"] mn a[href*="W_after-1-1-1"]').first
    number.hover()
    tab.locator(CARD).wait_for(state="visible")
    assert "layer 1" in (tab.locator(".tr-card-title").text_content() or "")


def test_a_click_follows_and_a_chip_leads_back(tab: Tab) -> None:
    number = tab.locator('[id="dL_db-2-1"] math a').first
    number.scroll_into_view_if_needed()
    top = "document.querySelector('[id=\"dL_db-2-1\"] math a').getBoundingClientRect().top"
    # Asked as it is followed: until then lines above may still get their real heights.
    before = number.evaluate(
        "link => { const { top } = link.getBoundingClientRect(); link.click(); return top }"
    )
    tab.wait_for_function("location.hash.length > 1")
    tab.locator(".tr-chip").click()
    until(tab, f"Math.abs({top} - {before}) < 3")
    assert tab.locator(".tr-chip").is_hidden()
    tab.goto("about:blank")  # it is led back for some frames more


def test_keys_walk_open_and_close(tab: Tab) -> None:
    first = tab.locator('[id="z-1-1"] mn a').first
    first.focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowDown")  # the matrix form of the activations
    tab.keyboard.press("ArrowDown")
    assert tab.evaluate("document.activeElement.closest('.tr-line').id") == "a-1-1"
    tab.keyboard.press("Enter")
    assert tab.evaluate(FOCUSED)
    tab.keyboard.press("Escape")
    assert not tab.evaluate(FOCUSED)
    assert tab.locator(CARD).is_hidden()
    assert tab.evaluate("document.activeElement.closest('.tr-line').id") == "a-1-1"


def test_tab_stops_are_few(tab: Tab) -> None:
    stops = "[...document.querySelectorAll('article mn a')].filter(a => a.tabIndex >= 0).length"
    parts = "document.querySelectorAll('article > :is(h2, h3)').length"
    assert 0 < tab.evaluate(stops) <= tab.evaluate(parts)


def test_a_link_opens_what_is_folded(tab: Tab, address: str) -> None:
    assert not tab.evaluate(SHOWN, FOLDED)
    tab.goto("about:blank")
    tab.goto(f"{address}#{FOLDED}")
    assert tab.evaluate(SHOWN, FOLDED)


def test_all_that_is_folded_can_be_found_in_the_page(tab: Tab) -> None:
    """A search of the browser opens details, and nothing else: each fold has to be one."""
    hidden = """[...document.querySelectorAll('article .tr-line')].filter(
      line => !line.checkVisibility() && !line.closest('details:not([open])')).length"""
    assert tab.evaluate(hidden) == 0


def test_paper_shows_everything_and_folds_it_again(tab: Tab) -> None:
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert tab.locator("article details.tr-more:not([open])").count() == 0
    tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert tab.locator("article details.tr-more[open]").count() == 0


def test_the_choice_to_see_everything_is_remembered(tab: Tab) -> None:
    tab.locator(".tr-all").click()
    assert tab.locator("article details.tr-more:not([open])").count() == 0
    tab.reload()
    assert tab.locator("article details.tr-more:not([open])").count() == 0
    tab.locator(".tr-all").click()
    assert tab.locator("article details.tr-more[open]").count() == 0


def test_the_first_tap_opens_the_card_and_its_buttons_follow(
    browser: Browser, address: str
) -> None:
    told: list[str] = []
    with new_tab(browser, told, viewport=NARROW, has_touch=True, is_mobile=True) as tab:
        tab.goto(address)
        tab.locator('[id="a-1-1"] math a[href="#z-1-1"]').first.tap()
        tab.locator(CARD).wait_for(state="visible")
        assert "#" not in tab.url
        size = tab.locator(".tr-card-ways a").first.bounding_box()
        assert size is not None
        assert min(size["width"], size["height"]) >= 24
        tab.locator('.tr-card-ways a[href="#z-1-1"]').first.tap()
        tab.wait_for_function("location.hash === '#z-1-1'")
    assert told == []


def test_the_strip_stays_and_marks_where_one_is(tab: Tab) -> None:
    tab.locator("#backward-1").scroll_into_view_if_needed()
    tab.evaluate("document.getElementById('backward-1').scrollIntoView()")
    tab.wait_for_function("document.querySelector('[aria-current=step]')?.hash === '#backward'")
    top = tab.locator(".tr-strip").evaluate("strip => strip.getBoundingClientRect().top")
    assert 0 <= top < 60
    stage = tab.locator(".tr-stage")
    assert stage.get_attribute("data-pass") == "backward"
    assert stage.locator(".tr-dim").count() > 0


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_no_matrix_is_out_of_sight(tab: Tab, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 800})
    tab.reload()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    out = """[...document.querySelectorAll('.tr-matrix')].filter(
      p => p.checkVisibility() && p.scrollWidth > p.clientWidth + 1).length"""
    assert tab.evaluate(out) == 0


def test_a_matrix_too_wide_for_a_window_can_be_read_and_moved(tab: Tab) -> None:
    tab.set_viewport_size(NARROW)
    measured = """() => { const set = document.querySelector('.tr-matrix math');
      set.setAttribute('style', '--tr-ems: 80');
      const box = set.closest('.tr-matrix'), letters = getComputedStyle(set).fontSize;
      return [parseFloat(letters), getComputedStyle(box).overflowX]; }"""
    assert tab.evaluate(measured) == [11, "auto"]
    tab.emulate_media(media="print")
    size, overflow = tab.evaluate(measured)
    tab.goto("about:blank")  # the next test finds no matrix as wide
    assert (size < 11, overflow) == (True, "visible")


def test_without_a_script_everything_is_a_plain_link(tab: Tab, address: str) -> None:
    with unscripted(tab):
        tab.goto("about:blank")
        tab.goto(address)
        tab.locator('[id="a-1-1"] math a[href="#z-1-1"]').first.click()
        assert tab.url.endswith("#z-1-1")
        assert tab.locator("tr.tr-line .tr-formula").count() > 0  # each row has its formula again
