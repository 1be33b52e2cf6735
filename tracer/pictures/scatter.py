"""Two inputs as a scatter plot, with the regions of the classes or the levels of ŷ."""

from __future__ import annotations

from bisect import bisect
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tracer.pictures.categories import (
    answer_words,
    category_keys,
    category_names,
    category_of,
    row_text,
)
from tracer.pictures.data_model import Curve, DataParts, DataPicture, View, put_together
from tracer.pictures.plot.geometry import clean
from tracer.pictures.plot.plot import Plot, Range, Size, Wish, make_plot
from tracer.pictures.plot.points import COLOURS, Marker, RowSpot, mark_rows
from tracer.pictures.plot.scale import Tick, nice_ticks, spread
from tracer.pictures.regions import (
    Area,
    Field,
    answers,
    decision_areas,
    decision_lines,
    level_areas,
    level_style,
)
from tracer.pictures.sample import drawn_rows

if TYPE_CHECKING:
    from tracer.experiment.dataset import Dataset
    from tracer.trace import Trace

PAD = 0.09
"""Share of the data's range that is left free around it."""

_BOUNDARY = 60.0  # px of the template's word in the legend
_grounds: WeakKeyDictionary[Trace, dict[Any, Any]] = WeakKeyDictionary()


def scatter_picture(trace: Trace, view: View, size: Size, values: Range | None) -> DataPicture:
    """The rows of two inputs, and if asked for what the network answers between them."""
    dataset = trace.experiment.dataset
    names = category_names(dataset)
    plot = _plot(trace, size)
    field = answers(trace, plot, view.update, scores=bool(names)) if view.boundary else None
    levels = () if names else nice_ticks(*(values or _values(trace, field)), 5)
    curves = _boundaries(dataset, field) if field and names else ()
    return put_together(
        trace,
        DataParts(
            kind="scatter",
            plot=plot,
            markers=_markers(trace, plot, names, levels),
            wishes=[*category_keys(names, dataset), *_boundary_keys(dataset, curves)],
            categories=names,
            areas=_areas(dataset, field, levels),
            curves=curves,
            levels=levels,
            asked=view.boundary,
            answers=_answers(trace, view) if field else (),
        ),
    )


def _plot(trace: Trace, size: Size) -> Plot:
    """The axes, which all pictures of a run share that are so large."""
    known = _grounds.setdefault(trace, {})
    if size not in known:
        dataset = trace.experiment.dataset
        x_name, y_name = (clean(dataset.story.titled(name)) for name in dataset.input_names)
        x_range, y_range = (spread(map(float, column), PAD) for column in trace.x.T)
        known[size] = make_plot(x_range, y_range, size, x_name=x_name, y_name=y_name)
    found: Plot = known[size]
    return found


def _markers(
    trace: Trace, plot: Plot, names: tuple[str, ...], levels: tuple[Tick, ...]
) -> tuple[Marker, ...]:
    """The marks of the rows, which they share too."""
    known = _grounds.setdefault(trace, {})
    key = plot.size, names, levels
    if key not in known:
        known[key] = mark_rows(_spots(trace, names, levels), plot)
    found: tuple[Marker, ...] = known[key]
    return found


def _spots(trace: Trace, names: tuple[str, ...], levels: tuple[Tick, ...]) -> list[RowSpot]:
    dataset = trace.experiment.dataset
    train = set(dataset.train)
    return [
        RowSpot(
            row + 1,
            float(trace.x[row, 0]),
            float(trace.x[row, 1]),
            category_of(dataset, row, names),
            row in train,
            row_text(dataset, row),
            0 if names else _level_of(float(trace.y[row, 0]), levels),
        )
        for row in drawn_rows(dataset)
    ]


def _answers(trace: Trace, view: View) -> tuple[str, ...]:
    """What the network says of each row; of several outputs of a regression the one in colour."""
    dataset = trace.experiment.dataset
    seen = 1 if dataset.task == "regression" else len(dataset.output_names)
    y_hat = trace.forward(trace.x[list(drawn_rows(dataset))], view.update)[1][-1]
    return tuple(answer_words(dataset, row[:seen], view.decimals) for row in y_hat)


def _areas(dataset: Dataset, field: Field | None, levels: tuple[Tick, ...]) -> tuple[Area, ...]:
    if field is None or dataset.task == "multilabel":
        return ()
    if levels:
        return level_areas(field, [tick.value for tick in levels])
    return decision_areas(field)


def _boundaries(dataset: Dataset, field: Field) -> tuple[Curve, ...]:
    lines = decision_lines(field, dataset.task == "multiclass")
    own = len(lines) > 1
    return tuple(
        Curve(path, k % COLOURS + 1 if own else 0)
        for k, paths in enumerate(lines)
        for path in paths
    )


def _boundary_keys(dataset: Dataset, curves: tuple[Curve, ...]) -> list[Wish]:
    styles = sorted({curve.style for curve in curves})
    if styles == [0]:
        return [Wish("boundary", width=_BOUNDARY)]
    return [Wish("line", f"{clean(dataset.output_names[s - 1])} = 0.5", s) for s in styles]


def _values(trace: Trace, field: Field | None) -> Range:
    """The values of regression that are shown in colour."""
    drawn = map(float, field.values[0].ravel()) if field else ()
    return spread([*map(float, trace.y[:, 0]), *drawn])


def _level_of(value: float, levels: tuple[Tick, ...]) -> int:
    return level_style(bisect([tick.value for tick in levels], value), len(levels))
