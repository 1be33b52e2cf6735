"""Predicted against actual values: the picture of a regression with many inputs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracer.numerals import exact_numeral, show
from tracer.pictures.categories import category_keys
from tracer.pictures.plot.geometry import Label, Picture, clean
from tracer.pictures.plot.paths import line_path
from tracer.pictures.plot.plot import LARGE, SMALL, Key, Plot, Range, Wish, legend, make_plot
from tracer.pictures.plot.points import Marker, RowSpot, mark_rows, number_rows
from tracer.pictures.plot.scale import spread
from tracer.pictures.sample import Drawn, drawn_rows

if TYPE_CHECKING:
    from tracer.formula import FloatArray
    from tracer.trace import Trace

_PAD = 0.06  # share of the range left free: a point at the edge is drawn whole
_WORD = 88.0  # px of the template's words in the legend, in its letters


@dataclass(frozen=True, kw_only=True)
class AgreementPicture(Picture):
    """Each row at (actual, predicted); ``diagonal`` is where both are equal.

    Of a large table a part is ``drawn``.

    ``missing`` are the rows whose prediction is nan or infinite, ``beyond`` those whose prediction
    lies outside the axis. ``twin``: (row, output, actual,
    predicted).
    """

    outputs: tuple[str, ...]
    plot: Plot
    diagonal: str
    markers: tuple[Marker, ...]
    numbers: tuple[Label, ...]
    keys: tuple[Key, ...]
    drawn: Drawn
    missing: tuple[int, ...]
    beyond: tuple[int, ...]
    twin: tuple[tuple[str, ...], ...]

    @property
    def labels(self) -> tuple[Label, ...]:
        """Every text whose place was computed."""
        return (*self.plot.labels, *self.numbers, *(key.label for key in self.keys))


def agreement_picture(
    trace: Trace,
    *,
    decimals: int,
    update: int = -1,
    small: bool = False,
    values: Range | None = None,
) -> AgreementPicture | None:
    """Predicted against actual of every row and output; None where the task is no regression.

    The parameters are those before ``update`` (−1: the final ones). A ``small`` picture is one of
    several; ``values`` are then the targets and predictions between which all have their axes.
    """
    dataset = trace.experiment.dataset
    if dataset.task != "regression":
        return None
    with np.errstate(all="ignore"):
        y_hat = trace.forward(trace.x, update)[1][-1]
    both = spread(values or map(float, [*trace.y.ravel(), *y_hat.ravel()]), _PAD)
    plot = make_plot(both, both, SMALL if small else LARGE)
    outputs = tuple(clean(name) for name in dataset.output_names)
    markers = mark_rows(_spots(trace, y_hat, decimals), plot)
    wishes = category_keys(outputs if len(outputs) > 1 else (), dataset)
    drawn = Drawn.from_table(dataset)
    wishes += [Wish("diagonal", width=_WORD), *drawn.wishes]
    keys, bottom = ((), plot.bottom) if small else legend(wishes, plot)
    return AgreementPicture(
        width=plot.size.width,
        height=bottom + 2,
        outputs=outputs,
        plot=plot,
        diagonal=line_path([(plot.x(value), plot.y(value)) for value in both]),
        markers=markers,
        numbers=() if small else number_rows(markers, plot.box),
        keys=keys,
        drawn=drawn,
        missing=tuple(int(n) + 1 for n in np.flatnonzero(~np.isfinite(y_hat).all(axis=1))),
        beyond=tuple(sorted({row for m in markers if m.beyond for row in m.rows})),
        twin=_twin(trace, y_hat, decimals),
    )


def _spots(trace: Trace, y_hat: FloatArray, decimals: int) -> list[RowSpot]:
    train = set(trace.experiment.dataset.train)
    return [
        RowSpot(row + 1, actual, predicted, k, row in train, _pair(actual, predicted, decimals))
        for row in drawn_rows(trace.experiment.dataset)
        for k, (actual, predicted) in enumerate(
            zip(map(float, trace.y[row]), map(float, y_hat[row]), strict=True)
        )
        if math.isfinite(predicted)
    ]


def _pair(actual: float, predicted: float, decimals: int) -> str:
    return f"y = {exact_numeral(actual).text}, ŷ = {show(predicted, decimals)}"


def _twin(trace: Trace, y_hat: FloatArray, decimals: int) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            str(row + 1),
            clean(name),
            exact_numeral(float(trace.y[row, k])).text,
            show(float(y_hat[row, k]), decimals),
        )
        for row in drawn_rows(trace.experiment.dataset)
        for k, name in enumerate(trace.experiment.dataset.output_names)
    )
