"""Gradients against central differences: (L(w + h) − L(w − h)) / 2h, parameter by parameter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.check.proof import Proof, Tally, absent, nothing_finite, place, proved_visits
from tracer.check.reason import because
from tracer.formula import FloatArray
from tracer.network import forward
from tracer.trace import Cycle, Trace

KEY, TOLERANCE, STEP = "finite_differences", 1e-5, 1e-5


def by_differences(trace: Trace, _pages: object) -> Proof:
    """Compare ∂L/∂W and ∂L/∂b of the proved visits.

    Passed over: a kink within the step, and losses so large that float64 hides the difference.
    """
    tally, visits = Tally(KEY, TOLERANCE), proved_visits(trace)
    if not visits:
        return nothing_finite(KEY, TOLERANCE)
    passed = 0
    for cycle in visits:
        for where, found, expected in _slopes(cycle):
            if expected is None:
                passed += 1
            else:
                tally.add(where, found, expected)
    if not tally.compared:
        return absent(KEY, TOLERANCE, because("differences_too_small"))
    return tally.proof(because("passed_over", count=passed)) if passed else tally.proof()


def _slopes(cycle: Cycle) -> Iterator[tuple[str, float, float | None]]:
    parameters = {"W": [w.copy() for w in cycle.W], "b": [b.copy() for b in cycle.b]}
    gradients = {"W": cycle.dL_dW, "b": cycle.dL_db}
    for kind, arrays in parameters.items():
        for k, array in enumerate(arrays):
            for index in np.ndindex(*array.shape):
                where = place(cycle, f"dL_d{kind}", k + 1, [i + 1 for i in index])
                found = float(gradients[kind][k][index])
                yield where, found, _difference(cycle, parameters, array, index, found)


def _difference(
    cycle: Cycle,
    parameters: dict[str, list[FloatArray]],
    array: FloatArray,
    index: tuple[int, ...],
    found: float,
) -> float | None:
    """The central difference along one parameter.

    None where a unit switches within the step, or where float64 cannot tell the two losses apart
    well enough to judge a gradient of the size of ``found``.
    """
    kept = float(array[index])
    step = STEP * max(1.0, abs(kept))
    sides = []
    for value in (kept + step, kept - step):
        array[index] = value
        sides.append(_loss(cycle, parameters))
    array[index] = kept
    (above, up), (below, down) = sides
    blur = np.spacing(max(abs(above), abs(below))) / step
    if up != down or not blur < TOLERANCE * max(1.0, abs(found)):
        return None
    return (above - below) / (2 * step)


def _loss(cycle: Cycle, parameters: dict[str, list[FloatArray]]) -> tuple[float, list[bool]]:
    """L, and which units have a positive weighted sum."""
    experiment = cycle.trace.experiment
    kernels = [ACTIVATIONS[layer.activation].kernel for layer in experiment.layers]
    with np.errstate(all="ignore"):
        z, a = forward(cycle.x[None, :], parameters["W"], parameters["b"], kernels)
        loss = LOSSES[experiment.training.loss].kernel(cycle.y[None, :], a[-1], z[-1])
    kinked = ("relu", "leaky_relu")
    signs = [
        bool(value > 0)
        for layer, sums in zip(experiment.layers, z, strict=True)
        if layer.activation in kinked
        for value in sums[0].tolist()
    ]
    return float(loss[0]), signs
