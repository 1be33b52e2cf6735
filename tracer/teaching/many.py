"""Many start values of one experiment trained at once: the seed is one more axis of every array.

The step is that of :mod:`tracer.training.step`, on arrays with a first axis S of seeds. Kept are
only the first, the shown and the last epoch of each seed. Seeds that come to an end early (by the
stop rule, or because they are no longer finite) leave the arrays, so the others go faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.network import epoch_loss, forward
from tracer.teaching.lesson import EpochView, Lesson, mean_loss
from tracer.trace import IntArray
from tracer.training.draws import epoch_orders, starting_values
from tracer.training.step import Epoch, Outcome, Rhythm, UpdateStep, Watch

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


class _Many:
    """The seeds that are still running, and what is kept of them."""

    def __init__(self, experiment: Experiment, seeds: Sequence[int]) -> None:
        self.experiment, self.training = experiment, experiment.training
        self.step, self.rhythm = UpdateStep.of(experiment), Rhythm.of(experiment)
        own, flat = [with_seed(experiment, seed) for seed in seeds], self.step.flat
        self.w = np.stack([flat.join(*starting_values(one)) for one in own])
        self.seeds = np.array(seeds, dtype=np.int64)
        self.state = self.step.start((len(seeds),))
        chosen = own if self.training.shuffle else own[:1]
        self.orders = {one.init.seed: epoch_orders(one) for one in chosen}
        rows, size = len(experiment.dataset.train), self.training.batch_size
        self.batch = rows if size == "all" else int(size)
        self.curve = np.zeros((len(seeds), self.training.epochs))
        self.before = dict(zip(seeds, self._answers()[1], strict=True))
        self.kept: dict[int, dict[int, EpochView]] = {seed: {} for seed in seeds}
        self.watch = Watch.start((len(seeds),))
        self.updates = self.visits = 0

    def run(self, check: Check) -> Iterator[tuple[int, Lesson]]:
        """Train; each seed's lesson comes as soon as it has ended."""
        last = self.training.epochs - 1
        for epoch in range(self.training.epochs):
            check()
            view = self._epoch(epoch)
            ended = self.ended | (epoch == last)
            if epoch + 1 in (1, *self.experiment.pages.epochs):
                self._keep(view, np.ones_like(ended))
            self._keep(view, ended)
            yield from self._take_out(ended, epoch)
            if not len(self.seeds):
                return

    def _epoch(self, epoch: int) -> dict[str, Any]:
        """Go once through the rows, batch by batch; what happened, as arrays (S, …)."""
        data, order = self.experiment.dataset, self._order()
        eta = self.rhythm.rate(epoch, self.visits, self.watch)
        self.visits += order.shape[1]
        x, y = data.x[order], data.y[order]
        passed: list[tuple[FloatArray, Outcome]] = []
        for start in range(0, order.shape[1], self.batch):
            part = slice(start, start + self.batch)
            passed.append((self.w, self._update(x[:, part], y[:, part], eta)))
        view = self._view(passed)
        self._look(epoch, (y, view["a"][-1], view["z"][-1]), [one for _, one in passed], eta)
        return view | {"epoch": epoch + 1}

    def _view(self, passed: Sequence[tuple[FloatArray, Outcome]]) -> dict[str, Any]:
        """The updates of an epoch side by side; those of trained parameters only."""
        layers, part = range(len(self.step.kernels)), self.step.trained
        outcomes = [one for _, one in passed]
        return {
            "z": tuple(np.concatenate([one.z[k] for one in outcomes], axis=1) for k in layers),
            "a": tuple(np.concatenate([one.a[k] for one in outcomes], axis=1) for k in layers),
            "gradients": np.stack([one.gradients[:, part] for one in outcomes], axis=1),
            "before": np.stack([before[:, part] for before, _ in passed], axis=1),
            "after": np.stack([one.after[:, part] for one in outcomes], axis=1),
        }

    def _look(
        self,
        epoch: int,
        ends: tuple[FloatArray, FloatArray, FloatArray],
        outcomes: Sequence[Outcome],
        eta: Any,
    ) -> None:
        """Note the loss of the epoch, and which seeds end with it."""
        penalty = np.stack([one.penalty for one in outcomes], axis=1)
        sizes = [one.a[-1].shape[1] for one in outcomes]
        mean, loss = self.training.reduction == "mean", self.step.loss.kernel(*ends)
        self.curve[:, epoch] = epoch_loss(loss, penalty, sizes, mean=mean)
        done = Epoch(loss, penalty, sizes, ends)
        self.watch, stopped = self.rhythm.next(self.watch, done, eta)
        lost = ~np.isfinite(self.curve[:, epoch]) | ~np.isfinite(self.w).all(axis=1)
        self.ended = stopped | lost

    def _order(self) -> IntArray:
        """The training rows of the epoch that begins: (S, V), or (1, V) where all go alike."""
        orders = {seed: next(order) for seed, order in self.orders.items()}
        if self.training.shuffle:
            return np.stack([orders[int(seed)] for seed in self.seeds])
        return next(iter(orders.values()))[None]

    def _update(self, x: FloatArray, y: FloatArray, eta: Any) -> Outcome:
        """One batch of each seed."""
        self.updates += 1
        rate = eta[:, None] if np.ndim(eta) else eta
        done = self.step(self.w, self.state, (x, y), rate, self.updates)
        self.w, self.state = done.after, done.state
        return done

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
        self.watch = self.watch.of(left)
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
        z, a = forward(
            self.experiment.dataset.x[None], *self.step.flat.split(self.w), self.step.kernels
        )
        pairs = zip(z[-1], a[-1], strict=True)
        return a[-1], [mean_loss(self.experiment, *pair) for pair in pairs]
