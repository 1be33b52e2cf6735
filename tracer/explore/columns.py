"""The numbers of the cycles that are carried, array by array, as the pages show them.

What the trace holds is taken from it. What only a page computes (the slopes of the activations, the
second forward pass, the predicted change of the loss) is computed here for all cycles at once, and
is the same bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.conditions import ascending
from tracer.explain.rate import progress
from tracer.explain.terms import RESTS, left_loss, left_slopes
from tracer.explore.quantities import ALL, PREDICTED, Key
from tracer.explore.rests import NAMES, OF_VISITS, is_whole, rests, second_passes, written_terms
from tracer.formula import FloatArray
from tracer.network import Layers
from tracer.trace import Trace
from tracer.trace.fields import FIELDS
from tracer.trace.trace import IntArray

ROWS, VISITS, UPDATES, MOMENTS = "rows", "visits", "updates", "moments"
"""What an array runs over, as the fields of a trace say it."""


@dataclass(frozen=True)
class Column:
    """An array: what it runs over, and its numbers."""

    over: str
    values: FloatArray


@dataclass(frozen=True)
class Carried:
    """The cycles of some ``epochs`` (from 1, ascending), or a ``part`` of them: whole updates."""

    trace: Trace
    epochs: Sequence[int]
    part: slice = field(default_factory=lambda: slice(None))

    @cached_property
    def visits(self) -> IntArray:
        """Their visits."""
        return np.flatnonzero(np.isin(self.trace.epoch_of, np.asarray(self.epochs) - 1))[self.part]

    def pieces(self, updates: int) -> Iterator[Carried]:
        """The same, so many updates at a time."""
        of_visits = self.trace.update_of[self.visits]
        starts = np.searchsorted(of_visits, self.updates[::updates]).tolist()
        for start, end in pairwise([*starts, len(of_visits)]):
            yield replace(self, part=slice(start, end))

    @cached_property
    def updates(self) -> IntArray:
        """Their updates."""
        return ascending(self.trace.update_of[self.visits])

    @cached_property
    def moments(self) -> IntArray:
        """The moments before and after each of their updates."""
        return ascending(np.concatenate([self.updates, self.updates + 1]))

    @cached_property
    def last(self) -> IntArray:
        """The last visit of each update."""
        return np.searchsorted(self.trace.update_of, self.updates, side="right") - 1


@dataclass(frozen=True)
class Columns:
    """The arrays of the carried cycles, each computed when it is asked for.

    ``entries`` are what of an array is wanted: an index for each axis behind the first; without
    any, all of it. ``known`` is what has been computed that several arrays are made of, ``made``
    are the arrays.
    """

    carried: Carried
    entries: Mapping[Key, Sequence[Any]] = field(default_factory=dict)
    known: dict[tuple[str, int | bool], Any] = field(default_factory=dict, repr=False)
    made: dict[Key, Column] = field(default_factory=dict, repr=False)

    @property
    def trace(self) -> Trace:
        """The trace that they are taken from."""
        return self.carried.trace

    def column(self, key: Key) -> Column:
        """An array by what it is called."""
        if key not in self.made:
            self.made[key] = self._column(key) if key not in self.entries else self._some(key)
        return self.made[key]

    def _some(self, key: Key) -> Column:
        """The wanted entries of an array; slopes by weights are not all made for them."""
        if key.name == "dL_dW":
            return Column(VISITS, self._products(key.layer - 1, *self.entries[key]))
        found, index = self._column(key), (slice(None), *self.entries[key])
        return replace(found, values=found.values[index])

    def _products(self, k: int, sources: IntArray, units: IntArray) -> FloatArray:
        """∂L/∂W of a layer (from 0) for some weights: a of what enters it, times ∂L/∂z."""
        trace, visits = self.trace, self.carried.visits
        rows = trace.row[visits]
        signal = trace.a[k - 1][visits][:, sources] if k else trace.x[rows[:, None], sources]
        with np.errstate(all="ignore"):
            return np.asarray(signal * trace.dL_dz[k][visits][:, units])

    def _column(self, key: Key) -> Column:
        name, layer = key
        kept, _, kind = name.rpartition("_")
        if kept in self.trace.state:
            state = self.trace.state[kept][kind][layer - 1]
            return Column(MOMENTS, np.asarray(state[self.carried.moments]))
        if name in ("W", "b"):
            layers: Layers = getattr(self.trace, name)
            return Column(MOMENTS, np.asarray(layers[layer - 1][self.carried.moments]))
        if name in ("x", "y"):
            return Column(ROWS, getattr(self.trace, name))
        if name in self._of_visits:
            return Column(VISITS, self._visits(name, layer))
        return Column(UPDATES, self._updates(name, layer))

    _of_visits = OF_VISITS | {"z", "a", "loss", "dL_da", "da_dz", "dL_dz", "dL_dW", "dL_db"}

    def _visits(self, name: str, layer: int) -> FloatArray:
        if name == "da_dz":
            return self._slopes(layer)
        if name in OF_VISITS:
            return rests(self.trace, name, layer, self.carried.visits)
        found = self._at(name, last=False)
        return np.asarray(found if layer == 0 else found[layer - 1])

    def _at(self, name: str, *, last: bool) -> Any:
        """A field for the carried visits, or for the last one of each update: of all layers."""
        if (name, last) not in self.known:
            visits = self.carried.last if last else self.carried.visits
            self.known[name, last] = FIELDS[name].at(self.trace, visits)
        return self.known[name, last]

    def _slopes(self, layer: int) -> FloatArray:
        trace, visits = self.trace, self.carried.visits
        entry = ACTIVATIONS[trace.experiment.layers[layer - 1].activation]
        with np.errstate(all="ignore"):
            z, a = trace.z[layer - 1][visits], trace.a[layer - 1][visits]
            return np.asarray(entry.slope(z, a))

    def _updates(self, name: str, layer: int) -> FloatArray:
        trace, updates = self.trace, self.carried.updates
        if name in ("grad_W", "grad_b"):
            layers: Layers = getattr(trace, name)
            return np.asarray(layers[layer - 1][updates])
        if name in ("z_after", "a_after"):
            return self._second_pass[name == "a_after"][layer - 1]
        if name in PREDICTED:
            return self._part(name, layer - 1)
        if name in NAMES:
            return rests(trace, name, layer, self.carried.last)
        if name in RESTS and layer:
            return self._rests(name[-1], layer - 1)
        return np.asarray(self._numbers(name), dtype=np.float64)

    def _rests(self, kind: str, k: int) -> FloatArray:
        """What the rows that are not written out add to the gradients of a layer (from 0)."""
        updates = map(int, self.carried.updates)
        return np.stack([left_slopes(self.trace, update, kind)[k] for update in updates])

    def _numbers(self, name: str) -> FloatArray:
        """One number an update."""
        if name.removesuffix(ALL) in PREDICTED:
            return self._total(name.removesuffix(ALL))
        return _ONE_AN_UPDATE[name](self)

    @property
    def losses_change(self) -> FloatArray:
        """What the update did to the loss of its last row."""
        with np.errstate(all="ignore"):
            return np.asarray(self.losses_after - self.trace.loss[self.carried.last])

    @cached_property
    def counts(self) -> FloatArray:
        """What the schedule of the learning rate has counted."""
        training = self.trace.experiment.training
        schedule = SCHEDULES[training.schedule]
        counted = (
            schedule.count(progress(self.trace, int(update)), training.schedule_options)
            for update in self.carried.updates
        )
        return np.fromiter(counted, dtype=np.float64)

    @cached_property
    def _second_pass(self) -> tuple[Layers, Layers]:
        """The last row of each update again, with its new parameters."""
        trace, after = self.trace, self.carried.updates + 1
        if not all(is_whole(trace, layer + 1) for layer in range(trace.layers)):
            return second_passes(trace, self.carried.last)
        signal = trace.x[trace.row[self.carried.last]][:, None, :]
        kernels = [ACTIVATIONS[layer.activation].kernel for layer in trace.experiment.layers]
        z, a = [], []
        with np.errstate(all="ignore"):
            for W, b, kernel in zip(trace.W, trace.b, kernels, strict=True):
                sums = signal @ W[after]
                sums += b[after][:, None, :]
                signal = kernel(sums)
                z.append(sums[:, 0])
                a.append(signal[:, 0])
        return tuple(z), tuple(a)

    @cached_property
    def losses_after(self) -> FloatArray:
        """The loss of the last row of each update, with the new parameters."""
        trace = self.trace
        (z, a), y = self._second_pass, trace.y[trace.row[self.carried.last]]
        kernel = LOSSES[trace.experiment.training.loss].kernel
        with np.errstate(all="ignore"):
            return np.asarray(kernel(y, a[-1], z[-1]))

    @cached_property
    def predicted_changes(self) -> FloatArray:
        """−η Σ g² where each step is −η g, else Σ g (w⁺ − w)."""
        training = self.trace.experiment.training
        plain = OPTIMIZERS[training.optimizer].program(training.options).is_plain
        alone = self.trace.batch_sizes[self.carried.updates] == 1
        with np.errstate(all="ignore"):
            return np.where(
                alone & (plain and training.l2 == 0),
                -self._numbers("eta") * self._total("square"),
                self._total("gain"),
            )

    def _total(self, name: str) -> FloatArray:
        """What all layers add to the predicted change."""
        parts = [self._part(name, k) for k in range(self.trace.layers)]
        with np.errstate(all="ignore"):
            return np.asarray(np.stack(parts, axis=1).sum(axis=1))

    def _part(self, name: str, k: int) -> FloatArray:
        """What a layer (from 0) adds: Σ g² or Σ g (w⁺ − w) of its weights, then of its biases."""
        if (name, k) not in self.known:
            self.known[name, k] = self._part_anew(name, k)
        found: FloatArray = self.known[name, k]
        return found

    def _part_anew(self, name: str, k: int) -> FloatArray:
        with np.errstate(all="ignore"):
            terms = [self._terms(kind, k, squared=name == "square") for kind in self._kinds]
            if not is_whole(self.trace, k + 1):
                terms.append(rests(self.trace, f"rest_{name}", k + 1, self.carried.last)[:, None])
            return np.asarray(np.concatenate(terms, axis=1).sum(axis=1))

    @property
    def _kinds(self) -> tuple[str, ...]:
        return ("W", "b") if self.trace.experiment.training.train_biases else ("W",)

    def _terms(self, kind: str, k: int, *, squared: bool) -> FloatArray:
        trace, updates = self.trace, self.carried.updates
        slopes = self._at(f"dL_d{kind}", last=True)[k]
        if squared:
            return written_terms(trace, k + 1, kind, slopes * slopes)
        history = (trace.W if kind == "W" else trace.b)[k]
        steps = history[updates + 1] - history[updates]
        return written_terms(trace, k + 1, kind, slopes * steps)


_ONE_AN_UPDATE: Mapping[str, Callable[[Columns], FloatArray]] = {
    "eta": lambda of: of.trace.learning_rate[of.carried.updates],
    "t": lambda of: np.asarray(of.carried.updates + 1, dtype=np.float64),
    "k": lambda of: of.counts,
    "penalty": lambda of: of.trace.penalty[of.carried.updates],
    "batch_loss": lambda of: np.asarray(
        (of.trace.batch_loss + of.trace.penalty)[of.carried.updates]
    ),
    "rest_loss": lambda of: np.asarray(
        [left_loss(of.trace, int(update)) for update in of.carried.updates]
    ),
    "loss_after": lambda of: of.losses_after,
    "loss_change": lambda of: of.losses_change,
    "predicted_change": lambda of: of.predicted_changes,
}
