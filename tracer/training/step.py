"""One update of one network or of many, as a pure function, and the rule that ends a run.

The recording loop and the search for start values repeat these and hold no arithmetic of their
own. Axes before those named stand for many networks at once; without them it is one network.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES, Loss
from tracer.catalog.optimizers import OPTIMIZERS, Program
from tracer.catalog.schedules import SCHEDULES, Progress
from tracer.experiment import Experiment
from tracer.experiment.model import Stop, Training
from tracer.formula import FloatArray, Kernel
from tracer.network import Backward, Layers, backward, epoch_loss, forward, gradients

IntArray = npt.NDArray[np.int64]
State = Mapping[str, FloatArray]
PART = 2**14
"""Parameters that an optimizer takes at once: with what is computed of them they stay in the
processor's nearer memory, and the fixed cost of a part, some 10 µs, is little beside them."""


@dataclass(frozen=True)
class Flat:
    """Where the parameters of each layer stand in a row of P numbers: all weights, then all biases.

    Side by side they need one call of an optimizer's program instead of one for each matrix.
    """

    sizes: tuple[int, ...]

    @cached_property
    def _shapes(self) -> tuple[tuple[int, int], ...]:
        pairs = tuple(pairwise(self.sizes))
        return (*pairs, *((1, n_out) for _, n_out in pairs))

    @cached_property
    def _places(self) -> tuple[tuple[slice, tuple[int, int]], ...]:
        ends = list(accumulate(map(math.prod, self._shapes), initial=0))
        parts = (slice(start, end) for start, end in pairwise(ends))
        return tuple(zip(parts, self._shapes, strict=True))

    @cached_property
    def weights(self) -> int:
        """How many of the P are weights."""
        return sum(n_in * n_out for n_in, n_out in pairwise(self.sizes))

    @cached_property
    def count(self) -> int:
        """P."""
        return sum(map(math.prod, self._shapes))

    def split(self, row: FloatArray) -> tuple[Layers, Layers]:
        """(W, b) of ``row`` (…, P), as views: (…, n_in, n_out) and (…, 1, n_out) of each layer."""
        lead = row.shape[:-1]
        parts = tuple(row[..., part].reshape(lead + shape) for part, shape in self._places)
        half = len(parts) // 2
        return parts[:half], parts[half:]

    def join(self, W: Sequence[FloatArray], b: Sequence[FloatArray]) -> FloatArray:
        """The row (…, P) of weights (…, n_in, n_out) and biases (…, n_out)."""
        flat = (*b[0].shape[:-1], -1)
        return np.concatenate([part.reshape(flat) for part in (*W, *b)], axis=-1)


class Outcome(NamedTuple):
    """What one update computed, all of it with the parameters from before.

    ``z``, ``a``, ``dL_da``, ``dL_dz`` are tuples over layers of (…, B, n_ℓ), each sample's own.
    ``gradients`` (…, P) is what the optimizer received, ``penalty`` (…) the L2 term of the loss.
    ``after`` (…, P) are the new parameters; ``state`` are the optimizer's variables, as in
    :meth:`UpdateStep.start`.
    """

    z: Layers
    a: Layers
    dL_da: Layers
    dL_dz: Layers
    gradients: FloatArray
    penalty: FloatArray
    after: FloatArray
    state: State


