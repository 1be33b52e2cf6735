"""The symbols of sentences as the search of a site finds them: in words, as they are read aloud.

A search that takes a formula's letters one after the other makes ``W2,3[1]`` of a weight. So the
formula is kept out of it, and its words stand beside it in a ``template``: a browser shows none of
that, neither on the screen nor to a screen reader nor to its own search.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from html.parser import HTMLParser

from markdown.preprocessors import Preprocessor

#: Formulas that letters alone would not tell: with a symbol that has words, or a fraction.
_SYMBOLS = re.compile(
    r"(?<!`)<math\b(?![^<>]*\sdata-search-exclude)"
    r"(?=(?:(?!</math>).)*?(?:aria-label=|<mfrac)).*?</math>"
)
_CODE = ("    ", "\t")
_KEPT = 4_096
"""Formulas whose words are kept: a site repeats its symbols, and has a few hundred of them."""


class HeardPreprocessor(Preprocessor):
    """Lets the search find the symbols of sentences in words; lines of code are left alone."""

    def run(self, lines: list[str]) -> list[str]:
        """Return the lines, with words beside each formula that has any."""
        return [line if line.startswith(_CODE) else heard(line) for line in lines]


def heard(line: str) -> str:
    """A line of text in which each formula is kept out of the search, beside its words.

    A line that is kept out as a whole stays as it is.
    """
    if "<math" not in line or "data-search-exclude" in line:
        return line
    return _SYMBOLS.sub(lambda found: _in_words(found[0]), line)


@lru_cache(_KEPT)
def _in_words(math: str) -> str:
    words = escape(words_of(math), quote=False)
    if not words:
        return math
    return f"<math data-search-exclude{math[len('<math') :]}<template>{words}</template>"


def words_of(math: str) -> str:
    """What a formula says: the words of its symbols, and its numbers and signs as they are."""
    reader = _Words()
    reader.feed(math)
    reader.close()
    return " ".join(" ".join(reader.found).split())


@dataclass
class _Element:
    tag: str
    said: bool
    children: int = 0


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open = [_Element("", False)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        around = self._open[-1]
        around.children += 1
        if around.tag == "mfrac" and around.children > 1:
            self.handle_data("/")
        words = dict(attrs).get("aria-label") if tag != "a" else None
        self.handle_data(words or "")
        self._open.append(_Element(tag, bool(words) or around.said))

    def handle_endtag(self, tag: str) -> None:
        if any(element.tag == tag for element in self._open):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._open[-1].said:
            self.found.append(data)
