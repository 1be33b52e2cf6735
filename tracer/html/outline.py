"""The navigation of the finished HTML: a tree of pages, and what of it one page shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tracer.html.addresses import page_path, relative
from tracer.html.sources import Source
from tracer.writing.project import PLACE

INDEX = "/index.html"
"""How the address of a page ends that stands for its folder."""


@dataclass(frozen=True)
class Node:
    """A page, or a group of them; a group of which ``page`` is given is called as it says."""

    titled: Callable[[], str]
    page: str = ""
    href: str = ""
    below: tuple[Node, ...] = ()

    @property
    def title(self) -> str:
        """What it is called."""
        return self.titled()

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Its pages, in reading order."""
        own = (self.page,) if self.page else ()
        return own + tuple(path for node in self.below for path in node.paths)


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation as a page shows it: ``below`` only where the way leads there."""

    title: str
    href: str
    is_here: bool = False
    is_open: bool = False
    below: tuple[NavItem, ...] = ()


@dataclass(frozen=True)
class Outline:
    """All pages of a site as they are read."""

    nodes: tuple[Node, ...] = ()
    titles: Mapping[str, Callable[[], str]] = field(default_factory=dict)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The paths of all pages in reading order."""
        return tuple(dict.fromkeys(path for node in self.nodes for path in node.paths))

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {path: place for place, path in enumerate(self.order)}

    def items(self, here: str) -> tuple[NavItem, ...]:
        """The navigation on the page ``here``: groups elsewhere are a link to their first page."""
        return tuple(_item(node, here) for node in self.nodes)

    def trail(self, here: str) -> tuple[NavItem, ...]:
        """The groups that lead to a page, from the outermost."""
        return tuple(_trail(self.nodes, here))

    def beside(self, here: str, step: int) -> NavItem | None:
        """The page before (-1) or after (1), if there is one."""
        place = self._places.get(here)
        if place is None or not 0 <= place + step < len(self.order):
            return None
        path = self.order[place + step]
        return NavItem(self.titles[path](), relative(here, path))


def _item(node: Node, here: str) -> NavItem:
    is_open = here in node.paths
    below = tuple(_item(child, here) for child in node.below) if is_open else ()
    return NavItem(node.title, _href(node, here), node.page == here, is_open, below)


def _href(node: Node, here: str) -> str:
    return relative(here, node.paths[0]) if node.paths else node.href


def _trail(nodes: Sequence[Node], here: str) -> Iterator[NavItem]:
    for node in nodes:
        if here in node.paths and node.page != here:
            yield NavItem(node.title, _href(node, here))
            yield from _trail(node.below, here)


def page_node(source: Source) -> Node:
    """The entry of one page."""
    return Node(lambda: source.title, source.path)


def group_node(title: Callable[[], str], nodes: Sequence[Node]) -> Node:
    """A group whose first page is its own: that one is not listed below it again."""
    first, *rest = nodes
    if first.below:
        return Node(title, below=tuple(nodes))
    return Node(title, first.page, below=tuple(rest))


def placed(
    given: Sequence[Any], pages: Mapping[str, Source], walkthroughs: Sequence[Node]
) -> tuple[Node, ...]:
    """The nodes of a navigation that was written by hand, in the form that MkDocs has.

    ``pages`` are the written ones by path; the word ``examples`` is the place of the walkthroughs.
    """
    return tuple(_placed(given, pages, tuple(walkthroughs)))


def _placed(
    given: Any, pages: Mapping[str, Source], walkthroughs: tuple[Node, ...]
) -> Iterator[Node]:
    for item in given if isinstance(given, list | tuple) else [given]:
        if item == PLACE:
            yield from walkthroughs
        elif isinstance(item, Mapping):
            for title, value in item.items():
                yield from _titled(str(title), value, pages, walkthroughs)
        elif isinstance(item, str):
            yield from _page(None, item, pages)


def _titled(
    title: str, value: Any, pages: Mapping[str, Source], walkthroughs: tuple[Node, ...]
) -> Iterator[Node]:
    if isinstance(value, str) and value != PLACE:
        yield from _page(title, value, pages)
    elif below := tuple(_placed(value, pages, walkthroughs)):
        yield _group(title, below)


def _group(title: str, below: tuple[Node, ...]) -> Node:
    """A group: its index, where it begins with one, is the page that its own entry leads to."""
    first, *rest = below
    if rest and not first.below and first.page.endswith(INDEX):
        return Node(lambda: title, first.page, below=tuple(rest))
    return Node(lambda: title, below=below)


def _page(title: str | None, name: str, pages: Mapping[str, Source]) -> Iterator[Node]:
    """A page by the name of its file, or a link to elsewhere."""
    source = pages.get(page_path(name))
    if source is not None:
        own = source
        yield Node(lambda: own.title if title is None else title, own.path)
    elif "://" in name:
        yield Node(lambda: title or name, href=name)
