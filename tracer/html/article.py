"""Markdown → the article of a page: its HTML, its headings, and what a search may find in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from threading import Lock
from typing import Any
from xml.etree.ElementTree import Element

import yaml
from markdown import Markdown
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor
from markupsafe import Markup

from tracer.html.addresses import page_address
from tracer.html.searching import SearchEntry, entries

_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_STASHED = re.compile("\x02wzxhzdk:([0-9]+)\x03")
_EXCLUDED = re.compile(r"\s*<([a-z]+)\b[^<>]*\sdata-search-exclude[\s=>]")
#: MkDocs has these whatever a configuration says.
ALWAYS = ("toc", "tables", "fenced_code")
# Python-Markdown puts raw HTML back at 30: this is just before
_BEFORE_RAW_HTML = 31
# Links are made by inline patterns at 20: this is after all of Python-Markdown's own
_AFTER_ALL = -1


@dataclass(frozen=True)
class Heading:
    """A heading of a page: its address on the page, its words as HTML, and those below it."""

    id: str
    name: Markup
    below: tuple[Heading, ...] = ()


@dataclass(frozen=True)
class Article:
    """A page without its frame.

    Attributes:
        title: what the page calls itself, in plain text; "" where it does not say.
        body: its HTML.
        headings: the headings below the page's own.
        seen: its HTML as a search is to see it.
        hides: the parts of the frame that it does without, as its front matter says:
            ``toc``, ``footer``.
        weight: by what a search multiplies how well the page fits: ``search.boost`` of its
            front matter.
    """

    title: str
    body: Markup
    headings: tuple[Heading, ...] = ()
    seen: str = field(default="", repr=False)
    hides: frozenset[str] = frozenset()
    weight: float = 1.0

    @cached_property
    def entries(self) -> tuple[SearchEntry, ...]:
        """What a search finds in it, section by section."""
        return tuple(entries(self.seen, self.title))


@dataclass(frozen=True)
class Extensions:
    """Extensions of Python-Markdown by name, and their settings."""

    names: tuple[str, ...] = ALWAYS
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Any) -> Extensions:
        """Those that ``markdown_extensions`` of an ``mkdocs.yml`` lists."""
        pairs = [pair for item in _items(given) for pair in _named(item)]
        settings = {name: kept for name, chosen in pairs if (kept := _chosen(chosen))}
        return cls(tuple(dict.fromkeys([*ALWAYS, *(name for name, _ in pairs)])), settings)


def _items(given: Any) -> list[Any]:
    if isinstance(given, Mapping):
        return [{name: chosen} for name, chosen in given.items()]
    return list(given) if isinstance(given, Iterable) and not isinstance(given, str) else []


def _named(item: Any) -> list[tuple[str, Any]]:
    if isinstance(item, Mapping):
        return [(str(name), chosen) for name, chosen in item.items()]
    return [(str(item), None)]


def _chosen(given: Any) -> dict[str, Any]:
    """The settings that can be had without running code that the file names."""
    if not isinstance(given, Mapping):
        return {}
    return {str(name): value for name, value in given.items() if value is not None}


class Converter:
    """Turns Markdown into articles, and keeps the last one of each page."""

    def __init__(self, extensions: Extensions) -> None:
        self._lock = Lock()
        self._kept: dict[str, tuple[str, str, Article]] = {}
        self._md = Markdown(extensions=[*extensions.names], extension_configs=extensions.settings)
        self._seen = _Seen(self._md)
        self._md.postprocessors.register(self._seen, "tracer_seen", _BEFORE_RAW_HTML)
        self._md.treeprocessors.register(_Links(self._md), "tracer_links", _AFTER_ALL)

    def article(self, path: str, text: str, listing: str = "") -> Article:
        """The article of the page at ``path``, whose Markdown is ``text``.

        ``listing`` is the list of walkthroughs that the page may ask for, as Markdown.
        """
        with self._lock:
            kept = self._kept.get(path)
            if kept is None or kept[:2] != (text, listing):
                kept = (text, listing, self._made(text, listing))
                self._kept[path] = kept
            return kept[2]

    def _made(self, text: str, listing: str) -> Article:
        title, rest = parted(text)
        self._md.reset()
        self._md.tracer_listing = listing  # type: ignore[attr-defined]
        body = self._md.convert(rest)
        tokens = getattr(self._md, "toc_tokens", [])
        headings = tuple(_heading(token) for token in tokens)
        first = str(headings[0].name.unescape()) if headings else ""
        below = headings[0].below if len(headings) == 1 else headings
        return Article(
            title or first, Markup(body), below, self._seen.text, hidden(text), weight(text)
        )


def parted(text: str) -> tuple[str, str]:
    """The title of a page's front matter, "" where there is none, and what follows it."""
    found = _FRONT.match(text)
    front = _front(text)
    if found is None or front is None:
        return "", text
    return str(Markup(front.get("title") or "").unescape()), text[found.end() :]


def hidden(text: str) -> frozenset[str]:
    """The parts of the frame that a page's front matter hides, by the names that Material has."""
    named = (_front(text) or {}).get("hide")
    return frozenset(map(str, named)) if isinstance(named, list) else frozenset()


def weight(text: str) -> float:
    """What a page's front matter says as ``search.boost``, as Material reads it; 1 by default."""
    said = (_front(text) or {}).get("search")
    given = said.get("boost") if isinstance(said, dict) else None
    if isinstance(given, int | float) and isfinite(given) and given > 0:
        return float(given)
    return 1.0


def _front(text: str) -> dict[str, Any] | None:
    """A page's front matter, empty where it holds no keys; None where there is none to be read."""
    found = _FRONT.match(text)
    try:
        front = yaml.safe_load(found[1]) if found else None
    except (yaml.YAMLError, ValueError):
        return None
    return front if isinstance(front, dict) or not found else {}


def _heading(token: Mapping[str, Any]) -> Heading:
    below = tuple(_heading(child) for child in token["children"])
    return Heading(token["id"], Markup(token["name"]), below)


class _Seen(Postprocessor):
    """Notes the page as a search is to see it: without the raw HTML that is kept out of it."""

    md: Markdown
    text = ""

    def run(self, text: str) -> str:
        stash = self.md.htmlStash.rawHtmlBlocks

        def put_back(found: re.Match[str]) -> str:
            raw = str(stash[int(found[1])])
            opening = _EXCLUDED.match(raw)
            whole = opening is not None and raw.rstrip().endswith(f"</{opening[1]}>")
            return " " if whole else raw

        self.text = _STASHED.sub(put_back, text)
        return text


class _Links(Treeprocessor):
    """Lets links to Markdown files lead to their pages, as MkDocs does."""

    def run(self, root: Element) -> None:
        for element in root.iter("a"):
            href = element.get("href")
            if href:
                element.set("href", page_address(href))
