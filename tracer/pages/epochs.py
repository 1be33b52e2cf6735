"""The page of epochs: the loss, the right answers and the parameters as they change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from tracer.catalog.schedules import SCHEDULES
from tracer.conditions import ascending
from tracer.explain.written import written_units
from tracer.formula import FloatArray
from tracer.notation import Number
from tracer.numerals import exact_numeral
from tracer.pages.desk import Desk, desk_of
from tracer.pages.introduction import nonfinite
from tracer.pages.shown import Shown, listed
from tracer.pages.table import Built
from tracer.pages.walk import Walk
from tracer.pictures import Series, SeriesKind, loss_picture, panels, series_picture
from tracer.refs import Ref, Visit, WholeEpoch
from tracer.trace import Cycle, IntArray, Trace
from tracer.typeset import Operand

FIRST_EPOCHS, STEPS_A_DECADE = 5, (1, 2, 5)
"""A run changes most at its start, and later by factors: the first epochs one by one, then three to
each power of ten."""
AT_A_TIME = 2**23
"""Numbers of forward passes that are held at a time, and as many before the activations: 128 MB."""
MOST_SAMPLES, MOST_PANELS = 240, 6
"""A plot of 350 px shows no bend between 240 points. Six small plots fill two rows at 1280 px."""


def epochs(walk: Walk) -> Built:
    """One page for the whole run."""
    yield walk.slug("epochs"), epochs_context(walk)


def epochs_context(walk: Walk) -> Mapping[str, Any]:
    """What its template is given."""
    trace = walk.trace
    shown = milestones(trace.epochs)
    decades = [n for n in shown if set(str(n)[1:]) <= {"0"} and str(n)[0] == "1"]
    travelled = sorted({*decades, trace.epochs})
    training = trace.experiment.training
    stop = training.plateau
    return {
        "picture": loss_picture(trace.loss_curve, decimals=trace.experiment.pages.decimals),
        "rows": _epoch_rows(walk, shown),
        "travelled": travelled,
        "tolerance": _exact(None if stop is None else stop.tolerance),
        "first": float(trace.loss_curve[0]),
        "last": float(trace.loss_curve[-1]),
        "best": _best(trace.loss_curve),
        "travel": _travel(walk, [int(trace.epoch_ends[n]) for n in travelled]),
        "nonfinite": nonfinite(walk),
        "stopped": trace.epochs < training.epochs,
        "schedule": SCHEDULES[training.schedule],
        "last_rate": float(trace.learning_rate[-1]),
        "least": _exact(training.schedule_options.get("least")),
        "compared": compared(trace),
        "three": _three(walk),
        "listed": listed(trace.experiment.dataset.train, walk.shown),
        **_pictures(walk),
    }


def _exact(value: float | None) -> str:
    return "" if value is None else exact_numeral(value).text


@dataclass(frozen=True)
class EpochRow:
    """One epoch: its loss, and how good the answers were after it for training and test rows."""

    epoch: int
    loss: Number
    scores: tuple[float, ...]


def _epoch_rows(walk: Walk, shown: Sequence[int]) -> list[EpochRow]:
    data, at = walk.trace.experiment.dataset, np.array(shown, dtype=np.int64)
    parts = [scores(walk.trace, rows, at) for rows in (data.train, data.test) if rows]
    values = zip(*parts, strict=True)
    return [
        EpochRow(epoch, _epoch_loss(walk, epoch), tuple(map(float, row)))
        for epoch, row in zip(shown, values, strict=True)
    ]


def _epoch_loss(walk: Walk, epoch: int) -> Number:
    """The loss of an epoch, linked where the epoch has a page."""
    reference = Ref("epoch_loss", 0, (epoch,), WholeEpoch(epoch))
    operand = Operand(reference, float(walk.trace.loss_curve[epoch - 1]))
    return desk_of(walk, "epochs").typesetter.number(operand)


def milestones(count: int) -> list[int]:
    """Epochs for a short table: the first few, then 1, 2 and 5 of every decade, and the last."""
    chosen = set(range(1, min(FIRST_EPOCHS, count) + 1)) | {count}
    size = 1
    while size <= count:
        chosen |= {step * size for step in STEPS_A_DECADE if step * size <= count}
        size *= 10
    return sorted(chosen)


def _best(curve: FloatArray) -> tuple[int, float, int] | None:
    """(the first epoch with the lowest loss, that loss, how many epochs have it)."""
    if not np.isfinite(curve).any():
        return None
    where = int(np.nanargmin(np.where(np.isfinite(curve), curve, np.nan)))
    return where + 1, float(curve[where]), int(np.sum(curve == curve[where]))


@dataclass(frozen=True)
class Travel:
    """One parameter after some epochs."""

    kind: str
    layer: int
    index: tuple[int, ...]
    values: tuple[float, ...]


def _places(
    trace: Trace, moments: IntArray
) -> Iterator[tuple[str, int, tuple[int, ...], FloatArray]]:
    """(kind, layer, units, values at these moments) of every parameter that is written out."""
    written = written_units(trace)
    for layer in range(trace.layers):
        weights, biases = trace.W[layer][moments], trace.b[layer][moments]
        for i, j in product(written[layer], written[layer + 1]):
            yield "W", layer + 1, (i, j), weights[:, i - 1, j - 1]
        for j in written[layer + 1]:
            yield "b", layer + 1, (j,), biases[:, j - 1]


def _travel(walk: Walk, after: Sequence[int]) -> list[Travel]:
    """Every parameter at the start and after so many updates."""
    return [
        Travel(kind, layer, units, tuple(map(float, values)))
        for kind, layer, units, values in _places(walk.trace, np.array([0, *after]))
    ]


# Right answers


def sampled(epochs: int) -> IntArray:
    """Epochs from 0 (the start) to the last, all of them or evenly thinned."""
    count = min(epochs, MOST_SAMPLES) + 1
    return ascending(np.round(np.linspace(0, epochs, count)).astype(np.int64))


def scores(trace: Trace, rows: Sequence[int], at: IntArray) -> FloatArray:
    """How good the answers for ``rows`` are after each of the epochs ``at``.

    The share of right answers; for regression the mean absolute error.
    """
    each = max(1, AT_A_TIME // (len(rows) * sum(trace.layer_sizes)))
    pieces = (at[start : start + each] for start in range(0, len(at), each))
    return np.concatenate([_scores(trace, rows, trace.epoch_ends[piece]) for piece in pieces])


def _scores(trace: Trace, rows: Sequence[int], updates: IntArray) -> FloatArray:
    data = trace.experiment.dataset
    _, a = trace.forward_at(trace.x[list(rows)], updates)
    if data.task == "regression":
        with np.errstate(all="ignore"):
            return np.asarray(np.abs(a[-1] - trace.y[list(rows)]).mean(axis=(1, 2)))
    found: FloatArray = data.agrees(a[-1], rows).mean(axis=-1)
    return found


def _pictures(walk: Walk) -> Mapping[str, Any]:
    trace, data = walk.trace, walk.trace.experiment.dataset
    at = sampled(trace.epochs)
    kind: SeriesKind = "error" if data.task == "regression" else "accuracy"
    parts = [("train", data.train), ("test", data.test)]
    series = [Series(n, at.astype(float), scores(trace, rows, at)) for n, rows in parts if rows]
    parameters = list(_parameter_series(walk, at))
    decimals = trace.experiment.pages.decimals
    return {
        "score_picture": series_picture(series, kind, decimals=decimals),
        "parameter_picture": series_picture(parameters, "parameters", decimals=decimals),
        **_panels(trace),
        "starts": [float(s.y[0]) for s in series],
        "ends": [float(s.y[-1]) for s in series],
    }


def _parameter_series(walk: Walk, at: IntArray) -> Iterator[Series]:
    desk = desk_of(walk, "epochs")
    for kind, layer, units, values in _places(walk.trace, walk.trace.epoch_ends[at]):
        yield Series(desk.plain(kind, layer, *units), at.astype(float), values, group=layer)


def _panels(trace: Trace) -> Mapping[str, Any]:
    """Pictures of what the network answers: at the start (epoch 0), on the way, in the end."""
    on_the_way = [n for n in milestones(trace.epochs) if str(n)[0] in "125"]
    chosen = {0, 1, trace.epochs, *_spaced(on_the_way, MOST_PANELS - 3)}
    order = sorted(chosen)
    pictures = panels(
        trace,
        [int(trace.epoch_ends[n]) for n in order],
        decimals=trace.experiment.pages.decimals,
    )
    return {"panels": pictures, "panel_epochs": order}


def _spaced(values: Sequence[int], count: int) -> list[int]:
    if len(values) <= count:
        return list(values)
    return [values[int(k)] for k in np.linspace(0, len(values) - 1, count + 2)[1:-1]]


# The first, a middle and the last epoch


def compared(trace: Trace) -> tuple[int, ...]:
    """The first, a middle and the last epoch, each once."""
    return tuple(sorted({1, (trace.epochs + 1) // 2, trace.epochs}))


@dataclass(frozen=True)
class RowThen:
    """What the network said of one row when its turn came in an epoch; ``href`` of its page."""

    href: str
    y_hat: tuple[Number, ...]
    loss: Number


@dataclass(frozen=True)
class RowStory:
    """One training row in each of the compared epochs."""

    row: int
    label: object
    then: tuple[RowThen, ...]


def _three(walk: Walk) -> list[RowStory]:
    desk, trace = desk_of(walk, "epochs"), walk.trace
    table = listed(trace.experiment.dataset.train, walk.shown)
    by_epoch = [{c.row: c for c in _visits(trace, epoch, table)} for epoch in compared(trace)]
    labels = trace.experiment.dataset.labels
    return [
        RowStory(row, labels[row - 1], tuple(_then(desk, found[row]) for found in by_epoch))
        for row in sorted(by_epoch[0])
    ]


def _visits(trace: Trace, epoch: int, table: Shown) -> Iterator[Cycle]:
    """The visits of an epoch (from 1) to the rows of a table."""
    for visit in np.flatnonzero(trace.epoch_of == epoch - 1):
        if table.has(int(trace.row[visit])):
            yield Cycle(trace, int(visit))


def _then(desk: Desk, cycle: Cycle) -> RowThen:
    last = len(cycle.a)
    moment = Visit(cycle.visit)
    outputs = tuple(
        desk.typesetter.number(Operand(Ref("a", last, (k + 1,), moment), float(v)))
        for k, v in enumerate(cycle.a[-1])
    )
    loss = desk.typesetter.number(Operand(Ref("loss", moment=moment), cycle.loss))
    slug = desk.walk.addresses.visit_slug(cycle.visit)
    href = "" if slug is None else desk.link(slug)
    return RowThen(href, outputs, loss)
