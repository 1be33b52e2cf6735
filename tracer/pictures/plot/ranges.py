"""From where to where an axis of values runs."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

import numpy as np

from tracer.formula import FloatArray
from tracer.pictures.plot.plot import Range
from tracer.pictures.plot.scale import spans_decades, spread

_PAD = 0.06  # share of the range left free: a point at the edge is drawn whole
_ROOM = 1.5  # a factor: on a logarithmic scale, what a pad is on an even one
# three times the level still shows how the others move; one that leaves is drawn up to ten times
_NEAR, _DECADE, _HEADROOM = 3.0, 10.0, 1.25
# a run that grew a thousandfold would press the others flat: tenfold is shown
_FAR, _WIDE = 1000.0, 10.0


def value_range(values: Sequence[float], log: bool) -> Range:
    """The axis of finite ``values``, a little wider; from 0 on where that wastes little room."""
    if log:
        low, high = min(values), max(values)
        return max(low / _ROOM, 5e-324), min(high * _ROOM, sys.float_info.max)
    low, high = spread([*values, *([0.0] if _near_zero(values) else [])], _PAD)
    return (0.0, high) if values and min(values) >= 0 > low else (low, high)


def near_losses(curves: Sequence[FloatArray], *, comparable: bool = True) -> list[float]:
    """The losses or errors that are shown: up to a few times what the best curve starts from.

    Up to ten times more where they span decades, which costs a logarithmic axis little. Some room
    is left above them where a curve leaves the plot. Curves that are not ``comparable``, as those
    of other rows, are all seen at their start.
    """
    starts = [] if comparable else [float(curve[0]) for curve in curves]
    highest = max(_highest(curves), *starts, 0.0)
    values = np.concatenate(curves)
    near = values[values <= highest].tolist()
    if spans_decades(near):
        return [float(v) for v in values[values <= _DECADE * highest]]
    if len(near) == values.size:
        return list(near)
    all_leave = all(curve.max() > highest for curve in curves)
    return [*near, *([0.0, highest] if all_leave else [_HEADROOM * max(near)])]


def near_parameters(curves: Sequence[FloatArray]) -> list[float]:
    """The parameters that are shown: up to a few times the first ones, where one runs away."""
    first = max(1.0, *(abs(float(curve[0])) for curve in curves))
    sizes = np.abs(values := np.concatenate(curves))
    far = float(sizes.max()) > _FAR * first
    return [float(v) for v in (values[sizes <= _WIDE * first] if far else values)]


def _highest(curves: Sequence[FloatArray]) -> float:
    """A few times the first value of the curve that ends lowest, or its largest if it came down."""
    best = min(curves, key=lambda curve: float(curve[-1]))
    level = float(best.max() if best[-1] <= best[0] else best[0])
    return _NEAR * level if level > 0 else math.inf


def _near_zero(values: Sequence[float]) -> bool:
    """Whether an axis from 0 wastes no more than about half of the plot."""
    return bool(values) and 0 <= min(values) <= 0.5 * max(values)
