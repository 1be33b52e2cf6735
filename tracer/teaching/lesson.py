"""A run as a lesson: of a trace, only what a teacher looks at.

The search for start values trains many networks and cannot keep a trace of each, so the measures
look at this instead: the first, the shown and the last epoch, the loss by epoch, the answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tracer.catalog.losses import LOSSES
from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.network import Layers
from tracer.trace import IntArray, Trace
from tracer.trace.places import Place


@dataclass(frozen=True)
class EpochView:
    """One epoch. V visits, U updates, P trained parameters: all weights, then all biases.

    ``z`` and ``a`` are tuples over layers of (V, n_ℓ); ``gradients`` (U, P) is what the optimizer
    received, ``before`` and ``after`` (U, P) are the parameters around each update.
    """

    epoch: int
    z: Layers
    a: Layers
    gradients: FloatArray
    before: FloatArray
    after: FloatArray


@dataclass(frozen=True)
class Lesson:
    """What the measures look at.

    ``shown`` are the epochs that the pages show. ``loss_before`` and ``loss_after`` are the mean
    loss of the training rows with the first and with the last parameters, ``y_hat`` (N, n_L) the
    last parameters' answers to all rows. ``trouble`` is the first number that is not finite.
    """

    experiment: Experiment
    first: EpochView
    shown: tuple[EpochView, ...]
    last: EpochView
    loss_curve: FloatArray
    loss_before: float
    loss_after: float
    y_hat: FloatArray
    trouble: Place | None = None

    @property
    def finite(self) -> bool:
        """Whether every loss and every answer to a training row is a finite number."""
        curve, ends = self.loss_curve, (self.loss_before, self.loss_after)
        values = (curve, np.array(ends), self.y_hat[list(self.experiment.dataset.train)])
        return self.trouble is None and all(bool(np.isfinite(v).all()) for v in values)

    def right(self, rows: tuple[int, ...]) -> int:
        """How many of ``rows`` (from 0) are answered rightly at the end."""
        return self.experiment.dataset.right(self.y_hat[list(rows)], rows)

    def explained(self, rows: tuple[int, ...]) -> float:
        """R² of the answers to ``rows``: 1 − Σ(y − ŷ)² / Σ(y − mean y)²; nan for equal targets."""
        y, y_hat = self.experiment.dataset.y[list(rows)], self.y_hat[list(rows)]
        spread = float(np.sum((y - np.mean(y, axis=0)) ** 2))
        return 1.0 - float(np.sum((y - y_hat) ** 2)) / spread if spread else np.nan


def lesson_of(trace: Trace) -> Lesson:
    """The lesson that a trace gives."""
    shown = [epoch - 1 for epoch in trace.experiment.pages.epochs if epoch <= trace.epochs]
    views = {epoch: _view(trace, epoch) for epoch in {0, *shown, trace.epochs - 1}}
    data = trace.experiment.dataset
    ends = {update: trace.forward(data.x, update) for update in (0, -1)}
    before, after = (mean_loss(trace.experiment, z[-1], a[-1]) for z, a in ends.values())
    return Lesson(
        experiment=trace.experiment,
        first=views[0],
        shown=tuple(views[epoch] for epoch in shown),
        last=views[trace.epochs - 1],
        loss_curve=trace.loss_curve,
        loss_before=before,
        loss_after=after,
        y_hat=ends[-1][1][-1],
        trouble=trace.first_nonfinite,
    )


def mean_loss(experiment: Experiment, z: FloatArray, y_hat: FloatArray) -> float:
    """The mean loss of the training rows, from the output layer of all rows, (N, n_L) each."""
    rows, y = list(experiment.dataset.train), experiment.dataset.y
    with np.errstate(all="ignore"):
        loss = LOSSES[experiment.training.loss].kernel(y[rows], y_hat[rows], z[rows])
        return float(np.mean(loss))


def _view(trace: Trace, epoch: int) -> EpochView:
    visits = trace.epoch_of == epoch
    updates = np.flatnonzero(trace.epoch_of_update == epoch)
    W, b = trace.W, trace.b
    return EpochView(
        epoch=epoch + 1,
        z=tuple(layer[visits] for layer in trace.z),
        a=tuple(layer[visits] for layer in trace.a),
        gradients=_flat(trace, trace.grad_W, trace.grad_b, updates),
        before=_flat(trace, W, b, updates),
        after=_flat(trace, W, b, updates + 1),
    )


def _flat(trace: Trace, W: Layers, b: Layers, updates: IntArray) -> FloatArray:
    arrays = (*W, *b) if trace.experiment.training.train_biases else W
    return np.hstack([array[updates].reshape(len(updates), -1) for array in arrays])


def hidden_and_output(lesson: Lesson) -> Iterator[tuple[int, str, bool]]:
    """(layer from 0, activation, whether it is the output) of each layer."""
    layers = lesson.experiment.layers
    for k, layer in enumerate(layers):
        yield k, layer.activation, k == len(layers) - 1
