"""The training loop: runs an experiment and writes every intermediate into the trace.

Every update uses the weights from before it throughout its backward pass. Non-finite numbers
are recorded like any other: a run that diverges is not an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.initializers import INITIALIZERS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.network import Layers, backward, forward, gradients
from tracer.trace import IntArray, Trace, epoch_losses


class Meter(Protocol):
    """Told of the progress of a run: ``done`` of ``total`` epochs."""

    def __call__(self, done: int, total: int) -> None: ...


def no_meter(done: int, total: int) -> None:
    """The meter that shows nothing."""


def run(experiment: Experiment, meter: Meter = no_meter) -> Trace:
    """Train the experiment's network and return the trace of the whole run."""
    recorder = _Recorder(experiment)
    with np.errstate(all="ignore"):
        for epoch, order in enumerate(_orders(experiment)):
            recorder.epoch(epoch, order)
            meter(epoch + 1, experiment.training.epochs)
            if recorder.should_stop(epoch):
                break
    return recorder.trace()


def starting_values(experiment: Experiment) -> tuple[Layers, Layers]:
    """(W, b) before the first update: given, or drawn layer by layer, weights before biases."""
    init, sizes = experiment.init, experiment.layer_sizes
    pairs = list(zip(sizes, sizes[1:], strict=False))
    if init.scheme == "given":
        given = init.biases if not isinstance(init.biases, str) else [[0.0] * n for _, n in pairs]
        return tuple(np.array(w, dtype=float) for w in init.weights), tuple(
            np.array(b, dtype=float) for b in given
        )
    rng, W, b = np.random.default_rng(init.seed), [], []
    for n_in, n_out in pairs:
        W.append(_draw(experiment, rng, (n_in, n_out), n_in, n_out))
        zeros = init.biases == "zeros"
        b.append(np.zeros(n_out) if zeros else _draw(experiment, rng, (n_out,), n_in, n_out))
    return tuple(W), tuple(b)


def _draw(
    experiment: Experiment, rng: np.random.Generator, shape: tuple[int, ...], n_in: int, n_out: int
) -> FloatArray:
    init = experiment.init
    values = {
        "n_in": n_in,
        "n_out": n_out,
        "low": init.low,
        "high": init.high,
        "std": init.std,
    }
    drawn = INITIALIZERS[init.scheme].draw(rng, shape, values)
    return drawn if init.decimals is None else np.round(drawn, init.decimals) + 0.0


def _orders(experiment: Experiment) -> Iterator[IntArray]:
    """The order of the training rows (from 0) in each epoch."""
    training = experiment.training
    rows = np.array(experiment.dataset.train, dtype=np.int64)
    rng = np.random.default_rng((experiment.init.seed, 1))
    for epoch in range(training.epochs):
        if training.order:
            yield np.array(training.order[epoch], dtype=np.int64) - 1
        else:
            yield rng.permutation(rows) if training.shuffle else rows


