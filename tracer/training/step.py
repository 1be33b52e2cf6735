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
from tracer.catalog.optimizer import Program
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES, Progress
from tracer.experiment import Experiment
from tracer.experiment.model import Stop, Training
from tracer.formula import FloatArray, Kernel
from tracer.network import Backward, Layers, backward, epoch_loss, forward, gradients
from tracer.training.blocks import BLOCK, Blocks

IntArray = npt.NDArray[np.int64]
State = Mapping[str, FloatArray]
Places = Mapping[str, FloatArray]
PART = 2**17
"""Parameters that an optimizer takes at once: with what is computed of them they take a few
megabytes however large a network is. Smaller parts were slower, for SGD and for Adam: each has a
fixed cost of some 10 µs."""


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

    @cached_property
    def ends(self) -> tuple[IntArray, IntArray]:
        """Which unit each weight comes from, and which it leads to, in order; 0 is the first.

        Counted among all units but those of the output, and among all but those of the input.
        """
        starts = accumulate(self.sizes, initial=0)
        found = [
            np.indices(shape).reshape(2, -1) + np.array([[0], [shape[0] - self.sizes[0]]]) + start
            for start, shape in zip(starts, pairwise(self.sizes), strict=False)
        ]
        source, target = np.concatenate(found, axis=1)
        return source, target

    def split(self, row: FloatArray) -> tuple[Layers, Layers]:
        """(W, b) of ``row`` (…, P), as views: (…, n_in, n_out) and (…, 1, n_out) of each layer."""
        lead = row.shape[:-1]
        parts = tuple(row[..., part].reshape(lead + shape) for part, shape in self._places)
        half = len(parts) // 2
        return parts[:half], parts[half:]

    def join(
        self, W: Sequence[FloatArray], b: Sequence[FloatArray], into: FloatArray | None = None
    ) -> FloatArray:
        """The row (…, P) of weights (…, n_in, n_out) and biases (…, n_out)."""
        flat = (*b[0].shape[:-1], -1)
        return np.concatenate([part.reshape(flat) for part in (*W, *b)], axis=-1, out=into)


class Outcome(NamedTuple):
    """What one update computed, all of it with the parameters from before.

    ``z``, ``a``, ``dL_da``, ``dL_dz`` are tuples over layers of (…, B, n_ℓ), each sample's own.
    Where ∂L/∂z of the output needs no ∂L/∂ŷ, ``dL_da`` ends before it: many samples at once take
    far less time (:meth:`UpdateStep.completed`).
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
        into: Places | None = None,
        whole: bool = True,
    ) -> Outcome:
        """Update the parameters ``w`` (…, P) by a ``batch``: x (…, B, n_0) and y (…, B, n_L).

        ``eta`` is the learning rate, a number or (…, 1); ``t`` the number of the update, from 1.
        Gradients, new parameters and state are written ``into`` the places for them, where there
        are some: see :meth:`places`. Each is written once, since memory that is new is slow; sums
        over the batch stand in memory that is used again and again. Not as a
        ``whole``, of a large network only what the next update needs is written; what the outcome
        has for the rest then says nothing.
        """
        places = into or self.places(w)
        sums = places["sums"]
        x, y = batch
        W, b = self.flat.split(w)
        z, a = forward(x, W, b, self.kernels)
        slope = () if self.loss.fused else (self.loss.slope(y, a[-1], z[-1]),)
        error = self.rules[-1](z[-1], a[-1], *slope) if slope else a[-1] - y
        signals, dL_dz = backward(z, a, W, error, self.rules)
        matrices, rows = self.flat.split(sums)
        gradients(x, a, dL_dz, (matrices, tuple(row[..., 0, :] for row in rows)))
        size = x.shape[-2]
        names = ("g", *self.program.variables) if whole else tuple(self.program.carried)
        self._apply(w, state, {"eta": eta, "t": t}, (sums, size), (places, names))
        penalty, new = self.penalty(w, size), {n: places[n] for n in self.program.variables}
        return Outcome(z, a, signals + slope, dL_dz, places["g"], penalty, places["w"], new)

    def completed(self, done: Outcome, y: FloatArray) -> Outcome:
        """The same with ∂L/∂ŷ."""
        if not self.loss.fused:
            return done
        return done._replace(dL_da=(*done.dL_da, self.loss.slope(y, done.a[-1], done.z[-1])))

    def places(self, w: FloatArray) -> Places:
        """New memory for all that an update of ``w`` writes.

        "sums" over the batch, the gradient "g", the new "w", and each variable by its name.
        """
        trained = w[..., self.trained]
        states = {name: np.empty_like(trained) for name in self.program.variables}
        return {name: np.empty_like(w) for name in ("sums", "g", "w")} | states

    def finish(self, sums: FloatArray, w: FloatArray, size: int, grads: FloatArray) -> None:
        """Make the gradient (…, P) of a batch of ``size`` from sums over it.

        g = Σ ∂L/∂w / B ("mean") or Σ ∂L/∂w ("sum"), plus λ·w for weights.
        """
        np.divide(sums, self._divisor(size), out=grads)
        if self.training.l2:
            weights = slice(self.flat.weights)
            grads[..., weights] += self._decay(size) * w[..., weights]

    def _divisor(self, size: int) -> int:
        return size if self.training.reduction == "mean" else 1

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
        self,
        w: FloatArray,
        state: State,
        known: Mapping[str, Any],
        batch: tuple[FloatArray, int],
        into: tuple[Places, Sequence[str]],
    ) -> None:
        """The gradient from a batch's sums, and what the optimizer's program makes of it."""
        (sums, size), (places, names), part = batch, into, self.trained
        rest, values = slice(part.stop, None), {**self.training.options, **known}
        places["w"][..., rest] = w[..., rest]
        large = w.ndim == 1 and len(w) > BLOCK
        if large and not self.training.l2:
            places["g"][rest] = sums[rest] / self._divisor(size)
            rows = {"w": w[part], "sums": sums[part], "size": self._divisor(size), **state}
            if self._blocks.apply(values | rows, self._wanted(places, names)):
                return
        self.finish(sums, w, size, places["g"])
        own: Places = {"w": w[..., part], "g": places["g"][..., part], **state}
        wanted = self._wanted(places, self.program.variables)
        if not large or not self._blocks.apply(values | {**own}, wanted):
            self._apply_whole(values, own, wanted)

    @cached_property
    def _blocks(self) -> Blocks:
        return Blocks(self.program)

    def _wanted(self, places: Places, names: Sequence[str]) -> Places:
        """What the program writes of trained parameters: these and the new ones."""
        return {name: places[name][..., self.trained] for name in ("w", *names)}

    def _apply_whole(self, values: Mapping[str, Any], rows: Places, places: Places) -> None:
        """The program goes entry by entry, so many are taken a part at a time."""
        for start in range(0, self.trained.stop, PART):
            part = slice(start, start + PART)
            parts = {name: row[..., part] for name, row in rows.items()}
            for name, found in self.program.apply({**values, **parts}).items():
                places[name][..., part] = found


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
        if self._constant is not None:
            return self._constant
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

    @cached_property
    def _constant(self) -> float | None:
        """η where it is the same in all epochs."""
        training = self.training
        schedule, options = SCHEDULES[training.schedule], training.schedule_options
        if not schedule.is_constant:
            return None
        return schedule.rate(training.learning_rate, options, Progress(0, 0, 0))

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
