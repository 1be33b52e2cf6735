"""The training loop: runs an experiment and writes every intermediate into the trace.

Every update uses the weights from before it throughout its backward pass. Non-finite numbers
are recorded like any other: a run that diverges is not an error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES, Progress
from tracer.draws import epoch_orders, starting_values
from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.network import Layers, backward, forward, gradients
from tracer.size import check_run
from tracer.trace import IntArray, Trace, epoch_losses


class Meter(Protocol):
    """Told of the progress of a run: ``done`` of ``total`` epochs."""

    def __call__(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` epochs are over."""


def no_meter(done: int, total: int) -> None:
    """The meter that shows nothing."""


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
            if recorder.should_stop():
                break
    return recorder.trace()


class _Parameters:
    """Rows of numbers, one a parameter: all weights, then all biases, and views of each layer's.

    Standing side by side in ``all`` (rows, P), they need one call of an optimizer's program for
    an update instead of one for each matrix. ``weights`` of the P are weights.
    """

    def __init__(self, rows: int, sizes: Sequence[int]) -> None:
        pairs = list(pairwise(sizes))
        shapes: list[tuple[int, ...]] = [*pairs, *((n,) for n in sizes[1:])]
        ends = np.cumsum([math.prod(shape) for shape in shapes])
        self.all = np.zeros((rows, int(ends[-1])))
        parts = np.split(self.all, ends[:-1], axis=1)
        views = [
            part.reshape((rows, *shape), copy=False)
            for part, shape in zip(parts, shapes, strict=True)
        ]
        self.W, self.b = tuple(views[: len(pairs)]), tuple(views[len(pairs) :])
        self.weights = int(ends[len(pairs) - 1])


