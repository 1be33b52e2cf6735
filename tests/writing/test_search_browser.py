"""What the search of the theme finds first, read from its folder without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browsing import emptied
from finished import small_mkdocs

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

#: What the first of what is found is called, for what readers look for.
FIRST = {
    "z": "Symbols: x, y",
    "layer error": "By layer errors",
    "row 2": ", row 2",
    "learning rate": "Learning rate",
    "tanh": "How steep is tanh?",
    "stochastic": "One weight, worked through with stochastic gradient descent",
}


def test_search_finds_first_what_is_meant(open_tab: Tab, told: list[str]) -> None:
    page = small_mkdocs() / "public" / "examples" / "small" / "index.html"
    with emptied(open_tab, told) as tab:
        tab.goto(page.as_uri())
        field = tab.locator("input.md-search__input")
        field.click()
        for words, first in FIRST.items():
            field.fill("")
            field.press_sequentially(words)
            found = tab.locator(".md-search-result__item").first.filter(has_text=first)
            found.wait_for(state="attached")
            assert "∂" not in found.inner_text()
        found.locator("a", has_text="One weight, worked through").click()
        tab.wait_for_url("**/optimizer/index.html*")
