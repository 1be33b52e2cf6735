"""What tracer's own site shows of tracer: its front page, its examples, and the errors of others.

A line ``<!-- showcase: gallery -->`` of a page is replaced by what :mod:`tracer.showcase.parts` makes of the built-in
experiments, which are run for it. Usable in `mkdocs.yml`, by MkDocs and Zensical alike::

    markdown_extensions:
      - tracer.showcase
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

_MARKER = re.compile(r" {0,3}<!--\s*showcase:\s*([a-z]+)\s*-->\s*")
_BEFORE_ALL_OTHERS = 40
"""Python-Markdown cleans the lines at 30 and reads fences at 25: what is put in needs both."""


class ShowcasePreprocessor(Preprocessor):
    """Replaces each marker by the part that it names."""

    def run(self, lines: list[str]) -> list[str]:
        """Return the lines with the parts; raises RenderError where there is none of that name."""
        return list(self._replaced(lines))

    def _replaced(self, lines: list[str]) -> Iterator[str]:
        for line in lines:
            if named := _MARKER.fullmatch(line):
                from tracer.showcase.parts import part
                from tracer.writing.markdown import place_of_page

                yield from ("", *part(named[1], place_of_page(self.md)).splitlines(), "")
            else:
                yield line


class ShowcaseExtension(Extension):
    """Registers the preprocessor; has no settings."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Add the preprocessor before all others: what it puts in is Markdown."""
        md.preprocessors.register(ShowcasePreprocessor(md), "tracer_showcase", _BEFORE_ALL_OTHERS)


def makeExtension(**settings: object) -> ShowcaseExtension:
    """Return the extension; the name is the one that Python-Markdown looks for."""
    return ShowcaseExtension(**settings)
