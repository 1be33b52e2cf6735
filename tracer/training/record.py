"""The record of a run while it is filled: every stored field of a trace, allocated once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.trace.fields import FIELDS, PARAMETERS, Counts, Each, Over, TraceField
from tracer.trace.kept import Kept
from tracer.trace.layout import nested, stored_fields
from tracer.trace.recording import Recording
from tracer.trace.scratch import Scratch
from tracer.trace.trace import IntArray, Trace
from tracer.training.replay import Replayer
from tracer.training.step import Flat, Outcome

Arrays = tuple[Any, ...]
Take = Callable[[Any], Any]
_OF_UPDATE = Over.VISITS, Over.UPDATES, Over.MOMENTS
_OF_EPOCH = Over.VISITS, Over.UPDATES, Over.EPOCHS
PAGE = 2**18
"""Numbers in a large page of memory, of two megabytes."""


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
    """Room for every stored field; ``rows`` are those of all parameters side by side.

    What updates write is not filled with zeros before.

    ``kept`` says what is kept of the fields that need not be kept whole; None: everything.
    """

    def __init__(
        self, experiment: Experiment, flat: Flat, counts: Counts, kept: Kept | None
    ) -> None:
        self.experiment, self.counts, self.kept = experiment, counts, kept
        self.part = counts if kept is None else kept.counts(counts)
        self.fields = stored_fields(experiment)
        self.rows: dict[str, FloatArray] = {}
        self.scratch = Scratch() if kept is not None and kept.on_disk else None
        self._block = self._of_updates(flat)
        self.arrays: dict[str, Any] = {f.name: self._allocated(f, flat) for f in self.fields}
        whole = [field for field in self.fields if kept is None or not field.sparse]
        sparse = [field for field in self.fields if kept is not None and field.sparse]
        at_ends = [f for f in sparse if f.passing and self.part.passing is not None]
        sparse = [field for field in sparse if field not in at_ends]
        self._whole, self._sparse, self._ends = map(self._plan, (whole, sparse, at_ends))
        self._by_epoch = tuple(tuple(self._writers(whole, o, by_epoch=True)) for o in _OF_EPOCH)
        self._slots = _Slots(kept)
        self._last: Outcome | None = None
        self._finite = 0

    def _length(self, field: TraceField, counts: Counts, part: Counts) -> int:
        return field.length(part if self.kept is not None and field.sparse else counts)

    def _allocated(self, field: TraceField, flat: Flat) -> Any:
        if field.over is Over.ROWS:
            return field.source(self.experiment.dataset)
        if field.row:
            return self._part(field, flat)
        room: Any = self._room if _of_visits(field) else np.zeros
        if self.scratch is not None and _of_moments(field):
            room = self.scratch.room
        made: Arrays = tuple(room(shape, dtype=field.kind) for shape in self._shapes(field))
        return made if field.layered else made[0]

    def _shapes(self, field: TraceField) -> Sequence[tuple[int, ...]]:
        counts = self.part if field.sparse else self.counts
        length, sizes = field.length(counts), self.experiment.layer_sizes
        return [(length, *entry) for entry in field.entries(sizes)]

    def _of_updates(self, flat: Flat) -> FloatArray:
        """One piece of memory for all that updates write: it is had at once, and again afterwards.

        Where it is large, from where a large page begins: to take it in small ones takes as long
        as the training of 784-128-10 itself.
        """
        here = (f for f in self.fields if f.row and not (self.scratch and _of_moments(f)))
        rows = {f.row: self._length(f, self.counts, self.part) for f in here}
        of_visits = (shape for f in self.fields if _of_visits(f) for shape in self._shapes(f))
        size = flat.count * sum(rows.values()) + sum(map(prod, of_visits))
        if size < PAGE:
            return np.empty(size)
        block = np.empty(size + 2 * PAGE)  # what is never written takes no memory
        return block[-block.ctypes.data // block.itemsize % PAGE :]

    def _room(self, shape: tuple[int, ...], dtype: type = np.float64) -> Any:
        """The next numbers of the block, as an array of this shape and of the block's type."""
        size = prod(shape)
        found, self._block = self._block[:size].reshape(shape), self._block[size:]
        return found

    def _part(self, field: TraceField, flat: Flat) -> Arrays:
        """The weights or the biases of a row of parameters, as views."""
        if field.row not in self.rows:
            length = self._length(field, self.counts, self.part)
            self.rows[field.row] = self._row(field, (length, flat.count), flat.weights)
        weights, biases = flat.split(self.rows[field.row])
        return weights if field.each is Each.WEIGHTS else tuple(layer[:, 0] for layer in biases)

    def _row(self, field: TraceField, shape: tuple[int, ...], weights: int) -> FloatArray:
        """Place for rows of parameters; before all updates, and if not trained, they are 0.

        Checkpoints may stand on the disk. The parameters themselves begin with what was drawn.
        """
        if self.scratch is not None and _of_moments(field):
            return self.scratch.room(shape)
        row: FloatArray = self._room(shape)
        if field.row != PARAMETERS:
            row[:1] = 0.0
        if not self.experiment.training.train_biases:
            row[:, weights:] = 0.0
        return row

    def _plan(self, fields: Sequence[TraceField]) -> _Plan:
        rows = tuple(tuple(self._row_writers(fields, over)) for over in _OF_UPDATE)
        others = tuple(tuple(self._writers(fields, o, by_epoch=False)) for o in _OF_UPDATE)
        return _Plan(rows, others)

    def _row_writers(self, fields: Sequence[TraceField], over: Over) -> Iterator[_Writer]:
        for name, field in {field.row: field for field in fields if field.row}.items():
            if field.over is over:
                yield _Writer((self.rows[name],), field.source)

    def _writers(
        self, fields: Sequence[TraceField], over: Over, *, by_epoch: bool
    ) -> Iterator[_Writer]:
        for field in fields:
            if field.over is over and field.by_epoch is by_epoch and not field.row:
                arrays = self.arrays[field.name]
                yield _Writer(arrays if field.layered else (arrays,), _take(field))

    def update(self, number: int, visits: slice, done: Outcome) -> None:
        """Write what the update ``number`` (from 0) computed for its visits."""
        self._whole.write((visits, number, number + 1), done)
        if self.kept is not None:
            places = self._slots.of(number, visits.stop - visits.start)
            self._sparse.write(places, done)
            if self.scratch is not None and places[-1] is not None:
                self.scratch.written()
            if self._finite == number and _is_finite(done):
                self._finite += 1
            self._last = done if FIELDS.outside else done._replace(z=(), a=(), dL_da=(), dL_dz=())

    def updates(self, numbers: slice, visits: slice, done: Outcome) -> None:
        """Write several updates; what has an entry for each has one more axis, before it.

        Only of a run that is kept whole.
        """
        moments = slice(numbers.start + 1, numbers.stop + 1)
        self._whole.write((visits, numbers, moments), done)

    def epoch(self, number: int | slice, visits: slice, updates: slice, done: EpochOutcome) -> None:
        """Write what is known when the epoch ``number`` (from 0), or several, is over."""
        _write(self._by_epoch, (visits, updates, number), done)
        if self.kept is not None and not np.isfinite(done.loss).all():
            first = int(np.argmin(np.isfinite(done.loss)))
            self._finite = min(self._finite, int(done.update_of[first]))

    def trace(self, counts: Counts, engine: str) -> Trace:
        """The trace of what ran."""
        if self.kept is None:
            cut = {field.name: self._cut(field, counts, counts) for field in self.fields}
            return Trace.of(self.experiment, nested(cut), engine)
        kept = self.kept.up_to(counts.updates)
        if self._last is not None and self._slots.moment < len(kept.moments):
            self._sparse.write((None, None, self._slots.moment), self._last)
        if self._last is not None:
            self._ends.write((None, None, -1), self._last)
        part = kept.counts(counts)
        cut = {field.name: self._cut(field, counts, part) for field in self.fields}
        replay = Replayer(self.experiment)
        return Trace.recorded(Recording(self.experiment, kept, cut, replay, self._finite))

    def _cut(self, field: TraceField, counts: Counts, part: Counts) -> Any:
        arrays = self.arrays[field.name]
        if field.over is Over.ROWS:
            return arrays
        end = slice(self._length(field, counts, part))
        found = tuple(array[end] for array in arrays) if field.layered else arrays[end]
        for array in found if field.layered else (found,):
            array.setflags(write=False)
        return found


