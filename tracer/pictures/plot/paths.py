"""Lines as SVG paths, cut where they leave the plot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain, groupby, pairwise

from tracer.pictures.plot.geometry import tidy
from tracer.pictures.plot.plot import Plot

Point = tuple[float, float]
_SHORT = 99_999.0
"""Numbers below it are written with one digit at once, as the six digits of ``g`` have room."""


def line_path(points: Sequence[Point]) -> str:
    """An SVG path along pixels, without points that repeat the one before."""
    steps = written_points(points)
    return "M" + "L".join([key for key, _ in groupby(steps)]) if steps else ""


def written_points(points: Sequence[Point]) -> list[str]:
    """Points as a path says them: each number as ``tidy`` rounds it, in its shortest text."""
    flat = list(chain.from_iterable(points))
    if not flat:
        return []
    if min(flat) > -_SHORT and max(flat) < _SHORT and math.isfinite(sum(flat)):
        text = ("%.1f %.1f\n" * len(points)) % tuple(flat)
        return text.replace("-0.0", "0").replace(".0", "").splitlines()
    return [f"{tidy(x):g} {tidy(y):g}" for x, y in points]


def within(plot: Plot, points: Sequence[Point]) -> str:
    """The path along pixels as far as it runs between the plot's top and bottom; nan is a gap."""
    return "".join(map(line_path, _pieces(points, plot.box.top, plot.box.bottom)))


def _pieces(points: Sequence[Point], top: float, bottom: float) -> list[list[Point]]:
    """The parts of the line through ``points`` with top ≤ y ≤ bottom."""
    pieces: list[list[Point]] = []
    joined = False
    for a, b in pairwise(points):
        if joined and top <= a[1] <= bottom and top <= b[1] <= bottom:
            pieces[-1].append((a[0] + (b[0] - a[0]), a[1] + (b[1] - a[1])))
            continue  # most of a curve
        first, last = _inside(a[1], b[1], top, bottom)
        if first <= last:
            if not joined:
                pieces.append([_between(a, b, first)])
            pieces[-1].append(_between(a, b, last))
        joined = first <= last == 1
    return pieces


def _inside(start: float, stop: float, top: float, bottom: float) -> tuple[float, float]:
    """From which to which share of the way from start to stop it is inside; (1, 0) if never."""
    if not (math.isfinite(start) and math.isfinite(stop)):
        return 1.0, 0.0
    if start == stop:
        return (0.0, 1.0) if top <= start <= bottom else (1.0, 0.0)
    first, last = sorted((edge - start) / (stop - start) for edge in (top, bottom))
    return max(first, 0.0), min(last, 1.0)


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
