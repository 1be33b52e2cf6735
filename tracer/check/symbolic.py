"""The whole network as one SymPy expression, differentiated by SymPy: small networks only."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import sympy as sp

from tracer.catalog.activations import ACTIVATIONS, softmax_entry
from tracer.catalog.losses import LOSSES
from tracer.check.proof import Proof, Tally, absent, nothing_finite, place, proved_visits
from tracer.check.reason import because
from tracer.check.recompute import arithmetic
from tracer.formula import Expr, Z
from tracer.trace import Cycle, Trace

KEY, TOLERANCE = "one_expression", 1e-9
MOST_PARAMETERS, MOST_VISITS = 40, 16


def by_one_expression(trace: Trace, _pages: object) -> Proof:
    """Compare ∂L/∂W and ∂L/∂b with the derivatives of the one expression that L is."""
    visits = proved_visits(trace)
    sizes = trace.layer_sizes
    count = sum((n + 1) * m for n, m in pairwise(sizes))
    if count > MOST_PARAMETERS:
        return absent(KEY, TOLERANCE, because("too_large", most=MOST_PARAMETERS))
    if not visits:
        return nothing_finite(KEY, TOLERANCE)
    expression = _Network(trace)
    tally = Tally(KEY, TOLERANCE)
    step = -(-len(visits) // MOST_VISITS)
    for cycle in visits[::step]:
        expression.compare(cycle, tally)
    return tally.proof()


class _Network:
    """L of one sample as an expression of inputs, targets and parameters, and its derivatives."""

    def __init__(self, trace: Trace) -> None:
        sizes = trace.layer_sizes
        self.x = sp.symbols(f"x:{sizes[0]}", real=True)
        self.y = sp.symbols(f"y:{sizes[-1]}", real=True)
        pairs = list(pairwise(sizes))
        self.W = [sp.symbols(f"W{k}_:{n}(:{m})", real=True) for k, (n, m) in enumerate(pairs)]
        self.b = [sp.symbols(f"b{k}_:{m}", real=True) for k, (_, m) in enumerate(pairs)]
        self.parameters = [p for k in range(len(pairs)) for p in (*self.W[k], *self.b[k])]
        loss = self._loss(trace)
        self.derivatives = sp.lambdify(
            (self.x, self.y, self.parameters),
            [sp.diff(loss, parameter) for parameter in self.parameters],
            modules=[_functions(), "mpmath"],
            cse=True,
        )

    def _loss(self, trace: Trace) -> Expr:
        signal: Sequence[Expr] = self.x
        sums: Sequence[Expr] = ()
        for k, layer in enumerate(trace.experiment.layers):
            width = len(self.b[k])
            sums = [
                sp.Add(*(a * self.W[k][i * width + j] for i, a in enumerate(signal)), self.b[k][j])
                for j in range(width)
            ]
            signal = _activations(layer.activation, sums)
        entry = LOSSES[trace.experiment.training.loss]
        if entry.from_logits is not None:
            return entry.from_logits(self.y, sums)
        return entry.definition(self.y, signal)

    def compare(self, cycle: Cycle, tally: Tally) -> None:
        """Add every gradient of a visit."""
        values = [arithmetic.mpf(v) for k in range(len(self.W)) for v in _flat(cycle, k)]
        exact = iter(self.derivatives(_numbers(cycle.x), _numbers(cycle.y), values))
        for k in range(len(self.W)):
            n, m = cycle.W[k].shape
            for i in range(n):
                for j in range(m):
                    where = place(cycle, "dL_dW", k + 1, [i + 1, j + 1])
                    tally.add(where, float(cycle.dL_dW[k][i, j]), next(exact))
            for j in range(m):
                where = place(cycle, "dL_db", k + 1, [j + 1])
                tally.add(where, float(cycle.dL_db[k][j]), next(exact))


def _activations(name: str, sums: Sequence[Expr]) -> Sequence[Expr]:
    entry = ACTIVATIONS[name]
    if entry.vector:
        return [softmax_entry(sums, j) for j in range(len(sums))]
    return [entry.definition.subs(Z, total) for total in sums]


def _flat(cycle: Cycle, layer: int) -> list[float]:
    return [*cycle.W[layer].ravel().tolist(), *cycle.b[layer].tolist()]


def _numbers(values: Any) -> list[Any]:
    return [arithmetic.mpf(value) for value in values.tolist()]


def _functions() -> dict[str, Any]:
    names = ("exp", "log", "tanh", "sqrt", "erf", "mpf", "pi")
    return {name: getattr(arithmetic, name) for name in names}
