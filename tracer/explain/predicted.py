"""What a step should do to the sample's loss, if the loss were straight: the sum of slope · step.

Source: the first-order Taylor expansion, ΔL ≈ Σ ∂L/∂w (w⁺ − w). Where each step is −η ∂L/∂w this
is −η ‖∇L‖².
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.deferred import symbols as named_symbols
from tracer.explain.forms import symbols
from tracer.explain.operands import Operands, Pass, parameters
from tracer.explain.rate import rate
from tracer.explain.written import written_units
from tracer.formula import FloatArray, Form
from tracer.refs import Known, Ref
from tracer.trace import Cycle
from tracer.typeset import Bound, Line, Operand
from tracer.unevaluated import added, less, times


@dataclass(frozen=True, eq=False)
class Predicted:
    """The predicted change of the loss: each layer's part, their sum, and what it says of L.

    ``plain``: the steps are −η ∂L/∂w, so the parts are squares; else each part is slope · step.
    """

    plain: bool
    parts: tuple[Line, ...]
    total: Line | None
    change: Line

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines in order."""
        return (*self.parts, *((self.total,) if self.total else ()), self.change)


def predict(cycle: Cycle, view: Pass, *, alone: bool | None = None) -> Predicted | None:
    """The predicted change of the cycle's loss; None where it is not finite.

    ``alone``: as if its row were the only one of its batch, or one of several; by default as it is.
    """
    made = _Prediction(cycle, view, len(cycle.visits) == 1 if alone is None else alone)
    if not all(math.isfinite(o.value) for part in (*made.slopes, *made.after) for o in part):
        return None
    found = made.explain()
    return found if all(math.isfinite(line.value) for line in found.lines) else None


def is_plain(cycle: Cycle, *, alone: bool | None = None) -> bool:
    """Whether the steps are −η ∂L/∂w, with the slopes of this row; ``alone`` as for `predict`."""
    training = cycle.trace.experiment.training
    program = OPTIMIZERS[training.optimizer].program(training.options)
    single = len(cycle.visits) == 1 if alone is None else alone
    return single and training.l2 == 0 and program.is_plain


