"""From where to where an axis of values runs."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

import numpy as np

from tracer.formula import FloatArray
from tracer.pictures.plot import Range
from tracer.pictures.scale import spread

_PAD = 0.06
_ROOM = 1.5
_NEAR = 3.0
_FAR, _WIDE = 1000.0, 10.0


def value_range(values: Sequence[float], log: bool) -> Range:
    """The axis of finite ``values``, a little wider; from 0 on where that wastes little room."""
    if log:
        low, high = min(values), max(values)
        return max(low / _ROOM, 5e-324), min(high * _ROOM, sys.float_info.max)
    low, high = spread([*values, *([0.0] if _near_zero(values) else [])], _PAD)
    return (0.0, high) if values and min(values) >= 0 > low else (low, high)


def highest_loss(curves: Sequence[FloatArray]) -> float:
    """Up to which loss or error the curves are shown: a few times what the best one starts from.

    The best one ends lowest. That it was once higher than at its start counts if it came down.
    """
    best = min(curves, key=lambda curve: float(curve[-1]))
    level = float(best.max() if best[-1] <= best[0] else best[0])
    return _NEAR * level if level > 0 else math.inf


def farthest_parameter(curves: Sequence[FloatArray]) -> float:
    """Up to which size parameters are shown: a few times their first, where one runs away."""
    first = max(1.0, *(abs(float(curve[0])) for curve in curves))
    largest = max(float(np.abs(curve).max()) for curve in curves)
    return _WIDE * first if largest > _FAR * first else math.inf


def _near_zero(values: Sequence[float]) -> bool:
    """Whether an axis from 0 wastes no more than about half of the plot."""
    return bool(values) and 0 <= min(values) <= 0.5 * max(values)