@dataclass(frozen=True, eq=False)
class UpdateStep:
    """The update of an experiment: forward, backward, batch gradient, penalty, optimizer."""

    flat: Flat
    kernels: tuple[Kernel, ...]
    rules: tuple[Backward, ...]
    loss: Loss
    program: Program
    training: Training

    @classmethod
    def of(cls, experiment: Experiment) -> UpdateStep:
        """The update that the experiment's tables describe."""
        entries = [ACTIVATIONS[layer.activation] for layer in experiment.layers]
        training = experiment.training
        return cls(
            flat=Flat(experiment.layer_sizes),
            kernels=tuple(entry.kernel for entry in entries),
            rules=tuple(entry.backward for entry in entries),
            loss=LOSSES[training.loss],
            program=OPTIMIZERS[training.optimizer].program(training.options),
            training=training,
        )

    @cached_property
    def trained(self) -> slice:
        """Which of the P parameters the optimizer changes."""
        return slice(self.flat.count if self.training.train_biases else self.flat.weights)

    def start(self, lead: tuple[int, ...] = ()) -> State:
        """The optimizer's variables before the first update: 0 for each trained parameter."""
        shape = (*lead, self.trained.stop)
        return {name: np.zeros(shape) for name in self.program.variables}

    def __call__(
        self,
        w: FloatArray,
        state: State,
        batch: tuple[FloatArray, FloatArray],
        eta: Any,
        t: int,
        *,
        into: tuple[FloatArray, FloatArray] | None = None,
    ) -> Outcome:
        """Update the parameters ``w`` (…, P) by a ``batch``: x (…, B, n_0) and y (…, B, n_L).

        ``eta`` is the learning rate, a number or (…, 1); ``t`` the number of the update, from 1.
        Gradients and new parameters are written ``into`` the places for them, where there are some:
        a copy of large ones takes as long as a third of the update.
        """
        found, after = into or (np.empty_like(w), np.empty_like(w))
        x, y = batch
        W, b = self.flat.split(w)
        z, a = forward(x, W, b, self.kernels)
        slope = self.loss.slope(y, a[-1], z[-1])
        error = a[-1] - y if self.loss.fused else self.rules[-1](z[-1], a[-1], slope)
        dL_da, dL_dz = backward(z, a, W, (slope, error), self.rules)
        places, rows = self.flat.split(found)
        gradients(x, a, dL_dz, (places, tuple(row[..., 0, :] for row in rows)))
        penalty = self._finish(found, w, x.shape[-2])
        new = self._apply(w, state, {"eta": eta, "t": t}, (found, after))
        return Outcome(z, a, dL_da, dL_dz, found, penalty, after, new)

    def _finish(self, grads: FloatArray, w: FloatArray, size: int) -> FloatArray:
        """Turn sums over a batch of ``size`` into its gradient, in place; returns the penalty.

        g = Σ ∂L/∂w / B ("mean") or Σ ∂L/∂w ("sum"), plus λ·w for weights; penalty ½·λ·Σ w².
        """
        training, weights = self.training, slice(self.flat.weights)
        if training.reduction == "mean":
            grads /= size
        if training.l2:
            grads[..., weights] += self._decay(size) * w[..., weights]
        return self.penalty(w, size)

    def _decay(self, size: Any) -> Any:
        """λ of a batch of ``size``."""
        training = self.training
        return training.l2 / size if training.l2_per_batch else training.l2

    def penalty(self, w: FloatArray, size: Any) -> FloatArray:
        """½·λ·Σ w² over the weights among ``w`` (…, P), for batches of ``size``, one or (…)."""
        if not self.training.l2:
            return np.zeros(w.shape[:-1])
        squares = (np.sum(layer * layer, axis=(-2, -1)) for layer in self.flat.split(w)[0])
        return np.asarray(0.5 * self._decay(size) * sum(squares))

    def _apply(
        self, w: FloatArray, state: State, known: Mapping[str, Any], into: Sequence[FloatArray]
    ) -> State:
        """The optimizer's new variables, from ``known`` η and t; the new parameters go ``into``.

        A program goes entry by entry, so many are taken a part at a time.
        """
        grads, after = into
        rest, size = slice(self.trained.stop, None), self.trained.stop
        after[..., rest] = w[..., rest]
        new = {name: np.empty_like(w[..., self.trained]) for name in self.program.variables}
        for start in range(0, size, PART):
            part = slice(start, min(start + PART, size))
            values = {**self.training.options, **known}
            values |= {name: rows[..., part] for name, rows in state.items()}
            results = self.program.apply(values | {"w": w[..., part], "g": grads[..., part]})
            after[..., part] = results.pop("w")
            for name, found in results.items():
                new[name][..., part] = found
        return new


