"""Slips: the same descent with one thing done wrong, to see whether a wrong figure comes out.

A slip is one method of :class:`Descent` that does something else. What it gives is compared with
what is printed, so that a page calls nothing a mistake that does not lead to the figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from tracer.formula import FloatArray
from tracer.network import Layers, forward
from tracer.refs import Ref
from tracer.trace import Trace
from tracer.training.step import UpdateStep


@dataclass(frozen=True, eq=False)
class UpdateNumbers:
    """The numbers of one update: all rows at once, layer by layer.

    ``dL_dW`` and ``dL_db`` are what the update subtracts, times the learning rate; nothing of the
    way back is there where no update follows.
    """

    W: Layers
    b: Layers
    z: Layers
    a: Layers
    loss: float
    dL_dz: Layers = ()
    dL_dW: Layers = ()
    dL_db: Layers = ()
    W_after: Layers = ()
    b_after: Layers = ()

    @property
    def step(self) -> Layers:
        """How far each weight is moved, against its sign."""
        return tuple(old - new for old, new in zip(self.W, self.W_after, strict=True))

    def entry(self, ref: Ref, row: int) -> float:
        """One of them; ``row`` counts from 1."""
        if not ref.layer:
            return self.loss
        found: Layers = getattr(self, ref.traced)
        place = tuple(k - 1 for k in ref.index)
        of_rows = ref.traced in ("z", "a", "dL_dz")
        return float(found[ref.layer - 1][(row - 1, *place) if of_rows else place])


def traced(trace: Trace, after: int) -> UpdateNumbers:
    """What the run has recorded when ``after`` updates lie behind it; all rows of the table."""
    z, a = trace.forward(trace.x, after)
    loss = UpdateStep.of(trace.experiment).loss.kernel(trace.y, a[-1], z[-1])
    here = UpdateNumbers(_at(trace.W, after), _at(trace.b, after), z, a, float(np.mean(loss)))
    if after == trace.updates:
        return here
    visits = sorted(trace.visits_of(after), key=lambda visit: int(trace.row[visit]))
    return UpdateNumbers(
        **vars(here)
        | {
            "dL_dz": tuple(error[visits] for error in trace.dL_dz),
            "dL_dW": _at(trace.grad_W, after),
            "dL_db": _at(trace.grad_b, after),
            "W_after": _at(trace.W, after + 1),
            "b_after": _at(trace.b, after + 1),
        }
    )


def _at(layers: Layers, update: int) -> Layers:
    return tuple(layer[update] for layer in layers)


class Descent:
    """Gradient descent with all rows at once, step by step: each slip replaces a method."""

    key: ClassVar[str] = ""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.update = UpdateStep.of(trace.experiment)
        self._kept = {0: (_at(trace.W, 0), _at(trace.b, 0))}

    @cached_property
    def rate(self) -> float:
        """The learning rate."""
        return self.trace.experiment.training.learning_rate

    def output_error(self, z: FloatArray, a: FloatArray, y: FloatArray) -> FloatArray:
        """∂L/∂z of the output layer."""
        loss = self.update.loss
        return a - y if loss.fused else self.update.rules[-1](z, a, loss.slope(y, a, z))

    def carried(self, error: FloatArray, W: FloatArray, W_after: FloatArray) -> FloatArray:
        """∂L/∂a of a layer from the error of the next one, by the weights between them."""
        del W_after
        return error @ W.T

    def at(self, after: int) -> UpdateNumbers:
        """The numbers of the update that ``after`` others lie behind."""
        start = max(known for known in self._kept if known <= after)
        W, b = self._kept[start]
        for _ in range(start, after):
            done = self._step(W, b)
            W, b = done.W_after, done.b_after
        self._kept[after] = (W, b)
        return self._step(W, b)

    def _step(self, W: Layers, b: Layers) -> UpdateNumbers:
        x, y = self.trace.x, self.trace.y
        z, a = forward(x, W, b, self.update.kernels)
        errors = [self.output_error(z[-1], a[-1], y)]
        slopes: list[FloatArray] = []
        after: list[FloatArray] = []
        for layer in range(len(W) - 1, -1, -1):
            signal = a[layer - 1] if layer else x
            slopes.insert(0, signal.T @ errors[0] / len(x))
            after.insert(0, W[layer] - self.rate * slopes[0])
            if layer:
                slope = self.carried(errors[0], W[layer], after[0])
                errors.insert(0, self.update.rules[layer - 1](z[layer - 1], a[layer - 1], slope))
        of_biases = tuple(error.mean(axis=0) for error in errors)
        trains = self.trace.experiment.training.train_biases
        biases = tuple(old - self.rate * trains * g for old, g in zip(b, of_biases, strict=True))
        loss = float(np.mean(self.update.loss.kernel(y, a[-1], z[-1])))
        parts = (tuple(errors), tuple(slopes), of_biases, tuple(after), biases)
        return UpdateNumbers(W, b, z, a, loss, *parts)


class NewWeights(Descent):
    """On the way back the weights of the next layer are those after the update."""

    key = "new_weights"

    def carried(self, error: FloatArray, W: FloatArray, W_after: FloatArray) -> FloatArray:
        """The same with the weights that were just updated."""
        return super().carried(error, W_after, W_after)


class SlopeTwice(Descent):
    """The slope of the output's activation is multiplied in once more."""

    key = "slope_twice"

    def output_error(self, z: FloatArray, a: FloatArray, y: FloatArray) -> FloatArray:
        """The right error, through the activation again."""
        return self.update.rules[-1](z, a, super().output_error(z, a, y))


class OneBefore(Descent):
    """The figure of one update earlier."""

    key = "one_before"

    def at(self, after: int) -> UpdateNumbers:
        """The numbers of the update before, as the run has them."""
        return traced(self.trace, max(after - 1, 0))


class Misplaced(Descent):
    """In one sum the weight of one input is put before another one, whose own term is left out.

    Layer, unit and the two inputs count from 1.
    """

    key = "misplaced"

    def __init__(self, trace: Trace, place: tuple[int, int, int, int]) -> None:
        super().__init__(trace)
        self.layer, self.unit, self.source, self.onto = (k + 1 for k in place)

    def at(self, after: int) -> UpdateNumbers:
        """The forward pass with this slip; nothing is learned from it."""
        W = [weights.copy() for weights in _at(self.trace.W, after)]
        column = W[self.layer - 1][:, self.unit - 1]
        column[self.onto - 1], column[self.source - 1] = column[self.source - 1], 0.0
        b, (x, y) = _at(self.trace.b, after), (self.trace.x, self.trace.y)
        z, a = forward(x, W, b, self.update.kernels)
        return UpdateNumbers(
            tuple(W), b, z, a, float(np.mean(self.update.loss.kernel(y, a[-1], z[-1])))
        )


def slips(trace: Trace) -> Iterator[Descent]:
    """Every slip that is tried, each with the run of its own."""
    yield from (NewWeights(trace), OneBefore(trace), SlopeTwice(trace))
    for layer, weights in enumerate(trace.W):
        inputs, units = weights.shape[1:]
        for unit in range(units):
            for source in range(inputs):
                for onto in range(inputs):
                    if source != onto:
                        yield Misplaced(trace, (layer, unit, source, onto))
