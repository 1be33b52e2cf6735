"""The pages after training: the trained network, predictions, checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tracer.catalog.activations import ACTIVATIONS
from tracer.explain.forward import forward
from tracer.explain.operands import Pass, row_pass
from tracer.explain.written import written_units
from tracer.notation import Number
from tracer.numerals import exact_numeral, show
from tracer.pages.cycle_typeset import forward_blocks, written_inputs
from tracer.pages.cycles import neighbours
from tracer.pages.desk import Desk, desk_of
from tracer.pages.parameters import parameter_tables
from tracer.pages.shown import listed
from tracer.pages.table import Built
from tracer.pages.verdicts import Answer, answer_kind, tied_classes
from tracer.pages.walk import Walk
from tracer.pages.wide import weights_wide
from tracer.pictures import agreement_picture, data_picture, network_picture
from tracer.trace import IntArray, Trace

BoolArray = npt.NDArray[np.bool_]
EPOCHS_AT_ONCE = 64
"""So many epochs are looked at together for units that fell silent."""


def trained(walk: Walk) -> Built:
    """The final parameters and what the network makes of the whole plane."""
    trace = walk.trace
    desk = desk_of(walk, "trained")
    decimals = desk.typesetter.decimals
    boundary = data_picture(trace, boundary=True, decimals=decimals)
    yield (
        desk.slug,
        {
            "tables": tuple(parameter_tables(desk, trace.updates)),
            "wide": weights_wide(desk, trace.updates),
            "boundary": boundary,
            "agreement": None
            if boundary is not None
            else agreement_picture(trace, decimals=decimals),
            "score": score(walk, trace.experiment.dataset.train),
            "test_score": score(walk, trace.experiment.dataset.test),
            "train_rows": len(trace.experiment.dataset.train),
            **_silence(trace),
        },
    )


@dataclass(frozen=True)
class IdleUnit:
    """A hidden unit (layer and unit from 1) that is 0 for every training row in the end.

    ``dead`` says that the slope of its activation is 0 for all of them too. ``since`` is the epoch
    in which it became 0 for all rows, to stay so after each epoch; 0: before the first update.
    """

    layer: int
    unit: int
    dead: bool
    since: int


def idle_units(trace: Trace) -> tuple[IdleUnit, ...]:
    """The hidden units that are 0 for every training row, with the final parameters."""
    z, a = trace.forward(trace.x[list(trace.experiment.dataset.train)])
    found: list[IdleUnit] = []
    for layer, entry in enumerate(trace.experiment.layers[:-1], start=1):
        values, row = a[layer - 1], ACTIVATIONS[entry.activation]
        with np.errstate(all="ignore"):
            flat = (row.slope(z[layer - 1], values) == 0).all(axis=0)
        units = np.flatnonzero((values == 0).all(axis=0))
        since = _since(trace, layer) if units.size else units
        found += [IdleUnit(layer, int(u) + 1, bool(flat[u]), int(since[u])) for u in units]
    return tuple(found)


def _since(trace: Trace, layer: int) -> IntArray:
    """The epoch (0: the start) from which on each unit is 0 for all training rows, (n_ℓ,).

    epochs + 1 for units that are not so in the end. Goes back from the end as far as it must.
    """
    since = np.full(trace.layer_sizes[layer], trace.epochs + 1)
    still = np.full(since.shape, fill_value=True)
    for epoch, silent in _silent_backwards(trace, layer):
        still &= silent
        if not still.any():
            break
        since[still] = epoch
    return since


def _silent_backwards(trace: Trace, layer: int) -> Iterator[tuple[int, BoolArray]]:
    """From the last epoch back to the start (0): whether each unit is 0 for all rows after it."""
    x = trace.x[list(trace.experiment.dataset.train)]
    for stop in range(trace.epochs + 1, 0, -EPOCHS_AT_ONCE):
        first = max(stop - EPOCHS_AT_ONCE, 0)
        values = trace.forward_at(x, trace.epoch_ends[first:stop])[1][layer - 1]
        silent = (values == 0).all(axis=1)
        yield from zip(range(stop - 1, first - 1, -1), silent[::-1], strict=True)


def _silence(trace: Trace) -> Mapping[str, Any]:
    """What the page says of units and rows that are 0; ``alike`` if it is more than one row."""
    data = trace.experiment.dataset
    train, test = (len(silent_rows(trace, rows)) for rows in (data.train, data.test))
    return {
        "idle": idle_units(trace),
        "silent": train,
        "test_silent": test,
        "alike": train + test > 1,
    }


def silent_rows(trace: Trace, rows: Sequence[int]) -> tuple[int, ...]:
    """Those of the rows (from 0) for which the whole last hidden layer is 0 in the end."""
    if trace.layers == 1 or not rows:
        return ()
    hidden = trace.forward(trace.x[list(rows)])[1][-2]
    silent = (hidden == 0).all(axis=1)
    return tuple(row for row, is_silent in zip(rows, silent, strict=True) if is_silent)


def predictions(walk: Walk) -> Built:
    """Every test row through the trained network: one page for all, then one for each."""
    desk, data = desk_of(walk, "predictions"), walk.trace.experiment.dataset
    table = listed(walk.predicted_rows, walk.shown_predictions)
    yield (
        desk.slug,
        {
            "rows": [_prediction(desk, row) for row in filter(table.has, walk.predicted_rows)],
            "listed": table,
            "unseen": bool(data.test),
            "columns": written_units(walk.trace)[0],
            "score": score(walk, walk.predicted_rows),
            "confusions": confusion(walk, walk.predicted_rows),
            "agreement": agreement_picture(walk.trace, decimals=desk.typesetter.decimals),
        },
    )


def each_prediction(walk: Walk) -> list[dict[str, int]]:
    """The rows that have a prediction page."""
    return [{"row": row + 1} for row in walk.predicted_rows if walk.shown_predictions.has(row)]


def prediction_rows(walk: Walk) -> Built:
    """The forward pass of one row through the trained network, every number of it."""
    for values in each_prediction(walk):
        yield walk.slug("prediction", **values), prediction_row(walk, **values)


def prediction_row(walk: Walk, row: int) -> Mapping[str, Any]:
    """The same of one row (from 1)."""
    slug = walk.slug("prediction", row=row)
    desk, view = Desk(walk, slug), row_pass(walk.trace, row - 1)
    return {
        "desk": desk,
        "row": row,
        "forward": forward_blocks(desk, view, forward(view)),
        "prediction": _prediction(desk, row - 1),
        "x": written_inputs(desk, view),
        "x_units": view.written(0),
        "inputs_known": walk.trace.layer_sizes[0],
        "picture": _picture(desk, view),
        **neighbours(walk.prediction_slugs(), slug),
    }


def checks(walk: Walk) -> Built:
    """What the checks found; the site adds it when all other pages are written."""
    yield walk.slug("checks"), {}


@dataclass(frozen=True)
class Prediction:
    """One row's outcome: what the network says and what the table says.

    ``href`` is "" where the row has no page.
    """

    row: int
    href: str
    inputs: tuple[str, ...]
    y_hat: tuple[Number, ...]
    predicted: object
    actual: object
    correct: bool
    kind: Answer
    tied: tuple[object, ...]


def _prediction(desk: Desk, row: int) -> Prediction:
    trace, data = desk.walk.trace, desk.walk.trace.experiment.dataset
    output = trace.forward(trace.x[row : row + 1])[1][-1][0]
    slug, decimals = desk.walk.slug("prediction", row=row + 1), desk.typesetter.decimals
    has_page = desk.walk.shown_predictions.has(row)

    def link(anchor: str = "") -> str:
        return desk.link(slug, anchor) if has_page else ""

    numbers = tuple(
        Number(show(float(v), decimals), link(f"a-{trace.layers}-{k + 1}"))
        for k, v in enumerate(output)
    )
    predicted, actual = data.decode(output), data.labels[row]
    units = written_units(trace)[0]
    inputs = tuple(exact_numeral(float(trace.x[row, unit - 1])).text for unit in units)
    kind = answer_kind(data, output, [number.text for number in numbers])
    return Prediction(
        row=row + 1,
        href=link(),
        inputs=inputs,
        y_hat=numbers,
        predicted=predicted,
        actual=actual,
        correct=predicted == actual,
        kind=kind,
        tied=tied_classes(data, output),
    )


@dataclass(frozen=True)
class Score:
    """How many of the rows are right, or for regression how far off they are on average."""

    total: int
    right: int
    share: float
    mean_error: float


def score(walk: Walk, rows: Sequence[int]) -> Score | None:
    """Accuracy over ``rows``; for regression the mean absolute error."""
    trace, data = walk.trace, walk.trace.experiment.dataset
    if not rows:
        return None
    output = trace.forward(trace.x[list(rows)])[1][-1]
    right = data.right(output, rows)
    with np.errstate(all="ignore"):
        error = float(np.mean(np.abs(output - trace.y[list(rows)])))
    return Score(len(rows), right, right / len(rows), error)


@dataclass(frozen=True)
class Confusion:
    """How often each class was taken for each: ``rows`` are (class in the table, counts).

    ``name`` is the target that the classes belong to; "" where there is only one.
    """

    name: str
    classes: tuple[object, ...]
    rows: tuple[tuple[object, tuple[int, ...]], ...]


def confusion(walk: Walk, rows: Sequence[int]) -> tuple[Confusion, ...]:
    """A table of confusions for each target that is a class; none for regression."""
    trace, data = walk.trace, walk.trace.experiment.dataset
    if data.task == "regression":
        return ()
    outputs = trace.forward(trace.x[list(rows)])[1][-1]
    said = [data.decode(output) for output in outputs]
    actual = [data.labels[row] for row in rows]
    if data.task != "multilabel":
        return (_confusion("", data.classes or (0, 1), zip(actual, said, strict=True)),)
    columns = zip(data.output_names, _columns(actual), _columns(said), strict=True)
    return tuple(_confusion(n, (0, 1), zip(a, b, strict=True)) for n, a, b in columns)


def _columns(labels: Sequence[object]) -> list[tuple[object, ...]]:
    """The labels of each target, where a row has several."""
    return list(zip(*map(_tuple, labels), strict=True))


def _tuple(label: object) -> tuple[object, ...]:
    return label if isinstance(label, tuple) else (label,)


def _confusion(
    name: str, classes: tuple[object, ...], pairs: Iterable[tuple[object, object]]
) -> Confusion:
    counted = Counter(pairs)
    rows = ((actual, tuple(counted[actual, said] for said in classes)) for actual in classes)
    return Confusion(name, classes, tuple(rows))


def _picture(desk: Desk, view: Pass) -> Any:
    trace, data = desk.walk.trace, desk.walk.trace.experiment.dataset
    known = desk.picture_number(view)

    def number(name: str, layer: int, *index: int) -> Number:
        return Number("") if name == "loss" else known(name, layer, *index)

    return network_picture(
        trace.layer_sizes,
        number,
        mode="forward",
        inputs=data.input_names,
        outputs=data.output_names,
        activations=[ACTIVATIONS[k.activation].title for k in trace.experiment.layers],
        notation=desk.walk.notation,
        written=written_units(trace),
    )
