"""Where a label in a plot stands so that it covers nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracer.pictures.plot.geometry import LEGIBLE, Anchor, Label, tidy
from tracer.pictures.plot.paths import Point
from tracer.pictures.plot.plot import Plot

VALUE = LEGIBLE
"""Size of a value's text in a plot."""

# px: beside the point, and once further left where a curve passes
_SIDES: tuple[tuple[float, Anchor], ...] = ((6.0, "start"), (-6.0, "end"), (-24.0, "end"))


@dataclass(frozen=True)
class Ground:
    """What labels must keep clear of: the edges of the plot and its curves, each by rising x."""

    plot: Plot
    curves: Sequence[Sequence[Point]]

    def best(self, candidates: Sequence[Label], others: Sequence[Label] = ()) -> Label:
        """The label that is inside the plot, over no other, and over the least of the curves."""
        return min(candidates, key=lambda label: self.trouble(label, others))

    def trouble(self, label: Label, others: Sequence[Label] = ()) -> tuple[float, bool, int]:
        """(pixels outside of the plot, over another label, pixels of curves below it)."""
        outside = label.box.beyond(self.plot.box)
        over = any(label.box.overlaps(other.box, 2) for other in others)
        return outside, over, sum(_covered(label, curve) for curve in self.curves if curve)


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


def _covered(label: Label, curve: Sequence[Point]) -> int:
    xs, ys = (np.array(axis) for axis in zip(*curve, strict=True))
    box = label.box.grown(1)
    at = np.arange(max(box.left, xs[0]), min(box.right, xs[-1]), 1.0)
    line = np.interp(at, xs, ys)
    return int(((line > box.top) & (line < box.bottom)).sum())
