"""Many start values of one experiment trained at once: the seed is one more axis of every array.

The arithmetic is that of `tracer.training`, on arrays with a first axis S of seeds. Kept are only
the first, the shown and the last epoch of each seed. Seeds that come to an end early (by the stop
rule, or because they are no longer finite) leave the arrays, so the others go faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES, Progress
from tracer.draws import epoch_orders, starting_values
from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.network import Layers, backward, forward, gradients
from tracer.teaching.lesson import EpochView, Lesson, mean_loss
from tracer.trace import IntArray

Check = Callable[[], None]


def with_seed(experiment: Experiment, seed: int) -> Experiment:
    """The experiment with another seed."""
    return replace(experiment, init=experiment.init.model_copy(update={"seed": seed}))


def with_epochs(experiment: Experiment, epochs: int) -> Experiment:
    """The experiment with its first ``epochs`` epochs only; all of them are shown."""
    order = experiment.training.order[:epochs]
    training = experiment.training.model_copy(update={"epochs": epochs, "order": order})
    pages = experiment.pages.model_copy(update={"epochs": tuple(range(1, epochs + 1))})
    return replace(experiment, training=training, pages=pages)


def lessons(
    experiment: Experiment, seeds: Sequence[int], check: Check = lambda: None
) -> dict[int, Lesson]:
    """The lesson that each seed gives. ``check`` is called once an epoch; it may raise."""
    with np.errstate(all="ignore"):
        return dict(_Many(experiment, seeds).run(check))


@dataclass(frozen=True)
class _Shape:
    """Where the parameters of each layer stand in rows of P numbers: weights first, then biases."""

    sizes: tuple[int, ...]

    def split(self, rows: FloatArray) -> tuple[Layers, Layers]:
        """(W, b) of rows (S, P): views (S, n_in, n_out) and (S, 1, n_out) of each layer."""
        pairs, S, at = list(pairwise(self.sizes)), len(rows), 0
        parts: list[FloatArray] = []
        for shape in (*pairs, *((1, n) for _, n in pairs)):
            end = at + shape[0] * shape[1]
            parts.append(rows[:, at:end].reshape(S, *shape))
            at = end
        return tuple(parts[: len(pairs)]), tuple(parts[len(pairs) :])

    @property
    def weights(self) -> int:
        """How many of the P are weights."""
        return sum(n_in * n_out for n_in, n_out in pairwise(self.sizes))


def _join(W: Layers, b: Layers) -> FloatArray:
    return np.concatenate([array.reshape(len(array), -1) for array in (*W, *b)], axis=1)


class _Many:
    """The seeds that are still running, and what is kept of them."""

    def __init__(self, experiment: Experiment, seeds: Sequence[int]) -> None:
        self.experiment, self.training = experiment, experiment.training
        own = [with_seed(experiment, seed) for seed in seeds]
        starts = [starting_values(one) for one in own]
        self.shape = _Shape(experiment.layer_sizes)
        self.w = np.stack([np.concatenate([np.ravel(v) for v in (*W, *b)]) for W, b in starts])
        self.seeds = np.array(seeds, dtype=np.int64)
        chosen = own if self.training.shuffle else own[:1]
        self.orders = {one.init.seed: epoch_orders(one) for one in chosen}
        self.program = OPTIMIZERS[self.training.optimizer].program(self.training.options)
        self.state = {name: np.zeros_like(self.w) for name in self.program.variables}
        self.loss_entry = LOSSES[self.training.loss]
        entries = [ACTIVATIONS[layer.activation] for layer in experiment.layers]
        self.kernels = [entry.kernel for entry in entries]
        self.rules = [entry.backward for entry in entries]
        trained = None if self.training.train_biases else self.shape.weights
        self.trained = slice(trained)
        rows = len(experiment.dataset.train)
        size = self.training.batch_size
        self.batch = rows if size == "all" else int(size)
        self.curve = np.zeros((len(seeds), self.training.epochs))
        self.before = dict(zip(seeds, self._answers()[1], strict=True))
        self.kept: dict[int, dict[int, EpochView]] = {seed: {} for seed in seeds}
        self.best, self.bad = np.full(len(seeds), np.inf), np.zeros(len(seeds), dtype=np.int64)
        self.updates = self.visits = 0
        self.eta = self.training.learning_rate

    def run(self, check: Check) -> Iterator[tuple[int, Lesson]]:
        """Train; each seed's lesson comes as soon as it has ended."""
        last = self.training.epochs - 1
        for epoch in range(self.training.epochs):
            check()
            view = self._epoch(epoch)
            ended = self._ended(epoch) | (epoch == last)
            if epoch + 1 in (1, *self.experiment.pages.epochs):
                self._keep(view, np.ones_like(ended))
            self._keep(view, ended)
            yield from self._take_out(ended, epoch)
            if not len(self.seeds):
                return

    def _epoch(self, epoch: int) -> dict[str, Any]:
        """Go once through the rows, batch by batch; what happened, as arrays (S, …)."""
        data, order = self.experiment.dataset, self._order()
        progress, training = Progress(epoch, self.visits), self.training
        schedule, self.visits = SCHEDULES[training.schedule], self.visits + order.shape[1]
        self.eta = schedule.rate(training.learning_rate, training.schedule_options, progress)
        x, y = data.x[order], data.y[order]
        passed: list[dict[str, Any]] = []
        for start in range(0, order.shape[1], self.batch):
            part = slice(start, start + self.batch)
            passed.append(self._update(x[:, part], y[:, part]))
        layers = range(len(self.kernels))
        view: dict[str, Any] = {
            name: tuple(np.concatenate([p[name][k] for p in passed], axis=1) for k in layers)
            for name in ("z", "a")
        }
        for name in ("gradients", "before", "after"):
            view[name] = np.stack([p[name][:, self.trained] for p in passed], axis=1)
        sizes = np.array([p["a"][-1].shape[1] for p in passed])
        penalty = np.stack([p["penalty"] for p in passed], axis=1)
        ends = (y, view["a"][-1], view["z"][-1])
        self.curve[:, epoch] = self._epoch_loss(self.loss_entry.kernel(*ends), penalty, sizes)
        self.watched = self.curve[:, epoch]
        if training.stop is not None and training.stop.measure == "sklearn":
            loss = self.loss_entry.sklearn_loss(*ends)
            self.watched = self._epoch_loss(loss, penalty, sizes)
        return view | {"epoch": epoch + 1}

    def _order(self) -> IntArray:
        """The training rows of the epoch that begins: (S, V), or (1, V) where all go alike."""
        orders = {seed: next(order) for seed, order in self.orders.items()}
        if self.training.shuffle:
            return np.stack([orders[int(seed)] for seed in self.seeds])
        return next(iter(orders.values()))[None]

    def _update(self, x: FloatArray, y: FloatArray) -> dict[str, Any]:
        """One batch of each seed: forward, backward, gradients, and the parameters after it."""
        before = self.w
        W, b = self.shape.split(before)
        z, a = forward(x, W, b, self.kernels)
        slope = self.loss_entry.slope(y, a[-1], z[-1])
        error = a[-1] - y if self.loss_entry.fused else self.rules[-1](z[-1], a[-1], slope)
        _, dL_dz = backward(z, a, W, (slope, error), self.rules)
        grads = _join(*gradients(x, a, dL_dz))
        penalty = self._finish(grads, x.shape[1])
        self._apply(grads)
        found = {"z": z, "a": a, "gradients": grads, "before": before, "after": self.w}
        return found | {"penalty": penalty}

    def _finish(self, grads: FloatArray, size: int) -> FloatArray:
        """Divide the sums by the size of the batch and add the penalty's part; its value (S,)."""
        training, weights = self.training, slice(self.shape.weights)
        if training.reduction == "mean":
            grads /= size
        decay = training.l2 / size if training.l2_per_batch else training.l2
        if not decay:
            return np.zeros(len(grads))
        grads[:, weights] += decay * self.w[:, weights]
        return np.asarray(0.5 * decay * np.sum(self.w[:, weights] ** 2, axis=1))

    def _apply(self, grads: FloatArray) -> None:
        self.updates += 1
        part = self.trained
        values: dict[str, Any] = {**self.training.options, "eta": self.eta}
        values |= {"w": self.w[:, part], "g": grads[:, part], "t": self.updates}
        values |= {name: rows[:, part] for name, rows in self.state.items()}
        results = self.program.apply(values)
        after = self.w.copy()
        after[:, part] = results.pop("w")
        self.w = after
        for name, result in results.items():
            self.state[name][:, part] = result

    def _epoch_loss(self, loss: FloatArray, penalty: FloatArray, sizes: IntArray) -> FloatArray:
        if self.training.reduction == "mean":
            total = np.sum(loss, axis=1) + penalty @ sizes
            return np.asarray(total / loss.shape[1])
        return np.asarray(np.sum(loss, axis=1) + np.sum(penalty, axis=1))

    def _ended(self, epoch: int) -> Any:
        """Which seeds end with this epoch: by the stop rule, or no longer finite."""
        loss, stop = self.watched, self.training.stop
        lost = ~np.isfinite(self.curve[:, epoch]) | ~np.isfinite(self.w).all(axis=1)
        if stop is None:
            return lost
        self.bad = np.where(loss > self.best - stop.tolerance, self.bad + 1, 0)
        self.best = np.fmin(self.best, loss)
        return lost | (self.bad > stop.patience)

    def _keep(self, view: dict[str, Any], chosen: Any) -> None:
        for index in np.flatnonzero(chosen):
            self.kept[int(self.seeds[index])][view["epoch"]] = EpochView(
                epoch=view["epoch"],
                z=tuple(layer[index].copy() for layer in view["z"]),
                a=tuple(layer[index].copy() for layer in view["a"]),
                gradients=view["gradients"][index],
                before=view["before"][index],
                after=view["after"][index],
            )

    def _take_out(self, ended: Any, epoch: int) -> Iterator[tuple[int, Lesson]]:
        """The lessons of the seeds that ended; the arrays go on without them."""
        if not ended.any():
            return
        y_hat, after = self._answers()
        for index in np.flatnonzero(ended):
            curve = self.curve[index, : epoch + 1].copy()
            seed = int(self.seeds[index])
            yield seed, self._lesson(seed, curve, y_hat[index].copy(), after[index])
        left = ~ended
        self.seeds, self.w, self.curve = self.seeds[left], self.w[left], self.curve[left]
        self.best, self.bad = self.best[left], self.bad[left]
        self.state = {name: rows[left] for name, rows in self.state.items()}

    def _lesson(self, seed: int, curve: FloatArray, y_hat: FloatArray, after: float) -> Lesson:
        views = self.kept.pop(seed)
        last = max(views)
        shown = (epoch for epoch in self.experiment.pages.epochs if epoch <= last)
        return Lesson(
            experiment=self.experiment,
            first=views[1],
            shown=tuple(views[epoch] for epoch in shown),
            last=views[last],
            loss_curve=curve,
            loss_before=self.before[seed],
            loss_after=after,
            y_hat=y_hat,
        )

    def _answers(self) -> tuple[FloatArray, list[float]]:
        """ŷ of all rows (S, N, n_L) with the present parameters, and the mean loss of training."""
        z, a = forward(self.experiment.dataset.x[None], *self.shape.split(self.w), self.kernels)
        pairs = zip(z[-1], a[-1], strict=True)
        return a[-1], [mean_loss(self.experiment, *pair) for pair in pairs]
