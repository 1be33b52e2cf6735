"""A derivative measured: make one number a little larger, and see how fast another one follows.

Everything but that number stays as it is, so what follows from it is short: for a weight into the
output layer the weighted sum z̃ = z + h a, the prediction, the loss, and (L̃ − L) / h.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.deferred import Z, symbols
from tracer.explain import forms
from tracer.explain.losses import loss_ways
from tracer.explain.operands import Operands, cycle_pass
from tracer.explain.written import written_units
from tracer.formula import FloatArray, Form
from tracer.network import forward
from tracer.refs import Here, Ref
from tracer.trace import Cycle
from tracer.typeset import Bound, Line, Operand
from tracer.unevaluated import added, less, over, times

TRIALS = 3
"""So many steps are tried, each a tenth of the one before."""
FIRST_MOVE, LEAST, FARTHEST = 0.1, 1e-12, 300
"""A step that moves a weighted sum by a tenth shows the error of the quotient, and two steps later
it has settled. Below a gradient of 1e-12 the change of the loss is no more than its rounding.
10^±300 is inside float64, with room for what the step is multiplied by."""


@dataclass(frozen=True, eq=False)
class Trial:
    """One step h: what follows from it, line by line, and the slope that comes out."""

    step: Operand
    lines: tuple[Line, ...]
    slope: Line


@dataclass(frozen=True, eq=False)
class WeightTrials:
    """Steps of one weight into the output layer; ``gradient`` is what backpropagation says."""

    layer: int
    index: tuple[int, int]
    weight: Operand
    gradient: Operand
    trials: tuple[Trial, ...]


@dataclass(frozen=True, eq=False)
class SlopeTrial:
    """One step of a weighted sum: a(z + h), and (ã − a) / h beside the slope by the rule."""

    step: Operand
    lines: tuple[Line, ...]
    slope: Line


def weight_trials(cycle: Cycle) -> WeightTrials | None:
    """The steps of the output weight with the largest gradient; None where none has a slope."""
    gradients = np.abs(cycle.dL_dW[-1])
    if not np.isfinite(cycle.loss) or not np.isfinite(gradients).all() or gradients.max() < LEAST:
        return None
    sources = [unit - 1 for unit in written_units(cycle.trace)[-2]]
    written = gradients[sources]
    if written.max() < LEAST:
        return None
    i, j = (int(k) for k in np.unravel_index(int(written.argmax()), written.shape))
    return _Weight(cycle, sources[i], j).explain()


def first_step(signal: float) -> float:
    """The power of ten that moves the weighted sum by about a tenth."""
    exponent = np.log10(FIRST_MOVE) - np.log10(abs(signal))
    return float(f"1e{round(float(np.clip(exponent, -FARTHEST, FARTHEST)))}")


class _Weight:
    """The weight from unit i of the last hidden layer to output j (both from 0)."""

    def __init__(self, cycle: Cycle, i: int, j: int) -> None:
        self.cycle, self.view, self.i, self.j = cycle, cycle_pass(cycle), i, j
        experiment = cycle.trace.experiment
        self.layer = cycle.trace.layers
        self.entry = ACTIVATIONS[experiment.layers[-1].activation]
        self.loss = LOSSES[experiment.training.loss]
        self.z = self.view.weighted_sums(self.layer)
        self.a = self.view.units("a", self.layer, self.view.a[-1])
        self.signal = self.view.signal(self.layer - 1)[i]

    def explain(self) -> WeightTrials:
        index = (self.i + 1, self.j + 1)
        gradient = float(self.cycle.dL_dW[-1][self.i, self.j])
        first = first_step(self.signal.value)
        return WeightTrials(
            layer=self.layer,
            index=index,
            weight=self.view.weight(self.layer, *index),
            gradient=Operand(Ref("dL_dW", self.layer, index, self.view.moment), gradient),
            trials=tuple(self._trial(k + 1, first * 10.0**-k) for k in range(TRIALS)),
        )

    def _trial(self, number: int, size: float) -> Trial:
        step = _step(number, float(f"{size:.1e}"))
        z = np.array([operand.value for operand in self.z])
        z[self.j] += step.value * self.signal.value
        with np.errstate(all="ignore"):
            a = self.entry.kernel(z)
            loss = float(self.loss.kernel(self.cycle.y, a, z))
        sums = list(self.z)
        sums[self.j] = _operand("trial_z", self.layer, (self.j + 1, number), z[self.j])
        answers = tuple(self._answer(k, number, a) for k in range(len(a)))
        moved = _operand("trial_loss", 0, (number,), loss)
        lines = [Line(sums[self.j].ref, sums[self.j].value, (self._sum(step),))]
        lines += self._answer_lines(tuple(sums), answers)
        ways = loss_ways(self.loss.name, self.view.y(), answers, tuple(sums))
        lines.append(Line(moved.ref, moved.value, ways))
        return Trial(step, tuple(lines), self._slope(number, moved, step))

    def _answer(self, unit: int, number: int, a: FloatArray) -> Operand:
        """ŷ̃ of an output, or ŷ itself where the step cannot reach it."""
        if unit != self.j and not self.entry.vector:
            return self.a[unit]
        return _operand("trial_y_hat", 0, (unit + 1, number), float(a[unit]))

    def _sum(self, step: Operand) -> Bound:
        return Bound(_moved(), (self.z[self.j], step, self.signal))

    def _answer_lines(self, sums: Operands, answers: Operands) -> Iterator[Line]:
        for unit, answer in enumerate(answers):
            if self.entry.vector:
                form = forms.softmax(len(sums), unit)
                yield Line(answer.ref, answer.value, (Bound(form, sums),))
            elif unit == self.j:
                ways = forms.activation(self.entry.name)
                bounds = tuple(Bound(form, (sums[unit],)) for form in ways)
                yield Line(answer.ref, answer.value, bounds)

    def _slope(self, number: int, moved: Operand, step: Operand) -> Line:
        before = Operand(Ref("loss", moment=self.view.moment), self.cycle.loss)
        index = (self.i + 1, self.j + 1, number)
        target = Ref("trial_slope", self.layer, index, Here())
        value = (moved.value - before.value) / step.value
        return Line(target, value, (Bound(_quotient(), (moved, before, step)),))


def activation_trial(cycle: Cycle, layer: int, unit: int, number: int = 1) -> SlopeTrial | None:
    """A step of z of a unit (both from 1): the slope of its activation, measured.

    ``number`` tells its step from others of the page.

    None for softmax, which has no single slope, and where a number is not finite.
    """
    view = cycle_pass(cycle)
    entry = ACTIVATIONS[cycle.trace.experiment.layers[layer - 1].activation]
    z, a = (
        view.units(name, layer, array[layer - 1])[unit - 1]
        for name, array in (("z", view.z), ("a", view.a))
    )
    if entry.vector or not (np.isfinite(z.value) and np.isfinite(a.value)):
        return None
    step = _step(number, 0.001)
    moved_z = _operand("trial_z", layer, (unit, number), z.value + step.value)
    with np.errstate(all="ignore"):
        value = float(entry.kernel(np.array([moved_z.value]))[0])
    moved_a = _operand("trial_a", layer, (unit, number), value)
    ways = tuple(Bound(form, (moved_z,)) for form in forms.activation(entry.name))
    target = Ref("trial_slope_a", layer, (unit, number), Here())
    slope = (moved_a.value - a.value) / step.value
    return SlopeTrial(
        step,
        (
            Line(moved_z.ref, moved_z.value, (Bound(_plus(), (z, step)),)),
            Line(moved_a.ref, moved_a.value, ways),
        ),
        Line(target, slope, (Bound(_quotient(), (moved_a, a, step)),)),
    )


def _step(number: int, size: float) -> Operand:
    return Operand(Ref("trial_step", 0, (number,), Here()), size, exact=True)


def _operand(name: str, layer: int, index: tuple[int, ...], value: float) -> Operand:
    return Operand(Ref(name, layer, index, Here()), float(value))


@cache
def _moved() -> Form:
    """z + h a."""
    z, h, a = symbols("z", "h", "a")
    return Form(added(z, times(h, a)), (z, h, a))


@cache
def _plus() -> Form:
    """z + h."""
    (h,) = symbols("h")
    return Form(added(Z, h), (Z, h))


@cache
def _quotient() -> Form:
    """(p − q) / h."""
    p, q, h = symbols("p", "q", "h")
    return Form(over(less(p, q), h), (p, q, h))


def loss_over(
    cycle: Cycle, kind: str, layer: int, index: tuple[int, ...], values: FloatArray
) -> FloatArray:
    """The loss of a cycle's sample (n,) for other ``values`` (n,) of one weight or bias.

    ``kind`` is "W" or "b", ``layer`` and ``index`` count from 1; all else stays as it is.
    """
    trace = cycle.trace
    W, b = [w.copy() for w in cycle.W], [v.copy() for v in cycle.b]
    place = (W if kind == "W" else b)[layer - 1]
    kernels = [ACTIVATIONS[entry.activation].kernel for entry in trace.experiment.layers]
    loss = LOSSES[trace.experiment.training.loss].kernel
    found = np.empty(len(values))
    with np.errstate(all="ignore"):
        for k, value in enumerate(values):
            place[tuple(i - 1 for i in index)] = value
            z, a = forward(cycle.x[None, :], W, b, kernels)
            found[k] = float(loss(cycle.y, a[-1][0], z[-1][0]))
    return found
