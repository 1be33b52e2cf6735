"""The whole network as one SymPy expression, differentiated by SymPy: small networks only.

Where a function is put together from pieces, the piece on which a sample lies is known, and the
expression is written with that piece alone: samples on the same pieces share it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import sympy as sp

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.check.proof import Proof, Tally, nothing_finite, proved_visits, skipped
from tracer.check.recompute import activations, arithmetic, digits_for, numbers, weighted_sums
from tracer.check.rounding import Sizes, is_kinked, sizes_of
from tracer.check.spot import Spot
from tracer.formula import Expr, Z, functions_of
from tracer.reread.reason import because
from tracer.trace import Cycle, Trace

# of the built-in examples none is off by 1e-15; a wrong rule is off by far more than 1e-10
KEY, TOLERANCE = "one_expression", 1e-10
MOST_PARAMETERS, MOST_VISITS, MOST_TERMS = 40, 16, 40_000
"""MOST_TERMS: symbols of the expression times parameters, of all expressions of a check.

SymPy differentiates the expression by each parameter: for 20 parameters and eight visits on several
pieces that takes about 3 seconds, and it grows with both factors.
"""

Pieces = tuple[tuple[int, ...], ...]


def by_one_expression(trace: Trace, _pages: object) -> Proof:
    """Compare ∂L/∂W and ∂L/∂b with the derivatives of the one expression that L is."""
    visits = proved_visits(trace)
    count = sum((n + 1) * m for n, m in pairwise(trace.layer_sizes))
    if count > MOST_PARAMETERS:
        return skipped(KEY, TOLERANCE, because("too_large", most=MOST_PARAMETERS))
    if not visits:
        return nothing_finite(KEY, TOLERANCE)
    tally, budget, left_out = Tally(KEY, TOLERANCE), _Budget(trace, count), 0
    for cycle in visits[:: -(-len(visits) // MOST_VISITS)]:
        with arithmetic.workdps(digits_for(cycle)):
            expression = budget.network(_pieces(cycle))
            if expression is None:
                left_out += 1
            else:
                expression.compare(cycle, tally)
    if left_out and not tally.compared:
        return skipped(KEY, TOLERANCE, because("too_long", most=MOST_TERMS))
    return tally.proof(*([because("left_out", count=left_out)] if left_out else []))


class _Budget:
    """Makes the expressions that samples need, as long as they are not too long together."""

    def __init__(self, trace: Trace, parameters: int) -> None:
        self.trace, self.parameters, self.spent = trace, parameters, 0
        self.made: dict[Pieces, _Network] = {}

    def network(self, pieces: Pieces) -> _Network | None:
        """The expression on these pieces; None where there is no room for one more."""
        if pieces not in self.made:
            cost = self.parameters * _terms(self.trace, pieces)
            if self.spent + cost > MOST_TERMS:
                return None
            self.spent += cost
            self.made[pieces] = _Network(self.trace, pieces)
        return self.made[pieces]


def _pieces(cycle: Cycle) -> Pieces:
    """On which piece of its function each unit is; 0 for all where there are no pieces."""
    signal, found = numbers(cycle.x), []
    for k, layer in enumerate(cycle.trace.experiment.layers):
        z = weighted_sums(signal, cycle.W[k].tolist(), cycle.b[k].tolist())
        found.append(tuple(_piece(layer.activation, value) for value in z))
        signal = activations(layer.activation, z)
    return tuple(found)


def _piece(name: str, z: Any) -> int:
    if not is_kinked(name):
        return 0
    return next(n for n, (_, holds) in enumerate(_branches(name)) if holds(z))


@cache
def _branches(name: str) -> tuple[tuple[Expr, Callable[[Any], bool]], ...]:
    """(expression, whether z is where it holds) of each piece of an activation's definition."""
    pieces = ACTIVATIONS[name].pieces
    return tuple((piece, sp.lambdify(Z, condition, "mpmath")) for piece, condition in pieces)