@dataclass(frozen=True, eq=False)
class Watch:
    """What the stop rule remembers of the epochs so far, for one network or for many (…).

    ``best``: the lowest loss; ``bad``: how many epochs in a row did not improve on it by the
    tolerance; ``plateaus``: how often η was made smaller for that.
    """

    best: FloatArray
    bad: IntArray
    plateaus: IntArray

    @classmethod
    def start(cls, lead: tuple[int, ...] = ()) -> Watch:
        """Before the first epoch."""
        nothing = np.zeros(lead, dtype=np.int64)
        return cls(np.full(lead, np.inf), nothing, nothing)

    def of(self, chosen: Any) -> Watch:
        """The same for some of the networks."""
        return Watch(self.best[chosen], self.bad[chosen], self.plateaus[chosen])


@dataclass(frozen=True, eq=False)
class Epoch:
    """What an epoch came to: the losses of its visits (…, V), the penalties of its updates (…, U).

    ``sizes`` (U,) are the batch sizes, ``ends`` are y, ŷ and z of the output that ``loss`` is of.
    """

    loss: FloatArray
    penalty: FloatArray
    sizes: Sequence[int]
    ends: tuple[FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True, eq=False)
class Rhythm:
    """How fast an experiment learns in each epoch and when its run ends."""

    training: Training
    loss: Loss

    @classmethod
    def of(cls, experiment: Experiment) -> Rhythm:
        """What the experiment's training says."""
        return cls(experiment.training, LOSSES[experiment.training.loss])

    def rate(self, epochs: int, samples: int, watch: Watch) -> Any:
        """η of the epoch that follows ``epochs`` epochs and ``samples`` visits, (…)."""
        training = self.training
        schedule, options = SCHEDULES[training.schedule], training.schedule_options

        def one(plateaus: int) -> float:
            progress = Progress(epochs, samples, plateaus)
            return schedule.rate(training.learning_rate, options, progress)

        if not watch.plateaus.shape:
            return one(int(watch.plateaus))
        rates = {int(count): one(int(count)) for count in np.unique(watch.plateaus)}
        if len(rates) == 1:
            return next(iter(rates.values()))
        return np.vectorize(rates.get, otypes=[np.float64])(watch.plateaus)

    def next(self, watch: Watch, epoch: Epoch, eta: Any) -> tuple[Watch, Any]:
        """Look at the epoch that ended: what to remember, and whether to stop (…).

        scikit-learn's rule: more than ``patience`` epochs in a row without ``tolerance``. A
        schedule that waits for this makes η smaller instead, as long as η is not too small.
        """
        rule = self.training.plateau
        if rule is None:
            return watch, np.zeros(watch.best.shape, dtype=bool)
        loss = epoch.loss if rule.measure != "sklearn" else self.loss.sklearn_loss(*epoch.ends)
        mean = self.training.reduction == "mean"
        watched = epoch_loss(loss, epoch.penalty, epoch.sizes, mean=mean)
        return self._judged(rule, watch, watched, eta)

    def _judged(self, rule: Stop, watch: Watch, loss: FloatArray, eta: Any) -> tuple[Watch, Any]:
        bad = np.where(loss > watch.best - rule.tolerance, watch.bad + 1, 0)
        best, waited = np.fmin(watch.best, loss), bad > rule.patience
        if not SCHEDULES[self.training.schedule].on_plateau:
            return Watch(best, bad, watch.plateaus), waited
        smallest = eta <= self.training.schedule_options["least"]
        smaller = Watch(best, np.where(waited, 0, bad), watch.plateaus + waited)
        return smaller, waited & smallest
