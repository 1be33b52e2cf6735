"""The forward pass and the loss once more, from the catalog's definitions with 50 digits or more.

Every number is worked out from the numbers of the trace that it is made of. Neither the kernels nor
the network's array code take part: sums are written out in Python, and activations
and losses are evaluated as SymPy defines them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.check.proof import Proof, Tally, nothing_finite, proved_visits
from tracer.check.spot import Spot
from tracer.deferred import Z, real
from tracer.formula import FloatArray, functions_of
from tracer.reread.reason import because
from tracer.trace import Cycle, Trace

# one line of arithmetic: no built-in example is off by 1e-15, a sum of thousands by 1e-13
KEY, TOLERANCE = "forward_pass", 1e-12
DIGITS, LEAST_POWER = 60, 340
"""60 digits hold float64's 17 three times over. float64 ends at about 10^±308, and at 10^−324 with
its last digits: what needs more than 340 digits beside 1 is 0 or ∞ there anyway."""
MOST_WORK = 1_000_000
"""Products in one check at the most: they take some one and a half seconds.

Above that each visit has a part of its weighted sums looked at, the next visit others.
"""
arithmetic: Any = mpmath.mp.clone()
arithmetic.dps = 50

Numbers = list[Any]


def recomputed(trace: Trace, _pages: object) -> Proof:
    """Compare z, a and L of the visits with their definitions, each from the numbers before it."""
    tally, visits = Tally(KEY, TOLERANCE), proved_visits(trace)
    if not visits:
        return nothing_finite(KEY, TOLERANCE)
    products = sum(n * m for n, m in pairwise(trace.layer_sizes))
    every = max(1, math.ceil(products * len(visits) / MOST_WORK))
    for turn, cycle in enumerate(visits):
        with arithmetic.workdps(digits_for(cycle)):
            _compare(tally, cycle, turn, every)
    return tally.proof(*([because("thinned", most=MOST_WORK)] if every > 1 else []))


def digits_for(cycle: Cycle) -> int:
    """Digits with which e^z beside 1 is told from 1, as long as float64 can hold e^z."""
    z = np.abs(np.concatenate(cycle.z))
    largest, smallest = float(np.max(z)), float(np.min(z[z > 0], initial=1.0))
    deep = 0.45 * max(largest, min(largest, LEAST_POWER) ** 2 / 2)
    logs = abs(math.log10(max(largest, 1.0))) - math.log10(smallest)
    return DIGITS + math.ceil(min(LEAST_POWER, deep) + min(LEAST_POWER, logs))


def _compare(tally: Tally, cycle: Cycle, first: int, every: int) -> None:
    """Compare every so many-th z of a layer, one at least, from the ``first`` on; each a, and L."""
    signal = cycle.x
    for k, layer in enumerate(cycle.trace.experiment.layers):
        step = min(every, len(cycle.z[k]))
        some = slice(first % step, None, step)
        W, b = cycle.W[k][:, some], cycle.b[k][some]
        sums = weighted_sums(numbers(signal), W.tolist(), b.tolist())
        sizes = np.abs(signal) @ np.abs(W) + np.abs(b)
        places = range(len(cycle.z[k]))[some]
        for j, total, size in zip(places, sums, sizes, strict=True):
            where = Spot.of_cycle(cycle, "z", k + 1, [j + 1])
            tally.add(where, float(cycle.z[k][j]), total, float(size))
        for j, value in enumerate(activations(layer.activation, numbers(cycle.z[k]))):
            tally.add(Spot.of_cycle(cycle, "a", k + 1, [j + 1]), float(cycle.a[k][j]), value)
        signal = cycle.a[k]
    name, y_hat, z = cycle.trace.experiment.training.loss, numbers(signal), numbers(cycle.z[-1])
    tally.add(
        Spot.of_cycle(cycle, "loss"), cycle.loss, sample_loss(name, cycle.y.tolist(), y_hat, z)
    )


def numbers(values: FloatArray) -> Numbers:
    """An array of float64 as exact numbers of many digits."""
    return [arithmetic.mpf(value) for value in values.tolist()]


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
        return [_vector_activation(name, len(z), unit)(*z) for unit in range(len(z))]
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
def _vector_activation(name: str, units: int, unit: int) -> Callable[..., Any]:
    """Of one unit, from all z of the layer."""
    zs, build = sp.symbols(f"z:{units}", real=True), ACTIVATIONS[name].vector_definition
    assert build is not None
    return compiled(zs, build(zs, unit))


@cache
def _loss(name: str, units: int) -> Callable[..., Any]:
    y, h = sp.symbols(f"y:{units}", real=True), sp.symbols(f"h:{units}", real=True)
    entry = LOSSES[name]
    build = entry.from_logits or entry.definition
    return compiled((*y, *h), build(y, h))


@cache
def compiled(symbols: tuple[Any, ...], expression: Any) -> Callable[..., Any]:
    """An expression as a function of numbers of 50 digits."""
    modules = [functions_of(arithmetic), "mpmath"]
    function: Callable[..., Any] = sp.lambdify(real(symbols), real(expression), modules=modules)
    return function