class _Recorder:
    """The arrays of a trace while they are being filled."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.training = training = experiment.training
        self.loss_entry = LOSSES[training.loss]
        self.program = OPTIMIZERS[training.optimizer].program(training.options)
        self.activations = [ACTIVATIONS[layer.activation] for layer in experiment.layers]
        self.kernels = [entry.kernel for entry in self.activations]
        self.rules = [entry.backward for entry in self.activations]
        rows, sizes = len(experiment.dataset.train), experiment.layer_sizes
        self.batch = rows if training.batch_size == "all" else int(training.batch_size)
        visits, updates = rows * training.epochs, -(-rows // self.batch) * training.epochs
        self.z, self.a, self.dL_da, self.dL_dz = (
            tuple(np.zeros((visits, n)) for n in sizes[1:]) for _ in range(4)
        )
        self.loss = np.zeros(visits)
        self.penalty, self.learning_rate = np.zeros(updates), np.zeros(updates)
        self.row, self.update_of, self.epoch_of = (
            np.zeros(visits, dtype=np.int64) for _ in range(3)
        )
        self.parameters = _Parameters(updates + 1, sizes)
        for history, values in zip(("W", "b"), starting_values(experiment), strict=True):
            for array, value in zip(getattr(self.parameters, history), values, strict=True):
                array[0] = value
        self.grads = _Parameters(updates, sizes)
        self.state = {name: _Parameters(updates + 1, sizes) for name in self.program.variables}
        self.trained = slice(None if training.train_biases else self.parameters.weights)
        self.values: dict[str, Any] = dict(training.options)
        self.schedule = SCHEDULES[training.schedule]
        self.visit = self.update = self.bad_epochs = self.plateaus = 0
        self.best = self.watched = np.inf

    def epoch(self, epoch: int, order: IntArray) -> None:
        """Go once through the rows of ``order``, batch by batch."""
        data, first = self.experiment.dataset, self.update
        self.values["eta"] = self._rate(epoch)
        x, y = data.x[order], data.y[order]
        here = slice(self.visit, self.visit + len(order))
        self.row[here], self.epoch_of[here] = order, epoch
        self.update_of[here] = first + np.arange(len(order)) // self.batch
        for start in range(0, len(order), self.batch):
            part = slice(start, start + self.batch)
            self._update(x[part], y[part])
        self.learning_rate[first : self.update] = self.values["eta"]
        self.loss[here] = self.loss_entry.kernel(y, self.a[-1][here], self.z[-1][here])
        self.watched = self._watched_loss(y, here, first)

    def _rate(self, epoch: int) -> float:
        """η of an epoch (from 0): every epoch before it has seen every training row."""
        progress = Progress(epoch, self.visit, self.plateaus)
        training = self.training
        return self.schedule.rate(training.learning_rate, training.schedule_options, progress)

    def _watched_loss(self, y: FloatArray, here: slice, first_update: int) -> float:
        """The loss of an epoch as the stop rule sees it."""
        rule, loss = self.training.plateau, self.loss[here]
        if rule is not None and rule.measure == "sklearn":
            loss = self.loss_entry.sklearn_loss(y, self.a[-1][here], self.z[-1][here])
        curve = epoch_losses(
            loss,
            self.penalty[first_update : self.update],
            self.update_of[here] - first_update,
            np.zeros_like(self.epoch_of[here]),
            mean=self.training.reduction == "mean",
        )
        return float(curve[0])

    def should_stop(self) -> bool:
        """scikit-learn's rule: more than ``patience`` epochs in a row without ``tolerance``.

        A schedule that waits for this then makes η smaller instead, as long as η is not too small.
        """
        rule, loss = self.training.plateau, self.watched
        if rule is None:
            return False
        self.bad_epochs = self.bad_epochs + 1 if loss > self.best - rule.tolerance else 0
        self.best = min(self.best, loss)
        if self.bad_epochs <= rule.patience:
            return False
        if not self.schedule.on_plateau:
            return True
        self.plateaus, self.bad_epochs = self.plateaus + 1, 0
        return bool(self.values["eta"] <= self.training.schedule_options["least"])

    def _update(self, x: FloatArray, y: FloatArray) -> None:
        """One batch: forward, backward, gradients, and the parameters after it."""
        W = [weights[self.update] for weights in self.parameters.W]
        b = [biases[self.update] for biases in self.parameters.b]
        z, a = forward(x, W, b, self.kernels)
        slope = self.loss_entry.slope(y, a[-1], z[-1])
        fused, last = self.loss_entry.fused, self.rules[-1]
        error = a[-1] - y if fused else last(z[-1], a[-1], slope)
        dL_da, dL_dz = backward(z, a, W, (slope, error), self.rules)
        here = slice(self.visit, self.visit + len(x))
        for k in range(len(W)):
            self.z[k][here], self.a[k][here] = z[k], a[k]
            self.dL_da[k][here], self.dL_dz[k][here] = dL_da[k], dL_dz[k]
        self._gradients(x, a, dL_dz, W)
        self._apply()
        self.visit, self.update = here.stop, self.update + 1

    def _gradients(self, x: FloatArray, a: Layers, dL_dz: Layers, W: Sequence[FloatArray]) -> None:
        u, training, sums = self.update, self.training, gradients(x, a, dL_dz)
        for k, (weights, biases) in enumerate(zip(*sums, strict=True)):
            self.grads.W[k][u], self.grads.b[k][u] = weights, biases
        if training.reduction == "mean":
            self.grads.all[u] /= len(x)
        if decay := training.l2 / len(x) if training.l2_per_batch else training.l2:
            part = slice(self.grads.weights)
            self.grads.all[u, part] += decay * self.parameters.all[u, part]
            self.penalty[u] = 0.5 * decay * sum(float(np.sum(w * w)) for w in W)

    def _apply(self) -> None:
        u, trained, values = self.update, self.trained, self.values
        before, after = self.parameters.all[u], self.parameters.all[u + 1]
        values["w"], values["g"], values["t"] = before[trained], self.grads.all[u, trained], u + 1
        values |= {name: rows.all[u, trained] for name, rows in self.state.items()}
        results = self.program.apply(values)
        after[:] = before
        after[trained] = results.pop("w")
        for name, result in results.items():
            self.state[name].all[u + 1, trained] = result

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
