"""Two neighbouring layers as a table: every weight between them, shaded by its size.

It stands for a picture that would be wider than a phone, or have no room for its numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracer.notation import Number
from tracer.pictures.network.model import THICKEST, THINNEST, NetworkPicture, Question, Sign

LEVELS = 4
"""Shades: as many as an eye tells apart without comparing."""
MOST_COLUMNS = 4
"""Columns side by side: with the names of the rows these numbers fill a phone of 320 px."""
AROUND = {"forward": ("b", "z", "a"), "backward": ("dL_da", "dL_dz", "dL_db")}
"""What a unit of the layer shows, by what is drawn."""
INSIDE = {"forward": "W", "backward": "dL_dW"}
"""What leads from a unit to another, by what is drawn."""


class PairCell(NamedTuple):
    """A weight, or the slope by it: ``level`` from 0 (it is 0) to LEVELS (the largest)."""

    number: Number
    level: int


@dataclass(frozen=True)
class PairRow:
    """What leads from one ``unit`` (from 1) before the layer; ``number`` is what comes from it."""

    unit: int
    number: Number | None
    cells: tuple[PairCell, ...]


@dataclass(frozen=True)
class PairPart:
    """Some units of the layer, side by side; ``around`` are (quantity, a number for each)."""

    units: tuple[int, ...]
    rows: tuple[PairRow, ...]
    around: tuple[tuple[str, tuple[Number, ...]], ...]


@dataclass(frozen=True)
class PairTable:
    """The layer and the one before it, in parts that stand side by side where there is room.

    ``source`` names the quantity of the rows: x or a.
    """

    layer: int
    quantity: str
    source: str
    parts: tuple[PairPart, ...]

    @property
    def layer_before(self) -> int:
        """The layer of the rows."""
        return self.layer - 1


class _Drawn(NamedTuple):
    """A layer as a picture draws it: all its numbers, and the shade of each of its edges."""

    picture: NetworkPicture
    layer: int
    numbers: Mapping[Question, Number]
    levels: Mapping[tuple[int, int], int]

    @classmethod
    def of(cls, picture: NetworkPicture, layer: int) -> _Drawn:
        """That of a layer (from 1)."""
        edges = picture.strengths(layer).items()
        return cls(picture, layer, picture.numbers(), {ends: _level(*at) for ends, at in edges})

    @property
    def source(self) -> str:
        """The quantity of the units before it."""
        return "x" if self.layer == 1 else "a"

    def part(self, units: Sequence[int]) -> PairPart:
        """Some of its units."""
        mode, numbers, layer = self.picture.mode, self.numbers, self.layer
        units_before = range(1, self.picture.sizes[layer - 1] + 1)
        around = [(of, tuple([numbers[of, layer, j] for j in units])) for of in AROUND[mode]]
        return PairPart(
            tuple(units), tuple([self._row(k, units) for k in units_before]), tuple(around)
        )

    def _row(self, unit: int, units: Sequence[int]) -> PairRow:
        name, layer, levels = INSIDE[self.picture.mode], self.layer, self.levels
        is_forward = self.picture.mode == "forward"
        own = self.numbers.get((self.source, layer - 1, unit)) if is_forward else None
        cells = [PairCell(self.numbers[name, layer, unit, j], levels[unit, j]) for j in units]
        return PairRow(unit, own, tuple(cells))


def pair_table(picture: NetworkPicture, layer: int) -> PairTable:
    """The table of ``layer`` (from 1) of a forward or backward picture that draws all its units."""
    drawn = _Drawn.of(picture, layer)
    parts = tuple([drawn.part(units) for units in _columns(picture, layer)])
    return PairTable(layer, INSIDE[picture.mode], drawn.source, parts)


def pair_tables(picture: NetworkPicture) -> dict[int, PairTable]:
    """The tables of all layers that have one, by their layer."""
    layers = range(1, len(picture.sizes))
    return {k: pair_table(picture, k) for k in layers if picture.is_table(k)}


def _columns(picture: NetworkPicture, layer: int) -> Iterator[tuple[int, ...]]:
    """The units of the layer in parts of nearly one size."""
    size = picture.sizes[layer]
    count = math.ceil(size / MOST_COLUMNS)
    for k in range(count):
        yield tuple(range(k * size // count + 1, (k + 1) * size // count + 1))


def _level(sign: Sign, width: float) -> int:
    """The shade of what is drawn as an edge of this sign and width."""
    if sign == "zero":
        return 0
    share = (width - THINNEST) / (THICKEST - THINNEST)
    return max(math.ceil(share * LEVELS), 1)
