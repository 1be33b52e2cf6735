"""Many numbers at once as colours: the weights of a wide layer, its activations, its errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from tracer.formula import FloatArray
from tracer.numerals import show
from tracer.pictures.plot.geometry import LEGIBLE, NARROW, Box, Label, Picture, tidy
from tracer.trace import IntArray

Symbols = Callable[[tuple[int, ...]], str]
MOST_CELLS = 64
"""So many columns leave a cell 5 px on a phone; more numbers share cells."""
LEVELS = 4
"""Steps of colour on either side of 0: as many as an eye tells apart without comparing."""
LARGEST = 10
"""The entries that the picture's words name, as many as are written out elsewhere."""
_EDGE, _TALLEST, _SWATCH, _SIZE = 6.0, 16.0, 26.0, LEGIBLE
"""Margin, the side of a cell at the most, the width of a colour in the scale, the size of letters:
the largest matrix then is 320 px wide, and the smallest still easy to see."""


@dataclass(frozen=True)
class Summary:
    """Numbers in a few: how many, the smallest, the largest, their mean, how many are 0.

    ``lost`` counts those that are not finite, which the others leave out.
    """

    count: int
    least: str
    greatest: str
    mean: str
    zeros: int
    lost: int

    @classmethod
    def of(cls, values: FloatArray, decimals: int) -> Summary:
        """The summary of an array of any shape."""
        finite = values[np.isfinite(values)]
        if not finite.size:
            return cls(values.size, "", "", "", 0, values.size)
        least, greatest, mean = (
            show(float(v), decimals) for v in (finite.min(), finite.max(), finite.mean())
        )
        zeros = int((finite == 0).sum())
        return cls(values.size, least, greatest, mean, zeros, values.size - finite.size)


@dataclass(frozen=True)
class Shade:
    """Cells of one shade: ``level`` from −LEVELS to LEVELS, and the path that fills them.

    ``dashes`` is a path of a dash in each cell below 0.
    """

    level: int
    path: str
    dashes: str = ""


@dataclass(frozen=True)
class Swatch:
    """A shade of the scale."""

    level: int
    box: Box

    @property
    def dash(self) -> tuple[float, float, float]:
        """Where the dash of a shade below 0 begins, and how long it is: half of the box."""
        return tidy(self.box.middle - _SWATCH / 4), tidy(self.box.top + 5), _SWATCH / 2


@dataclass(frozen=True, kw_only=True)
class HeatPicture(Picture):
    """An array as shades: the darker the farther from 0, and with a dash below it.

    ``rows`` and ``columns`` are those of the array, a vector being ``wrapped`` into rows; a cell
    stands for ``high`` × ``wide`` entries, and shows their mean. ``largest`` are
    (symbol, number) of the entries farthest from 0.
    """

    name: str
    layer: int
    rows: int
    columns: int
    wrapped: bool
    high: int
    wide: int
    cell: float
    left: float
    top: float
    frame: Box
    scale: Box
    shades: tuple[Shade, ...]
    swatches: tuple[Swatch, ...]
    labels: tuple[Label, ...]
    summary: Summary
    largest: tuple[tuple[str, str], ...]
    dash: float = 0.2  # of a cell: a pixel in the smallest, and not taken for a cell in the largest


def heat_picture(
    values: FloatArray, name: str, layer: int, symbols: Symbols, *, decimals: int
) -> HeatPicture:
    """A vector (n,) or a matrix (rows, columns) of the quantity ``name`` in ``layer``.

    ``symbols`` gives the symbol in plain text of an entry by its indices from 1.
    """
    grid = values if values.ndim == 2 else _wrapped(values)
    high, wide = (math.ceil(size / MOST_CELLS) for size in grid.shape)
    cells = _averaged(grid, high, wide)
    side = tidy(min(_TALLEST, (NARROW - 2 * _EDGE) / cells.shape[1]))
    most = float(np.abs(cells[np.isfinite(cells)]).max(initial=0.0))
    frame = _frame(cells.shape[0], cells.shape[1], side)
    bottom = frame.bottom + 10
    swatches = tuple(_swatches(bottom))
    ends = ((show(-most, decimals), 0), ("0", LEVELS), (show(most, decimals), 2 * LEVELS))
    return HeatPicture(
        width=NARROW,
        height=tidy(bottom + 30),
        name=name,
        layer=layer,
        rows=grid.shape[0],
        columns=grid.shape[1],
        wrapped=values.ndim == 1 and grid.shape[0] > 1,
        high=high,
        wide=wide,
        cell=side,
        left=frame.left,
        top=frame.top,
        frame=frame,
        scale=Box(swatches[0].box.left, swatches[0].box.top, *_corner(swatches[-1].box)),
        shades=tuple(_shades(_levels(cells, most))),
        swatches=swatches,
        labels=tuple(_end(swatches[k].box, text) for text, k in ends),
        summary=Summary.of(values, decimals),
        largest=tuple(_largest(values, symbols, decimals)),
    )


