"""Pages are read as `html.parser` reads them, which takes longer."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from sites import Page, Reader

PIECES = [
    *('<p id="a&amp;b">', "<A HREF='x y'>", "</a >", '<br id="c"/>', "<i\nid=d>", "</p>", "1 < 2"),
    *('<!-- <p id="no"> -->', "<!doctype html>", '<script>"<i id=no>"</script>', "<g id='e'/>"),
    *('<use xlink:href="#f"/>', '<i title=">" id="g">', "<style>a > b { }</style>", "<b id>"),
    *("<td data-search-exclude id=h>", "<math data-search-exclude>", "</td>", "</math>", " 0.25"),
]


class Slow(HTMLParser):
    """The anchors, and all links."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values["href"]] if tag == "a" and "href" in values else []


def read(html: str) -> Page:
    page = Page("page.html", html)
    Reader(page).feed(html)
    return page


@examples(200)
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_anchors_and_links_are_those_that_a_parser_finds(html: str) -> None:
    slow = Slow()
    slow.feed(html)
    slow.close()
    found = read(html)
    assert (found.ids, found.links) == (slow.ids, slow.links)


@pytest.mark.parametrize(
    ("html", "hidden"),
    [
        ("a<p data-search-exclude>1 &lt; 2</p>b", ["1<2"]),
        ("<p data-search-exclude>1<b data-search-exclude>2</b><br>3</p>", ["123"]),
        ("<p data-search-exclude><i>1</p>2", ["1"]),
        ("<math data-search-exclude/>1", [""]),
    ],
)
def test_what_is_kept_out_of_the_search_is_collected(html: str, hidden: list[str]) -> None:
    assert read(html).hidden == hidden
