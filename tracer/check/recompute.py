"""The forward pass and the loss once more, from the catalog's definitions with 50 digits.

Neither the kernels nor the network's array code take part: sums are written out in Python, and
activations and losses are evaluated as SymPy defines them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import mpmath
import sympy as sp

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.check.proof import Proof, Tally, nothing_finite, place, proved_visits
from tracer.formula import Z
from tracer.trace import Cycle, Trace

KEY, TOLERANCE = "forward_pass", 1e-9
arithmetic: Any = mpmath.mp.clone()
arithmetic.dps = 50

Numbers = list[Any]


def recomputed(trace: Trace, _pages: object) -> Proof:
    """Compare z, a and L of the proved visits with their definitions."""
    tally, visits = Tally(KEY, TOLERANCE), proved_visits(trace)
    if not visits:
        return nothing_finite(KEY, TOLERANCE)
    for cycle in visits:
        _compare(tally, cycle)
    return tally.proof()


def _compare(tally: Tally, cycle: Cycle) -> None:
    signal: Numbers = [arithmetic.mpf(value) for value in cycle.x.tolist()]
    z: Numbers = []
    for k, layer in enumerate(cycle.trace.experiment.layers):
        z = weighted_sums(signal, cycle.W[k].tolist(), cycle.b[k].tolist())
        signal = activations(layer.activation, z)
        for j, (total, value) in enumerate(zip(z, signal, strict=True)):
            tally.add(place(cycle, "z", k + 1, [j + 1]), float(cycle.z[k][j]), total)
            tally.add(place(cycle, "a", k + 1, [j + 1]), float(cycle.a[k][j]), value)
    loss = sample_loss(cycle.trace.experiment.training.loss, cycle.y.tolist(), signal, z)
    tally.add(place(cycle, "loss"), cycle.loss, loss)


def weighted_sums(
    signal: Sequence[Any], weights: Sequence[Sequence[float]], biases: Sequence[float]
) -> Numbers:
    """z_j = Σ_i a_i W_ij + b_j."""
    return [
        arithmetic.fsum(a * row[j] for a, row in zip(signal, weights, strict=True)) + bias
        for j, bias in enumerate(biases)
    ]


def activations(name: str, z: Numbers) -> Numbers:
    """a of a layer by the definition of its activation."""
    if ACTIVATIONS[name].vector:
        shares = [arithmetic.exp(value - max(z)) for value in z]
        return [share / arithmetic.fsum(shares) for share in shares]
    function = _activation(name)
    return [function(value) for value in z]


def sample_loss(name: str, y: Sequence[float], y_hat: Numbers, z: Numbers) -> Any:
    """L of one sample by the definition of the loss; from the logits where it has that form."""
    entry = LOSSES[name]
    if entry.from_logits is None:
        return _loss(name, len(y))(*y, *y_hat)
    return _loss(name, len(y))(*y, *z)


@cache
def _activation(name: str) -> Callable[..., Any]:
    return compiled((Z,), ACTIVATIONS[name].definition)


@cache
def _loss(name: str, units: int) -> Callable[..., Any]:
    y, h = sp.symbols(f"y:{units}", real=True), sp.symbols(f"h:{units}", real=True)
    entry = LOSSES[name]
    build = entry.from_logits or entry.definition
    return compiled((*y, *h), build(y, h))


@cache
def compiled(symbols: tuple[Any, ...], expression: Any) -> Callable[..., Any]:
    """An expression as a function of numbers of 50 digits."""
    names = ("exp", "log", "tanh", "sqrt", "erf")
    space = {name: getattr(arithmetic, name) for name in names}
    space |= {"mpf": arithmetic.mpf, "pi": arithmetic.pi}
    function: Callable[..., Any] = sp.lambdify(symbols, expression, modules=[space, "mpmath"])
    return function
