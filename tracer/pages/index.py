"""What the pages show: every quantity, and the line that computed it first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tracer.pages.addresses import Address


class Notes(NamedTuple):
    """What one page shows: quantities, and the lines that computed them, each noted once.

    A line is known by the name and the layer of its quantity (0 for what has no layer).
    """

    names: dict[str, None]
    lines: dict[tuple[str, int], Address]


class Symbols(NamedTuple):
    """What all pages show, in reading order."""

    pages: Mapping[str, str]
    lines: Mapping[tuple[str, int], Address]


@dataclass(frozen=True)
class Index:
    """Filled while the pages are built, in any order; the glossary is built last and tells it.

    Templates only read it.
    """

    _notes: dict[str, Notes] = field(default_factory=dict)

    def notes(self, slug: str) -> Notes:
        """What the page at ``slug`` shows as far as it is built."""
        return self._notes.setdefault(slug, Notes({}, {}))

    def take(self, slug: str, notes: Notes) -> None:
        """Note what a page shows that was built elsewhere."""
        self._notes[slug] = notes

    def symbols(self, slugs: Iterable[str]) -> Symbols:
        """The first of these pages that shows a quantity, and the first line that computes one."""
        pages: dict[str, str] = {}
        lines: dict[tuple[str, int], Address] = {}
        for slug in slugs:
            notes = self._notes.get(slug, _NOTHING)
            for name in notes.names:
                pages.setdefault(name, slug)
            for key, home in notes.lines.items():
                lines.setdefault(key, home)
        return Symbols(pages, lines)

    def shown(self, name: str, slug: str) -> None:
        """Note that a page shows a quantity."""
        self.notes(slug).names.setdefault(name)

    def computed(self, name: str, layer: int, home: Address) -> None:
        """Note that a line computes a quantity."""
        notes = self.notes(home.slug)
        notes.names.setdefault(name)
        notes.lines.setdefault((name, layer), home)


_NOTHING = Notes({}, {})
