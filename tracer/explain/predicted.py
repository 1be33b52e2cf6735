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
from tracer.explain.operands import Operands, Pass, parameter
from tracer.explain.rate import rate
from tracer.formula import Form
from tracer.refs import Ref
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


def predict(cycle: Cycle, view: Pass) -> Predicted | None:
    """The predicted change of the cycle's loss; None where it is not finite."""
    made = _Prediction(cycle, view)
    if not all(math.isfinite(o.value) for part in (*made.slopes, *made.after) for o in part):
        return None
    found = made.explain()
    return found if all(math.isfinite(line.value) for line in found.lines) else None


class _Prediction:
    """The slopes of a sample's loss and the parameters before and after the update, by layer."""

    def __init__(self, cycle: Cycle, view: Pass) -> None:
        self.cycle, self.view, self.trace = cycle, view, cycle.trace
        training = cycle.trace.experiment.training
        self.biases = training.train_biases
        alone = len(cycle.visits) == 1 and training.l2 == 0
        program = OPTIMIZERS[training.optimizer].program(training.options)
        self.plain = alone and program.is_plain
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
        n_in, n_out = self.trace.layer_sizes[layer - 1 : layer + 1]
        yield from (("W", (i + 1, j + 1)) for i in range(n_in) for j in range(n_out))
        if self.biases:
            yield from (("b", (j + 1,)) for j in range(n_out))

    def _slopes(self, layer: int) -> Iterator[Operand]:
        for kind, index in self._indices(layer):
            grads = self.cycle.dL_dW if kind == "W" else self.cycle.dL_db
            value = float(grads[layer - 1][tuple(k - 1 for k in index)])
            yield Operand(Ref(f"dL_d{kind}", layer, index, self.view.moment), value)

    def _parameters(self, layer: int, later: int) -> Iterator[Operand]:
        for kind, index in self._indices(layer):
            update = self.cycle.update + later
            yield parameter(self.trace, kind, layer, index, update=update, after=later > 0)

    def _part(self, name: str, k: int) -> Line:
        slopes, before, after = self.slopes[k], self.before[k], self.after[k]
        target = Ref(name, k + 1, moment=self.view.moment)
        if self.plain:
            value = _added(o.value * o.value for o in slopes)
            return Line(target, value, (Bound(_squares(len(slopes)), slopes),))
        triples = zip(slopes, before, after, strict=True)
        value = _added(g.value * (w.value - v.value) for g, v, w in triples)
        operands = (*slopes, *after, *before)
        return Line(target, value, (Bound(_steps(len(slopes)), operands),))

    def _total(self, name: str, parts: tuple[Line, ...]) -> Line:
        operands = tuple(Operand(line.target, line.value) for line in parts)
        target = Ref(name, moment=self.view.moment)
        value = _added(line.value for line in parts)
        return Line(target, value, (Bound(_sum(len(parts)), operands),))

    def _change(self, whole: Line) -> Line:
        target = Ref("predicted_change", moment=self.view.moment)
        operand = Operand(whole.target, whole.value)
        if not self.plain:
            return Line(target, whole.value, (Bound(_sum(1), (operand,)),))
        eta = rate(self.trace, self.cycle.update)
        operands: Operands = (eta, operand)
        return Line(target, -eta.value * whole.value, (Bound(_descent(), operands),))


def _added(values: Iterable[float]) -> float:
    """The sum; not finite where it leaves what float64 can hold."""
    with np.errstate(all="ignore"):
        return float(np.sum(np.fromiter(values, dtype=np.float64)))


@cache
def _squares(count: int) -> Form:
    slopes = symbols("g", count)
    return Form(added(*(g**2 for g in slopes)), slopes)


@cache
def _steps(count: int) -> Form:
    """Σ g (w⁺ − w); operands the slopes, the parameters after, those before."""
    g, after, before = (symbols(name, count) for name in ("g", "v", "w"))
    steps = (less(p, q) for p, q in zip(after, before, strict=True))
    terms = tuple(times(s, d) for s, d in zip(g, steps, strict=True))
    return Form(added(*terms), (*g, *after, *before))


@cache
def _sum(count: int) -> Form:
    terms = symbols("p", count)
    return Form(added(*terms), terms)


@cache
def _descent() -> Form:
    """−η s."""
    eta, s = named_symbols("eta", "s")
    return Form(times(-1, eta, s), (eta, s))
