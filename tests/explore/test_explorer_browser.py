"""The explorer in a real browser: any cycle, and what if, by pointer, keys and address."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browsing import NARROW, emptied, new_tab, until
from explorer_tab import HOST, PAGE, SAID, anew, at, hash_of, press, says, served
from finished import small_site
from tracer.experiment import load_experiment
from tracer.training import run

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

RESULTS = """() => Object.fromEntries([...document.querySelectorAll('.tr-line[id]')]
  .filter(line => !line.hidden && line.querySelector('.tr-result'))
  .map(line => [line.id, line.querySelector('.tr-result').textContent]))"""
LEAST_TARGET = 24  # px: WCAG 2.2


@pytest.fixture(scope="module")
def asked() -> list[str]:
    return []


@pytest.fixture(scope="module")
def tab(open_tab: Tab, told: list[str], asked: list[str]) -> Iterator[Tab]:
    small_site()
    with served(open_tab, told, asked):
        yield open_tab


def test_the_run_is_loaded_when_it_is_asked_for(tab: Tab, asked: list[str]) -> None:
    asked.clear()
    anew(tab, "")
    assert not any(path.endswith("/run.js") for path in asked)
    tab.keyboard.press("ArrowRight")
    assert re.fullmatch(r"epoch 1, row 2: loss [\d.]+", says(tab, "row 2"))
    assert asked.count("/small/explore/run.js") == 1
    until(tab, "location.hash === '#epoch=1&row=2'")


def test_a_cycle_says_what_its_own_page_says(tab: Tab) -> None:
    at(tab, "#epoch=1&row=3")
    found = tab.evaluate(RESULTS)
    tab.goto(f"{HOST}/small/epoch-1/row-3/index.html")
    own = tab.evaluate(RESULTS)
    assert len(own.keys() & found.keys()) > 40
    assert {name: found.get(name) for name in own if name in found} == {
        name: text for name, text in own.items() if name in found
    }


def test_fields_slider_curve_and_keys_move_the_run(tab: Tab) -> None:
    at(tab, "#epoch=1&row=1")
    tab.locator('[data-is="epoch"]').fill("3")
    tab.locator('[data-is="epoch"]').press("Enter")
    says(tab, "epoch 3, row 1")
    tab.locator('[data-is="update"]').fill("5")
    tab.locator('[data-is="update"]').press("Enter")
    says(tab, "epoch 2, row 2")
    tab.locator('[data-is="epochs"]').press("ArrowLeft")
    says(tab, "epoch 1, row 2")
    box = tab.locator("#explorer-curve svg").bounding_box()
    assert box is not None
    tab.mouse.click(box["x"] + box["width"] - 20, box["y"] + 40)
    says(tab, "epoch 3, row 2")
    tab.locator("#any-cycle").focus()
    for key, words in (
        ("Home", "epoch 1, row 1"),
        ("Shift+ArrowRight", "epoch 2, row 1"),
        ("ArrowLeft", "epoch 1, row 3"),
        ("End", "epoch 3, row 3"),
    ):
        tab.keyboard.press(key)
        says(tab, words)


def test_arrows_belong_to_a_line_and_scrolling_keys_to_the_page(tab: Tab) -> None:
    at(tab, "#epoch=2&row=1")
    tab.locator('[id="z-1-1"] mn a').first.focus()
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("document.activeElement.closest('.tr-line').id") == "z-1-1"
    tab.evaluate("document.activeElement.blur()")
    tab.keyboard.press("End")
    tab.keyboard.press(" ")
    assert says(tab, "epoch").startswith("epoch 2, row 1")


def test_it_plays_and_stops_at_the_end(tab: Tab) -> None:
    at(tab, "#epoch=3&row=1")
    play = tab.locator('[data-do="play"]').first
    length = tab.evaluate("history.length")
    started = "button => { button.click(); return button.getAttribute('aria-pressed') }"
    assert play.evaluate(started) == "true"  # in one go: it is at the end in half a second
    says(tab, "epoch 3, row 3")
    until(tab, "document.querySelector('[data-do=play]').getAttribute('aria-pressed') === 'false'")
    assert tab.evaluate("history.length") == length


def test_nonsense_in_an_address_is_told(tab: Tab) -> None:
    anew(tab, "#epoch=99&row=2&W-1-1-1=<b>x&z-1-1=3")
    assert "epoch=99" in says(tab, "Not understood")
    assert tab.locator(f"{SAID} b").count() == 0
    assert tab.evaluate("document.querySelector('[data-is=epoch]').value") == "1"


def test_a_place_in_the_page_keeps_the_moment(tab: Tab) -> None:
    at(tab, "#epoch=2&row=1")
    tab.locator('.tr-strip a[href="#backward"]').click()
    until(tab, "location.hash.includes('at=backward')")
    assert hash_of(tab) == "#epoch=2&row=1&at=backward"
    tab.go_back()
    until(tab, "location.hash === '#epoch=2&row=1'")


def test_two_moments_are_compared(tab: Tab) -> None:
    at(tab, "#epoch=3&row=1&with=1-1")
    was = str(tab.locator('[id="z-1-1"] .tr-was').text_content())
    found = re.fullmatch(r"epoch 1, row 1: (−?[\d.]+), so ([+−])([\d.]+)", was)
    assert found is not None
    now = tab.locator('[id="z-1-1"] .tr-result mn').text_content() or ""
    numbers = [float(text.replace("−", "-")) for text in (now, found[1], found[2] + found[3])]
    assert math.isclose(numbers[0] - numbers[1], numbers[2], abs_tol=1e-12)
    tab.locator('[data-is="compare"]').click()
    until(tab, "document.querySelectorAll('.tr-was').length === 0")


def put_in(tab: Tab, place: str, *keys: str) -> None:
    """Open the field of a number and press keys in it."""
    tab.locator(place).first.click()
    for key in keys:
        tab.keyboard.press(key)


def test_a_number_is_put_in_by_pointer_and_keys(tab: Tab) -> None:
    at(tab, "#epoch=2&row=2")
    before = tab.evaluate(RESULTS)
    press(tab, "edit")
    put_in(tab, '[id="z-1-1"] mn a[href="#b-1-1"]')
    field = tab.locator(".tr-edit input")
    text = field.input_value()
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("Shift+ArrowUp")
    unit = 10.0 ** -len(text.partition(".")[2])
    assert math.isclose(float(field.input_value()) - float(text), 11 * unit)
    assert "by finite differences" in (tab.locator(".tr-edit-slope").text_content() or "").lower()
    field.fill("x")
    tab.keyboard.press("Enter")
    assert field.get_attribute("aria-invalid") == "true"
    field.fill("2")
    tab.keyboard.press("Enter")
    assert tab.locator(".tr-edit").is_hidden()
    after = tab.evaluate(RESULTS)
    assert after["z-1-1"] != before["z-1-1"]
    assert after["z-1-2"] == before["z-1-2"]
    assert after["loss"] != before["loss"]
    assert hash_of(tab) == "#epoch=2&row=2&b-1-1=2"
    assert "the run" in (tab.locator('[id="loss"] .tr-was').text_content() or "")
    tab.locator('[id="z-1-1"] mn a[href="#x-1"]').focus()
    tab.keyboard.press("Enter")
    tab.locator(".tr-edit input").fill("0.25")
    tab.keyboard.press("Enter")
    says(tab, "epoch 2")
    assert "x-1=0.25" in hash_of(tab)
    for name, wanted in (("undo", after), ("undo", None), ("redo", None), ("redo", None)):
        press(tab, name)
        assert wanted is None or tab.evaluate(RESULTS) == wanted
    assert "x-1=0.25" in hash_of(tab)
    shared = hash_of(tab)
    shown = tab.evaluate(RESULTS)
    anew(tab, shared)
    assert tab.evaluate(RESULTS) == shown
    tab.locator('[data-do="as-run"]').focus()
    tab.keyboard.press("Enter")
    until(tab, "document.activeElement.matches('.tr-explorer')")  # its button is off
    assert tab.evaluate(RESULTS) == before
    assert hash_of(tab) == "#epoch=2&row=2"


def test_links_lead_where_they_lead_while_nothing_is_changed(tab: Tab) -> None:
    at(tab, "#epoch=2&row=2")
    tab.locator('[id="a-1-1"] mn a[href="#z-1-1"]').first.click()
    until(tab, "location.hash.endsWith('at=z-1-1')")
    assert tab.locator(".tr-edit").is_hidden()


def test_a_what_if_is_trained_and_made_a_file(tab: Tab, tmp_path: Path) -> None:
    at(tab, "#epoch=1&row=2&W-1-1-1=0.5&eta=0.5")
    press(tab, "step")
    says(tab, "updates further on: 1; row 3")
    press(tab, "train-10")
    says(tab, "made in")
    assert (tab.locator(".tr-what-if").get_attribute("d") or "").startswith("M")
    at(tab, "#epoch=1&row=1&W-1-1-1=0.5&eta=0.5")
    press(tab, "toml")
    path = tmp_path / "what-if.toml"
    path.write_text(tab.locator(".tr-explorer-toml textarea").input_value(), encoding="utf-8")
    trace = run(load_experiment(path))
    assert float(trace.W[0][0, 0, 0]) == 0.5
    assert trace.experiment.training.learning_rate == 0.5
    loss = re.search(r"loss ([\d.]+)", says(tab, "loss"))
    assert loss is not None
    assert math.isclose(float(loss[1]), float(trace.loss[0]), abs_tol=1e-4)
    press(tab, "copy")
    says(tab, "clipboard")


def test_a_what_if_that_diverges_says_where(tab: Tab) -> None:
    at(tab, "#epoch=1&row=1&eta=1e308")
    press(tab, "train-10")
    assert re.search(r": z\S+ is not finite in epoch \d+", says(tab, "leaves"))


def test_it_proves_itself(tab: Tab) -> None:
    at(tab, "#epoch=1&row=1")
    press(tab, "prove")
    said = says(tab, "Trained")
    assert re.search(r"compared in [\d,]+ numbers|all [\d,]+ numbers are the same", said)
    assert not re.search(r"[a-z]_[a-z]|[A-Za-z]-\d", said)  # symbols, and no names of anchors


def test_a_field_says_what_is_shown_and_not_what_cannot_be(tab: Tab) -> None:
    at(tab, "#epoch=1&row=2")
    for name, text, shown in (("row", "99", "2"), ("epoch", "-3", "1"), ("row", "", "2")):
        field = tab.locator(f'.tr-explorer [data-is="{name}"]')
        field.fill(text)
        field.press("Enter")
        until(tab, f"document.querySelector('.tr-explorer [data-is={name}]').value === '{shown}'")


def test_a_weight_is_called_by_its_symbol(tab: Tab) -> None:
    at(tab, "#epoch=1&row=2")
    weight = tab.locator("a[href='#W-1-2-1']").locator("visible=true").last
    weight.focus()
    assert "W-1-2-1" not in tab.locator(".tr-card-title").inner_text()
    assert ":" not in tab.locator(".tr-card-value").inner_text()  # nor digits of another cycle
    press(tab, "edit")
    weight.click()
    assert "W-1-2-1" not in tab.locator(".tr-edit-name").inner_text()
    assert not tab.locator(".tr-card").is_visible()


LETTERS = """[...document.querySelectorAll('.tr-explorer svg.tr-picture text')].filter(e => {
  const { a, b } = e.getScreenCTM();
  return parseFloat(getComputedStyle(e).fontSize) * Math.hypot(a, b) < 11.99;
}).length"""


def fits_and_can_be_touched(tab: Tab) -> None:
    tab.goto((small_site() / "html").as_uri() + PAGE + "#epoch=2&row=1")
    says(tab, "epoch 2, row 1")
    size = "[document.documentElement.scrollWidth, innerWidth]"
    wide, window = tab.evaluate(size)
    assert wide <= window
    assert tab.evaluate(LETTERS) == 0
    small = f"""[...document.querySelectorAll(`.tr-explorer :is(button, input, select, a),
      .tr-strip button`)].filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect())
      .filter(box => Math.min(box.width, box.height) < {LEAST_TARGET}).length"""
    assert tab.evaluate(small) == 0
    tab.locator(".tr-strip button").last.click()
    says(tab, "epoch 2, row 2")


def test_from_a_folder_it_fits_a_phone_and_can_be_touched(browser: Browser) -> None:
    told: list[str] = []
    with new_tab(browser, told, viewport=NARROW, has_touch=True) as tab:
        fits_and_can_be_touched(tab)
    assert told == []


def test_from_a_folder_it_fits_a_wide_window(open_tab: Tab, told: list[str]) -> None:
    with emptied(open_tab, told):
        fits_and_can_be_touched(open_tab)
        assert told == []


INLINE = """() => {
  const script = document.createElement('script');
  script.textContent = 'globalThis.ran = true';
  document.body.append(script);
  return globalThis.ran === true;
}"""


def test_no_script_runs_but_those_of_the_site(open_tab: Tab, told: list[str]) -> None:
    with emptied(open_tab, told) as tab:
        guarded = (small_site() / "html" / "small/task/index.html").as_uri()
        for page, runs in ((guarded, False), ("about:blank", True)):
            tab.goto(page)
            assert tab.evaluate(INLINE) is runs
        (refused,) = told
        told.clear()
    assert "Content Security Policy" in refused


def test_a_formula_that_keeps_its_shape_keeps_its_elements(tab: Tab) -> None:
    at(tab, "#epoch=1&row=3")
    link = "document.querySelector('#z-1-1 .tr-numbers a[href=\"#W-1-1-1\"]')"
    before = tab.evaluate(f"(window.held = {link}).textContent")
    tab.evaluate("document.querySelector('[data-do=\"epoch-on\"], [data-do=on]').click()")
    says(tab, "epoch 2")
    assert tab.evaluate(f"window.held === {link}")
    assert tab.evaluate("window.held.textContent") != before
    assert tab.evaluate("window.held.getAttribute('aria-label') === window.held.textContent")