def _wrapped(values: FloatArray) -> FloatArray:
    """A vector in rows: a square where it fills one, as a picture does; nan where none is left."""
    root = math.isqrt(len(values))
    columns = root if root * root == len(values) and root > 1 else min(len(values), MOST_CELLS // 2)
    filled = np.full(math.ceil(len(values) / columns) * columns, np.nan)
    filled[: len(values)] = values
    return filled.reshape(-1, columns)


def _averaged(grid: FloatArray, high: int, wide: int) -> FloatArray:
    """The mean of each block of entries; nan where a block has no number."""
    if high == wide == 1:
        return grid
    rows, columns = (math.ceil(n / k) for n, k in zip(grid.shape, (high, wide), strict=True))
    padded = np.full((rows * high, columns * wide), np.nan)
    padded[: grid.shape[0], : grid.shape[1]] = grid
    blocks = padded.reshape(rows, high, columns, wide).swapaxes(1, 2).reshape(rows, columns, -1)
    known = np.isfinite(blocks)
    totals = np.where(known, blocks, 0.0).sum(axis=2)
    with np.errstate(invalid="ignore"):
        return np.asarray(totals / known.sum(axis=2))


def _levels(cells: FloatArray, most: float) -> IntArray:
    """The colour of each cell; LEVELS + 1 for what is no number."""
    share = np.clip(cells / (most or 1.0), -1, 1)
    levels = np.sign(cells) * np.maximum(np.ceil(np.abs(share) * LEVELS), 1)
    return np.where(np.isfinite(levels), np.nan_to_num(levels), LEVELS + 1).astype(np.int64)


def _shades(levels: IntArray) -> Iterator[Shade]:
    """The cells of each colour as one path, neighbours in a row together."""
    paths: dict[int, list[str]] = {}
    dashes: dict[int, list[str]] = {}
    for y, row in enumerate(levels.tolist()):
        for level, run in groupby(enumerate(row), key=lambda item: item[1]):
            places = [x for x, _ in run]
            size = len(places)
            paths.setdefault(level, []).append(f"M{places[0]} {y}h{size}v1h-{size}z")
            dash = "h.5m.5 0" * size if level < 0 else ""
            dashes.setdefault(level, []).append(f"M{places[0]}.25 {y}.5{dash}" if dash else "")
    for level in sorted(paths.keys() - {LEVELS + 1}):
        yield Shade(level, "".join(paths[level]), "".join(dashes[level]))


def _frame(rows: int, columns: int, side: float) -> Box:
    left = tidy((NARROW - columns * side) / 2)
    return Box(left, _EDGE, tidy(left + columns * side), tidy(_EDGE + rows * side))


def _corner(box: Box) -> tuple[float, float]:
    return box.right, box.bottom


def _swatches(top: float) -> Iterator[Swatch]:
    start = (NARROW - _SWATCH * (2 * LEVELS + 1)) / 2
    for k in range(2 * LEVELS + 1):
        left = tidy(start + k * _SWATCH)
        yield Swatch(k - LEVELS, Box(left, tidy(top), tidy(left + _SWATCH), tidy(top + 10)))


def _end(box: Box, text: str) -> Label:
    return Label(box.middle, tidy(box.bottom + 13), text, _SIZE)


def _largest(values: FloatArray, symbols: Symbols, decimals: int) -> Iterator[tuple[str, str]]:
    sizes = np.nan_to_num(np.abs(values), nan=-1.0).ravel()
    order = np.argsort(-sizes, kind="stable")[:LARGEST]
    for place in order:
        index = tuple(int(k) + 1 for k in np.unravel_index(int(place), values.shape))
        value = float(values[tuple(k - 1 for k in index)])
        yield symbols(index), show(value, decimals)