def _terms(trace: Trace, pieces: Pieces) -> int:
    """How many symbols the expression of L has when everything is written out."""
    before = [1] * trace.layer_sizes[0]
    sums: list[int] = []
    for layer, chosen in zip(trace.experiment.layers, pieces, strict=True):
        sums = [sum(before) + len(before) + 1] * len(chosen)
        if ACTIVATIONS[layer.activation].vector:
            before = [total + sum(sums) for total in sums]
        else:
            uses = [_branches(layer.activation)[n][0].count(Z) for n in chosen]
            before = [use * total for use, total in zip(uses, sums, strict=True)]
    from_logits = LOSSES[trace.experiment.training.loss].from_logits is not None
    return 2 * sum(sums if from_logits else before)


class _Network:
    """L of one sample as an expression of inputs, targets and parameters, and its derivatives."""

    def __init__(self, trace: Trace, pieces: Pieces) -> None:
        sizes = trace.layer_sizes
        self.x = sp.symbols(f"x:{sizes[0]}", real=True)
        self.y = sp.symbols(f"y:{sizes[-1]}", real=True)
        pairs = list(pairwise(sizes))
        self.W = [sp.symbols(f"W{k}_:{n}(:{m})", real=True) for k, (n, m) in enumerate(pairs)]
        self.b = [sp.symbols(f"b{k}_:{m}", real=True) for k, (_, m) in enumerate(pairs)]
        self.parameters = [p for k in range(len(pairs)) for p in (*self.W[k], *self.b[k])]
        loss = self._loss(trace, pieces)
        self.derivatives = sp.lambdify(
            (self.x, self.y, self.parameters),
            [sp.diff(loss, parameter) for parameter in self.parameters],
            modules=[functions_of(arithmetic), "mpmath"],
            cse=True,
        )

    def _loss(self, trace: Trace, pieces: Pieces) -> Expr:
        signal: Sequence[Expr] = self.x
        sums: Sequence[Expr] = ()
        for k, layer in enumerate(trace.experiment.layers):
            width = len(self.b[k])
            sums = [
                sp.Add(*(a * self.W[k][i * width + j] for i, a in enumerate(signal)), self.b[k][j])
                for j in range(width)
            ]
            signal = _activations(layer.activation, sums, pieces[k])
        entry = LOSSES[trace.experiment.training.loss]
        if entry.from_logits is not None:
            return entry.from_logits(self.y, sums)
        return entry.definition(self.y, signal)

    def compare(self, cycle: Cycle, tally: Tally) -> None:
        """Add every gradient of a visit."""
        values = [arithmetic.mpf(v) for k in range(len(self.W)) for v in _flat(cycle, k)]
        exact = self.derivatives(numbers(cycle.x), numbers(cycle.y), values)
        gradients = _gradients(cycle, sizes_of(cycle))
        for (where, gradient, size), expected in zip(gradients, exact, strict=True):
            tally.add(where, gradient, expected, size)


def _gradients(cycle: Cycle, sizes: Sizes) -> list[tuple[Spot, float, float]]:
    """(place, gradient, its size) of every parameter: layer by layer, weights before biases."""
    found = []
    for k, (n, m) in enumerate(weights.shape for weights in cycle.W):
        for index in [(i, j) for i in range(n) for j in range(m)]:
            where = Spot.of_cycle(cycle, "dL_dW", k + 1, [i + 1 for i in index])
            found.append((where, float(cycle.dL_dW[k][index]), float(sizes.dL_dW[k][index])))
        for j in range(m):
            where = Spot.of_cycle(cycle, "dL_db", k + 1, [j + 1])
            found.append((where, float(cycle.dL_db[k][j]), float(sizes.dL_db[k][j])))
    return found


def _activations(name: str, sums: Sequence[Expr], pieces: Sequence[int]) -> Sequence[Expr]:
    build = ACTIVATIONS[name].vector_definition
    if build is not None:
        return [build(sums, j) for j in range(len(sums))]
    branches = _branches(name)
    return [branches[n][0].subs(Z, total) for n, total in zip(pieces, sums, strict=True)]


def _flat(cycle: Cycle, layer: int) -> list[float]:
    return [*cycle.W[layer].ravel().tolist(), *cycle.b[layer].tolist()]
