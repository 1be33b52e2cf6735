"""How an optimizer makes a step: one weight worked through, and what the learning rate is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tracer.catalog.optimizer import Program
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.experiment import Experiment
from tracer.explain.operands import Operands, Pass, cycle_pass, kept
from tracer.explain.rate import rate, setting
from tracer.explain.update import weight_update
from tracer.formula import FloatArray
from tracer.trace import Cycle, Trace
from tracer.typeset import Line

Role = Literal["plain", "size", "factor"]
"""What the learning rate is: what a slope is multiplied by; a step size, since the step does not
grow with the slopes; or what something else that is made of slopes is multiplied by."""
Verdict = Literal["lost", "still", "alone", "uphill", "same", "longer", "shorter"]

SCALE = 1024.0  # a power of two: multiplying by it rounds nothing
SAMPLE = (0.5, -0.25, 0.75, 0.125)  # slopes of both signs, far from any small number of an option
ALIKE = 1e-3
"""Steps that differ by less than a thousandth are called as long: no picture shows the rest."""
ROUNDING = 8 * np.finfo(np.float64).eps
"""Relative: a step is the difference of two weights, each of them rounded, as slopes are."""


@dataclass(frozen=True, eq=False)
class Stepping:
    """The update of one weight of the layer, with ``index`` (from unit, to unit), from 1.

    ``step`` is w⁺ − w, ``plain`` what −η g would be, ``verdict`` how the two compare. ``known`` are
    what the optimizer kept and the settings, as numbers.
    """

    cycle: Cycle
    layer: int
    index: tuple[int, int]
    lines: tuple[Line, ...]
    known: Operands
    step: float
    plain: float
    verdict: Verdict


def role_of(experiment: Experiment) -> Role:
    """What the learning rate is for the optimizer of an experiment, with its options.

    With a momentum of 0 its steps are plain too.
    """
    training = experiment.training
    program = OPTIMIZERS[training.optimizer].program(training.options)
    if program.is_plain or np.array_equal(
        _steps(program, training.options, 1.0), -np.array(SAMPLE)
    ):
        return "plain"
    return "size" if _is_scale_free(program, training.options) else "factor"


def _is_scale_free(program: Program, options: Mapping[str, float | str]) -> bool:
    """Whether steps stay as long as they are when all slopes are ``SCALE`` times larger."""
    one, other = (_steps(program, options, scale) for scale in (1.0, SCALE))
    if not (np.isfinite(one).all() and np.isfinite(other).all() and one.any()):
        return False
    return bool(np.allclose(one, other, rtol=ALIKE, atol=0.0))


def _steps(program: Program, options: Mapping[str, float | str], scale: float) -> FloatArray:
    """The steps of a parameter that starts at 0, along ``SAMPLE`` with η = 1."""
    values = {name: value for name, value in options.items() if not isinstance(value, str)}
    state = dict.fromkeys(program.carried, 0.0)
    found: list[float] = []
    with np.errstate(all="ignore"):
        for t, slope in enumerate(SAMPLE, start=1):
            given = {"w": 0.0, "g": slope * scale, "eta": 1.0, "t": t}
            made = program.apply({**given, **values, **state})
            state = {name: float(made[name]) for name in state}
            found.append(float(made["w"]))
    return np.array(found)


def stepping(cycle: Cycle) -> Stepping:
    """The weight that is worked through, of the update that ends with ``cycle``.

    Of the weights that are written out it is the one with the largest slope; of several the first.
    """
    view = cycle_pass(cycle)
    layer, index = _steepest(cycle, view)
    u, trace = cycle.update, cycle.trace
    place = (index[0] - 1, index[1] - 1)
    before, after = (float(trace.W[layer - 1][(k, *place)]) for k in (u, u + 1))
    slope, eta = float(cycle.grad_W[layer - 1][place]), rate(trace, u).value
    with np.errstate(all="ignore"):
        step, plain = float(np.subtract(after, before)), float(np.multiply(-eta, slope))
    least = ROUNDING * max(abs(before), abs(after))
    return Stepping(
        cycle=cycle,
        layer=layer,
        index=index,
        lines=weight_update(cycle, view, layer, index),
        known=_known(trace, layer, index, u),
        step=step,
        plain=plain,
        verdict=compare(step, plain, least),
    )


def compare(step: float, plain: float, least: float) -> Verdict:
    """How a step compares with a plain one; differences up to ``least`` may be rounding."""
    if not (math.isfinite(step) and math.isfinite(plain)):
        return "lost"
    if step == 0:
        return "still"
    if plain == 0:
        return "alone"
    if abs(step - plain) <= max(least, ROUNDING * abs(plain)):
        return "same"
    if (step > 0) != (plain > 0):
        return "uphill"
    return "longer" if abs(step) > abs(plain) else "shorter"


def _steepest(cycle: Cycle, view: Pass) -> tuple[int, tuple[int, int]]:
    """The layer and the place of the weight with the largest slope of the batch."""
    best, found = -1.0, (1, (view.written(0)[0], view.written(1)[0]))
    for layer, grads in enumerate(cycle.grad_W, start=1):
        for i in view.written(layer - 1):
            for j in view.written(layer):
                size = abs(float(grads[i - 1, j - 1]))
                if math.isfinite(size) and size > best:
                    best, found = size, (layer, (i, j))
    return found


def _known(trace: Trace, layer: int, index: tuple[int, int], update: int) -> Operands:
    """What the optimizer kept for the weight, then the numbers of the file that it reads."""
    training = trace.experiment.training
    program = OPTIMIZERS[training.optimizer].program(training.options)
    state = (n for n in program.variables if n in program.carried)
    options = ((n, v) for n, v in training.options.items() if not isinstance(v, str))
    return (
        *(kept(trace, name, "W", layer, index, update=update) for name in state),
        rate(trace, update),
        *(setting(name, float(value)) for name, value in options),
    )
