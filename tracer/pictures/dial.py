"""A loss as a curve over one number, with a few of its places marked to be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from tracer.numerals import show
from tracer.pictures.plot.geometry import Label, Picture, tidy
from tracer.pictures.plot.paths import Point, within
from tracer.pictures.plot.placing import Ground, around, finite, told
from tracer.pictures.plot.plot import Plot, Size, make_plot
from tracer.pictures.plot.scale import spread

if TYPE_CHECKING:
    from tracer.formula import FloatArray

Over = Literal["weight", "share", "miss"]
_SIZE = Size(height=190.0)  # px: low enough that the sentence about it is seen together with it
_PAD = 0.14  # share of the range left free: labels stand above the curve
_WORDS = 4  # digits as wide as the template's words before a loss


@dataclass(frozen=True)
class Mark:
    """A marked place: where it is drawn, the number and its loss as texts, the place of words."""

    x: float
    y: float
    at: str
    loss: str
    label: Label


@dataclass(frozen=True, kw_only=True)
class DialPicture(Picture):
    """A loss ``over`` a weight, the share of the right answer, or a miss; ``marks`` on the curve.

    ``twin``: (number, loss) of a handful of places.
    """

    over: Over
    plot: Plot
    path: str
    marks: tuple[Mark, ...]
    twin: tuple[tuple[str, str], ...]

    @property
    def labels(self) -> tuple[Label, ...]:
        """Every text whose place was computed."""
        return (*self.plot.labels, *(mark.label for mark in self.marks))


def dial_picture(
    values: FloatArray,
    losses: FloatArray,
    marks: Sequence[tuple[float, float]],
    over: Over,
    *,
    decimals: int,
) -> DialPicture | None:
    """The picture of ``losses`` (n,) over rising ``values`` (n,), with (number, loss) ``marks``.

    None where a mark or more than a few values are not finite.
    """
    kept = np.isfinite(losses)
    if kept.sum() < 2 or not np.isfinite(np.array(marks)).all():
        return None
    xs, ys = values[kept], losses[kept]
    places = [float(x) for x, _ in marks]
    plot = make_plot(
        spread([*map(float, xs), *places]),
        spread([*map(float, ys), *(float(y) for _, y in marks)], _PAD),
        _SIZE,
    )
    curve = list(zip(plot.x.places(xs), plot.y.far_places(ys), strict=True))
    return DialPicture(
        width=plot.size.width,
        height=tidy(plot.bottom),
        over=over,
        plot=plot,
        path=within(plot, curve),
        marks=tuple(_marks(plot, curve, marks, decimals)),
        twin=tuple(_row(xs, ys, k, decimals) for k in told(xs.size)),
    )


def _row(xs: FloatArray, ys: FloatArray, k: int, decimals: int) -> tuple[str, str]:
    return show(float(xs[k]), decimals), show(float(ys[k]), decimals)


def _marks(
    plot: Plot, curve: list[Point], marks: Sequence[tuple[float, float]], decimals: int
) -> list[Mark]:
    """The marks, each with its words where they cover least of the curve and of the others."""
    drawn = finite(curve)
    placed: list[Label] = []
    found: list[Mark] = []
    for at, loss in marks:
        x, y, text = tidy(plot.x(at)), tidy(plot.y(loss)), show(loss, decimals)
        wishes = around(x, y, plot, "0" * _WORDS + text)
        placed.append(Ground(plot, [drawn]).best(wishes, placed))
        found.append(Mark(x, y, show(at, decimals), text, replace(placed[-1], text="")))
    return found
