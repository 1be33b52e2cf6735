"""Updates by code that is written out number by number, which small networks learn fastest with.

Some epochs are one call. Their numbers are packed side by side into a buffer, and put into the
arrays of the trace from there.
"""

from __future__ import annotations

from itertools import accumulate, groupby, pairwise
from operator import itemgetter
from struct import Struct
from typing import Any

import numpy as np

from tracer.catalog.schedules import SCHEDULES
from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.network import Layers
from tracer.trace import IntArray
from tracer.trace.fields import GRADIENTS, SCALAR
from tracer.training.code import Code
from tracer.training.record import EpochOutcome
from tracer.training.recorder import Ends, Recorder
from tracer.training.step import Outcome
from tracer.training.written import carried

HELD = 1024
"""Visits in a buffer, of a run that has so many: putting them into arrays costs some 0.2 ms, and
more of them at once are no faster, as their buffer is then new memory for each run."""


class _Buffer:
    """Rows of float64 numbers, packed one after the other."""

    def __init__(self, width: int, rows: int) -> None:
        self.width, self.bytes = width, bytearray(8 * width * rows)
        self.pack = Struct(f"{width}d").pack_into

    def at(self, row: int) -> tuple[Any, bytearray, int]:
        """What the code needs to pack rows from here on."""
        return self.pack, self.bytes, 8 * self.width * row

    def rows(self, count: int) -> FloatArray:
        """The first rows, (count, width)."""
        return np.frombuffer(self.bytes, count=count * self.width).reshape(count, self.width)


