"""How far float64 may put a number from its exact value: the size of all that it is made of.

A result of float64 is exact up to a share of about 1e-16 of what was added and multiplied on the
way to it. The *size* of a number is the sum of these amounts, to the first order: for a sum of
products Σ |a| |W| + |b|, plus what the rounding of a itself does to it. Where terms cancel, it is
larger than the number; where nothing cancels, it is about as large. So |found − exact| / size tells
a rounding (1e-16) from a mistake, for numbers of 1e-40 as for those of 1e40.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from tracer.catalog.activations import ACTIVATIONS, Activation
from tracer.catalog.losses import LOSSES
from tracer.formula import Expr, FloatArray
from tracer.network import Layers
from tracer.trace import Cycle

NUDGE, KINK = 1e-4, 1e-12
"""The bend of a slope is only needed to its order: with steps of 1e-4 a central difference is off
by 1e-8 of it, and rounding by 1e-12. A sum of hundreds of terms is rounded by less than 1e-13 of
their size, so a weighted sum within 1e-12 of it may be on either side of a kink."""


@dataclass(frozen=True)
class Sizes:
    """The sizes of a visit's numbers, in the shapes of the numbers; ∞ where none can be told."""

    z: Layers
    a: Layers
    loss: float
    dL_dz: Layers
    dL_dW: Layers

    @property
    def dL_db(self) -> Layers:
        """Those of ∂L/∂b, which is ∂L/∂z."""
        return self.dL_dz


def sizes_of(cycle: Cycle) -> Sizes:
    """Follow the visit forward and backward from exact parameters."""
    with np.errstate(all="ignore"):
        z, a = _forward(cycle)
        loss, error = _loss(cycle, z[-1], a[-1])
        dL_dz = _backward(cycle, z, a, error)
        signals, sizes = (cycle.x, *cycle.a[:-1]), (np.zeros_like(cycle.x), *a[:-1])
        dL_dW = tuple(
            _known(np.outer(e, abs(d)) + np.outer(abs(s), e_d) + abs(np.outer(s, d)))
            for s, e, d, e_d in zip(signals, sizes, cycle.dL_dz, dL_dz, strict=True)
        )
    return Sizes(z, a, loss, dL_dz, dL_dW)


def _forward(cycle: Cycle) -> tuple[Layers, Layers]:
    z: list[FloatArray] = []
    a: list[FloatArray] = []
    signal, size = cycle.x, np.zeros_like(cycle.x)
    for k, entry in enumerate(_entries(cycle)):
        z.append(_known((abs(signal) + size) @ abs(cycle.W[k]) + abs(cycle.b[k])))
        signal = cycle.a[k]
        size = _known(_spread(entry, cycle.z[k], signal, z[-1]) + abs(signal))
        a.append(size)
    return tuple(z), tuple(a)


def _loss(cycle: Cycle, z: FloatArray, a: FloatArray) -> tuple[float, FloatArray]:
    """(size of L, sizes of ∂L/∂z of the outputs for a fused loss, else of ∂L/∂ŷ)."""
    entry = LOSSES[cycle.trace.experiment.training.loss]
    y, h, sums = cycle.y, cycle.a[-1], cycle.z[-1]
    slope = entry.slope(y, h, sums)
    if entry.fused:
        size = float(np.sum(abs(h - y) * z)) + abs(cycle.loss)
        return float(_known(np.array(size))), _known(a + abs(h - y))
    step = NUDGE * np.maximum(1.0, abs(h))
    bend = (entry.slope(y, h + step, sums) - entry.slope(y, h - step, sums)) / (2 * step)
    size = float(np.sum(abs(slope) * a + 1e-16 * a * a * abs(bend))) + abs(cycle.loss)
    return float(_known(np.array(size))), _known(abs(bend) * a + abs(slope))


def _backward(cycle: Cycle, z: Layers, a: Layers, error: FloatArray) -> Layers:
    entries, fused = _entries(cycle), LOSSES[cycle.trace.experiment.training.loss].fused
    found: list[FloatArray] = []
    for k in reversed(range(len(entries))):
        if found:
            weights = abs(cycle.W[k + 1]).T
            error = (found[0] + abs(cycle.dL_dz[k + 1])) @ weights
        if found or not fused:
            error = _through(entries[k], cycle, k, (z[k], a[k], error))
        found.insert(0, _known(error))
    return tuple(found)


def _through(
    entry: Activation, cycle: Cycle, k: int, sizes: tuple[FloatArray, FloatArray, FloatArray]
) -> FloatArray:
    """Sizes of ∂L/∂z of a layer from those of its z, its a and of ∂L/∂a."""
    (e_z, e_a, e_da), z, a, da = sizes, cycle.z[k], cycle.a[k], abs(cycle.dL_da[k])
    if entry.vector:
        mixed = np.sum(e_a * da + a * (e_da + da))
        return e_a * (da + np.sum(a * da)) + a * (e_da + da + mixed)
    slope = abs(entry.slope(z, a))
    step = NUDGE * np.maximum(1.0, abs(z))
    ends = [entry.slope(v, entry.kernel(v)) for v in (z + step, z - step)]
    bend = abs(ends[0] - ends[1]) / (2 * step)
    unsure = is_kinked(entry.name) & (abs(z) <= KINK * e_z) & (z != 0)
    return np.where(unsure, np.inf, slope * e_da + da * (bend * e_z + slope))


def _spread(entry: Activation, z: FloatArray, a: FloatArray, e_z: FloatArray) -> FloatArray:
    """What the rounding of z does to a."""
    if entry.vector:
        return a * (e_z * (1.0 - 2.0 * a) + np.sum(a * e_z))
    return abs(entry.slope(z, a)) * e_z


def _entries(cycle: Cycle) -> list[Activation]:
    return [ACTIVATIONS[layer.activation] for layer in cycle.trace.experiment.layers]


def _known(sizes: FloatArray) -> FloatArray:
    return np.where(np.isnan(sizes), np.inf, sizes)


@cache
def is_kinked(activation: str) -> bool:
    """Whether a function is put together from pieces."""
    return len(ACTIVATIONS[activation].pieces) > 1


@cache
def size_kernel(expression: Expr) -> tuple[tuple[str, ...], Callable[..., Any]]:
    """(names, function of their values) that gives the size of an expression of exact numbers."""
    symbols = tuple(sorted(expression.free_symbols, key=str))
    size = sp.lambdify(symbols, _size(expression), modules="numpy")
    return tuple(str(symbol) for symbol in symbols), size


def _size(expression: Expr) -> Expr:
    """The size as an expression: each operation adds the amount of its own result."""
    if expression.is_Symbol or expression.is_Integer:
        return sp.Integer(0)
    own, parts = sp.Abs(expression), [(part, _size(part)) for part in expression.args]
    if expression.is_Add:
        return sp.Add(*(size + sp.Abs(part) for part, size in parts))
    if expression.is_Mul:
        return own + sum(size * sp.Abs(expression / part) for part, size in parts if size != 0)
    if expression.is_Pow and parts[0][1] != 0:
        return own + parts[0][1] * sp.Abs(expression.exp * expression / expression.base)
    return own + sum(size for _, size in parts)
