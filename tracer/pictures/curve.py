"""One input as a plot of the target, with ŷ as a curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tracer.formula import FloatArray
from tracer.numerals import show
from tracer.pictures.categories import (
    category_keys,
    category_names,
    category_of,
    positive_class,
    row_text,
)
from tracer.pictures.data_model import Curve, DataParts, DataPicture, View, put_together
from tracer.pictures.plot.geometry import clean
from tracer.pictures.plot.paths import within
from tracer.pictures.plot.plot import Plot, Range, Size, Wish, make_plot
from tracer.pictures.plot.points import COLOURS, RowSpot, mark_rows
from tracer.pictures.plot.scale import spread
from tracer.pictures.sample import drawn_rows
from tracer.pictures.scatter import PAD

if TYPE_CHECKING:
    from tracer.experiment.dataset import Dataset
    from tracer.trace import Trace

_SAMPLES = 241  # more than two to three px of a plot 350 wide: no corner is seen


def curve_picture(trace: Trace, view: View, size: Size, values: Range | None) -> DataPicture:
    """The rows of one input against their targets, and if asked for ŷ as a curve."""
    dataset = trace.experiment.dataset
    x_range = spread(map(float, trace.x[:, 0]), PAD)
    at = np.linspace(*x_range, _SAMPLES)
    y_hat = _y_hat(trace, at, view.update) if view.boundary else None
    drawn = [] if y_hat is None else [float(value) for value in y_hat.ravel()]
    plot = make_plot(
        x_range,
        spread(values or [*map(float, trace.y.ravel()), *drawn], PAD),
        size,
        x_name=clean(dataset.story.titled(dataset.input_names[0])),
        y_name=_value_name(dataset),
    )
    classes = category_names(dataset) if dataset.task in ("binary", "multiclass") else ()
    outputs = dataset.output_names if len(dataset.output_names) > 1 else ()
    names = classes or tuple(clean(name) for name in outputs)
    shown = [] if y_hat is None else [Wish("curve", "ŷ")]
    return put_together(
        trace,
        DataParts(
            kind="curve",
            plot=plot,
            markers=mark_rows(_spots(trace, classes), plot),
            wishes=[*category_keys(names, dataset), *shown],
            categories=names,
            curves=() if y_hat is None else _curves(plot, at, y_hat),
            asked=view.boundary,
            answers=() if y_hat is None else _answers(trace, view),
        ),
    )


def _answers(trace: Trace, view: View) -> tuple[str, ...]:
    """The height of the curve at each row."""
    rows = list(drawn_rows(trace.experiment.dataset))
    y_hat = trace.forward(trace.x[rows], view.update)[1][-1]
    return tuple(", ".join(show(float(v), view.decimals) for v in row) for row in y_hat)


def _y_hat(trace: Trace, at: FloatArray, update: int) -> FloatArray | None:
    with np.errstate(all="ignore"):
        y_hat = trace.forward(at[:, None], update)[1][-1]
    return y_hat if np.isfinite(y_hat).all() else None


def _curves(plot: Plot, at: FloatArray, y_hat: FloatArray) -> tuple[Curve, ...]:
    many = y_hat.shape[1] > 1
    xs = [plot.x(float(value)) for value in at]
    heights = [map(plot.y.far, map(float, ys)) for ys in y_hat.T]
    paths = [within(plot, list(zip(xs, ys, strict=True))) for ys in heights]
    styles = [k % COLOURS + 1 if many else 0 for k in range(len(paths))]
    return tuple(Curve(path, style) for path, style in zip(paths, styles, strict=True) if path)


def _spots(trace: Trace, classes: tuple[str, ...]) -> list[RowSpot]:
    """One mark a row and output; of classes only the row's own, at its encoded value."""
    dataset = trace.experiment.dataset
    train = set(dataset.train)
    spots = []
    for row in drawn_rows(dataset):
        own = category_of(dataset, row, classes)
        for k, value in enumerate(map(float, trace.y[row])):
            if dataset.task == "multiclass" and k != own:
                continue
            category = own if classes else k
            x = float(trace.x[row, 0])
            spots.append(RowSpot(row + 1, x, value, category, row in train, row_text(dataset, row)))
    return spots


def _value_name(dataset: Dataset) -> str:
    """What the vertical axis measures."""
    if dataset.task == "binary":
        return f"P({positive_class(dataset)})"
    return (
        clean(dataset.story.titled(dataset.output_names[0]))
        if len(dataset.output_names) == 1
        else "ŷ"
    )
