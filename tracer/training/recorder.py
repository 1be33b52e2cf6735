"""A run as it goes on, written into the record of its trace: what is the same for every engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.trace import IntArray, Trace
from tracer.trace.fields import FIELDS, GRADIENTS, NUMPY, PARAMETERS, Counts
from tracer.trace.kept import Kept
from tracer.trace.layout import rows_an_update
from tracer.training.draws import starting_values
from tracer.training.record import EpochOutcome, Record
from tracer.training.step import Epoch, Rhythm, UpdateStep, Watch

Ends = tuple[FloatArray, FloatArray, FloatArray]
"""y, ŷ and z of the output of every visit of an epoch, (V, n_L) each."""


class Recorder(ABC):
    """The run so far: how many visits, updates and epochs, and what the stop rule remembers."""

    engine: ClassVar[str]

    def __init__(self, experiment: Experiment, kept: Kept | None = None) -> None:
        self.experiment = experiment
        self.step, self.rhythm = UpdateStep.of(experiment), Rhythm.of(experiment)
        rows, self.batch = len(experiment.dataset.train), rows_an_update(experiment)
        self.sizes = [min(self.batch, rows - start) for start in range(0, rows, self.batch)]
        counts = Counts.of(experiment, experiment.training.epochs, self.batch)
        self.record = Record(experiment, self.step.flat, counts, kept)
        self.parameters = self.record.rows[PARAMETERS]
        self.step.flat.join(*starting_values(experiment), into=self.parameters[0])
        self.watch = Watch.start()
        self.visit = self.update = self.epochs = 0
        self.ended = False

    def epoch(self, order: IntArray) -> None:
        """Go once through the rows of ``order``, batch by batch."""
        self.learn(order, self.rhythm.rate(self.epochs, self.visit, self.watch))

    @abstractmethod
    def learn(self, order: IntArray, eta: float) -> None:
        """The same with the learning rate of the epoch."""

    @abstractmethod
    def finish(self) -> None:
        """Write what is not yet written; the trace has it then."""

    @property
    def over(self) -> int:
        """How many epochs are written and looked at."""
        return self.epochs

    def look(self, here: slice, updates: slice, ends: Ends, eta: float) -> None:
        """Look at the epoch of these visits and updates, which ended so."""
        arrays = self.record.arrays
        done = Epoch(arrays["loss"][here], arrays["penalty"][updates], self.sizes, ends)
        self.watch, ended = self.rhythm.next(self.watch, done, eta)
        self.ended = bool(ended)

    def trace(self) -> Trace:
        """The finished trace, cut to what was run."""
        counts = Counts.of(self.experiment, self.epochs, self.batch)
        return self.record.trace(counts, self.engine)


class ArrayRecorder(Recorder):
    """Updates by NumPy, each written when it was made."""

    engine = NUMPY

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(experiment)
        self.now, rows = self.step.start(), self.record.rows
        part, names = self.step.trained, self.step.program.variables
        self.gradients, self.states = rows[GRADIENTS], {n: rows[f"state.{n}"] for n in names}
        self.sums = np.empty(self.step.flat.count)
        self.states = {name: row[:, part] for name, row in self.states.items()}

    def learn(self, order: IntArray, eta: float) -> None:
        """One update after the other."""
        data, first = self.experiment.dataset, self.update
        rows = _in_a_row(order)
        x, y = data.x[rows], data.y[rows]
        here = slice(self.visit, self.visit + len(order))
        for start in range(0, len(order), self.batch):
            part = slice(start, start + self.batch)
            self._update(x[part], y[part], eta)
        updates, arrays = slice(first, self.update), self.record.arrays
        ends = y, arrays["a"][-1][here], arrays["z"][-1][here]
        if self.step.loss.fused:
            arrays["dL_da"][-1][here] = self.step.loss.slope(*ends)
        loss = self.step.loss.kernel(*ends)
        batches = first + np.arange(len(order)) // self.batch
        outcome = EpochOutcome(order, batches, self.epochs, loss, eta)
        self.record.epoch(self.epochs, here, updates, outcome)
        self.epochs += 1
        self.look(here, updates, ends, eta)

    def _update(self, x: FloatArray, y: FloatArray, eta: float) -> None:
        """One batch, written into the places of its update and its visits."""
        u, here, w = self.update, slice(self.visit, self.visit + len(x)), self.parameters
        into = {"sums": self.sums, "g": self.gradients[u], "w": w[u + 1]}
        into |= {name: row[u + 1] for name, row in self.states.items()}
        done = self.step(w[u], self.now, (x, y), eta, u + 1, into=into)
        if FIELDS.outside:  # one of them may look at all of it
            done = self.step.completed(done, y)
        self.record.update(u, here, done)
        self.now, self.visit, self.update = done.state, here.stop, u + 1

    def finish(self) -> None:
        """Everything is written already."""


def _in_a_row(order: IntArray) -> IntArray | slice:
    """The same rows as a slice where they follow each other, which copies nothing."""
    first = int(order[0])
    return slice(first, first + len(order)) if (np.diff(order) == 1).all() else order
