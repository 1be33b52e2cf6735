"""The built site in Firefox, all in one session: layout, symbols, links, cards, folds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from browsing import PROBES
from finished import small_mkdocs
from firefox import Firefox, FirefoxError

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SITE = "public/examples/small"
CYCLE = f"{SITE}/epoch-1/row-2/index.html"
NUMBER = '[id="a-1-1"] math a[href="#z-1-1"]'
FOLDED = "dL_dW-1-2-2"
SHOWN = "document.querySelector('.tr-card')?.checkVisibility() ?? false"
LEAST_CONTRAST = 4.5
SPOILED = """<!doctype html><title>Spoiled</title><p style="width: 700px; color: #777">wide</p>
<script>console.error('said'); missing()</script>"""
#: How many letters have links, and those of another width than without: they are drawn otherwise.
OTHERWISE = """() => {
  const links = [...document.querySelectorAll('.tr-known math mi > a')];
  const texts = new Set(links.map(link => link.textContent));
  const width = inner => {
    const box = document.querySelector('.tr-known').appendChild(document.createElement('span'));
    box.innerHTML = `<math><mi>${inner}</mi></math>`;
    const { width } = box.firstChild.firstChild.getBoundingClientRect();
    box.remove();
    return width;
  };
  const letters = [...texts].filter(text => [...text].length === 1);
  const apart = letters.filter(one => Math.abs(width(`<a href="#">${one}</a>`) - width(one)) > 0.1);
  return [letters.length, apart];
}"""
#: The parts of formulas that have too few or too many children.
MALFORMED = """() => Object.entries({msub: 2, msup: 2, mfrac: 2, mover: 2, munder: 2, msubsup: 3,
  munderover: 3}).flatMap(([tag, count]) => [...document.querySelectorAll(tag)]
    .filter(found => found.children.length !== count).map(found => found.outerHTML))"""


@pytest.fixture(scope="module")
def browser(firefox_window: Firefox) -> Firefox:
    return firefox_window


@pytest.fixture(scope="module")
def root() -> Path:
    return small_mkdocs()


@pytest.fixture
def cycle(browser: Firefox, root: Path) -> Iterator[Firefox]:
    """A cycle's page in a wide window; what it writes to the console is an error."""
    browser.size(1280)
    browser.goto((root / CYCLE).as_uri())
    yield browser
    assert browser.told() == []


def test_the_helper_sees_what_is_wrong(browser: Firefox, tmp_path: Path) -> None:
    page = tmp_path / "spoiled.html"
    page.write_text(SPOILED, encoding="utf-8")
    browser.size(390)
    browser.goto(page.as_uri())
    assert browser.evaluate("document.documentElement.scrollWidth") > 390
    failed, said = browser.told()
    assert "missing is not defined" in failed
    assert '"said"' in said
    with pytest.raises(FirefoxError, match="neterror"):
        browser.goto((tmp_path / "nowhere.html").as_uri())


@pytest.mark.parametrize("page", ["", "epoch-1/row-2/", "task/", "epochs/", "glossary/"])
def test_no_page_is_wider_than_its_window(browser: Firefox, root: Path, page: str) -> None:
    browser.goto((root / SITE / page / "index.html").as_uri())
    for width in (1280, 390):
        browser.size(width)
        assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.told() == []


def test_linked_symbols_are_drawn_like_those_without_a_link(cycle: Firefox) -> None:
    assert cycle.evaluate("document.querySelectorAll('math mi > a').length") > 50
    letters, apart = cycle.evaluate(OTHERWISE)
    assert letters > 5
    assert apart == []
    assert cycle.evaluate(MALFORMED) == []


def test_a_number_has_a_card_and_leads_to_where_it_was_made(cycle: Firefox) -> None:
    cycle.point_at(NUMBER)
    cycle.wait_for(SHOWN)
    assert cycle.evaluate("document.querySelectorAll('svg a.tr-lit').length") > 0
    cycle.press("Escape")
    cycle.wait_for(f"!({SHOWN})")
    cycle.click(NUMBER)
    assert cycle.evaluate("location.hash") == "#z-1-1"
    cycle.click(".tr-chip")
    cycle.wait_for("!document.querySelector('.tr-chip').checkVisibility()")


def test_keys_walk_and_open(cycle: Firefox) -> None:
    cycle.evaluate("document.querySelector('[id=\"z-1-1\"] mn a').focus()")
    cycle.press("ArrowDown", "ArrowDown")
    assert cycle.evaluate("document.activeElement.closest('.tr-line').id") == "a-1-1"
    cycle.press("Enter")
    assert cycle.evaluate("document.activeElement.closest('.tr-card') !== null")
    cycle.press("Escape")
    assert not cycle.evaluate(SHOWN)


def test_what_is_folded_opens_by_a_link_and_by_its_summary(cycle: Firefox) -> None:
    within = f"document.getElementById('{FOLDED}').closest('details').open"
    assert not cycle.evaluate(within)
    cycle.evaluate(f"location.hash = '{FOLDED}'")
    cycle.wait_for(within)
    first = "article details.tr-more:not([open])"
    cycle.click(f"{first} > summary")
    assert cycle.evaluate("document.querySelectorAll('article details.tr-more[open]').length") >= 2
    cycle.click(".tr-all")
    cycle.wait_for(f"document.querySelector('{first}') === null")
    cycle.click(".tr-all")


def test_on_a_phone_all_has_room_and_can_be_read_in_both_schemes(cycle: Firefox) -> None:
    cycle.size(390)
    cycle.evaluate("code => { window.eval(code) }", PROBES.read_text(encoding="utf-8"))
    cycle.evaluate("probes.layOut()")
    seen = {probe: cycle.evaluate(f"probes.{probe}()") for probe in ("cut", "crowded", "outside")}
    for scheme in ("slate", "default"):
        cycle.evaluate("document.querySelector('form label:not([hidden])').click()")
        cycle.wait_for(f"document.body.dataset.mdColorScheme === '{scheme}'")
        seen[scheme] = cycle.evaluate(f"probes.faint({LEAST_CONTRAST})")
    assert {name: found for name, found in seen.items() if found} == {}
