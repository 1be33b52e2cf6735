"""Titles, columns and classes of any kind: pages and pictures show exactly that text."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from markdown import Markdown
from markdown_it import MarkdownIt
from markupsafe import escape

from claims import markdown, traced
from examples import examples
from tracer.experiment import Experiment
from tracer.studies.run import study
from tracer.training import run
from tracer.writing.foreign import isolated, put
from tracer.writing.portable import portable
from tracer.writing.site import render_pages
from tracer.writing.templating import environment, escape_markdown

EXTENSIONS = ["admonition", "attr_list", "md_in_html", "tables", "toc", "tracer.markdown"]
HARD = [
    "price ($)",
    "a: b ~ c ^ d = e",
    "*x* _y_ `z` [a](b) <i>",
    "1. a",
    "# a",
    "&amp; &#36;",
    "\\$",
]
HARD += [
    "'a' \"b\" ... -- ---",
    "www.a.b http://c.d @e :smile:",
    "|a|b|",
    "{: .c} !!! d",
    "$x$ $$y$$",
]
BIDI = ["\u202eabc", "a\u2066b", "\u2069\u202ea", "\u200fa", "\u05d0\u05d1", "a \u0627 1"]


def shown_by(html: str) -> str:
    """The text that a reader sees of a page."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


def wanted(text: str) -> str:
    return " ".join(isolated(text).split())


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=30)


@given(TEXTS)
@example("price ($)")
@example("a\\*b: ~x~ ^y^ =z=")
def test_any_text_is_shown_as_it_is_by_python_markdown(text: str) -> None:
    said = escape_markdown(text)
    for page in (f"Before {said} after", f"# Before {said} after", f"- Before {said} after"):
        html = Markdown(extensions=EXTENSIONS).convert(page)
        assert shown_by(html) == " ".join(f"Before {wanted(text)} after".split())


@given(TEXTS)
@example("a\\*b: ~x~ ^y^ =z=")
def test_any_text_is_shown_as_it_is_by_commonmark(text: str) -> None:
    html = MarkdownIt("commonmark").render(f"# x {escape_markdown(text)} x")
    assert shown_by(html) == " ".join(f"x {wanted(text)} x".split())


@given(TEXTS)
def test_a_text_in_the_cell_of_a_pipe_table_stays_in_it(text: str) -> None:
    cell = environment().from_string("<table><tr><td>{{ t }}</td><td>2</td></tr></table>")
    page = portable(cell.render(t=text))
    html = MarkdownIt("commonmark").enable("table").render(page)
    assert [shown_by(found) for found in re.findall(r"<td>(.*?)</td>", html)] == [
        wanted(text),
        "2",
    ]


@pytest.mark.parametrize("how", ["yaml", "scalar"])
@given(text=TEXTS)
@example(text="2020-99-99")
@example(text="A: 1 # b")
@example(text="on")
@example(text="True")
@example(text="NULL")
@example(text="1_0")
def test_the_title_of_a_page_is_that_text(how: str, text: str) -> None:
    front = environment().from_string(f"title: {{{{ t | {how} }}}}\n").render(t=text)
    assert shown_by(str(yaml.safe_load(front)["title"])) == wanted(text)


def test_a_title_of_plain_words_has_no_quotes() -> None:
    front = environment().from_string("{{ 'Epoch 1, row 2' | scalar }}|{{ 'a: b' | scalar }}")
    assert front.render() == 'Epoch 1, row 2|"a: b"'


@given(TEXTS)
@example("5 < 7 & −3")
def test_what_html_shows_as_it_is_is_put_so(text: str) -> None:
    assert put(text) == str(escape(isolated(text)))
    assert type(put(text)) is str


@pytest.mark.skipif(shutil.which("pandoc") is None, reason="needs pandoc")
@examples(10)
@given(st.lists(TEXTS, min_size=20, max_size=20))
@example(HARD)
def test_any_text_is_shown_as_it_is_by_pandoc(texts: list[str]) -> None:
    page = "\n\n".join(f"x {escape_markdown(text)} x" for text in texts)
    command = ["pandoc", "--from", "markdown", "--to", "html", "--wrap=none"]
    html = subprocess.run(command, input=page, capture_output=True, text=True, check=True).stdout
    found = [shown_by(part) for part in re.findall(r"<p>(.*?)</p>", html, re.DOTALL)]
    assert found == [" ".join(f"x {wanted(text)} x".split()) for text in texts]


@pytest.mark.parametrize("text", BIDI)
def test_no_text_turns_what_follows(text: str) -> None:
    said = isolated(text)
    assert not re.search("[\u200e\u200f\u202a-\u202e]", said)
    assert said.count("\u2068") == said.count("\u2069") <= 1
    assert isolated(said) == said


def test_columns_and_titles_stay_in_their_place_on_pages_and_pictures(tmp_path: Path) -> None:
    columns = ["price ($)\u202e", "\u05d0\u05d1", "t"]
    data = {
        "columns": columns,
        "rows": [[0, 1, "a$b"], [1, 0, "c~d"]],
        "question": "\u202e*Which* <b>?",
        "meaning": {columns[1]: "a~b\u202e"},
        "words": {"c~d": "<i>$\u202e"},
    }
    made = Experiment.from_mapping(
        {
            "title": "\u202etitle: $ ~",
            "data": data,
            "layers": [{"units": 2, "activation": "softmax"}],
            "training": {"epochs": 1},
            "pages": {"epochs": []},
        }
    )
    trace = run(made)
    pages = render_pages(trace, study(trace), proofs=False)
    for path, text in pages.items():
        if path.endswith(".md"):
            assert not re.search("[\u200e\u200f\u202a-\u202e]", text), path
            assert "\\$" not in text, path
            assert text.count("\u2068") == text.count("\u2069"), path
    task = Markdown(extensions=EXTENSIONS).convert(pages["task/index.md"])
    assert "price ($)\\u202e" in shown_by(task)
    assert "\u2068\u05d0\u05d1\u2069" in shown_by(task)
    assert "a$b" in shown_by(task)
    assert "*Which* <b>?" in shown_by(task)
    assert "a~b" in shown_by(task)
    assert "“<i>$" in shown_by(task)


def test_a_class_is_no_markup_where_a_cycle_tells_it() -> None:
    written = "*b* _i_ [l](x) `c`"
    data = {"columns": ["a", "t"], "rows": [[0, written], [1, "d"]]}
    page = markdown(
        traced({"data": data, "layers": [{"units": 1, "activation": "sigmoid"}]}), "epoch-1/row-1"
    )
    shown = shown_by(Markdown(extensions=EXTENSIONS).convert(page))
    assert f"The answer in the table is {written}, so" in shown
