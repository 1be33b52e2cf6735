"""What the pages made so far have shown: every quantity, and the line that computed it first."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Place:
    """A page, and an anchor on it ("" for the page as a whole)."""

    slug: str
    anchor: str = ""


@dataclass(frozen=True)
class Index:
    """Filled by the pages in reading order; the glossary comes last and tells it.

    ``pages`` has the first page that shows a quantity, by its name; ``lines`` the first line that
    computes one, by name and layer (0 for what has no layer).
    """

    pages: dict[str, str] = field(default_factory=dict)
    lines: dict[tuple[str, int], Place] = field(default_factory=dict)

    def shown(self, name: str, slug: str) -> None:
        """Note that a page shows a quantity."""
        self.pages.setdefault(name, slug)

    def computed(self, name: str, layer: int, place: Place) -> None:
        """Note that a line computes a quantity."""
        self.shown(name, place.slug)
        self.lines.setdefault((name, layer), place)
