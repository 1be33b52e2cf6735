"""Where the numbers of the edges between two layers stand, so that none covers another.

The labels of one unit's edges stand in one row; rows of different units stand above each other.
A row fans out from a unit of the upper layer or of the lower one, whichever needs less height.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from tracer.files.packs import worked_out
from tracer.formula import FloatArray

ROW = 13.0
"""Distance of two rows of labels, their height included."""

_MARGIN = 9.0  # px: a label keeps off the circles above and below
_GAP = 3.0  # px: two numbers side by side are read as two
_TRIALS = 15  # places tried along an edge: 15 are a label's height apart
_AT_ONCE = 2**18
"""Distances that are looked at together, 2 MB: they stay in the processor's cache."""


@dataclass(frozen=True)
class Fan:
    """How the labels are grouped: in rows of the ``upper`` or of the lower units' edges.

    ``clear`` is the part of the height next to those units where neighbours would overlap.
    """

    upper: bool
    rows: int
    clear: float

    @property
    def height(self) -> float:
        """The distance of the two layers at which all rows find room."""
        return ((self.rows - 1) * ROW + 2 * _MARGIN + 4) / max(1 - self.clear, 1e-6)


@lru_cache(maxsize=2**10)  # as many as there are frames and layers
def best_fan(upper: tuple[float, ...], lower: tuple[float, ...], width: float) -> Fan:
    """The grouping with the least height for labels of ``width`` between units at these x."""
    down = Fan(True, len(upper), _clear(lower, width))
    up = Fan(False, len(lower), _clear(upper, width))
    return min(down, up, key=lambda fan: (fan.height, fan.rows))


@lru_cache(maxsize=256)
def label_rows(
    upper: tuple[float, ...], lower: tuple[float, ...], width: float, height: float
) -> tuple[tuple[float, ...], ...]:
    """t[u][v] in (0, 1): how far down its edge the label of edge u → v stands.

    Of all equally spaced rows that leave the labels apart, those are taken whose labels are
    least touched by edges of others, and then those nearest to the middle.
    """
    size = upper, lower, width, height
    return worked_out(lambda: _best_rows(*size), "label_rows", *size)


def _best_rows(
    upper: tuple[float, ...], lower: tuple[float, ...], width: float, height: float
) -> tuple[tuple[float, ...], ...]:
    fan = best_fan(upper, lower, width)
    trials = [_shares(fan, start, step, height) for start, step in _candidates(fan, height)]
    merits = _merits(fan, np.array(trials), np.array(upper), np.array(lower), width)
    best = trials[merits.index(max(merits))]
    grid = np.broadcast_to(best[:, None] if fan.upper else best, (len(upper), len(lower)))
    return tuple(tuple(float(t) for t in row) for row in grid)


def _clear(ends: Sequence[float], width: float) -> float:
    """Share of the way from one unit to units at ``ends`` after which the labels are apart."""
    if len(ends) < 2:
        return 0.0
    pitch = min(b - a for a, b in pairwise(ends))
    return (width + _GAP) / pitch


def _candidates(fan: Fan, height: float) -> list[tuple[float, float]]:
    """(first row's distance from the fan's units, step) of every layout tried."""
    near = max(fan.clear * height, _MARGIN + 2)
    far = max(height - _MARGIN - 2, near)
    room = far - near
    widest = room / (fan.rows - 1) if fan.rows > 1 else 0.0
    steps = np.linspace(min(ROW, widest), min(widest, 2.5 * ROW), _TRIALS) if widest else [0.0]
    return [
        (near + float(share) * (room - step * (fan.rows - 1)), float(step))
        for step in steps
        for share in np.linspace(0, 1, _TRIALS)
    ]


def _shares(fan: Fan, start: float, step: float, height: float) -> FloatArray:
    """The share t of each row, counted from the top; the first unit's row is the topmost."""
    distances = start + step * np.arange(fan.rows)
    shares = np.asarray(distances / height, dtype=np.float64)
    return shares if fan.upper else (1 - shares)[::-1]


def _merits(
    fan: Fan, trials: FloatArray, upper: FloatArray, lower: FloatArray, width: float
) -> list[tuple[float, float, float]]:
    """(least, mean) distance of a label from the edges of others, nearness to the middle.

    Of each of the ``trials``, (trials, rows). Distances beyond half a label count as half a label:
    more room makes nothing clearer.
    """
    edges = upper.size * lower.size
    shape = len(trials), upper.size, lower.size
    rows = trials[:, :, None] if fan.upper else trials[:, None, :]
    at = np.broadcast_to(rows, shape).reshape(len(trials), edges)
    some = max(1, _AT_ONCE // edges**2)
    parts = [_nearest(at[k : k + some], upper, lower) for k in range(0, len(trials), some)]
    nearest = np.minimum(np.concatenate(parts), width / 2 + 4)
    least, mean = np.round(nearest.min(axis=1)), np.round(nearest.mean(axis=1))
    middle = -np.abs(trials.mean(axis=1) - 0.5)
    return list(zip(least.tolist(), mean.tolist(), middle.tolist(), strict=True))


def _nearest(at: FloatArray, upper: FloatArray, lower: FloatArray) -> FloatArray:
    """How far the label of each edge is from the nearest other edge, for labels ``at`` (…, edges).

    The same shape; inf where there is no other edge.
    """
    starts, ends = np.repeat(upper, lower.size), np.tile(lower, upper.size)
    crossing = starts + at[..., None] * (ends - starts)
    own = np.arange(starts.size)
    distance = np.abs(crossing - crossing[..., own, own][..., None])
    distance[..., own, own] = np.inf
    nearest: FloatArray = distance.min(axis=-1)
    return nearest
