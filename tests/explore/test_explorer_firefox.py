"""The explorer in Firefox, from a folder: another cycle, a what-if, training, proof."""

from __future__ import annotations

import pytest

from finished import small_site
from firefox import Firefox

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SAID = "document.querySelector('.tr-explorer-said').textContent"
RESULT = "document.querySelector('#z-1-1 .tr-result').textContent"


def test_any_cycle_and_what_if(firefox_window: Firefox) -> None:
    tab = firefox_window
    tab.size(1280)
    tab.goto((small_site() / "html/small/explore/index.html").as_uri() + "#epoch=2&row=1")
    tab.wait_for(f"{SAID}.startsWith('epoch 2, row 1')")
    tab.press("ArrowRight")
    tab.wait_for(f"{SAID}.startsWith('epoch 2, row 2')")
    before = tab.evaluate(RESULT)
    tab.click('[data-do="edit"]')
    tab.click('[id="z-1-1"] .tr-numbers a[href="#b-1-1"]')
    tab.wait_for("document.activeElement.matches('.tr-edit input')")
    for _ in range(3):
        tab.press("ArrowUp")
    tab.wait_for("location.hash.includes('b-1-1=')")
    assert tab.evaluate(RESULT) != before
    tab.click('[data-do="train-10"]')
    tab.wait_for(f"{SAID}.includes('made in')")
    tab.click('[data-do="prove"]')
    tab.wait_for(f"{SAID}.startsWith('Trained again')")
    assert tab.told() == []
