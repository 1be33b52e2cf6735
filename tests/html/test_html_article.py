"""Markdown → articles: title, headings, links, and what a search may find."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from tracer.html.addresses import page_address, page_path, relative
from tracer.html.article import Article, Converter, Extensions, hidden, parted, weight
from tracer.html.searching import entries, index_script

LISTED = ["admonition", "attr_list", "md_in_html", {"toc": {"permalink": True}}, "tracer.markdown"]
LINE = '<div class="tr-line" id="z-1-1" data-search-exclude><p>z = 12.5</p></div>'
PAGE = f"""\
---
title: "A &amp; B"
---

# Of *numbers*

Words of the [first](../guide/cli.md#top) part, see [it](https://example.org/a.md).

{LINE}

## The second {{#second}}

More words. <span data-search-exclude>3.14</span> <b>bold</b>
"""


SYMBOL = '<math><msup aria-label="z of layer 1"><mi>z</mi><mn>[1]</mn></msup></math>'


def test_a_symbol_is_found_in_the_words_that_say_it() -> None:
    (entry,) = entries(f"<p>The sum {SYMBOL}, and <math><mi>x</mi></math>.</p>", "A page")
    assert entry.text == "The sum z of layer 1, and x."


@pytest.fixture(scope="module")
def converter() -> Converter:
    return Converter(Extensions.of(LISTED))


@pytest.fixture(scope="module")
def page(converter: Converter) -> Article:
    return converter.article("a/b.html", PAGE)


def test_a_page_is_called_as_its_front_matter_says(page: Article, converter: Converter) -> None:
    assert page.title == "A & B"
    assert converter.article("x.html", "# Of *numbers* & more\n\ntext").title == "Of numbers & more"
    assert converter.article("y.html", "no heading").title == ""


def test_headings_below_the_first_are_listed(page: Article) -> None:
    assert [(one.id, str(one.name)) for one in page.headings] == [("second", "The second")]


def test_links_to_markdown_lead_to_pages(page: Article) -> None:
    assert 'href="../guide/cli.html#top"' in page.body
    assert 'href="https://example.org/a.md"' in page.body


def test_our_lines_arrive_as_they_are(page: Article) -> None:
    assert LINE in page.body


def test_a_search_finds_words_and_no_numbers(page: Article) -> None:
    (first, second) = page.entries
    assert (first.anchor, first.text) == ("", "Words of the first part, see it.")
    assert (second.anchor, second.heading, second.text) == (
        "second",
        "The second",
        "More words. bold",
    )
    assert "¶" not in str(page.entries)


def test_an_article_is_made_once(converter: Converter) -> None:
    first = converter.article("once.html", "# One")
    assert converter.article("once.html", "# One") is first
    assert converter.article("once.html", "# Two").title == "Two"
    marker = "<!-- tracer: walkthroughs -->"
    assert "<li>one" in converter.article("once.html", marker, "- one").body
    assert "<li>two" in converter.article("once.html", marker, "- two").body


@pytest.mark.parametrize(
    ("given", "names", "settings"),
    [
        (None, (), {}),
        ("admonition", (), {}),
        ([{"toc": {"permalink": True, "slugify": None}}], (), {"toc": {"permalink": True}}),
        ({"footnotes": None}, ("footnotes",), {}),
        ([3], ("3",), {}),
    ],
)
def test_extensions_are_read_in_every_form(
    given: Any, names: tuple[str, ...], settings: dict[str, Any]
) -> None:
    found = Extensions.of(given)
    assert found.names == ("toc", "tables", "fenced_code", *names)
    assert found.settings == settings


@pytest.mark.parametrize("front", ["---\n[\n---\nx", "---\n- a\n---\nx", "---\ntitle:\n---\nx"])
def test_odd_front_matter_is_no_title(front: str) -> None:
    assert parted(front)[0] == ""


@pytest.mark.parametrize(
    ("source", "path"),
    [("index.md", "index.html"), ("a/README.md", "a/index.html"), ("a/b.md", "a/b.html")],
)
def test_a_page_stands_where_mkdocs_puts_it(source: str, path: str) -> None:
    assert page_path(source) == path


@pytest.mark.parametrize(
    ("front", "hides", "boost"),
    [
        ("hide: [toc, footer]\nsearch:\n  boost: 0.5", {"toc", "footer"}, 0.5),
        ("hide: toc\nsearch: 2", set(), 1.0),
        ("search:\n  boost: -1", set(), 1.0),
        ("search:\n  boost: .inf", set(), 1.0),
        ("search:\n  boost: much", set(), 1.0),
        ("[", set(), 1.0),
    ],
)
def test_front_matter_hides_parts_of_the_frame_and_weighs_the_page(
    front: str, hides: set[str], boost: float
) -> None:
    text = f"---\n{front}\n---\n\nx"
    assert set(hidden(text)) == hides
    assert weight(text) == boost


def test_a_page_of_less_weight_says_so_in_the_index() -> None:
    rows = [("a.html", "A", entries("<p>a</p>", "A"), 0.5)]
    assert '["a.html","A","A","a",0.5]' in index_script(rows)


@given(st.text())
def test_any_link_can_be_read(href: str) -> None:
    assert isinstance(page_address(href), str)


NAMES = st.lists(st.sampled_from(["a", "b", "a b", "ü", "index.html"]), min_size=1, max_size=4)


@given(NAMES, NAMES)
def test_a_relative_link_leads_there(here: list[str], there: list[str]) -> None:
    from posixpath import dirname, join, normpath
    from urllib.parse import unquote

    start, end = "/".join(here), "/".join(there)
    assert normpath(join(dirname(start), unquote(relative(start, end)))) == end


@given(st.text(alphabet=st.sampled_from("<>/ab&;!-\"'= \n"), max_size=60))
@examples(200)
def test_any_html_can_be_searched(html: str) -> None:
    assert next(entries(html, "t")).heading == "t"


def test_no_text_ends_the_script_of_the_index() -> None:
    rows = [("a.html", "</script>", entries("<p>a &lt;/script&gt; b</p>", "</script>"), 1.0)]
    script = index_script(rows)
    assert "</script" not in script
    content = json.loads(script.removeprefix("window.tracerIndex=").removesuffix(";\n"))
    assert content == [["a.html", "</script>", "</script>", "a </script> b"]]
