"""The training loop: runs an experiment and writes every intermediate into the trace.

Every update uses the weights from before it throughout its backward pass. Non-finite numbers
are recorded like any other: a run that diverges is not an error.
"""

from __future__ import annotations

import numpy as np

from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.meters import Meter, no_meter
from tracer.trace import IntArray, Trace
from tracer.trace.fields import PARAMETERS, Counts
from tracer.trace.layout import rows_an_update
from tracer.training.draws import epoch_orders, starting_values
from tracer.training.record import EpochOutcome, Record
from tracer.training.size import check_run, chosen
from tracer.training.step import Epoch, Rhythm, UpdateStep, Watch


def run(experiment: Experiment, meter: Meter = no_meter) -> Trace:
    """Train the experiment's network and return the trace of the whole run.

    Raises ExperimentError where it would be larger than is sensible; `Experiment.insist` allows it.
    """
    check_run(experiment)
    recorder = _Recorder(experiment)
    with np.errstate(all="ignore"):
        for epoch, order in enumerate(epoch_orders(experiment)):
            recorder.epoch(epoch, order)
            meter(epoch + 1, experiment.training.epochs)
            if recorder.ended:
                break
    return recorder.trace()


class _Recorder:
    """The run as it goes on, written into the record of its trace."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.step, self.rhythm = UpdateStep.of(experiment), Rhythm.of(experiment)
        rows, self.batch = len(experiment.dataset.train), rows_an_update(experiment)
        self.sizes = [min(self.batch, rows - start) for start in range(0, rows, self.batch)]
        counts = Counts.of(experiment, experiment.training.epochs, self.batch)
        self.record = Record(experiment, self.step.flat, counts, chosen(experiment))
        self.w = self.step.flat.join(*starting_values(experiment))
        self.record.rows[PARAMETERS][0] = self.w
        self.now, self.watch = self.step.start(), Watch.start()
        self.outputs: list[tuple[FloatArray, FloatArray]] = []
        self.visit = self.update = self.epochs = 0
        self.ended = False

    def epoch(self, epoch: int, order: IntArray) -> None:
        """Go once through the rows of ``order``, batch by batch."""
        data, first = self.experiment.dataset, self.update
        eta = self.rhythm.rate(epoch, self.visit, self.watch)
        here = slice(self.visit, self.visit + len(order))
        for start in range(0, len(order), self.batch):
            rows = order[start : start + self.batch]
            self._update(data.x[rows], data.y[rows], eta)
        updates, arrays = slice(first, self.update), self.record.arrays
        ends = data.y[order], *self._outputs()
        loss, batches = self.step.loss.kernel(*ends), first + np.arange(len(order)) // self.batch
        outcome = EpochOutcome(order, batches, epoch, loss, eta)
        self.record.epoch(epoch, here, updates, outcome)
        done = Epoch(arrays["loss"][here], arrays["penalty"][updates], self.sizes, ends)
        self.watch, ended = self.rhythm.next(self.watch, done, eta)
        self.epochs, self.ended = epoch + 1, bool(ended)

    def _update(self, x: FloatArray, y: FloatArray, eta: float) -> None:
        """One batch, written into the places of its update and its visits."""
        u, here = self.update, slice(self.visit, self.visit + len(x))
        done = self.step(self.w, self.now, (x, y), eta, u + 1)
        self.record.update(u, here, done)
        self.outputs.append((done.a[-1], done.z[-1]))
        self.w, self.now, self.visit, self.update = done.after, done.state, here.stop, u + 1

    def _outputs(self) -> tuple[FloatArray, FloatArray]:
        """(ŷ, z of the output) of the epoch that ends, (V, n_L) each."""
        a, z = zip(*self.outputs, strict=True)
        self.outputs = []
        return np.concatenate(a), np.concatenate(z)

    def trace(self) -> Trace:
        """The finished trace, cut to what was run."""
        return self.record.trace(Counts.of(self.experiment, self.epochs, self.batch))
