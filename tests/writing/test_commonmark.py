"""The pages need no extension of ours: a plain CommonMark parser hands every block on unharmed."""

from __future__ import annotations

import re
from functools import cache

import pytest
from markdown_it import MarkdownIt

from rendering import walkthrough
from sites import Page, Reader
from tracer.html.article import Converter, Extensions, parted
from tracer.writing.markdown import is_block

NAMES = ["batch of 4 of 10, l2", "multiclass", "column", "momentum", "squared error"]
#: What is for the search alone: a mark on a formula, and its words where no browser shows them.
SEARCHED = re.compile(r"(?<=<math) data-search-exclude(?=[ >])|<template>[^<]*</template>")
BLOCK = re.compile(r'^<(\w+) class="(tr-\w+)', re.MULTILINE)
ALWAYS = ("optimizer/index.md", "epoch-/row-/index.md")
ELEMENT = re.compile(r'<(\w+)(?: class="([^"]*)")?')
HEADING = re.compile(r'<(h[1-6])(?: id="[^"]*")?>(.*?)</\1>', re.DOTALL)
PLAIN = Converter(Extensions.of(["attr_list", "md_in_html", "admonition"]))
OURS = Converter(Extensions.of(["attr_list", "md_in_html", "admonition", "tracer.markdown"]))


@cache
def plainly(text: str) -> str:
    """The page as a CommonMark parser reads it, with no extension at all."""
    return str(MarkdownIt("commonmark").render(parted(text)[1]))


@cache
def article(path: str, text: str) -> str:
    """The page as Python-Markdown reads it with our extension, without the words for a search."""
    return SEARCHED.sub("", str(OURS.article(path, text).body))


def read(html: str) -> Page:
    """What a browser would find, apart from headings: these have no address in CommonMark."""
    page = Page("page.html", HEADING.sub("", html))
    Reader(page).feed(page.html)
    return page


@pytest.fixture(scope="module", params=NAMES)
def pages(request: pytest.FixtureRequest) -> dict[str, str]:
    """Its pages that have what none before has."""
    return unlike()[request.param]


@cache
def unlike() -> dict[str, dict[str, str]]:
    """By experiment, the pages of its optimizer and its last cycle, and what no other has had.

    That is a page's name, or an element of a class. Names that differ in numbers alone are the
    same.
    """
    found: dict[str, dict[str, str]] = {name: {} for name in NAMES}
    seen: set[tuple[str, ...]] = set()
    for name in NAMES:
        last = {re.sub(r"\d+", "", path): path for path in walkthrough(name)}
        for kind, path in last.items():
            text = walkthrough(name)[path]
            has = {*ELEMENT.findall(text), (kind,)}
            if has - seen or kind in ALWAYS:
                found[name][path] = text
            seen |= has
    return found


def test_every_block_arrives_as_it_was_written(pages: dict[str, str]) -> None:
    seen: set[tuple[str, str]] = set()
    for path, text in pages.items():
        html = plainly(text)
        for line in text.splitlines():
            if is_block(line):
                assert f"{line}\n" in html, path
                seen |= set(BLOCK.findall(line))
    assert ("div", "tr-line") in seen


def test_there_are_pages_of_each_experiment_and_blocks_of_each_kind() -> None:
    assert all(unlike().values())
    blocks = set(
        BLOCK.findall("\n".join(text for one in unlike().values() for text in one.values()))
    )
    assert {("div", "tr-line"), ("figure", "tr-figure"), ("div", "tr-scroll")} <= blocks


def test_lines_tables_and_pictures_are_those_of_our_extension(pages: dict[str, str]) -> None:
    for path, text in pages.items():
        ours, plain = read(article(path, text)), read(plainly(text))
        assert plain.ids == ours.ids, path
        assert plain.links == ours.links, path
        assert plain.maths == ours.maths, path
        for element in ("table", "figure", "svg", "details", "math"):
            count = re.compile(rf"<{element}\b")
            assert len(count.findall(plain.html)) == len(count.findall(ours.html)), (path, element)


def test_our_extension_changes_nothing(pages: dict[str, str]) -> None:
    for path, text in pages.items():
        assert article(path, text) == SEARCHED.sub("", str(PLAIN.article(path, text).body)), path


def test_the_comparison_sees_a_block_that_is_harmed() -> None:
    whole = '<div class="tr-line" id="a"><p>1</p></div>'
    for text in (f"    {whole}\n", f"- x\n\n      {whole}\n", f"```\n{whole}\n```\n"):
        assert read(plainly(text)).ids == []
    assert read(plainly(f"x\n{whole}\n")).ids == ["a"]
