"""The front page's picture in a real browser: it moves through the run, and stays true."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from markdown import Markdown

from browsing import NARROW, emptied
from explored import shown
from rendering import DEFAULT, trace_of
from tracer.numerals import exact_text, show
from tracer.pages import context_of
from tracer.pages.explore import explored_cycle, explorer_context
from tracer.refs import Ref
from tracer.showcase.front import walk_of_default
from tracer.trace import Cycle
from tracer.writing.project import PLACE
from tracer.writing.site import page_renderer

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

EPOCH = 37
BAR = ".tr-front-bar"
SAID = f"{BAR} [role=status]"
LEAST_TARGET = 24  # px: WCAG 2.2
NUMBERS = """() => Object.fromEntries([...document.querySelectorAll('.tr-network svg a')]
  .map(a => [a.getAttribute('href').replace(/^.*(?:#|at=)/, ''), a.textContent]))"""
LINES = """() => Object.fromEntries([...document.querySelectorAll('.tr-line[id]')]
  .map(line => [line.id, line.querySelector('.tr-result').textContent.replace(/^[=≈]/, '')]))"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with the picture, and beside it what the explorer of the default example has."""
    made: Path = tmp_path_factory.mktemp("front")
    walk = walk_of_default()
    slug = walk.slug("explore")
    context = context_of(walk, slug, explorer_context(walk, slug, explored_cycle(walk)))
    beside = page_renderer(walk.trace.experiment).beside(context)
    for path, text in beside.items():
        place = made / PLACE / DEFAULT / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    md = Markdown(extensions=["tracer.markdown", "tracer.showcase", "md_in_html"])
    page = md.convert("<!-- showcase: row -->\n")
    assets = files("tracer.templates") / "assets"
    card = (assets / "card.js").read_text(encoding="utf-8")
    (made / "index.html").write_text(
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>x</title>"
        f"<article class='md-typeset'>{page}</article><script>{card}</script></html>",
        encoding="utf-8",
    )
    return made


@pytest.fixture
def tab(open_tab: Tab, folder: Path, told: list[str]) -> Iterator[Tab]:
    """The page as one comes to it: keys move to another row too, which no epoch says."""
    with emptied(open_tab, told, size=NARROW, motion="reduce"):
        open_tab.goto((folder / "index.html").as_uri())
        yield open_tab


def go_to(tab: Tab, epoch: int) -> None:
    slider = tab.locator(f"{BAR} input[type=range]")
    slider.fill(str(epoch))
    tab.wait_for_function(f"document.querySelector('{SAID}').textContent.includes(' {epoch},')")


def cycle_of(epoch: int) -> Cycle:
    """The cycle of the picture's row in an epoch."""
    return trace_of(DEFAULT).cycle(epoch=epoch, row=walk_of_default().example.row)


def python(epoch: int) -> dict[str, Any]:
    """What Python's lines say of it, by their names."""
    trace = trace_of(DEFAULT)
    lines: dict[str, Any] = shown(trace, cycle_of(epoch).visit, trace.experiment.pages.decimals)[
        "lines"
    ]
    return lines


def given(epoch: int) -> dict[str, str]:
    """What goes into it: its row and its parameters, of which those that never moved are exact."""
    cycle, start = cycle_of(epoch), Cycle(trace_of(DEFAULT), 0)
    decimals = trace_of(DEFAULT).experiment.pages.decimals
    found = {f"x-{k}": exact_text(value) for k, value in enumerate(cycle.x, 1)}
    found |= {f"y-{k}": exact_text(value) for k, value in enumerate(cycle.y, 1)}
    for name in ("W", "b"):
        pairs = zip(getattr(cycle, name), getattr(start, name), strict=True)
        for layer, (now, then) in enumerate(pairs, 1):
            for at, value in np.ndenumerate(now):
                text = exact_text(value) if value == then[at] else show(value, decimals)
                found["-".join(map(str, (name, layer, *(k + 1 for k in at))))] = text
    return found


def test_it_waits_with_the_still_picture_and_nothing_moves_by_itself(
    tab: Tab, folder: Path
) -> None:
    before = tab.evaluate(NUMBERS)
    tab.wait_for_timeout(300)
    assert tab.evaluate(NUMBERS) == before
    assert tab.evaluate("typeof globalThis.tracerRun") == "undefined", "not before it is wished"
    boxes = [each.bounding_box() for each in tab.locator(f"{BAR} button").all()]
    assert len(boxes) == 5
    assert all(box and min(box["width"], box["height"]) >= LEAST_TARGET for box in boxes)
    assert tab.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    href = str(tab.get_attribute(".tr-front-on a", "href"))
    assert href.startswith(f"{PLACE}/{DEFAULT}/explore/index.html#epoch=1&row=")
    assert (folder / href.partition("#")[0]).parent.is_dir()


def test_every_number_is_that_of_the_moment(tab: Tab) -> None:
    before = tab.evaluate(NUMBERS)
    go_to(tab, EPOCH)
    expected = python(EPOCH)
    lines = tab.evaluate(LINES)
    assert lines == {name: expected[name]["result"] for name in lines}
    assert tab.evaluate(NUMBERS) == given(EPOCH) | lines
    assert tab.evaluate(NUMBERS) != before


def test_the_open_card_and_the_links_follow(tab: Tab) -> None:
    go_to(tab, EPOCH)
    opened = str(tab.get_attribute(BAR, "data-opened"))
    line = python(EPOCH)[opened]
    assert tab.inner_text(".tr-opened .tr-card-value b") == line["result"]
    assert line["kept"] in tab.inner_text(".tr-opened .tr-card-kept")
    ids = set(tab.evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)"))
    hrefs = tab.evaluate(
        "[...document.querySelectorAll('.tr-network svg a, .tr-dock mn a')]"
        ".map(a => a.getAttribute('href'))"
    )
    elsewhere = [href for href in hrefs if not href.startswith("#")]
    assert {href[1:] for href in hrefs if href.startswith("#")} <= ids
    assert elsewhere
    assert all(f"explore/index.html#epoch={EPOCH}&row=" in href for href in elsewhere)


def test_keys_move_it_in_its_bar_alone(tab: Tab) -> None:
    go_to(tab, EPOCH)
    words = tab.inner_text(SAID)
    tab.evaluate("document.activeElement.blur()")
    tab.keyboard.press("ArrowRight")
    tab.wait_for_timeout(100)
    assert tab.inner_text(SAID) == words
    tab.focus(BAR)
    tab.keyboard.press("Shift+ArrowRight")
    tab.wait_for_function(f"document.querySelector('{SAID}').textContent.includes('{EPOCH + 1},')")
    tab.keyboard.press("End")
    last = trace_of(DEFAULT).epochs
    tab.wait_for_function(f"document.querySelector('{SAID}').textContent.includes('{last},')")
    prediction = Ref("a", trace_of(DEFAULT).layers, (1,)).anchor
    assert tab.evaluate(LINES)[prediction] in tab.inner_text(SAID)


def test_play_goes_on_by_epochs_and_stops_at_the_end(tab: Tab) -> None:
    last = trace_of(DEFAULT).epochs
    go_to(tab, last - 1)
    tab.click(f"{BAR} [data-do=play]")
    assert tab.get_attribute(SAID, "aria-live") == "off" or tab.inner_text(SAID)
    tab.wait_for_function(f"document.querySelector('{SAID}').textContent.includes('{last},')")
    tab.wait_for_selector(f"{BAR} [data-do=play][aria-pressed=false]")


def test_without_the_file_of_the_run_it_says_so(folder: Path, tab: Tab, told: list[str]) -> None:
    run = folder / PLACE / DEFAULT / "explore" / "run.js"
    assert not told
    kept = run.rename(run.with_suffix(".away"))
    tab.click(f"{BAR} [data-do=on]")
    tab.wait_for_function(f"document.querySelector('{SAID}').textContent.includes('run.js')")
    kept.rename(run)
    tab.click(f"{BAR} [data-do=on]")
    tab.wait_for_function(f"document.querySelector('{SAID}').textContent.includes('1,')")
