"""The record of a run while it is filled: every stored field of a trace, allocated once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.trace.fields import Counts, Each, Over, TraceField
from tracer.trace.layout import nested, stored_fields
from tracer.trace.trace import IntArray, Trace
from tracer.training.step import Flat, Outcome

Arrays = tuple[Any, ...]
Take = Callable[[Any], Any]
_OF_UPDATE = Over.VISITS, Over.UPDATES, Over.MOMENTS
_OF_EPOCH = Over.VISITS, Over.UPDATES, Over.EPOCHS


class EpochOutcome(NamedTuple):
    """What is known when an epoch is over: an entry for each of its visits, and its η.

    For several epochs at once, with the number of its epoch for each visit and η for each update.
    """

    row: IntArray
    update_of: IntArray
    epoch_of: int | IntArray
    loss: FloatArray
    learning_rate: float | FloatArray


class _Writer(NamedTuple):
    """Arrays that are filled together, one a layer, and what is taken for them."""

    arrays: Arrays
    take: Take


class Record:
    """Zeros for every stored field; ``rows`` are those of all parameters side by side."""

    def __init__(self, experiment: Experiment, flat: Flat, counts: Counts) -> None:
        self.experiment, self.counts = experiment, counts
        self.fields = stored_fields(experiment)
        self.rows: dict[str, FloatArray] = {}
        self.arrays: dict[str, Any] = {f.name: self._allocated(f, flat) for f in self.fields}
        self._rows = tuple(tuple(self._row_writers(over)) for over in _OF_UPDATE)
        self._by_update = tuple(tuple(self._writers(o, by_epoch=False)) for o in _OF_UPDATE)
        self._by_epoch = tuple(tuple(self._writers(o, by_epoch=True)) for o in _OF_EPOCH)

    def _allocated(self, field: TraceField, flat: Flat) -> Any:
        if field.over is Over.ROWS:
            return field.source(self.experiment.dataset)
        if field.row:
            return self._part(field, flat)
        shapes = field.arrays(self.counts, self.experiment.layer_sizes).values()
        made: Arrays = tuple(np.zeros(shape, dtype=field.kind) for shape in shapes)
        return made if field.layered else made[0]

    def _part(self, field: TraceField, flat: Flat) -> Arrays:
        """The weights or the biases of a row of parameters, as views."""
        if field.row not in self.rows:
            self.rows[field.row] = np.zeros((self.counts.length(field.over), flat.count))
        weights, biases = flat.split(self.rows[field.row])
        return weights if field.each is Each.WEIGHTS else tuple(layer[:, 0] for layer in biases)

    def _row_writers(self, over: Over) -> Iterator[_Writer]:
        for name, field in {field.row: field for field in self.fields if field.row}.items():
            if field.over is over:
                yield _Writer((self.rows[name],), field.source)

    def _writers(self, over: Over, *, by_epoch: bool) -> Iterator[_Writer]:
        for field in self.fields:
            if field.over is over and field.by_epoch is by_epoch and not field.row:
                arrays = self.arrays[field.name]
                yield _Writer(arrays if field.layered else (arrays,), _take(field))

    def update(self, number: int, visits: slice, done: Outcome) -> None:
        """Write what the update ``number`` (from 0) computed for its visits."""
        self._updates((visits, number, number + 1), done)

    def updates(self, numbers: slice, visits: slice, done: Outcome) -> None:
        """The same for several updates: what has an entry for each has one more axis, before it."""
        self._updates((visits, numbers, slice(numbers.start + 1, numbers.stop + 1)), done)

    def _updates(self, places: tuple[Any, Any, Any], done: Outcome) -> None:
        for writers, place in zip(self._rows, places, strict=True):
            for (row,), take in writers:
                values = take(done)  # shorter than the row where biases are not trained
                if values.base is not row:  # else they were computed in their place
                    row[place, : values.shape[-1]] = values
        _write(self._by_update, places, done)

    def epoch(self, number: int | slice, visits: slice, updates: slice, done: EpochOutcome) -> None:
        """Write what is known when the epoch ``number`` (from 0), or several, is over."""
        _write(self._by_epoch, (visits, updates, number), done)

    def trace(self, counts: Counts, engine: str) -> Trace:
        """The trace of what ran."""
        cut = {field.name: self._cut(field, counts) for field in self.fields}
        return Trace.of(self.experiment, nested(cut), engine)

    def _cut(self, field: TraceField, counts: Counts) -> Any:
        part, arrays = slice(counts.length(field.over)), self.arrays[field.name]
        if field.over is Over.ROWS:
            return arrays
        return tuple(array[part] for array in arrays) if field.layered else arrays[part]


def _take(field: TraceField) -> Take:
    """What is taken for the arrays of a field: one value an array."""
    take = field.source
    return take if field.layered else lambda done: (take(done),)


def _write(plan: Sequence[Sequence[_Writer]], places: Sequence[Any], done: Any) -> None:
    for writers, place in zip(plan, places, strict=True):
        for arrays, take in writers:
            for array, values in zip(arrays, take(done), strict=True):
                array[place] = values
