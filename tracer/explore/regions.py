"""Regions of a page: sentences that a key of a cycle chooses, with slots for its numbers.

A region names a macro of the page's own templates. It is rendered once for every key that it can
have: its variant says what the page's context is then, with a token wherever a slot is. What
fills the slot is a tree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from tracer.conditions import Tree, choose

_TOKEN = re.compile("\ue000(\\d+)\ue001")
"""A slot in a text: signs that no font and no author uses, which every filter lets pass."""


@dataclass(frozen=True)
class Options:
    """Texts of which a tree picks one by its place: labels, as the templates' filters say them."""

    values: tuple[Any, ...]
    filters: tuple[str, ...]
    place: Tree


@dataclass(frozen=True)
class Items:
    """Several texts as a list; the comma is that of the page's language by default."""

    texts: Tree | Options
    comma: str = ""


@dataclass(frozen=True)
class Nested:
    """The sentence of another region."""

    name: str


Slot = Tree | Options | Items | Nested


@dataclass
class Slots:
    """The slots of a region, each by its number."""

    found: list[Slot] = field(default_factory=list)

    def token(self, slot: Slot) -> Markup:
        """What stands for a slot in a text."""
        self.found.append(slot)
        return Markup(f"\ue000{len(self.found) - 1}\ue001")

    def text(self, slot: Slot) -> str:
        """The same as a text that nobody marked as HTML."""
        return str(self.token(slot))

    def pieces(self, text: str) -> list[str | Slot]:
        """A rendered text as what stands between slots, and the slots."""
        parts = _TOKEN.split(text)
        pieces = [self.found[int(part)] if k % 2 else part for k, part in enumerate(parts)]
        return [piece for piece in pieces if piece != ""]


ALWAYS = choose(otherwise="told")
"""The key of what tells always the same, with other numbers."""


@dataclass(frozen=True)
class Region:
    """Sentences under one name.

    ``key`` is the tree that chooses, ``variants`` what is different in the context for each key,
    ``arguments`` what the macro is given for it. An inner one only stands in another.
    """

    name: str
    template: str
    macro: str
    slots: Slots
    key: Tree = ALWAYS
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    arguments: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    is_inner: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that it can have."""
        return tuple(dict.fromkeys([*self.variants, *self.arguments]))
