"""A Python-Markdown extension that carries our one-line HTML past the slow HTML parser.

It also puts the list of walkthroughs in place of the line ``<!-- tracer: walkthroughs -->``, and
lets the search find the symbols of sentences in words.

Formulas and pictures are written as one line of HTML each. Python-Markdown reads raw HTML with a
parser in Python, about a millisecond a formula. This extension puts such lines into Markdown's own
stash first, so that the parser sees a placeholder. The page looks the same with and without it.

Usable in `mkdocs.yml`, by MkDocs and Zensical alike::

    markdown_extensions:
      - tracer.markdown
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from tracer.writing.heard import HeardPreprocessor

_OURS = re.compile(r'<(div|figure|section|table) class="tr-[^<>]*>')
_FOR_MARKDOWN = re.compile(r"\smarkdown(?=[\s=/>])")
_OPENER = re.compile(r" {0,3}<(?:(!--)|([a-zA-Z][a-zA-Z0-9-]*)(?=[\s/>]|$))[^<>]*")
_MARKER = re.compile(r" {0,3}<!--\s*tracer:\s*walkthroughs\s*-->\s*")
# Python-Markdown reads fences at 25, and then raw HTML at 20: this is between
_AFTER_FENCED_CODE = 22
# before raw HTML is read at 20, and after the lines of ours are put away at 22
_BEFORE_RAW_HTML = 21.5
_HEARD = 21  # what is left of formulas then stands in sentences
_AFTER_RAW_HTML = 19  # raw HTML is read at 20: the very next


class StashPreprocessor(Preprocessor):
    """Replaces each line that is one whole block of generated HTML by a placeholder."""

    md: Markdown

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.placeholders: set[str] = set()

    def run(self, lines: list[str]) -> list[str]:
        """Return the lines, line for line, with placeholders."""
        self.placeholders.clear()
        return list(self._stashed(lines))

    def _stashed(self, lines: list[str]) -> Iterator[str]:
        enclosing = _Enclosing(self.md)
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            if enclosing.is_open or not is_block(line):
                enclosing.read(line)
                yield line
            else:
                # Markdown's parser, too, keeps the line end of a block that a blank line follows.
                placeholder = self.md.htmlStash.store(line if following.strip() else line + "\n")
                self.placeholders.add(placeholder)
                yield placeholder


class SeparatePreprocessor(Preprocessor):
    """Puts blank lines around the placeholders, so that each is a block of its own.

    Not before raw HTML was read: a blank line changes how the block before it is kept.
    """

    def __init__(self, md: Markdown, placeholders: set[str]) -> None:
        super().__init__(md)
        self._placeholders = placeholders

    def run(self, lines: list[str]) -> list[str]:
        """Return the lines with the blank ones added."""
        return [part for line in lines for part in self._separated(line)]

    def _separated(self, line: str) -> tuple[str, ...]:
        return ("", line, "") if line in self._placeholders else (line,)


class ListPreprocessor(Preprocessor):
    """Replaces the marker by the list of walkthroughs, where the builder tells the page's place."""

    md: Markdown

    def run(self, lines: list[str]) -> list[str]:
        """Return the lines with the list; unchanged where there is no marker or no place."""
        if not any(_MARKER.fullmatch(line) for line in lines):
            return lines
        listed = self._listed()
        if listed is None:
            return lines
        block = ["", *listed.splitlines(), ""]
        return [part for line in lines for part in (block if _MARKER.fullmatch(line) else (line,))]

    def _listed(self) -> str | None:
        """The list that a builder of ours gives, or what the folder of the pages holds."""
        from tracer.writing.listing import listing

        given: str | None = getattr(self.md, "tracer_listing", None)
        place = None if given is not None else place_of_page(self.md)
        return listing(*place) if place else given


def place_of_page(md: Markdown) -> tuple[Path, str] | None:
    """The folder of the pages and the path of this one in it, as MkDocs or Zensical knows them."""
    if "relpath" in md.treeprocessors:
        mkdocs: Any = md.treeprocessors["relpath"]
        return Path(mkdocs.config.docs_dir), mkdocs.file.src_uri
    if "rendering_context" in md.preprocessors:
        zensical: Any = md.preprocessors["rendering_context"]
        return Path(zensical.config["docs_dir"]), zensical.page.path
    return None


class TracerMarkdownExtension(Extension):
    """Registers the preprocessors; has no settings."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Add the preprocessors, before and after the one that reads raw HTML."""
        stash = StashPreprocessor(md)
        separate = SeparatePreprocessor(md, stash.placeholders)
        md.preprocessors.register(stash, "tracer_stash", _AFTER_FENCED_CODE)
        md.preprocessors.register(ListPreprocessor(md), "tracer_list", _BEFORE_RAW_HTML)
        md.preprocessors.register(HeardPreprocessor(md), "tracer_heard", _HEARD)
        md.preprocessors.register(separate, "tracer_separate", _AFTER_RAW_HTML)


def makeExtension(**settings: object) -> TracerMarkdownExtension:
    """Return the extension; the name is the one that Python-Markdown looks for."""
    return TracerMarkdownExtension(**settings)


def is_block(line: str) -> bool:
    """Tell whether a line is exactly one element of ours, closed at its very end."""
    opening = _OURS.match(line)
    if opening is None or not line.endswith(f"</{opening[1]}>"):
        return False
    if _FOR_MARKDOWN.search(opening[0]):
        return False
    return _first_close(line, opening[1]) == len(line)


def _first_close(line: str, tag: str) -> int:
    """Return where the element that the line opens with is closed; -1 if it stays open."""
    depth = 0
    for found in re.finditer(rf"<(/?){tag}\b[^>]*>", line):
        depth += -1 if found[1] else 1
        if depth == 0:
            return found.end()
    return -1


class _Enclosing:
    """Knows whether a raw element or a comment of several lines is open: what is in it is not ours.

    That holds for an element with the attribute `markdown` too, as `md_in_html` rewrites what
    stands in it. So leave such an element away from formulas.
    """

    def __init__(self, md: Markdown) -> None:
        self._md = md
        self._marks: tuple[str, str] | None = None
        self._depth = 0

    @property
    def is_open(self) -> bool:
        return self._depth > 0

    def read(self, line: str) -> None:
        if not self.is_open:
            self._marks = self._marks_of(line)
        if self._marks is not None:
            opened, closed = (len(re.findall(mark, line, re.IGNORECASE)) for mark in self._marks)
            self._depth = max(0, self._depth + opened - closed)

    def _marks_of(self, line: str) -> tuple[str, str] | None:
        """Return patterns of the opening and the closing mark of the element that a line opens."""
        opening = _OPENER.match(line)
        if opening is None:
            return None
        if opening[1]:
            return "<!--", "-->"
        tag = opening[2].lower()
        if tag == "hr" or not self._md.is_block_level(tag):
            return None
        return rf"<{tag}\b(?![^<>]*/>)", rf"</{tag}\b"
