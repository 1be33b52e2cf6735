"""Batch gradients and updates once more, from the samples' numbers and the optimizer's program."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from tracer.catalog.optimizer import Program
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.check.proof import Proof, Tally, nothing_finite, parameters, proved_visits
from tracer.check.recompute import arithmetic, compiled
from tracer.check.rounding import size_kernel
from tracer.check.spot import Spot
from tracer.deferred import real
from tracer.experiment.model import Training
from tracer.formula import FloatArray
from tracer.reread.reason import because
from tracer.trace import Cycle, Trace

# one update: a root and a few products; no built-in example is off by 1e-15
KEY, TOLERANCE = "updates", 1e-11
MOST_WORK, ASSIGNED = 1_000_000, 20
"""Products in one check at the most; what the optimizer makes of a gradient costs as so many.

A million take some six seconds. 784-128-10 has 101,770 parameters: all of them in 64 updates of 32
rows would be some three hundred million, and take half an hour.
"""


def by_program(trace: Trace, _pages: object) -> Proof:
    """Compare the batch gradient and every assignment's result in the proved updates."""
    cycles = {c.update: Cycle(trace, c.visits[-1]) for c in proved_visits(trace)}
    if not cycles:
        return nothing_finite(KEY, TOLERANCE)
    tally = Tally(KEY, TOLERANCE)
    every = max(1, math.ceil(sum(map(_work, cycles.values())) / MOST_WORK))
    for turn, cycle in enumerate(cycles.values()):
        samples = tuple(Cycle(trace, visit) for visit in cycle.visits)
        for place in parameters(cycle, turn, every):
            _Parameter(cycle, samples, *place).compare(tally)
    return tally.proof(*([because("thinned", most=MOST_WORK)] if every > 1 else []))


def _work(cycle: Cycle) -> int:
    """Products for all parameters of the update that a cycle belongs to."""
    parameters = sum(values.size for values in (*cycle.W, *cycle.b))
    return parameters * (len(cycle.visits) + ASSIGNED)


@dataclass(frozen=True)
class _Parameter:
    """One weight or bias in the update that the page of ``cycle`` shows; all counts from 0."""

    cycle: Cycle
    samples: tuple[Cycle, ...]
    kind: str
    layer: int
    index: tuple[int, ...]

    @property
    def training(self) -> Training:
        training: Training = self.cycle.trace.experiment.training
        return training

    @property
    def program(self) -> Program:
        return OPTIMIZERS[self.training.optimizer].program(self.training.options)

    def compare(self, tally: Tally) -> None:
        """Add the gradient that the optimizer received, and what it made of it."""
        trace, parts = self.cycle.trace, self.parts()
        received = self._at(trace.grad_W if self.kind == "W" else trace.grad_b)
        size = float(sum(abs(part) for part in parts))
        tally.add(self._where_received(), received, arithmetic.fsum(parts), size)
        if self.kind == "b" and not self.training.train_biases:
            tally.add(self._where("b"), self._parameter(later=1), self._parameter())
            return
        self._follow(tally, received)

    def parts(self) -> list[Any]:
        """What the batch gradient is the sum of: the samples' shares and the penalty's part."""
        share = len(self.samples) if self.training.reduction == "mean" else 1
        parts = [self._of_sample(sample) / share for sample in self.samples]
        if self.kind == "W" and self.training.l2:
            share = len(self.samples) if self.training.l2_per_batch else 1
            parts.append(arithmetic.mpf(self.training.l2) / share * self._parameter())
        return parts

    def _of_sample(self, sample: Cycle) -> Any:
        error = arithmetic.mpf(float(sample.dL_dz[self.layer][self.index[-1]]))
        if self.kind == "b":
            return error
        signal = sample.a[self.layer - 1] if self.layer else sample.x
        return error * float(signal[self.index[0]])

    def _follow(self, tally: Tally, gradient: float) -> None:
        """Compare the result of each assignment with SymPy's, from the trace's numbers before."""
        trace, update = self.cycle.trace, self.cycle.update
        numbers = {k: v for k, v in self.training.options.items() if not isinstance(v, str)}
        numbers |= {name: self._kept(name) for name in self.program.carried}
        numbers |= {"w": self._parameter(), "eta": float(trace.learning_rate[update])}
        numbers |= {"g": gradient}
        for step in self.program.assignments:
            expected, size = _evaluated(real(step.expression), numbers, update + 1)
            where, found = self._found(step.target)
            tally.add(where, found, expected, size)
            numbers[step.target] = found

    def _found(self, name: str) -> tuple[Spot, float]:
        """(place, number of the trace) of what the assignment to ``name`` left."""
        if name == "w":
            return self._where(self.kind, after=True), self._parameter(later=1)
        carried = name in self.program.carried
        return self._where(f"{name}_{self.kind}", after=carried), self._kept(name, later=1)

    def _where_received(self) -> Spot:
        """Where the page shows the gradient; that of one sample alone is not shown once more."""
        decays = self.kind == "W" and self.training.l2 > 0
        alone = len(self.cycle.visits) == 1 and not decays
        return self._where(f"dL_d{self.kind}" if alone else f"grad_{self.kind}")

    def _where(self, name: str, *, after: bool = False) -> Spot:
        index = [k + 1 for k in self.index]
        return Spot.of_cycle(self.cycle, name, self.layer + 1, index, after=after)

    def _parameter(self, later: int = 0) -> float:
        trace = self.cycle.trace
        return self._at(trace.W if self.kind == "W" else trace.b, later)

    def _kept(self, name: str, later: int = 0) -> float:
        return self._at(self.cycle.trace.state[name][self.kind], later)

    def _at(self, histories: Sequence[FloatArray], later: int = 0) -> float:
        return float(histories[self.layer][(self.cycle.update + later, *self.index)])


def _evaluated(expression: Any, numbers: Mapping[str, float], t: int) -> tuple[Any, float]:
    """(value in many digits, size) of an expression; nan where it is undefined."""
    names, kernel = size_kernel(expression)
    plain = {name: np.float64(value) for name, value in numbers.items()} | {"t": t}
    with np.errstate(all="ignore"):
        size = float(kernel(*(plain[name] for name in names)))
    exact = {name: arithmetic.mpf(value) for name, value in numbers.items()} | {"t": t}
    symbols = tuple(sorted(expression.free_symbols, key=str))
    try:
        value = compiled(symbols, expression)(*(exact[str(symbol)] for symbol in symbols))
    except ZeroDivisionError:
        value = _as_float64(expression, symbols, plain)
    return value, 0.0 if math.isnan(size) else size


def _as_float64(expression: Any, symbols: Sequence[Any], numbers: Mapping[str, Any]) -> float:
    """The value with the ∞ and nan of float64, where something is divided by 0."""
    with np.errstate(all="ignore"):
        function = sp.lambdify(symbols, expression, modules="numpy")
        return float(function(*(numbers[str(symbol)] for symbol in symbols)))
