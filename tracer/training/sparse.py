"""The recorder of a run of which only a part is kept: what is not kept is computed again by itself.

Every update is that of :class:`tracer.training.replay.Replayer`, so the numbers are the very same.
"""

from __future__ import annotations

import numpy as np

from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.trace import IntArray
from tracer.trace.fields import NUMPY, PARAMETERS
from tracer.trace.kept import Kept
from tracer.training.record import EpochOutcome
from tracer.training.recorder import Recorder


class SparseRecorder(Recorder):
    """Updates by NumPy, of which ``kept`` says what is written."""

    engine = NUMPY

    def __init__(self, experiment: Experiment, kept: Kept) -> None:
        super().__init__(experiment, kept)
        self.w, self.now = self.record.rows[PARAMETERS][0].copy(), self.step.start()
        self.places = [self.step.places(self.w) for _ in range(2)]
        self.outputs: list[tuple[FloatArray, FloatArray]] = []

    def learn(self, order: IntArray, eta: float) -> None:
        """One update after the other, each with rows that are gathered for it."""
        data, first = self.experiment.dataset, self.update
        here = slice(self.visit, self.visit + len(order))
        for start in range(0, len(order), self.batch):
            rows = order[start : start + self.batch]
            self._update(data.x[rows], data.y[rows], eta)
        updates, ends = slice(first, self.update), (data.y[order], *self._outputs())
        loss, batches = self.step.loss.kernel(*ends), first + np.arange(len(order)) // self.batch
        outcome = EpochOutcome(order, batches, self.epochs, loss, eta)
        self.record.epoch(self.epochs, here, updates, outcome)
        self.epochs += 1
        self.look(here, updates, ends, eta)

    def _update(self, x: FloatArray, y: FloatArray, eta: float) -> None:
        """One batch, written into the places that are kept of its update and its visits."""
        u, here = self.update, slice(self.visit, self.visit + len(x))
        self.places.reverse()  # what was written last is read now
        done = self.step(self.w, self.now, (x, y), eta, u + 1, into=self.places[0])
        done = self.step.completed(done, y)
        self.record.update(u, here, done)
        self.outputs.append((done.a[-1], done.z[-1]))
        self.w, self.now, self.visit, self.update = done.after, done.state, here.stop, u + 1

    def _outputs(self) -> tuple[FloatArray, FloatArray]:
        """(ŷ, z of the output) of the epoch that ends, (V, n_L) each."""
        a, z = zip(*self.outputs, strict=True)
        self.outputs = []
        return np.concatenate(a), np.concatenate(z)

    def finish(self) -> None:
        """Everything is written already."""
