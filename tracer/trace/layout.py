"""The fields of one run: those of its optimizer's variables too, their arrays, their bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, lru_cache, partial
from math import prod
from typing import Any

import numpy as np

from tracer.catalog.optimizer import Program
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.experiment import Experiment
from tracer.trace.fields import FIELDS, IN_UPDATES, PAIR, Counts, Each, Over, Shape, TraceField


def rows_an_update(experiment: Experiment) -> int:
    """How many training rows one update sees, at most."""
    size = experiment.training.batch_size
    return len(experiment.dataset.train) if size == "all" else int(size)


def variables(experiment: Experiment) -> tuple[str, ...]:
    """The names of the optimizer's variables."""
    return tuple(_program(experiment).variables)


def _program(experiment: Experiment) -> Program:
    training = experiment.training
    return OPTIMIZERS[training.optimizer].program(training.options)


def fields_of(names: tuple[str, ...]) -> tuple[TraceField, ...]:
    """Every field, with weights and biases of each of the optimizer's variables."""
    return _expanded(names, tuple(FIELDS))


@cache
def _expanded(names: tuple[str, ...], rows: tuple[str, ...]) -> tuple[TraceField, ...]:
    return tuple(found for row in rows for found in expanded(FIELDS[row], names))


def stored_fields(experiment: Experiment) -> tuple[TraceField, ...]:
    """What the run of an experiment stores, in the order of the archive: layer by layer last."""
    return _stored(*_names(experiment))


def _names(experiment: Experiment) -> tuple[tuple[str, ...], frozenset[str], tuple[str, ...]]:
    """All variables, those that the next update needs, and all fields that are declared."""
    program = _program(experiment)
    return tuple(program.variables), program.carried, tuple(FIELDS)


@cache
def _stored(
    names: tuple[str, ...], carried: frozenset[str], rows: tuple[str, ...]
) -> tuple[TraceField, ...]:
    passing = {f"state.{name}" for name in names if name not in carried}
    found = [
        replace(field, passing=field.row in passing)
        for field in _expanded(names, rows)
        if field.stored
    ]
    return tuple(sorted(found, key=lambda field: field.layered))


def shown_fields(place: str) -> tuple[TraceField, ...]:
    """What a table, a JSON document or the terminal shows, in the order of the declarations."""
    return tuple(field for field in FIELDS.values() if place in field.shown)


STATE_AFTER = ", state after"
"""The heading of every variable of an optimizer; the terminal puts its name there."""


def expanded(field: TraceField, names: tuple[str, ...]) -> Iterator[TraceField]:
    """The field itself, or weights and biases of each variable where it is one of these."""
    if field.each is not Each.VARIABLES:
        yield field
        return
    for variable in names:
        common = replace(
            field,
            heading=STATE_AFTER,
            row=f"{field.name}.{variable}",
            take=partial(_variable, variable),
        )
        for kind, each in PAIR.items():
            yield replace(common, name=f"{common.row}.{kind}", each=each, symbol=kind)


def _variable(name: str, done: Any) -> Any:
    return done.state[name]


def shapes(
    experiment: Experiment, counts: Counts, part: Counts | None = None
) -> dict[str, tuple[Shape, Any]]:
    """Shape and type of every array of a run, by the array's name in the archive.

    ``part`` is how much is stored of what is not kept whole.
    """
    sizes = experiment.layer_sizes
    return {
        name: (shape, field.kind)
        for field in stored_fields(experiment)
        for name, shape in field.arrays(part if part and field.sparse else counts, sizes).items()
    }


def sparse_fields(experiment: Experiment) -> tuple[TraceField, ...]:
    """Those of the stored fields that need not be kept whole, since an update computes them."""
    return tuple(field for field in stored_fields(experiment) if field.sparse)


def whole_bytes(experiment: Experiment, counts: Counts) -> int:
    """What the arrays take that are kept of every run; its rows are the experiment's own."""
    return _bytes(*_names(experiment), experiment.layer_sizes, counts, sparse=False)


def sparse_bytes(experiment: Experiment, counts: Counts) -> int:
    """What the other arrays take, with so many of their entries."""
    return _bytes(*_names(experiment), experiment.layer_sizes, counts, sparse=True)


@lru_cache(maxsize=64)
def _bytes(
    names: tuple[str, ...],
    carried: frozenset[str],
    rows: tuple[str, ...],
    sizes: Shape,
    counts: Counts,
    *,
    sparse: bool,
) -> int:
    """Asked for again and again: by each estimate, and by each run beside the experiment's own."""
    return sum(
        np.dtype(field.kind).itemsize * prod(shape)
        for field in _stored(names, carried, rows)
        if field.sparse == sparse and field.over is not Over.ROWS
        for shape in field.arrays(counts, sizes).values()
    )


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values under names with dots as mappings in mappings."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        *outer, last = name.split(".")
        place = found
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return found


def of_visits(fields: tuple[TraceField, ...]) -> tuple[TraceField, ...]:
    """Those of these fields that each visit has."""
    return tuple(field for field in fields if field.over in (Over.ROWS, Over.VISITS))


def of_epochs(fields: tuple[TraceField, ...]) -> tuple[TraceField, ...]:
    """Those of these fields that each epoch has."""
    return tuple(field for field in fields if field.over is Over.EPOCHS)


def of_updates(fields: tuple[TraceField, ...]) -> tuple[TraceField, ...]:
    """Those of these fields that each update has: single numbers first."""
    found = [field for field in fields if field.over in IN_UPDATES]
    return tuple(sorted(found, key=lambda field: field.each is not Each.NUMBER))
