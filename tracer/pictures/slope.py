"""A function as a curve over one number, and its slope as the line that touches it.

The loss over one parameter, or an activation over its weighted sum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from tracer.numerals import show
from tracer.pictures.plot.geometry import Label, Picture, tidy
from tracer.pictures.plot.paths import Point, within
from tracer.pictures.plot.placing import VALUE, Ground, around, finite, told
from tracer.pictures.plot.plot import LARGE, SMALL, Plot, make_plot
from tracer.pictures.plot.scale import spread

if TYPE_CHECKING:
    from tracer.formula import FloatArray

Of = Literal["loss", "activation"]
_PAD = 0.12  # share of the range left free: labels stand above the curve
_WORDS = 5  # digits as wide as the template's words before the slope
_LIFTS = (30.0, 45.0, 60.0, 75.0)  # px above the curve: the lowest that covers nothing is taken


@dataclass(frozen=True, kw_only=True)
class SlopePicture(Picture):
    """The loss over the values of one parameter, whose ``symbol`` names the horizontal axis.

    ``mark`` is the parameter's own value with its loss, None where that is not finite;
    ``tangent`` the line through it with the slope, which is empty then. ``label`` keeps the place
    of the words that tell the slope. ``at``, ``loss`` and ``slope`` are texts. ``twin``:
    (value, loss) of a handful of values, ``at`` among them.
    """

    symbol: str
    plot: Plot
    path: str
    tangent: str
    mark: Point | None
    label: Label
    at: str
    loss: str
    slope: str
    of: Of
    twin: tuple[tuple[str, str], ...]

    @property
    def labels(self) -> tuple[Label, ...]:
        """Every text whose place was computed."""
        return (*self.plot.labels, self.label)


def slope_picture(
    values: FloatArray,
    losses: FloatArray,
    at: float,
    slope: float,
    symbol: str,
    *,
    decimals: int,
    small: bool = True,
    of: Of = "loss",
) -> SlopePicture:
    """The picture of ``losses`` (n,) over rising ``values`` (n,), and of the slope at ``at``.

    ``of`` says what the curve shows: the loss, or the values of an activation function.

    ``at`` should be one of the values; between two of them the loss is taken from the line that
    joins them. The curve is left out where the loss is nan or infinite.

    Raises:
        ValueError: values and losses are not two or more pairs, or the values fall somewhere.
    """
    xs, ys = np.ravel(values), np.ravel(losses)
    if xs.shape != ys.shape or xs.size < 2 or not (np.diff(xs) >= 0).all():
        raise ValueError(f"expected two or more rising values with a loss each, found {xs!r}")
    loss = float(np.interp(at, xs, ys))
    plot = make_plot(
        spread([*map(float, xs), at]),
        spread([*map(float, ys), loss], _PAD),
        SMALL if small else LARGE,
        x_name=symbol,
    )
    ys = np.where(np.isfinite(ys), ys, np.nan)
    curve = [(plot.x(x), plot.y.far(y)) for x, y in zip(xs, ys, strict=True)]
    tangent = _tangent(plot, at, loss, slope)
    mark = (plot.x(at), plot.y(loss)) if math.isfinite(loss) else None
    return SlopePicture(
        width=plot.size.width,
        height=tidy(plot.bottom),
        symbol=symbol,
        plot=plot,
        path=within(plot, curve),
        tangent=within(plot, tangent),
        mark=mark,
        label=_label(plot, (curve, tangent), mark, show(slope, decimals)),
        at=show(at, decimals),
        loss=show(loss, decimals),
        slope=show(slope, decimals),
        of=of,
        twin=_twin(xs, ys, at, loss, decimals),
    )


def _tangent(plot: Plot, at: float, loss: float, slope: float) -> list[Point]:
    """The line through (at, loss) with the slope, from the plot's left edge to its right."""
    ends = [(x, loss + slope * (x - at)) for x in (plot.x.low, plot.x.high)]
    if not all(math.isfinite(y) for _, y in ends):
        return []
    return [(plot.x.far(x), plot.y.far(y)) for x, y in ends]


def _label(plot: Plot, lines: Sequence[Sequence[Point]], mark: Point | None, slope: str) -> Label:
    """The place of the slope's words: near the mark, over as little of both lines as can be."""
    drawn = [finite(line) for line in lines]
    measure = "0" * _WORDS + slope
    x, y = mark or (plot.box.middle, plot.box.top)
    above = [Label(tidy(x), tidy(y - lift), measure, VALUE) for lift in _LIFTS]
    places = around(x, y, plot, measure, above)
    return replace(Ground(plot, drawn).best(places), text="")


def _twin(
    xs: FloatArray, ys: FloatArray, at: float, loss: float, decimals: int
) -> tuple[tuple[str, str], ...]:
    pairs = {(float(xs[k]), float(ys[k])) for k in told(xs.size)} | {(at, loss)}
    return tuple((show(x, decimals), show(y, decimals)) for x, y in sorted(pairs))