class _Prediction:
    """The slopes of a sample's loss and the parameters before and after the update, by layer."""

    def __init__(self, cycle: Cycle, view: Pass, alone: bool) -> None:
        self.cycle, self.view, self.trace = cycle, view, cycle.trace
        self.biases = cycle.trace.experiment.training.train_biases
        self.plain = is_plain(cycle, alone=alone)
        layers = range(1, cycle.trace.layers + 1)
        self.slopes = [tuple(self._slopes(layer)) for layer in layers]
        self.before = [tuple(self._parameters(layer, 0)) for layer in layers]
        self.after = [tuple(self._parameters(layer, 1)) for layer in layers]

    def explain(self) -> Predicted:
        name = "square" if self.plain else "gain"
        parts = tuple(self._part(name, k) for k in range(len(self.slopes)))
        total = self._total(f"{name}_all", parts) if len(parts) > 1 else None
        whole = total or parts[0]
        return Predicted(self.plain, parts, total, self._change(whole))

    def _indices(self, layer: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        sources, units = self.view.written(layer - 1), self.view.written(layer)
        yield from (("W", (i, j)) for i in sources for j in units)
        if self.biases:
            yield from (("b", (j,)) for j in units)

    def _slopes(self, layer: int) -> Iterator[Operand]:
        weights = self.view.slopes("W", layer, self.cycle.dL_dW[layer - 1])
        biases = self.view.slopes("b", layer, self.cycle.dL_db[layer - 1])
        for kind, index in self._indices(layer):
            yield (biases if kind == "b" else weights)[index]

    def _parameters(self, layer: int, later: int) -> Iterator[Operand]:
        update, after = self.cycle.update + later, later > 0
        weights, biases = (
            parameters(self.trace, kind, layer, update, after=after) for kind in ("W", "b")
        )
        for kind, index in self._indices(layer):
            yield (biases if kind == "b" else weights)[index]

    def _part(self, name: str, k: int) -> Line:
        slopes, before, after = self.slopes[k], self.before[k], self.after[k]
        target, rest = Ref(name, k + 1, moment=self.view.moment), self._rest(k + 1)
        left = [operand.value for operand in rest]
        if self.plain:
            value = added_up([*(o.value * o.value for o in slopes), *left])
            form = _squares(len(slopes), len(rest))
            return Line(target, value, (Bound(form, (*slopes, *rest)),))
        triples = zip(slopes, before, after, strict=True)
        value = added_up([*(g.value * (w.value - v.value) for g, v, w in triples), *left])
        form = _steps(len(slopes), len(rest))
        return Line(target, value, (Bound(form, (*slopes, *after, *before, *rest)),))

    def _rest(self, layer: int) -> Operands:
        """What the parameters of a layer add that are not written out; empty without any."""
        if self.view.is_whole(layer - 1, layer):
            return ()
        name = "rest_square" if self.plain else "rest_gain"
        value = rest_of_change(self.cycle, layer, plain=self.plain)
        return (Operand(Ref(name, layer, moment=Known()), value),)

    def _total(self, name: str, parts: tuple[Line, ...]) -> Line:
        operands = tuple(Operand(line.target, line.value) for line in parts)
        target = Ref(name, moment=self.view.moment)
        value = added_up(line.value for line in parts)
        return Line(target, value, (Bound(_sum(len(parts)), operands),))

    def _change(self, whole: Line) -> Line:
        target = Ref("predicted_change", moment=self.view.moment)
        operand = Operand(whole.target, whole.value)
        if not self.plain:
            return Line(target, whole.value, (Bound(_sum(1), (operand,)),))
        eta = rate(self.trace, self.cycle.update)
        operands: Operands = (eta, operand)
        return Line(target, -eta.value * whole.value, (Bound(_descent(), operands),))


def rest_of_change(cycle: Cycle, layer: int, *, plain: bool) -> float:
    """Σ g², or Σ g (w⁺ − w), over the parameters of a layer that are not written out."""
    with np.errstate(all="ignore"):
        return sum(
            float((slope * (slope if plain else after - before)).sum())
            for slope, after, before in _left(cycle, layer - 1)
        )


def _left(cycle: Cycle, k: int) -> Iterator[tuple[FloatArray, FloatArray, FloatArray]]:
    """Slopes and parameters of a layer (from 0), with 0 for the slopes that are written out."""
    sources, units = ([u - 1 for u in written_units(cycle.trace)[layer]] for layer in (k, k + 1))
    slopes = cycle.dL_dW[k].copy()
    slopes[np.ix_(sources, units)] = 0.0
    yield slopes, cycle.W_after[k], cycle.W[k]
    if cycle.trace.experiment.training.train_biases:
        slopes = cycle.dL_db[k].copy()
        slopes[units] = 0.0
        yield slopes, cycle.b_after[k], cycle.b[k]


def added_up(values: Iterable[float] | FloatArray) -> float:
    """The sum; not finite where it leaves what float64 can hold."""
    if not isinstance(values, np.ndarray):
        values = np.fromiter(values, dtype=np.float64)
    with np.errstate(all="ignore"):
        return float(np.sum(values))


@cache
def _squares(count: int, rest: int = 0) -> Form:
    slopes, left = symbols("g", count), symbols("r", rest)
    return Form(added(*(g**2 for g in slopes), *left), (*slopes, *left))


@cache
def _steps(count: int, rest: int = 0) -> Form:
    """Σ g (w⁺ − w); operands the slopes, the parameters after, those before, then the rest."""
    g, after, before = (symbols(name, count) for name in ("g", "v", "w"))
    steps = (less(p, q) for p, q in zip(after, before, strict=True))
    terms = tuple(times(s, d) for s, d in zip(g, steps, strict=True))
    left = symbols("r", rest)
    return Form(added(*terms, *left), (*g, *after, *before, *left))


@cache
def _sum(count: int) -> Form:
    terms = symbols("p", count)
    return Form(added(*terms), terms)


@cache
def _descent() -> Form:
    """−η s."""
    eta, s = named_symbols("eta", "s")
    return Form(times(-1, eta, s), (eta, s))
