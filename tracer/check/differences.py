"""Gradients against central differences: (L(w + h) − L(w − h)) / 2h, parameter by parameter.

The losses are computed with a hundred digits and more, from the catalog's definitions, so the step
h can be so small that what a difference leaves out is far below what float64 can hold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from tracer.check.proof import (
    Proof,
    Tally,
    absent,
    nothing_finite,
    parameters,
    proved_visits,
)
from tracer.check.recompute import (
    LEAST_POWER,
    Numbers,
    activations,
    arithmetic,
    digits_for,
    numbers,
    sample_loss,
    weighted_sums,
)
from tracer.check.rounding import is_kinked, sizes_of
from tracer.check.spot import Spot
from tracer.reread.reason import because
from tracer.trace import Cycle, Trace

# of the built-in examples none is off by 1e-15; a wrong rule is off by far more than 1e-10
KEY, TOLERANCE = "finite_differences", 1e-10
STEP, SPARE = 30, 30
"""h is at most 10^−STEP, so small are also the shares that the difference of two losses loses.

What a central difference leaves out is of the order h², 10^−60: nothing beside the 10^−16 of
float64. SPARE digits are left after the difference has lost its own, far more than those 16.
"""

MOST_WORK, FUNCTION, USUAL = 1_000_000, 20, 250
"""Multiplications in one check at the most; an activation function costs as much as so many.

A million with a hundred digits each take some seconds, which a reader waits for. The exponential of
such a number takes the time of about twenty products. Above USUAL digits a product takes time by
their square: beside 1e150 there are two thousand, and the same network took minutes.
"""


def by_differences(trace: Trace, _pages: object) -> Proof:
    """Compare ∂L/∂W and ∂L/∂b of the visits, as many as can be tried in a few seconds.

    Passed over: a unit that switches from one piece of its function to another within the step.
    """
    tally, visits = Tally(KEY, TOLERANCE), proved_visits(trace)
    if not visits:
        return nothing_finite(KEY, TOLERANCE)
    work = _work(trace.layer_sizes) * max(1.0, *((_digits(c) / USUAL) ** 2 for c in visits))
    total = work * len(visits)
    chosen = visits[:: max(1, math.ceil(total / MOST_WORK))]
    every = max(1, math.ceil(work * len(chosen) / MOST_WORK))
    for turn, cycle in enumerate(chosen):
        _compare(tally, cycle, turn, every)
    if not tally.compared:
        return absent(KEY, TOLERANCE, because("differences_too_small"))
    thinned = total > MOST_WORK
    return tally.proof(*([because("thinned", most=MOST_WORK)] if thinned else []))


def _work(sizes: Sequence[int]) -> int:
    """Multiplications for all parameters of one visit."""
    layers = [(n * m, m) for n, m in pairwise(sizes)]
    behind = [
        sum(pair for pair, _ in layers[k + 1 :]) + FUNCTION * sum(m for _, m in layers[k:])
        for k in range(len(layers))
    ]
    return sum(2 * (pair + m) * work for (pair, m), work in zip(layers, behind, strict=True))


def _compare(tally: Tally, cycle: Cycle, first: int, every: int) -> None:
    """Every so many-th parameter of each array of a visit, from the ``first`` on."""
    sizes = sizes_of(cycle)
    with arithmetic.workdps(_digits(cycle)):
        network = _SteppedNetwork.of(cycle, arithmetic.mpf(10) ** -_smaller(cycle))
        for kind, k, index in parameters(cycle, first, every):
            found, size = ((cycle.dL_dW, sizes.dL_dW), (cycle.dL_db, sizes.dL_db))[kind == "b"]
            where = Spot.of_cycle(cycle, f"dL_d{kind}", k + 1, [i + 1 for i in index])
            expected = network.difference(k, index)
            if expected is None:
                tally.passed += 1
            else:
                tally.add(where, float(found[k][index]), expected, float(size[k][index]))


def _smaller(cycle: Cycle) -> int:
    """−log10 of the step h."""
    return STEP + math.ceil(_reach(cycle) + _depth(cycle))


def _digits(cycle: Cycle) -> int:
    # a loss may be as large as the square of a sum, and the slope beside it as small as the depth
    lost = math.ceil(2 * _reach(cycle) + _depth(cycle))
    return digits_for(cycle) + _smaller(cycle) + SPARE + lost


def _reach(cycle: Cycle) -> float:
    """log10 of how much faster than a parameter the last weighted sums may move."""
    signals = (cycle.x, *cycle.a, cycle.y)
    largest = max(1.0, *(float(np.max(np.abs(signal))) for signal in signals))
    grows = (max(1.0, float(np.max(np.abs(W).sum(axis=0)))) for W in cycle.W[1:])
    return math.log10(largest) + sum(math.log10(factor) for factor in grows)


def _depth(cycle: Cycle) -> float:
    """How many zeros after the point the smallest gradient may begin with, as float64 has them."""
    factors = (np.concatenate((cycle.x, *cycle.a)), np.concatenate(cycle.dL_dz), *cycle.W)
    smallest = (np.min(np.abs(part), where=part != 0, initial=1.0) for part in factors)
    return min(LEAST_POWER, -sum(math.log10(float(small)) for small in smallest))


@dataclass(frozen=True)
class _SteppedNetwork:
    """A visit's network in many digits: ``signals`` into each layer, its z, and the step h."""

    cycle: Cycle
    signals: tuple[Numbers, ...]
    z: tuple[Numbers, ...]
    step: Any

    @classmethod
    def of(cls, cycle: Cycle, step: Any) -> _SteppedNetwork:
        signals, sums = [numbers(cycle.x)], []
        for k, layer in enumerate(cycle.trace.experiment.layers):
            sums.append(_sums(cycle, k, signals[-1]))
            signals.append(activations(layer.activation, sums[-1]))
        return cls(cycle, tuple(signals), tuple(sums), step)

    def difference(self, k: int, index: tuple[int, ...]) -> Any:
        """The central difference along one parameter of layer k; None across a kink."""
        factor = self.signals[k][index[0]] if len(index) == 2 else 1
        if not factor:
            return arithmetic.mpf(0)
        sides = []
        for step in (self.step, -self.step):
            z = list(self.z[k])
            z[index[-1]] += step * factor
            sides.append(self._loss(k, z))
        (above, up), (below, down) = sides
        return (above - below) / (2 * self.step) if up == down else None

    def _loss(self, k: int, z: Numbers) -> tuple[Any, list[bool]]:
        """L from the weighted sums of layer k on, and the pieces on which kinked units are."""
        experiment, sides = self.cycle.trace.experiment, []
        signal: Numbers = []
        for layer, entry in enumerate(experiment.layers[k:], start=k):
            z = z if layer == k else _sums(self.cycle, layer, signal)
            signal = activations(entry.activation, z)
            if is_kinked(entry.activation):
                sides += [bool(value > 0) for value in z]
        loss = sample_loss(experiment.training.loss, self.cycle.y.tolist(), signal, z)
        return loss, sides


def _sums(cycle: Cycle, k: int, signal: Numbers) -> Numbers:
    return weighted_sums(signal, cycle.W[k].tolist(), cycle.b[k].tolist())
