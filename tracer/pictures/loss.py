"""The loss of every epoch as a curve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tracer.numerals import show
from tracer.pictures.plot.geometry import Label, Picture, tidy
from tracer.pictures.plot.paths import line_path
from tracer.pictures.plot.placing import Ground, along, beside
from tracer.pictures.plot.plot import Plot, Size, make_plot
from tracer.pictures.plot.ranges import value_range
from tracer.pictures.plot.scale import Tick, spans_decades, whole_ticks

if TYPE_CHECKING:
    from tracer.formula import FloatArray

MOST_POINTS = 600
"""Longer curves are thinned to about as many points; their lows and highs stay."""

_SIZE = Size(height=210.0)  # px: low enough that curve and table are seen together
_STOP_WORDS = 8  # digits as wide as the template's words before the number


@dataclass(frozen=True)
class Mark:
    """A marked point of the curve: its epoch from 1 and its value as text."""

    x: float
    y: float
    epoch: int
    label: Label


@dataclass(frozen=True)
class LossStop:
    """The first epoch without a finite loss, what stands there, and the place of its words."""

    x: float
    epoch: int
    text: str
    label: Label


@dataclass(frozen=True, kw_only=True)
class LossPicture(Picture):
    """The loss by epoch. ``path`` is empty where there is nothing to join; ``log``: log₁₀ axis.

    ``marks`` are the first and the last finite value, ``stop`` the epoch at which the loss
    became nan or infinite. ``twin``: (epoch, loss) of a handful of epochs, first and last too.
    """

    epochs: int
    plot: Plot
    path: str
    marks: tuple[Mark, ...]
    stop: LossStop | None
    log: bool
    twin: tuple[tuple[str, str], ...]

    @property
    def labels(self) -> tuple[Label, ...]:
        """Every text whose place was computed."""
        marks = tuple(mark.label for mark in self.marks)
        return (*self.plot.labels, *marks, *((self.stop.label,) if self.stop else ()))


def loss_picture(curve: FloatArray, *, decimals: int) -> LossPicture:
    """The picture of ``curve`` (epochs,), the loss of each epoch, from epoch 1 on.

    The vertical axis is logarithmic where all losses are positive and span more than three
    powers of ten. The curve ends before the first loss that is nan or infinite.

    Raises:
        ValueError: a curve without any epoch.
    """
    values = [float(value) for value in np.ravel(curve)]
    if not values:
        raise ValueError("expected the loss of at least one epoch, found none")
    end = next((k for k, value in enumerate(values) if not math.isfinite(value)), len(values))
    finite = values[:end]
    log = spans_decades(finite)
    plot = _plot(len(values), finite, log)
    kept = thin(finite)
    places = plot.x.places(np.array(kept) + 1.0), plot.y.places(np.array(finite)[kept])
    pixels = list(zip(*places, strict=True))
    ground = Ground(plot, (pixels,))
    marks = _marks(ground, finite, decimals)
    ended = end < len(values)
    stop = _stop(ground, end + 1, show(values[end], decimals), marks) if ended else None
    return LossPicture(
        width=_SIZE.width,
        height=tidy(plot.bottom),
        epochs=len(values),
        plot=plot,
        path=line_path(pixels) if len(pixels) > 1 else "",
        marks=marks,
        stop=stop,
        log=log,
        twin=_twin(values, decimals),
    )


def thin(values: Sequence[float] | FloatArray, most: int = MOST_POINTS) -> list[int]:
    """Indices of at most ``most`` values: of every stretch the lowest and the highest, and ends."""
    if len(values) <= most:
        return list(range(len(values)))
    array = np.asarray(values)
    cuts = np.linspace(0, len(values), most // 2, dtype=int)
    kept = {0, len(values) - 1}
    for start, stop in pairwise(cuts):
        piece = array[start:stop]
        kept |= {int(start + piece.argmin()), int(start + piece.argmax())}
    return sorted(kept)


def _plot(epochs: int, finite: Sequence[float], log: bool) -> Plot:
    def ticks(count: int) -> tuple[Tick, ...]:
        return whole_ticks(1, epochs, count)

    x_range = (1.0, float(epochs)) if epochs > 1 else (0.5, 1.5)
    return make_plot(x_range, value_range(finite, log), _SIZE, x_ticks=ticks, log=log)


def _marks(ground: Ground, finite: Sequence[float], decimals: int) -> tuple[Mark, ...]:
    """The first and the last value, each with its text where it covers the curve least."""
    marks: list[Mark] = []
    for epoch in sorted({1, len(finite)}) if finite else ():
        x, y = ground.plot.x(epoch), ground.plot.y(finite[epoch - 1])
        candidates = beside(x, y, show(finite[epoch - 1], decimals))
        label = ground.best(candidates, [mark.label for mark in marks])
        marks.append(Mark(x, y, epoch, label))
    return tuple(marks)


def _stop(ground: Ground, epoch: int, text: str, marks: Sequence[Mark]) -> LossStop:
    """The line at the first epoch without a loss; its words stand where nothing else does."""
    x = ground.plot.x(epoch)
    measure = "0" * (_STOP_WORDS + len(str(epoch)) + len(text))
    others = [mark.label for mark in marks]
    label = ground.best(along(x, ground.plot, measure), others)
    return LossStop(x, epoch, text, replace(label, text=""))


def _twin(values: Sequence[float], decimals: int) -> tuple[tuple[str, str], ...]:
    epochs = [int(tick.value) for tick in whole_ticks(1, len(values), 8)]
    return tuple((str(n), show(values[n - 1], decimals)) for n in epochs)