class _Recorder:
    """The arrays of a trace while they are being filled."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.training = experiment.training
        self.loss_entry = LOSSES[self.training.loss]
        self.optimizer = OPTIMIZERS[self.training.optimizer]
        self.activations = [ACTIVATIONS[layer.activation] for layer in experiment.layers]
        rows, sizes = len(experiment.dataset.train), experiment.layer_sizes[1:]
        self.batch = rows if self.training.batch_size == "all" else int(self.training.batch_size)
        visits = rows * self.training.epochs
        updates = -(-rows // self.batch) * self.training.epochs
        W, b = starting_values(experiment)
        self.W, self.b = _history(W, updates), _history(b, updates)
        self.z, self.a, self.dL_da, self.dL_dz = (
            tuple(np.zeros((visits, n)) for n in sizes) for _ in range(4)
        )
        self.loss, self.penalty = np.zeros(visits), np.zeros(updates)
        self.row, self.update_of, self.epoch_of = (
            np.zeros(visits, dtype=np.int64) for _ in range(3)
        )
        self.grad_W = tuple(np.zeros((updates, *w.shape)) for w in W)
        self.grad_b = tuple(np.zeros((updates, *v.shape)) for v in b)
        self.state = {
            name: {"W": _blank(W, updates), "b": _blank(b, updates)}
            for name in self.optimizer.variables
        }
        self.curve: list[float] = []
        self.visit = self.update = self.bad_epochs = 0
        self.best = np.inf

    def epoch(self, epoch: int, order: IntArray) -> None:
        first_visit, first_update = self.visit, self.update
        for start in range(0, len(order), self.batch):
            self._update(epoch, order[start : start + self.batch])
        self.curve.append(self._epoch_loss(first_visit, first_update))

    def _epoch_loss(self, first_visit: int, first_update: int) -> float:
        here = slice(first_visit, self.visit)
        curve = epoch_losses(
            self.loss[here],
            self.penalty[first_update : self.update],
            self.update_of[here] - first_update,
            self.epoch_of[here] * 0,
            mean=self.training.reduction == "mean",
        )
        return float(curve[0])

    def should_stop(self, epoch: int) -> bool:
        """scikit-learn's rule: more than ``patience`` epochs in a row without ``tolerance``."""
        stop, loss = self.training.stop, self.curve[-1]
        if stop is None:
            return False
        self.bad_epochs = self.bad_epochs + 1 if loss > self.best - stop.tolerance else 0
        self.best = min(self.best, loss)
        return self.bad_epochs > stop.patience

    def _update(self, epoch: int, rows: IntArray) -> None:
        here, u = slice(self.visit, self.visit + len(rows)), self.update
        W, b = tuple(w[u] for w in self.W), tuple(v[u] for v in self.b)
        self.row[here], self.update_of[here], self.epoch_of[here] = rows, u, epoch
        a, dL_dz = self._pass(here, rows, W, b)
        x = self.experiment.dataset.x[rows]
        self._gradients(x, a, dL_dz, W)
        self._apply("W", W, self.W, self.grad_W, trained=True)
        self._apply("b", b, self.b, self.grad_b, trained=self.training.train_biases)
        self.visit, self.update = here.stop, u + 1

    def _pass(self, here: slice, rows: IntArray, W: Layers, b: Layers) -> tuple[Layers, Layers]:
        data = self.experiment.dataset
        z, a = forward(data.x[rows], W, b, [entry.kernel for entry in self.activations])
        y, last = data.y[rows], self.activations[-1]
        slope = self.loss_entry.slope(y, a[-1], z[-1])
        error = a[-1] - y if self.loss_entry.fused else last.backward(z[-1], a[-1], slope)
        rules = [entry.backward for entry in self.activations]
        dL_da, dL_dz = backward(z, a, W, (slope, error), rules)
        self.loss[here] = self.loss_entry.kernel(y, a[-1], z[-1])
        for store, values in zip(
            (self.z, self.a, self.dL_da, self.dL_dz), (z, a, dL_da, dL_dz), strict=True
        ):
            for array, value in zip(store, values, strict=True):
                array[here] = value
        return a, dL_dz

    def _gradients(self, x: FloatArray, a: Layers, dL_dz: Layers, W: Layers) -> None:
        sums = gradients(x, a, dL_dz)
        size = len(x) if self.training.reduction == "mean" else 1
        decay = self.training.l2 / len(x) if self.training.l2_per_batch else self.training.l2
        for k, weights in enumerate(W):
            self.grad_W[k][self.update] = sums[0][k] / size + (decay * weights if decay else 0.0)
            self.grad_b[k][self.update] = sums[1][k] / size
        self.penalty[self.update] = 0.5 * decay * sum(float(np.sum(w * w)) for w in W)

    def _apply(
        self, kind: str, values: Layers, history: Layers, grads: Layers, *, trained: bool
    ) -> None:
        u = self.update
        for k, value in enumerate(values):
            if not trained:
                history[k][u + 1] = value
                continue
            names: dict[str, Any] = dict(self.training.options)
            names |= {name: kinds[kind][k][u] for name, kinds in self.state.items()}
            names |= {"w": value, "g": grads[k][u], "eta": self.training.learning_rate, "t": u + 1}
            results = self.optimizer.apply(names)
            history[k][u + 1] = results.pop("w")
            for name, result in results.items():
                self.state[name][kind][k][u + 1] = result

    def trace(self) -> Trace:
        """The finished trace, cut to what was run."""
        visits, updates = slice(self.visit), slice(self.update)
        after = slice(self.update + 1)
        data = self.experiment.dataset
        return Trace(
            experiment=self.experiment,
            x=data.x,
            y=data.y,
            W=_cut(self.W, after),
            b=_cut(self.b, after),
            z=_cut(self.z, visits),
            a=_cut(self.a, visits),
            dL_da=_cut(self.dL_da, visits),
            dL_dz=_cut(self.dL_dz, visits),
            loss=self.loss[visits],
            row=self.row[visits],
            update_of=self.update_of[visits],
            epoch_of=self.epoch_of[visits],
            grad_W=_cut(self.grad_W, updates),
            grad_b=_cut(self.grad_b, updates),
            penalty=self.penalty[updates],
            state=_cut_state(self.state, after),
        )


def _history(start: Layers, updates: int) -> Layers:
    arrays = _blank(start, updates)
    for array, value in zip(arrays, start, strict=True):
        array[0] = value
    return arrays


def _blank(like: Layers, updates: int) -> Layers:
    return tuple(np.zeros((updates + 1, *value.shape)) for value in like)


def _cut(arrays: Layers, part: slice) -> Layers:
    return tuple(array[part] for array in arrays)


def _cut_state(
    state: Mapping[str, Mapping[str, Layers]], part: slice
) -> dict[str, dict[str, Layers]]:
    return {
        name: {kind: _cut(layers, part) for kind, layers in kinds.items()}
        for name, kinds in state.items()
    }


