"""The training loop: runs an experiment and writes every intermediate into the trace.

Every update uses the weights from before it throughout its backward pass. Non-finite numbers
are recorded like any other: a run that diverges is not an error.
"""

from __future__ import annotations

import numpy as np

from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.meters import Meter, no_meter
from tracer.network import Layers
from tracer.trace import IntArray, Trace
from tracer.training.draws import epoch_orders, starting_values
from tracer.training.size import check_run
from tracer.training.step import Epoch, Flat, Rhythm, Step, Watch


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


class _History:
    """Rows of numbers, one a parameter, and views of each layer's: ``W`` and ``b``."""

    def __init__(self, rows: int, flat: Flat) -> None:
        self.all = np.zeros((rows, flat.count))
        self.W, biases = flat.split(self.all)
        self.b = tuple(layer[:, 0] for layer in biases)


class _Recorder:
    """The arrays of a trace while they are being filled."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.step, self.rhythm = Step.of(experiment), Rhythm.of(experiment)
        rows, sizes = len(experiment.dataset.train), experiment.layer_sizes
        size, epochs = experiment.training.batch_size, experiment.training.epochs
        self.batch = rows if size == "all" else int(size)
        self.sizes = [min(self.batch, rows - start) for start in range(0, rows, self.batch)]
        visits, updates = rows * epochs, len(self.sizes) * epochs
        self.z, self.a, self.dL_da, self.dL_dz = (
            tuple(np.zeros((visits, n)) for n in sizes[1:]) for _ in range(4)
        )
        self.loss = np.zeros(visits)
        self.penalty, self.learning_rate = np.zeros(updates), np.zeros(updates)
        self.row, self.update_of, self.epoch_of = (
            np.zeros(visits, dtype=np.int64) for _ in range(3)
        )
        self._histories(updates)
        self.visit = self.update = 0
        self.watch, self.ended = Watch.start(), False

    def _histories(self, updates: int) -> None:
        flat = self.step.flat
        self.parameters, self.grads = _History(updates + 1, flat), _History(updates, flat)
        self.parameters.all[0] = flat.join(*starting_values(self.experiment))
        self.now = self.step.start()
        self.state = {name: _History(updates + 1, flat) for name in self.now}

    def epoch(self, epoch: int, order: IntArray) -> None:
        """Go once through the rows of ``order``, batch by batch."""
        data, first = self.experiment.dataset, self.update
        eta = self.rhythm.rate(epoch, self.visit, self.watch)
        x, y = data.x[order], data.y[order]
        here = slice(self.visit, self.visit + len(order))
        self.row[here], self.epoch_of[here] = order, epoch
        self.update_of[here] = first + np.arange(len(order)) // self.batch
        for start in range(0, len(order), self.batch):
            part = slice(start, start + self.batch)
            self._update(x[part], y[part], eta)
        updates = slice(first, self.update)
        self.learning_rate[updates] = eta
        ends = y, self.a[-1][here], self.z[-1][here]
        self.loss[here] = self.step.loss.kernel(*ends)
        done = Epoch(self.loss[here], self.penalty[updates], self.sizes, ends)
        self.watch, ended = self.rhythm.next(self.watch, done, eta)
        self.ended = bool(ended)

    def _update(self, x: FloatArray, y: FloatArray, eta: float) -> None:
        """One batch, written into the row of its update."""
        u, here = self.update, slice(self.visit, self.visit + len(x))
        done = self.step(self.parameters.all[u], self.now, (x, y), eta, u + 1)
        for k in range(len(self.z)):
            self.z[k][here], self.a[k][here] = done.z[k], done.a[k]
            self.dL_da[k][here], self.dL_dz[k][here] = done.dL_da[k], done.dL_dz[k]
        self.grads.all[u], self.penalty[u] = done.gradients, done.penalty
        self.parameters.all[u + 1], self.now = done.after, done.state
        for name, variable in done.state.items():
            self.state[name].all[u + 1, self.step.trained] = variable
        self.visit, self.update = here.stop, u + 1

    def trace(self) -> Trace:
        """The finished trace, cut to what was run."""
        visits, updates = slice(self.visit), slice(self.update)
        after = slice(self.update + 1)
        data = self.experiment.dataset
        return Trace(
            experiment=self.experiment,
            x=data.x,
            y=data.y,
            W=_cut(self.parameters.W, after),
            b=_cut(self.parameters.b, after),
            z=_cut(self.z, visits),
            a=_cut(self.a, visits),
            dL_da=_cut(self.dL_da, visits),
            dL_dz=_cut(self.dL_dz, visits),
            loss=self.loss[visits],
            row=self.row[visits],
            update_of=self.update_of[visits],
            epoch_of=self.epoch_of[visits],
            grad_W=_cut(self.grads.W, updates),
            grad_b=_cut(self.grads.b, updates),
            penalty=self.penalty[updates],
            learning_rate=self.learning_rate[updates],
            state={
                name: {"W": _cut(rows.W, after), "b": _cut(rows.b, after)}
                for name, rows in self.state.items()
            },
        )


def _cut(arrays: Layers, part: slice) -> Layers:
    return tuple(array[part] for array in arrays)