class ScalarRecorder(Recorder):
    """Updates by written code, some epochs at a time."""

    engine = SCALAR

    def __init__(self, experiment: Experiment, code: Code) -> None:
        super().__init__(experiment)
        self.code, data = code, experiment.dataset
        self.rows = list(map(tuple, np.hstack([data.x, data.y]).tolist()))
        self.order: IntArray | None = None
        self.samples: list[Any] = []
        states = carried(self.step)
        self.kept = (*self.parameters[0].tolist(), *[0.0] * (len(states) * self.step.trained.stop))
        self.waiting: list[tuple[IntArray, float]] = []
        rows = len(experiment.dataset.train)
        # where η of an epoch depends on the losses before it, none is computed ahead
        waits = SCHEDULES[experiment.training.schedule].on_plateau
        self.most = 1 if waits else min(max(1, HELD // rows), experiment.training.epochs)
        self.visits, self.updates = self._buffers(rows)

    def _buffers(self, rows: int) -> tuple[_Buffer, _Buffer]:
        step, units = self.step, sum(self.experiment.layer_sizes[1:])
        unused = self.experiment.layer_sizes[-1] if step.loss.fused else 0
        states = len(step.program.variables) * step.trained.stop
        visit, after = 4 * units - unused, step.flat.count + states
        if self.batch == 1:
            both = _Buffer(visit + after, rows * self.most)
            return both, both
        update = step.flat.count + after
        return _Buffer(visit, rows * self.most), _Buffer(update, len(self.sizes) * self.most)

    def learn(self, order: IntArray, eta: float) -> None:
        """Wait for as many epochs as there is room for: one call then computes them all."""
        self.waiting.append((order, eta))
        self.visit, self.update = self.visit + len(order), self.update + len(self.sizes)
        self.epochs += 1
        if len(self.waiting) == self.most:
            self.finish()

    @property
    def over(self) -> int:
        """Those that wait are not over."""
        return self.epochs - len(self.waiting)

    def _compute(self, update: int) -> None:
        """The epochs that wait, the first of which begins with this update, into the buffers."""
        visited = updated = 0
        for eta, epochs in groupby(self.waiting, itemgetter(1)):
            samples = [sample for order, _ in epochs for sample in self._gathered(order)]
            buffers = self.updates.at(updated), self.visits.at(visited)
            self._call(samples, self.kept, float(eta), update + updated, *buffers)
            updated += len(samples)
            visited += len(samples) if self.batch == 1 else sum(map(len, samples))

    def _call(self, *arguments: Any) -> None:
        """Where a number is beyond Python's functions, the careful code begins again."""
        try:
            self.kept = self.code.fast(*arguments)
        except (ArithmeticError, ValueError):
            self.kept = self.code.careful(*arguments)

    def _gathered(self, order: IntArray) -> list[Any]:
        """The samples of an epoch, x and y side by side, in batches."""
        if order is not self.order:
            self.order, rows = order, [self.rows[row] for row in order.tolist()]
            single = self.batch == 1
            ends = accumulate(self.sizes, initial=0)
            self.samples = rows if single else [rows[start:end] for start, end in pairwise(ends)]
        return self.samples

    def finish(self) -> None:
        """Compute the epochs that wait, and put them into the arrays of the trace."""
        if not self.waiting:
            return
        count, visits = len(self.waiting), len(self.waiting) * len(self.waiting[0][0])
        here, updates = (
            slice(self.visit - visits, self.visit),
            slice(self.update - count * len(self.sizes), self.update),
        )
        self._compute(updates.start)
        order = np.concatenate([order for order, _ in self.waiting])
        done, y = self._outcome(visits, updates, order), self.experiment.dataset.y[order]
        self.record.updates(updates, here, done)
        epochs = np.arange(self.epochs - count, self.epochs)
        self.record.epoch(
            slice(self.epochs - count, self.epochs),
            here,
            updates,
            EpochOutcome(
                row=order,
                update_of=np.arange(updates.start, updates.stop).repeat(np.tile(self.sizes, count)),
                epoch_of=np.repeat(epochs, visits // count),
                loss=self.step.loss.kernel(y, done.a[-1], done.z[-1]),
                learning_rate=np.repeat([eta for _, eta in self.waiting], len(self.sizes)),
            ),
        )
        self._looked(here.start, updates.start, (y, done.a[-1], done.z[-1]))
        self.waiting = []

    def _looked(self, visit: int, update: int, ends: Ends) -> None:
        """Look at the epochs that waited, in turn. After the last of the run is as if nothing was.

        ``ends`` are those of all of them; the first begins with this visit and this update.
        """
        if self.experiment.training.plateau is None:
            return
        rows, each = len(self.waiting[0][0]), len(self.sizes)
        for k, (_, eta) in enumerate(self.waiting, start=1):
            here, updates = (
                slice(at + (k - 1) * n, at + k * n) for at, n in ((visit, rows), (update, each))
            )
            part = slice((k - 1) * rows, k * rows)
            self.look(here, updates, (ends[0][part], ends[1][part], ends[2][part]), eta)
            if self.ended:
                self.epochs += k - len(self.waiting)
                self.visit, self.update = here.stop, updates.stop
                return

    def _outcome(self, visits: int, updates: slice, order: IntArray) -> Outcome:
        """What the updates computed, from the buffers; what nothing needed is computed here."""
        step, data = self.step, self.experiment.dataset
        z, a, dL_da, dL_dz = self._layers(self.visits.rows(visits))
        if step.loss.fused:
            dL_da = (*dL_da, step.loss.slope(data.y[order], a[-1], z[-1]))
        size, part, names = step.flat.count, step.trained.stop, step.program.variables
        rows = self.updates.rows(updates.stop - updates.start)
        first = rows.shape[1] - size - part * len(names)
        states = (rows[:, k : k + part] for k in range(first + size, rows.shape[1], part))
        after = self.parameters[updates.start + 1 : updates.stop + 1]
        after[:] = rows[:, first : first + size]
        gradients, before = rows[:, :size], self.parameters[updates]
        if self.batch == 1:
            gradients = self.record.rows[GRADIENTS][updates]
            self._multiply((data.x[order], *a[:-1]), dL_dz, gradients)
            if step.training.l2:  # else the sums are the gradient
                step.finish(gradients, before, 1, gradients)
        return Outcome(
            *(z, a, dL_da, dL_dz),
            gradients=gradients,
            penalty=step.penalty(before, np.tile(self.sizes, len(self.waiting))),
            after=after,
            state=dict(zip(names, states, strict=True)),
        )

    def _multiply(self, signals: Layers, dL_dz: Layers, into: FloatArray) -> None:
        """∂L/∂w of single samples, (V, P): the same products as those of the code."""
        (source, target), weights = self.step.flat.ends, self.step.flat.weights
        before, errors = np.concatenate(signals, axis=1), np.concatenate(dL_dz, axis=1)
        chosen = before.take(source, axis=1), errors.take(target, axis=1)
        np.multiply(*chosen, out=into[:, :weights])
        into[:, weights:] = errors

    def _layers(self, rows: FloatArray) -> tuple[Layers, Layers, Layers, Layers]:
        """z, a, ∂L/∂a and ∂L/∂z of visits, layer by layer, from their rows."""
        sizes = self.experiment.layer_sizes[1:]
        signals = sizes[:-1] if self.step.loss.fused else sizes
        found, at = [], 0
        for layers in (sizes, sizes, signals, sizes):
            ends = list(accumulate(layers, initial=at))
            found.append(tuple(rows[:, start:end] for start, end in pairwise(ends)))
            at = ends[-1]
        z, a, dL_da, dL_dz = found
        return z, a, dL_da, dL_dz
