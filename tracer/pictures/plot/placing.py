"""Where a label in a plot stands so that it covers nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tracer.pictures.plot.geometry import LEGIBLE, Anchor, Box, Label, tidy
from tracer.pictures.plot.paths import Point
from tracer.pictures.plot.plot import Plot

VALUE = LEGIBLE
"""Size of a value's text in a plot."""

_TOLD = 7  # rows of a table that says a curve in words: both ends, and five between
# px: beside the point, and once further left where a curve passes
_SIDES: tuple[tuple[float, Anchor], ...] = ((6.0, "start"), (-6.0, "end"), (-24.0, "end"))


@dataclass(frozen=True)
class Ground:
    """What labels must keep clear of: the edges of the plot and its curves, each by rising x."""

    plot: Plot
    curves: Sequence[Sequence[Point]]

    def best(self, candidates: Sequence[Label], others: Sequence[Label] = ()) -> Label:
        """The label that is inside the plot, over no other, and over the least of the curves."""
        troubles = [self._trouble(label, others) for label in candidates]
        least = min(troubles)
        nearest = [k for k, trouble in enumerate(troubles) if trouble == least]
        if len(nearest) == 1:
            return candidates[nearest[0]]
        return min((candidates[k] for k in nearest), key=self.covered)

    def clear(self, candidates: Sequence[Label], others: Sequence[Label] = ()) -> list[Label]:
        """The labels that are inside the plot and over no other."""
        return [label for label in candidates if not any(self._trouble(label, others))]

    def covered(self, label: Label) -> int:
        """How many pixels of curves lie below the label."""
        box = label.box.grown(1)
        return sum(line.covered(box) for line in self._lines)

    def _trouble(self, label: Label, others: Sequence[Label]) -> tuple[float, bool]:
        """(pixels outside of the plot, over another label)."""
        box = label.box
        return box.beyond(self.plot.box), any(box.overlaps(other.box, 2) for other in others)

    @cached_property
    def _lines(self) -> tuple[_Line, ...]:
        return tuple(_Line(curve) for curve in self.curves if curve)


class _Line:
    """A curve as arrays, and the box around it: most labels are far away from most curves."""

    def __init__(self, curve: Sequence[Point]) -> None:
        self.xs, self.ys = (np.array(axis) for axis in zip(*curve, strict=True))
        self.top, self.bottom = float(self.ys.min()), float(self.ys.max())

    def covered(self, box: Box) -> int:
        """How many pixels of the curve lie below the box."""
        if self.top >= box.bottom or self.bottom <= box.top:
            return 0
        at = np.arange(max(box.left, self.xs[0]), min(box.right, self.xs[-1]), 1.0)
        line = np.interp(at, self.xs, self.ys)
        return int(((line > box.top) & (line < box.bottom)).sum())


def beside(x: float, y: float, text: str, size: float = VALUE) -> list[Label]:
    """Labels around a point, the nearest first."""
    sides: list[tuple[float, float, Anchor]] = [
        (x + 7, y - 6, "start"),
        (x - 7, y - 6, "end"),
        (x, y - 9, "middle"),
        (x + 7, y + 15, "start"),
        (x - 7, y + 15, "end"),
        (x, y + 18, "middle"),
        (x + 9, y + 4, "start"),
        (x - 9, y + 4, "end"),
    ]
    sides += [(a, b + shift, c) for a, b, c in sides[:6] for shift in (-16.0, 16.0)]
    return [Label(tidy(a), tidy(b), text, size, anchor) for a, b, anchor in sides]


def along(x: float, plot: Plot, text: str, size: float = VALUE) -> list[Label]:
    """Labels on both sides of an upright line at ``x``, at several heights."""
    return [
        Label(tidy(x + side), tidy(float(y)), text, size, anchor)
        for y in np.linspace(plot.box.top + 14, plot.box.bottom - 8, 9)
        for side, anchor in _SIDES
    ]


def around(x: float, y: float, plot: Plot, text: str, also: Sequence[Label] = ()) -> list[Label]:
    """Labels around a point, those ``also`` wished for, and labels along the sides of the plot."""
    sides = (plot.box.left, plot.box.right)
    beyond = [label for side in sides for label in along(side, plot, text)]
    return [*beside(x, y, text), *also, *beyond]


def finite(curve: Sequence[Point]) -> list[Point]:
    """The points of a curve that stand somewhere."""
    return [point for point in curve if math.isfinite(point[1])]


def told(count: int) -> list[int]:
    """Which of ``count`` values stand in the table that says a curve in words."""
    return sorted({int(k) for k in np.linspace(0, count - 1, _TOLD)})
