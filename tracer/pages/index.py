"""What the pages show: every quantity, and the line that computed it first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tracer.pages.addresses import Address


@dataclass(frozen=True)
class Index:
    """Filled while the pages are built, in reading order; the glossary is built last and tells it.

    Templates only read it.
    """

    _pages: dict[str, str] = field(default_factory=dict)
    _lines: dict[tuple[str, int], Address] = field(default_factory=dict)

    @property
    def pages(self) -> Mapping[str, str]:
        """The first page that shows a quantity, by its name."""
        return MappingProxyType(self._pages)

    @property
    def lines(self) -> Mapping[tuple[str, int], Address]:
        """The first line that computes one, by name and layer (0 for what has no layer)."""
        return MappingProxyType(self._lines)

    def shown(self, name: str, slug: str) -> None:
        """Note that a page shows a quantity."""
        self._pages.setdefault(name, slug)

    def knows(self, name: str, layer: int) -> bool:
        """Whether a line that computes a quantity is noted."""
        return (name, layer) in self._lines

    def computed(self, name: str, layer: int, home: Address) -> None:
        """Note that a line computes a quantity."""
        self.shown(name, home.slug)
        self._lines.setdefault((name, layer), home)
