"""The trace as JSON: the format that other programs read.

Numbers have all their digits (the shortest text that reads back to the same float64); what is not
finite is written as the strings "nan", "inf" and "-inf".
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TextIO

import numpy as np

from tracer import __version__
from tracer.errors import TracerError
from tracer.trace import Trace
from tracer.trace.archive import self_contained
from tracer.trace.fields import JSON, PARAMETERS, Each, TraceField, stored
from tracer.trace.layout import expanded, nested, of_epochs, of_updates, of_visits, shown_fields


def write_json(
    trace: Trace,
    stream: TextIO,
    updates: Sequence[int] | None = None,
    epochs: Collection[int] | None = None,
) -> None:
    """Write the trace to ``stream``, update by update.

    ``updates`` (from 1) and ``epochs`` (from 1) choose which updates are written; default all.
    Raises :class:`TracerError`, before anything is written, where there is no such update or epoch.
    """
    chosen, rest = chosen_updates(trace, updates, epochs), _rest(trace)
    stream.write("{" + _members(_head(trace)) + ', "updates": [')
    documents = (_dump(update_document(trace, update)) for update in chosen)
    stream.writelines(f", {text}" if k else text for k, text in enumerate(documents))
    stream.write("], " + _members(rest) + "}\n")


def chosen_updates(
    trace: Trace, updates: Sequence[int] | None, epochs: Collection[int] | None
) -> tuple[int, ...]:
    """The updates (from 0) that ``updates`` and ``epochs`` (both from 1) select.

    Raises :class:`TracerError` where the run has no such update or epoch.
    """
    numbers = range(1, trace.updates + 1) if updates is None else updates
    _check_range("update", numbers, trace.updates)
    _check_range("epoch", epochs or (), trace.epochs)
    of_update = trace.epoch_of_update + 1
    return tuple(n - 1 for n in numbers if epochs is None or int(of_update[n - 1]) in epochs)


def _check_range(what: str, numbers: Collection[int], last: int) -> None:
    wrong = [number for number in numbers if not 1 <= number <= last]
    if wrong:
        raise TracerError(f"there is no {what} {wrong[0]}: this run has the {what}s 1 to {last}")


def update_document(trace: Trace, update: int) -> dict[str, Any]:
    """One update: its batch, every visit, the batch gradient, the parameters around it."""
    visits, fields = trace.visits_of(update), shown_fields(JSON)
    epoch, of_update = int(trace.epoch_of_update[update]), of_updates(fields)
    batch = update - int(np.searchsorted(trace.epoch_of_update, epoch))
    known = [field for field in of_update if field.before]
    found = [field for field in of_update if not field.before]
    return {
        "update": update + 1,
        "epoch": epoch + 1,
        "batch": batch + 1,
        "rows": [int(trace.row[visit]) + 1 for visit in visits],
        **_values(trace, known, visits[0]),
        "visits": [_visit(trace, of_visits(fields), visit) for visit in visits],
        **_values(trace, found, visits[0]),
    }


def _visit(trace: Trace, fields: Iterable[TraceField], visit: int) -> dict[str, Any]:
    return {"row": int(trace.row[visit]) + 1, **_values(trace, fields, visit)}


def _values(trace: Trace, fields: Iterable[TraceField], visit: int) -> dict[str, Any]:
    """The values of fields at a visit, by key; those of the optimizer's variables by variable."""
    return {field.key or field.name: _value(trace, field, visit) for field in fields}


def _value(trace: Trace, field: TraceField, visit: int) -> Any:
    if field.each is not Each.VARIABLES:
        return _plain(field.at(trace, visit))
    parts = expanded(field, tuple(trace.state))
    return nested({part.name: _value(trace, part, visit) for part in parts}).get(field.name, {})


def _head(trace: Trace) -> dict[str, Any]:
    return {
        "tracer": __version__,
        "title": trace.experiment.title,
        "layer_sizes": list(trace.layer_sizes),
        "activations": [layer.activation for layer in trace.experiment.layers],
        "experiment": {
            **self_contained(trace.experiment),
            "record": dict(trace.record),
            "engine": trace.engine,
        },
    }


def _rest(trace: Trace) -> dict[str, Any]:
    fields = shown_fields(JSON)
    last = [field for field in fields if field.row == PARAMETERS]
    return {
        "epochs": [
            {"epoch": epoch + 1, **_values(trace, of_epochs(fields), visit)}
            for epoch, visit in enumerate(np.searchsorted(trace.epoch_of, range(trace.epochs)))
        ],
        "final": {
            field.name: _plain(tuple(array[-1] for array in stored(trace, field.name)))
            for field in last
        },
        "predictions": [_prediction(trace, row) for row in trace.experiment.dataset.test],
    }


def _prediction(trace: Trace, row: int) -> dict[str, Any]:
    data = trace.experiment.dataset
    _, a = trace.forward(trace.x[row : row + 1])
    y_hat = a[-1][0]
    return {
        "row": row + 1,
        "x": _plain(trace.x[row]),
        "a": _plain(tuple(layer[0] for layer in a)),
        "y_hat": _plain(y_hat),
        "predicted": _plain(data.decode(y_hat)),
        "actual": _plain(data.labels[row]),
    }


def _plain(value: Any) -> Any:
    """Arrays and tuples as lists, floats that are not finite as strings."""
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    return json_number(value) if isinstance(value, float) else value


def json_number(value: float) -> float | str:
    """A number, or "nan", "inf" or "-inf" where it is not finite."""
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _members(document: Mapping[str, Any]) -> str:
    return _dump(document)[1:-1]
