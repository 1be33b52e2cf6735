"""A run of which only a part is kept: where that stands, and the rest, computed again.

An update follows from the parameters and the optimizer's state before it, its rows and its η. All
of these are kept or follow from an update before it that is kept; so the same step gives the same
numbers, bit for bit. The step itself is handed in: nothing here knows how a network is trained.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np

from tracer.experiment import Experiment
from tracer.trace.fields import Counts, Over, TraceField
from tracer.trace.kept import IntArray, Kept
from tracer.trace.layout import sparse_fields
from tracer.trace.mapped import read_soon, rows_soon
from tracer.trace.sparse import SparseArray

Values = Mapping[str, Any]
MAX_CACHE = 2**28
"""256 megabytes of updates that were computed again: some seventy of 784-128-10, or all of a small
network. Pages ask for one update many times, and for the next one after it."""

NEAR = 8
"""Updates that are computed again before one of them is held: to hold it takes memory that is new,
and with that about as long as an update (measured), which is an eighth more."""


class Again(NamedTuple):
    """An update that is computed again: the rows of its batch, its η, its number from 0."""

    rows: IntArray
    eta: float
    update: int


class Replay(Protocol):
    """Computes updates anew, and tells what the last of them computed.

    ``before`` are the values of the fields over moments before the first of ``updates``, by name.
    The result has the values of every field that is not kept whole, by name: those of the last
    one's visits, of the update, and of the moment after it; a tuple where a field has an array for
    each layer.
    """

    def __call__(self, before: Values, updates: Sequence[Again]) -> Values:
        """The values after the last update."""
        ...


@dataclass(eq=False)
class Recording:
    """What is stored of a run, and the updates that were computed again.

    Attributes:
        experiment: what was run.
        kept: which moments and updates are stored.
        stored: the values of every stored field by name, sparse ones at the kept places only.
        replay: how an update is computed anew.
        finite: how many updates from the first one are known to have computed finite numbers only.
    """

    experiment: Experiment
    kept: Kept
    stored: Values
    replay: Replay
    finite: int = 0
    _cache: OrderedDict[int, Values] = field(default_factory=OrderedDict, repr=False)

    @cached_property
    def fields(self) -> Mapping[str, TraceField]:
        """The fields that are not kept whole, by name."""
        return {item.name: item for item in sparse_fields(self.experiment)}

    @cached_property
    def starts(self) -> IntArray:
        """The first visit of each update, and how many visits there are."""
        updates = len(self.stored["penalty"])
        return np.searchsorted(self.stored["update_of"], np.arange(updates + 1))

    @cached_property
    def counts(self) -> Counts:
        """The counts of the whole run."""
        visits, updates = len(self.stored["loss"]), len(self.stored["penalty"])
        epochs = int(self.stored["epoch_of"][-1]) + 1
        return Counts(len(self.experiment.dataset.labels), visits, updates, epochs)

    @cached_property
    def values(self) -> dict[str, Any]:
        """Every stored field by name: those that are not kept whole as sparse arrays."""
        return {**self.stored, **{name: self._sparse(item) for name, item in self.fields.items()}}

    def _sparse(self, item: TraceField) -> Any:
        length = item.length(self.counts)
        made = tuple(
            SparseArray(length, entry, item.kind, self._entry(item, k if item.layered else None))
            for k, entry in enumerate(item.entries(self.experiment.layer_sizes))
        )
        return made if item.layered else made[0]

    def _entry(self, item: TraceField, layer: int | None) -> Any:
        look = {
            Over.VISITS: self._of_visit,
            Over.UPDATES: self._of_update,
            Over.MOMENTS: self._of_moment,
        }[item.over]
        return lambda place: look(item.name, layer, place)

    @cached_property
    def ends(self) -> dict[str, Any]:
        """What is kept of every run, however little: single numbers, first and last moment."""
        ends = [0, -1]
        of_moments = {
            name: tuple(array[ends] for array in self.stored[name])
            if item.layered
            else self.stored[name][ends]
            for name, item in self.fields.items()
            if item.over is Over.MOMENTS
        }
        whole = {k: value for k, value in self.stored.items() if k not in self.fields}
        return {**whole, **of_moments}

    def is_finite(self, update: int) -> bool:
        """Whether everything is finite that an update (from 0) computed."""
        return all(np.isfinite(array).all() for array in _arrays(self.update(update)))

    # One entry

    def _of_visit(self, name: str, layer: int | None, visit: int) -> Any:
        update = int(self.stored["update_of"][visit])
        place = visit - int(self.starts[update])
        slot = _slot(self.kept.updates, update)
        if slot is None:
            return _layer(self.update(update)[name], layer)[place]
        return _layer(self.stored[name], layer)[int(self._kept_starts[slot]) + place]

    def _of_update(self, name: str, layer: int | None, update: int) -> Any:
        slot = _slot(self.kept.updates, update)
        if slot is None:
            return _layer(self.update(update)[name], layer)
        return _layer(self.stored[name], layer)[slot]

    def _of_moment(self, name: str, layer: int | None, moment: int) -> Any:
        slot = _slot(self._places[name], moment)
        if slot is None:
            return _layer(self.update(moment - 1)[name], layer)
        return _layer(self.stored[name], layer)[slot]

    @cached_property
    def _kept_starts(self) -> IntArray:
        """The first visit of each kept update, among those that are stored."""
        sizes = np.diff(self.starts)[self.kept.updates]
        return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    @cached_property
    def _places(self) -> Mapping[str, IntArray]:
        """Of each field over moments, the moments that are stored."""
        of_moments = (item for item in self.fields.values() if item.over is Over.MOMENTS)
        return {item.name: self.kept.moments_of(item) for item in of_moments}

    # Updates that are computed again

    def update(self, update: int) -> Values:
        """The values of an update (from 0) that is computed again, from the nearest moment.

        On a long way to it some updates are held as well, so that others near it are near to one.
        """
        found: Values = self._cache.get(update, {})
        if found:
            self._cache.move_to_end(update)
            return found
        moment = update
        while _slot(self.kept.moments, moment) is None and moment - 1 not in self._cache:
            moment -= 1
        for stop in _stops(moment, update):
            again = [self._again(number) for number in range(moment, stop + 1)]
            found = self._cached(stop, self.replay(self._moment(moment), again))
            moment = stop + 1
        return found

    def forget(self) -> None:
        """Give back what was computed again."""
        self._cache.clear()
        self._size = 0

    def _again(self, update: int) -> Again:
        rows = self.stored["row"][self.starts[update] : self.starts[update + 1]]
        rows_soon(self.stored["x"], rows)
        return Again(rows, float(self.stored["learning_rate"][update]), update)

    def _moment(self, moment: int) -> Values:
        """What an update needs from before: fields over moments."""
        slot = _slot(self.kept.moments, moment)
        if slot is None:
            return self._cache[moment - 1]
        found = {
            name: tuple(array[slot] for array in self.stored[name])
            if item.layered
            else self.stored[name][slot]
            for name, item in self.fields.items()
            if item.over is Over.MOMENTS and not item.passing
        }
        read_soon(_arrays(found))
        return found

    def _cached(self, update: int, found: Values) -> Values:
        for array in _arrays(found):
            array.setflags(write=False)
        self._cache[update] = found
        self._size += _bytes(found)
        while self._size > MAX_CACHE and len(self._cache) > 1:
            self._size -= _bytes(self._cache.popitem(last=False)[1])
        return found

    _size: int = 0


def _stops(moment: int, update: int) -> list[int]:
    """The updates on the way from a moment to an update that are held, and that one itself."""
    way = update + 1 - moment
    step = max(NEAR, math.isqrt(way))
    return [*range(moment + step - 1, update - NEAR // 2, step), update]


def _slot(places: IntArray, wanted: int) -> int | None:
    """Where a number stands among ascending ones; None where it does not."""
    slot = int(places.searchsorted(wanted))
    return slot if slot < len(places) and places[slot] == wanted else None


def _layer(value: Any, layer: int | None) -> Any:
    return value if layer is None else value[layer]


def _arrays(values: Values) -> Iterator[Any]:
    for value in values.values():
        yield from value if isinstance(value, tuple) else (value,)


def _bytes(values: Values) -> int:
    return sum(int(array.nbytes) for array in _arrays(values))
