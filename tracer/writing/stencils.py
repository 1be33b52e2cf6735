"""Text that is the same again and again, but for some places: rendered once, with marks there.

A template is asked once for each shape of what it shows. What sets a number, a line or a part of a
picture leaves a mark then; afterwards the text is cut at the marks, and each page puts its own in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from tracer.writing.context import marked

EDGE = "\uf8ff"
"""Stands around a mark: the last character for private use, which no slot of a formula takes."""
_MARK = re.compile(f"(<)?{EDGE}([a-z]+)(\\d+){EDGE}(?(1)>)")
Piece = Callable[[int], str]
"""What a page puts in the place of a mark of some kind, by the number of the mark."""


@dataclass(frozen=True)
class Stencil:
    """The text of a shape: stretches, and between them the kind and the number of a mark.

    ``given`` is what was found on the way, by kind: a macro that says words for its pieces.
    """

    stretches: tuple[str, ...]
    kinds: tuple[str, ...]
    numbers: tuple[int, ...]
    given: Mapping[str, Any]

    def filled(self, pieces: Mapping[str, Piece]) -> Markup:
        """The text with its pieces."""
        return marked(Markup, "".join(self.parts(pieces)))

    def parts(self, pieces: Mapping[str, Piece]) -> list[str]:
        """The same in its parts: who puts several texts together joins them once."""
        found = [""] * (2 * len(self.kinds) + 1)
        found[::2] = self.stretches
        found[1::2] = [pieces[kind](k) for kind, k in zip(self.kinds, self.numbers, strict=True)]
        return found


@dataclass(frozen=True)
class Marking:
    """A rendering with marks: the places of what is marked, and what is given on the way."""

    places: Mapping[int, int]
    given: dict[str, Any] = field(default_factory=dict)

    def of(self, kind: str, item: Any) -> Markup:
        """The mark of something; KeyError for what is not of this text."""
        return mark(kind, self.places[id(item)])


@dataclass(frozen=True)
class Stencils:
    """The stencils of one kind of text, each by its shape."""

    known: dict[Hashable, Stencil] = field(default_factory=dict)
    marking: ContextVar[Marking | None] = field(
        default_factory=lambda: ContextVar("marking", default=None)
    )

    @property
    def now(self) -> Marking | None:
        """The rendering with marks that is under way, if there is one."""
        return self.marking.get()

    def of(
        self, shape: Hashable, ask: Callable[[], str], items: Callable[[], list[Any]]
    ) -> Stencil:
        """The stencil of a shape; the first time ``ask`` renders it, with marks for ``items``."""
        found = self.known.get(shape)
        if found is None:
            marking = Marking({id(item): k for k, item in enumerate(items())})
            token = self.marking.set(marking)
            try:
                parts = _MARK.split(ask())
            finally:
                self.marking.reset(token)
            numbers = tuple([int(number) for number in parts[3::4]])
            found = Stencil(tuple(parts[::4]), tuple(parts[2::4]), numbers, marking.given)
            self.known[shape] = found
        return found


def mark(kind: str, number: int) -> Markup:
    """A mark inside a text."""
    return Markup(f"{EDGE}{kind}{number}{EDGE}")


def tag(kind: str, number: int) -> Markup:
    """A mark in the place of elements: around it blanks go away as they do around a tag."""
    return Markup(f"<{EDGE}{kind}{number}{EDGE}>")
