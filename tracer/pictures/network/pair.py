"""Two neighbouring layers as a table: every weight between them, shaded by its size.

It stands for a picture that would be wider than a phone, or have no room for its numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracer.notation import Number
from tracer.pictures.network.model import THICKEST, THINNEST, NetworkPicture

LEVELS = 4
"""Shades: as many as an eye tells apart without comparing."""
MOST_COLUMNS = 4
"""Columns side by side: with the names of the rows these numbers fill a phone of 320 px."""
AROUND = {"forward": ("b", "z", "a"), "backward": ("dL_da", "dL_dz", "dL_db")}
"""What a unit of the layer shows, by what is drawn."""
INSIDE = {"forward": "W", "backward": "dL_dW"}
"""What leads from a unit to another, by what is drawn."""


@dataclass(frozen=True)
class PairCell:
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


def pair_table(picture: NetworkPicture, layer: int) -> PairTable:
    """The table of ``layer`` (from 1) of a forward or backward picture that draws all its units."""
    source = "x" if layer == 1 else "a"
    parts = tuple(_part(picture, layer, source, units) for units in _columns(picture, layer))
    return PairTable(layer, INSIDE[picture.mode], source, parts)


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


def _part(picture: NetworkPicture, layer: int, source: str, units: Sequence[int]) -> PairPart:
    known = {(entry.name, entry.layer, entry.index): entry.number for entry in picture.twin}
    levels = {
        (edge.source, edge.target): 0 if edge.sign == "zero" else _level(edge.width)
        for edge in picture.edges
        if edge.layer == layer
    }
    name = INSIDE[picture.mode]
    rows = tuple(
        PairRow(
            unit,
            known.get((source, layer - 1, (unit,))) if picture.mode == "forward" else None,
            tuple(PairCell(known[name, layer, (unit, j)], levels[unit, j]) for j in units),
        )
        for unit in range(1, picture.sizes[layer - 1] + 1)
    )
    around = tuple(
        (quantity, tuple(known[quantity, layer, (j,)] for j in units))
        for quantity in AROUND[picture.mode]
    )
    return PairPart(tuple(units), rows, around)


def _level(width: float) -> int:
    """The shade of what is drawn as an edge of this width."""
    share = (width - THINNEST) / (THICKEST - THINNEST)
    return max(math.ceil(share * LEVELS), 1)
