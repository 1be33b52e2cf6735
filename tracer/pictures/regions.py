"""What the network answers everywhere in the plane: regions, boundary lines, levels of ŷ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from tracer.catalog.activations import ACTIVATIONS
from tracer.formula import FloatArray
from tracer.pictures.plot.paths import written_points
from tracer.pictures.plot.plot import Plot

if TYPE_CHECKING:
    from contourpy import SerialContourGenerator

    from tracer.trace import Trace

_STRAIGHT = 0.08  # px beside the straight line: less than coordinates are rounded to


@dataclass(frozen=True)
class Area:
    """A filled area: its path, and the class or level from 1 that colours it."""

    path: str
    style: int


@dataclass(frozen=True)
class Field:
    """Functions of the plane on a grid of pixels: ``values`` (rows of y, columns of x)."""

    x: FloatArray
    y: FloatArray
    values: tuple[FloatArray, ...]


def answers(trace: Trace, plot: Plot, update: int, *, scores: bool) -> Field | None:
    """Every output over the plot, or None where one of them is nan or infinite.

    ``scores``: of probabilities and shares the weighted sums instead, which are 0 (or equal)
    exactly where the decision changes, and do not lose digits far from there; of others ŷ − ½.
    """
    with np.errstate(all="ignore"):
        points = plot.size.cells + 1
        first = np.linspace(plot.x.low, plot.x.high, points)
        second = np.linspace(plot.y.low, plot.y.high, points)
        grid = np.stack(np.meshgrid(first, second), axis=-1).reshape(-1, 2)
        z, a = trace.forward(grid, update)
        outputs = _scores(trace, z[-1], a[-1]) if scores else a[-1]
    if not (np.isfinite(outputs).all() and np.isfinite(a[-1]).all()):
        return None
    shape = (second.size, first.size)
    across, down = (np.linspace(s.start, s.stop, points) for s in (plot.x, plot.y))
    return Field(across, down, tuple(column.reshape(shape) for column in outputs.T))


def decision_areas(field: Field) -> tuple[Area, ...]:
    """Where each class wins: of one output by its sign, of several by the largest."""
    if len(field.values) == 1:
        wins = [-field.values[0], field.values[0]]
    else:
        wins = [_lead(field.values, k) for k in range(len(field.values))]
    areas = [Area(_filled(field, lead, 0.0, math.inf), k + 1) for k, lead in enumerate(wins)]
    return tuple(area for area in areas if area.path)


def decision_lines(field: Field, exclusive: bool) -> tuple[tuple[str, ...], ...]:
    """The paths of each output's boundary; of classes that exclude each other all in one."""
    if exclusive and len(field.values) > 1:
        leads = [_lead(field.values, k) for k in range(len(field.values))]
        return (tuple(path for lead in leads for path in _lines(field, lead)),)
    return tuple(_lines(field, values) for values in field.values)


def level_areas(field: Field, levels: Sequence[float]) -> tuple[Area, ...]:
    """The first output between neighbouring levels, below the first and above the last."""
    edges = [-math.inf, *levels, math.inf]
    areas = [
        Area(_filled(field, field.values[0], low, high), level_style(k, len(levels)))
        for k, (low, high) in enumerate(pairwise(edges))
    ]
    return tuple(area for area in areas if area.path)


def level_style(band: int, levels: int, styles: int = 8) -> int:
    """The style from 1 of band 0 … ``levels``, spread over all styles."""
    return 1 + round(band * (styles - 1) / max(levels, 1))


def _scores(trace: Trace, z: FloatArray, a: FloatArray) -> FloatArray:
    entry = ACTIVATIONS[trace.experiment.layers[-1].activation]
    scores = z if entry.gives else a if a.shape[1] > 1 and _exclusive(trace) else a - 0.5
    largest = float(np.abs(scores).max(initial=0.0))
    return np.asarray(scores / largest if 1e100 < largest < math.inf else scores)


def _exclusive(trace: Trace) -> bool:
    return trace.experiment.dataset.task == "multiclass"


def _lead(values: Sequence[FloatArray], k: int) -> FloatArray:
    """By how much output k is larger than the largest of the others."""
    others = np.stack([v for j, v in enumerate(values) if j != k])
    return np.asarray(values[k] - others.max(axis=0))


def _filled(field: Field, values: FloatArray, low: float, high: float) -> str:
    found = _contours(field, values).filled(low, high)
    points, offsets = cast("tuple[list[FloatArray], list[npt.NDArray[np.uint32]]]", found)
    rings = [
        polygon[start:stop]
        for polygon, cuts in zip(points, offsets, strict=True)
        for start, stop in pairwise(cuts)
    ]
    return "".join(path + "Z" for path in map(_path, rings) if path)


def _contours(field: Field, values: FloatArray) -> SerialContourGenerator:
    """What finds contours; made by hand, as contourpy's own way imports masked arrays."""
    from contourpy import FillType, LineType, SerialContourGenerator, ZInterp

    return SerialContourGenerator(
        *np.meshgrid(field.x, field.y),
        np.asarray(values, dtype=np.float64),
        np.zeros((), dtype=np.bool_),  # without dimensions: nothing is masked
        corner_mask=True,
        line_type=LineType.Separate,
        fill_type=FillType.OuterOffset,
        quad_as_tri=False,
        z_interp=ZInterp.Linear,
    )


def _lines(field: Field, values: FloatArray) -> tuple[str, ...]:
    lines = cast("list[FloatArray]", _contours(field, values).lines(0.0))
    return tuple(path for path in map(_path, lines) if path)


def _path(points: FloatArray) -> str:
    """A path along the points that are not on a straight line between their neighbours."""
    kept: list[tuple[float, float]] = []
    for cx, cy in points.tolist():  # thousands, of which half are on a line
        while len(kept) >= 2:
            (ax, ay), (bx, by) = kept[-2], kept[-1]
            along_x, along_y, x, y = cx - ax, cy - ay, bx - ax, by - ay
            length = math.hypot(along_x, along_y)
            if length < 1e-9 or not abs(x * along_y - y * along_x) / length < _STRAIGHT:
                break
            if not 0 <= x * along_x + y * along_y <= length * length:
                break
            kept.pop()
        kept.append((cx, cy))
    if len(kept) < 2:
        return ""
    return "M" + "L".join(written_points(kept))
