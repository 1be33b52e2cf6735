"""What the explorer says in a browser: of what is not there, of what was changed, of itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from browsing import emptied, unscripted, until
from explorer_tab import PAGE, SAID, at, press, says, served
from finished import small_site

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def tab(open_tab: Tab, told: list[str]) -> Iterator[Tab]:
    small_site()
    with served(open_tab, told, []):
        yield open_tab


NEAREST = "epoch 9 here. This is the nearest: epoch 3, row 3."
ABSENT = (
    ("row", "4", "Epoch 1 has no row 4.", "3"),
    ("other-row", "4", "Epoch 1 has no row 4.", "3"),
    ("other-epoch", "9", f"There is no {NEAREST}", "3"),
    ("epoch", "9", f"There is no {NEAREST}", "3"),
    ("update", "0", "There is no update 0 here. This is the nearest: update 1, in epoch 1.", "1"),
)


def test_a_moment_that_is_not_there_is_said(tab: Tab) -> None:
    at(tab, "#epoch=1&row=3")
    for name, asked, words, shown in ABSENT:
        field = tab.locator(f'.tr-explorer [data-is="{name}"]').first
        field.fill(asked)
        tab.evaluate(f"document.querySelector('{SAID}').replaceChildren()")
        field.press("Enter")
        assert says(tab, "no ") == words
        assert field.input_value() == shown


def test_a_row_in_the_address_that_is_not_there_is_said(tab: Tab) -> None:
    at(tab, "#epoch=1&row=9&with=1-7")
    said = says(tab, "Not understood")
    assert "row=9" in said
    assert "with=1-7" in said


WRITES = """async () => {
  const written = [];
  const write = history.replaceState;
  history.replaceState = (...given) => { written.push(given[2]); write.apply(history, given); };
  for (let k = 0; k < 2; k += 1) {
    document.querySelector('[data-do="on"]').click();
    await new Promise((resolve) => setTimeout(resolve));
  }
  const before = written.length;
  document.dispatchEvent(new Event("copy"));
  history.replaceState = write;
  return [before, ...written];
}"""


def test_the_address_is_written_when_the_reader_rests_or_takes_it(tab: Tab) -> None:
    at(tab, "#epoch=1&row=1")
    press(tab, "on")
    until(tab, "location.hash === '#epoch=1&row=2'")  # by itself, after a while
    assert tab.evaluate(WRITES) == [0, "#epoch=2&row=1"]


GIVEN = '[data-said="given"]'
SAYS_WHAT_IF = f"document.querySelector('{SAID}').textContent.startsWith('what if')"
SHOWN = "document.querySelector('[data-of=x-1]').textContent.replace('−', '-')"


def test_the_row_of_a_what_if_is_no_row_of_the_table(tab: Tab) -> None:
    at(tab, "#epoch=1&row=2")
    given, changed = tab.locator(GIVEN), "You changed numbers of this row"
    assert changed not in given.inner_text()
    own = tab.evaluate(SHOWN)
    for value, is_changed in ((own, False), ("0.125", True)):
        tab.evaluate(f"location.hash = '#epoch=1&row=2&x-1={value}'")
        until(tab, f"{SHOWN} === '{value}' && {SAYS_WHAT_IF}")
        assert (changed in given.inner_text()) is is_changed
    press(tab, "step")  # to a row that is as it was
    says(tab, "further on: 1")
    assert changed not in given.inner_text()


def test_without_a_script_the_page_is_one_whole_cycle(open_tab: Tab, told: list[str]) -> None:
    with emptied(open_tab, told) as tab, unscripted(tab):
        tab.goto((small_site() / "html").as_uri() + PAGE)
        assert tab.locator(".tr-line .tr-result:visible").count() > 10
        notice = tab.locator("article > noscript p").first
        assert notice.is_visible()
        assert notice.inner_text() == "Without scripts this page shows one cycle."
        for control in (".tr-explorer", ".tr-live-words + p", ".tr-all", "article button"):
            assert tab.locator(f"{control}:visible").count() == 0, control
