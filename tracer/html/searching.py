"""What a search finds: the words of a page, section by section, without its numbers.

A symbol is found in words, as it is read aloud: "z of layer 1" instead of the letters and digits
that stand above and below each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
#: What is no text of the page, or says in signs what words say beside it.
LEFT_OUT = frozenset(["script", "style", "svg", "template"])
VOID = frozenset(
    ["area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"]
)
#: Between the words of these there is no space of its own in the source.
BLOCKS = frozenset(["br", "dd", "dt", "li", "p", "summary", "td", "th", "tr"])


@dataclass(frozen=True)
class SearchEntry:
    """A section of a page: its anchor ("" for the page), its heading, and its words."""

    anchor: str
    heading: str
    text: str


def entries(html: str, title: str) -> Iterator[SearchEntry]:
    """The sections of an article; what is marked ``data-search-exclude`` is in none of them."""
    reader = _Reader(title)
    reader.feed(html)
    reader.close()
    for anchor, heading, text in reader.sections:
        yield SearchEntry(anchor, _plain(heading), _plain(text))


def index_script(pages: Iterable[tuple[str, str, Iterable[SearchEntry], float]]) -> str:
    """The index as a script, which a page can load without a server.

    ``pages`` are address, title, sections and weight of each page. A row of the index is the
    address, the title of the page, the heading of the section and its words, and the weight where
    it is not 1.
    """
    rows = [
        [
            path + (f"#{one.anchor}" if one.anchor else ""),
            *(title, one.heading, one.text),
            *([weight] if weight != 1 else []),
        ]
        for path, title, sections, weight in pages
        for one in sections
        if one.text or not one.anchor
    ]
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    # No text of a page can end the element that the script may stand in.
    return "window.tracerIndex=" + text.replace("<", "\\u003c") + ";\n"


def _plain(parts: list[str]) -> str:
    return " ".join("".join(parts).split())


class _Reader(HTMLParser):
    def __init__(self, title: str) -> None:
        super().__init__()
        self.sections: list[tuple[str, list[str], list[str]]] = [("", [title], [])]
        self._open: list[tuple[str, bool]] = []
        self._heading: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in HEADINGS and named.get("id") and not self._is_hidden:
            self._heading = tag
            if tag != "h1":
                self.sections.append((named["id"] or "", [], []))
        if tag in BLOCKS:
            self._say(" ")
        said = named.get("aria-label") if self._is_symbol(tag) else None
        if said:
            self._say(said)
        if tag not in VOID:
            self._open.append((tag, bool(said) or _is_left_out(tag, named)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._say(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._heading:
            self._heading = None
        if any(name == tag for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass
        if tag in BLOCKS:
            self._say(" ")

    def handle_data(self, data: str) -> None:
        self._say(data)

    @property
    def _is_hidden(self) -> bool:
        return any(hidden for _, hidden in self._open)

    def _is_symbol(self, tag: str) -> bool:
        """Whether an element of a formula begins that is no link, which only says its number."""
        return tag != "a" and any(name == "math" for name, _ in self._open)

    def _say(self, text: str) -> None:
        if self._is_hidden:
            return
        anchor, heading, words = self.sections[-1]
        if self._heading is None:
            words.append(text)
        elif anchor:
            heading.append(text)


def _is_left_out(tag: str, named: dict[str, str | None]) -> bool:
    classes = (named.get("class") or "").split()
    return tag in LEFT_OUT or "data-search-exclude" in named or "headerlink" in classes
