"""The Markdown extension changes how fast a page is read, never the page."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown import Markdown

from examples import examples
from tracer.writing.markdown import is_block

EXTENSIONS = ["admonition", "attr_list", "md_in_html", "tables", "toc", "pymdownx.superfences"]
FORMULA = (
    '<div class="tr-formula" id="z-1-2"><math><mi>z</mi><mo>=</mo>'
    '<mn><a href="#x-1">−0.5</a></mn></math></div>'
)
FIGURE = '<figure class="tr-figure"><svg><title>a &amp; b</title></svg></figure>'
NESTED = '<div class="tr-a"><div><div>1</div></div><!-- note --><p>*not Markdown*</p></div>'
TABLE = '<table class="tr-table"><tr><td>1</td></tr></table>'
SECTION = '<section class="tr-line" data-x="1"><p>a</p><p>b</p></section>'
OURS = [FORMULA, FIGURE, NESTED, TABLE, SECTION]

#: Lines around ours, and lines that look like ours and are not.
OTHERS = [
    "",
    "",
    "A paragraph with *stars*.",
    "# A heading",
    "- an item",
    "    indented",
    "> a quotation",
    "| a | b |",
    "| - | - |",
    "!!! note",
    "    " + FORMULA,
    "  " + FORMULA,
    FORMULA + " and more",
    FORMULA + FIGURE,
    FORMULA.upper(),
    FORMULA + "  ",
    '<div class="tr-x" markdown="1">*text*</div>',
    "<p>a raw paragraph</p>",
    "<span>inline</span>",
    "<hr>",
    "<!-- a whole comment -->",
]
#: What can stand around several lines.
WRAPPERS = [
    ("<div>", "</div>"),
    ("<div\n id='a'>", "</div>"),
    ('<div class="tr-open">', "</div>"),
    ('<div class="tr-x" markdown="1">', "</div>"),
    ("<details markdown><summary>s</summary>", "</details>"),
    ("<pre>", "</pre>"),
    ("<!-- a comment", "-->"),
    ("```", "```"),
]


def wrapped(pages: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    inside = st.lists(pages, max_size=4).map("\n".join)
    return st.builds(
        lambda ends, text: f"{ends[0]}\n{text}\n{ends[1]}", st.sampled_from(WRAPPERS), inside
    )


PAGES = st.lists(
    st.recursive(st.sampled_from(OURS + OTHERS), wrapped, max_leaves=6), max_size=8
).map("\n".join)


def html(text: str, *more: str) -> str:
    return Markdown(extensions=[*EXTENSIONS, *more]).convert(text)


def assert_same(text: str) -> None:
    assert html(text, "tracer.markdown") == html(text)


@pytest.mark.parametrize("line", OURS)
def test_each_kind_of_block_is_recognized(line: str) -> None:
    assert is_block(line)
    assert_same(f"before\n\n{line}\n\nafter")
    assert_same(f"before\n{line}\nafter")


@pytest.mark.parametrize(
    "line",
    [
        '<div class="tr-open">',
        '<div class="tr-x"></div><p>more</p></div>',
        '<div class="tr-x"></div> text <div></div>',
        '<div class="tr-x" markdown="1">*text*</div>',
        '<div class="tr-x" markdown>*text*</div>',
        '<div class="other"></div>',
        '<p class="tr-x"></p>',
        ' <div class="tr-x"></div>',
        '<div class="tr-x"></div',
        "",
    ],
)
def test_what_is_no_whole_block_is_left_to_markdown(line: str) -> None:
    assert not is_block(line)
    assert_same(f"before\n\n{line}\n\nafter")


@pytest.mark.parametrize(
    "text",
    [
        f"```html\n{FORMULA}\n```",
        f"<div>\n\n{FORMULA}\n\n</div>",
        f"<div>\n<div>\n</div>\n{FORMULA}\n</div>\n\n{FORMULA}\n",
        f"<!--\n\n{FORMULA}\n\n-->\n\n{FORMULA}",
        f'<div class="tr-x" markdown="1">\n\n*a*\n\n{FORMULA}\n\n{FIGURE}\n\n</div>\n\nend',
        f"- item\n\n{FORMULA}\n\n- item",
        f"{FORMULA}\n{FIGURE}\n{TABLE}",
        f"<div\n id='a'>\n{FORMULA}\n</div>",
        FORMULA,
        FORMULA + "\n",
    ],
)
def test_surroundings(text: str) -> None:
    assert_same(text)


@examples(300)
@given(PAGES)
def test_any_page_is_the_same_with_and_without(text: str) -> None:
    assert_same(text)


def test_the_parser_does_not_see_our_lines() -> None:
    """Otherwise all the tests above would pass with an extension that does nothing."""
    md = Markdown(extensions=["tracer.markdown"])
    lines = ["text", "", FORMULA, "", FIGURE]
    for preprocessor in md.preprocessors:
        lines = preprocessor.run(lines)
        if type(preprocessor).__module__ == "tracer.writing.markdown":
            break
    assert not re.search("<div|<figure", "\n".join(lines))
    assert md.htmlStash.rawHtmlBlocks == [FORMULA + "\n", FIGURE + "\n"]


SYMBOL = '<math><msub aria-label="z 1"><mi>z</mi><mn>1</mn></msub><mo>=</mo><mn>{}</mn></math>'


@pytest.mark.parametrize("number", ["2", '<a href="#z-1-1" aria-label="2">2</a>'])
def test_a_search_hears_the_symbols_of_sentences(number: str) -> None:
    symbol = SYMBOL.format(number)
    out_of_search = symbol.replace("<math>", "<math data-search-exclude>")
    said = f"<p>So {out_of_search}<template>z 1 = 2</template>.</p>"
    assert html(f"So {symbol}.", "tracer.markdown") == said


def test_a_search_hears_a_fraction() -> None:
    fraction = "<math><mfrac><mrow><mi>∂</mi><mi>f</mi></mrow><mi>x</mi></mfrac></math>"
    assert html(fraction, "tracer.markdown").endswith("<template>∂ f / x</template></p>")


@pytest.mark.parametrize(
    "text",
    [
        "    So <math><mi aria-label='z'>z</mi></math>",
        f"<p data-search-exclude>Known: {SYMBOL.format('1')}</p>",
        f"```\n{SYMBOL.format('1')}\n```",
        f"`{SYMBOL.format('2')}` is code",
        '<div class="tr-line">' + SYMBOL.format("1") + "</div>",
    ],
)
def test_what_a_search_leaves_out_stays_as_it_is(text: str) -> None:
    assert_same(text)
