"""Cycles of a trace as vectors of named numbers, and what the scripts that train make of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import scripted
from scripted import repr_of
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.explore.columns import Carried, Columns
from tracer.explore.program import program
from tracer.explore.quantities import Key
from tracer.trace import Trace

SCRIPT = "engine.mjs"
Named = Iterator[tuple[str, np.ndarray]]


def named(name: str, layer: int, values: np.ndarray) -> Named:
    """Each entry of arrays, one a visit, by its anchor."""
    columns = values.reshape(len(values), -1)
    for column, place in enumerate(np.ndindex(values.shape[1:])):
        index = [*([layer] if layer else []), *(k + 1 for k in place)]
        yield "-".join(map(str, [name, *index])), columns[:, column]


ONE = ("eta", "k", "t", "penalty", "batch_loss", "loss_after", "loss_change", "predicted_change")
ONE_OF_ALL = ("square_all", "gain_all")
OF_LAYERS = ("z", "a", "da_dz", "dL_da", "dL_dz", "dL_dW", "dL_db", "grad_W", "grad_b")
SECOND = ("z_after", "a_after", "square", "gain")


def numbers_of(trace: Trace) -> Iterator[tuple[str, np.ndarray]]:
    """Every number that a cycle has, by its name, with an entry for each visit."""
    columns = Columns(Carried(trace, range(1, trace.epochs + 1)))
    update, single = trace.update_of, [*ONE, *ONE_OF_ALL, "loss"]
    at: dict[str, Any] = {
        "visits": slice(None),
        "rows": trace.row,
        "updates": update,
        "moments": update,
    }
    for key in [*map(Key, [*single, "x", "y"]), *_keys(trace)]:
        column = columns.column(key)
        numbers = column.values[at[column.over]]
        yield from named(key.name, key.layer, numbers)
        if column.over == "moments":
            yield from _after(trace, key, column.values[update + 1])


def _keys(trace: Trace) -> Iterator[Key]:
    for layer in range(1, trace.layers + 1):
        vector = ACTIVATIONS[trace.experiment.layers[layer - 1].activation].vector
        names = [*OF_LAYERS, *SECOND, "W", "b"]
        yield from (Key(name, layer) for name in names if not (vector and name == "da_dz"))
        yield from (Key(f"{name}_{kind}", layer) for name in trace.state for kind in "Wb")


def _after(trace: Trace, key: Key, values: np.ndarray) -> Named:
    """What is there after the update; of what is not carried that is all there is."""
    training = trace.experiment.training
    carried = OPTIMIZERS[training.optimizer].program(training.options).carried
    isolated = key.name[:-2] in trace.state and key.name[:-2] not in carried
    return named(key.name if isolated else f"{key.name}_after", key.layer, values)


def asking(trace: Trace, what: Sequence[str], most: int = 10**9) -> dict[str, Any]:
    """What is asked about a run: its program, and some of its cycles, spread evenly."""
    visits = np.arange(len(trace.row))[:: max(1, -(-len(trace.row) // most))]
    with np.errstate(all="ignore"):
        numbers = dict(numbers_of(trace))
    table = np.stack([np.asarray(values, float)[visits] for values in numbers.values()], axis=1)
    where = np.stack([trace.epoch_of, trace.row, trace.update_of], axis=1)[visits] + 1
    return {
        "program": program(trace),
        "what": list(what),
        "names": list(numbers),
        "cycles": where.tolist(),
        "values": [list(map(repr_of, row)) for row in table.tolist()],
    }


def answers(asked: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the scripts answer, question by question."""
    found: list[dict[str, Any]] = scripted.answers(SCRIPT, asked)
    return found