class _Plan(NamedTuple):
    """What is written of an update: rows of all parameters, and all else; by what it runs over."""

    rows: Sequence[Sequence[_Writer]]
    others: Sequence[Sequence[_Writer]]

    def write(self, places: Sequence[Any], done: Outcome) -> None:
        """Write to the places of visits, update and moment; None: nowhere."""
        for writers, place in zip(self.rows, places, strict=True):
            for (row,), take in writers if place is not None else ():
                values = take(done)  # shorter than the row where biases are not trained
                row[place, : values.shape[-1]] = values  # no copy of what stands there already
        _write(self.others, places, done)


class _Slots:
    """Where the next update is written that is kept, and the next moment."""

    def __init__(self, kept: Kept | None) -> None:
        self.moments = [] if kept is None else kept.moments.tolist()
        self.updates = [] if kept is None else kept.updates.tolist()
        self.moment, self.update, self.visit = 1, 0, 0  # the first moment is before all updates

    def of(self, number: int, visits: int) -> tuple[Any, Any, Any]:
        """The places of an update's visits, of itself and of the moment after it."""
        here, slot, moment = None, None, None
        if self.update < len(self.updates) and self.updates[self.update] == number:
            here, slot = slice(self.visit, self.visit + visits), self.update
            self.update, self.visit = self.update + 1, self.visit + visits
        if self.moment < len(self.moments) and self.moments[self.moment] == number + 1:
            moment, self.moment = self.moment, self.moment + 1
        return here, slot, moment


def _is_finite(done: Outcome) -> bool:
    """Whether all is finite that an update computed, but for the losses, which follow later."""
    of_visits = zip((*done.z, *done.a), (*done.dL_dz, *done.dL_da), strict=True)
    return all(_are_finite(*pair) for pair in ((done.gradients, done.after), *of_visits))


def _are_finite(one: FloatArray, other: FloatArray) -> bool:
    """One pass over both, since whatever is not finite makes a sum of products so.

    Where finite ones overflow, each is looked at.
    """
    sum_of_products = np.vdot(one, other)
    return math.isfinite(sum_of_products) or bool(np.isfinite((one, other)).all())


def _of_visits(field: TraceField) -> bool:
    """Whether it is a large field of visits, of float64 numbers."""
    return field.sparse and field.over is Over.VISITS and field.kind is np.float64


def _of_moments(field: TraceField) -> bool:
    """Whether it is what a checkpoint has."""
    return field.sparse and field.over is Over.MOMENTS and not field.passing


def _take(field: TraceField) -> Take:
    """What is taken for the arrays of a field: one value an array."""
    take = field.source
    return take if field.layered else lambda done: (take(done),)


def _write(plan: Sequence[Sequence[_Writer]], places: Sequence[Any], done: Any) -> None:
    for writers, place in zip(plan, places, strict=True):
        for arrays, take in writers if place is not None else ():
            # ∂L/∂ŷ may follow later
            for array, values in zip(arrays, take(done), strict=False):
                array[place] = values
