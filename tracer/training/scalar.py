"""Updates by code that is written out number by number, which small networks learn fastest with.

An epoch is one call. Its numbers are packed side by side into a buffer, and from there, some
epochs at a time, put into the arrays of the trace.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from struct import Struct
from typing import Any

import numpy as np

from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.network import Layers
from tracer.trace import IntArray
from tracer.trace.fields import SCALAR
from tracer.training.code import Code
from tracer.training.record import EpochOutcome
from tracer.training.recorder import Recorder
from tracer.training.step import Outcome
from tracer.training.written import carried

HELD = 512
"""Visits in a buffer, at least: putting them into arrays costs some 50 µs, so 0.1 µs a visit, and
the buffers of the networks that this is for stay within a megabyte."""


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
    """Updates by written code, epoch by epoch."""

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
        # where a rule looks at each epoch, each is written at once
        watched = experiment.training.plateau is not None
        self.most = 1 if watched else max(1, HELD // rows)
        self.visits, self.updates = self._buffers(rows)

    def _buffers(self, rows: int) -> tuple[_Buffer, _Buffer]:
        step, units = self.step, sum(self.experiment.layer_sizes[1:])
        unused = self.experiment.layer_sizes[-1] if step.loss.fused else 0
        states = len(step.program.variables) * step.trained.stop
        return (
            _Buffer(4 * units - unused, rows * self.most),
            _Buffer(2 * step.flat.count + states, len(self.sizes) * self.most),
        )

    def learn(self, order: IntArray, eta: float) -> None:
        """One call for all updates; where one of them is beyond Python's functions, another."""
        self._gather(order)
        held = len(self.waiting)
        buffers = (
            self.visits.at(held * len(order)),
            self.updates.at(held * len(self.sizes)),
        )
        arguments = self.samples, self.kept, float(eta), self.update, *buffers
        try:
            self.kept = self.code.fast(*arguments)
        except (ArithmeticError, ValueError):
            self.kept = self.code.careful(*arguments)
        self.waiting.append((order, eta))
        self.visit, self.update = self.visit + len(order), self.update + len(self.sizes)
        self.epochs += 1
        if len(self.waiting) == self.most:
            self.finish()

    def _gather(self, order: IntArray) -> None:
        """The samples of an epoch, x and y side by side, in batches."""
        if order is self.order:
            return
        self.order, rows = order, [self.rows[row] for row in order.tolist()]
        single = self.batch == 1
        ends = accumulate(self.sizes, initial=0)
        self.samples = rows if single else [rows[start:end] for start, end in pairwise(ends)]

    def finish(self) -> None:
        """Put the epochs that wait into the arrays of the trace."""
        if not self.waiting:
            return
        count, visits = len(self.waiting), len(self.waiting) * len(self.waiting[0][0])
        here, updates = (
            slice(self.visit - visits, self.visit),
            slice(self.update - count * len(self.sizes), self.update),
        )
        order = np.concatenate([order for order, _ in self.waiting])
        y = self.experiment.dataset.y[order]
        done = self._outcome(visits, updates, y)
        self.record.updates(updates, here, done)
        epochs = np.arange(self.epochs - count, self.epochs)
        self.record.epoch(
            slice(self.epochs - count, self.epochs),
            here,
            updates,
            EpochOutcome(
                row=order,
                update_of=np.repeat(np.arange(updates.start, updates.stop), self.sizes * count),
                epoch_of=np.repeat(epochs, visits // count),
                loss=self.step.loss.kernel(y, done.a[-1], done.z[-1]),
                learning_rate=np.repeat([eta for _, eta in self.waiting], len(self.sizes)),
            ),
        )
        eta = self.waiting[-1][1]
        self.waiting = []
        if self.most == 1:
            self.look(here, updates, (y, done.a[-1], done.z[-1]), eta)

    def _outcome(self, visits: int, updates: slice, y: FloatArray) -> Outcome:
        """What the updates computed, from the buffers; what nothing needed is computed here."""
        step, count = self.step, updates.stop - updates.start
        z, a, dL_da, dL_dz = self._layers(self.visits.rows(visits))
        if step.loss.fused:
            dL_da = (*dL_da, step.loss.slope(y, a[-1], z[-1]))
        rows, size, part = self.updates.rows(count), step.flat.count, step.trained.stop
        states = (rows[:, k : k + part] for k in range(2 * size, rows.shape[1], part))
        sizes = np.array(self.sizes * (count // len(self.sizes)), dtype=np.float64)
        after = rows[:, size : 2 * size]
        before = np.concatenate([self.parameters[updates.start][None], after[:-1]])
        return Outcome(
            *(z, a, dL_da, dL_dz),
            gradients=rows[:, :size],
            penalty=step.penalty(before, sizes),
            after=after,
            state=dict(zip(step.program.variables, states, strict=True)),
        )

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
