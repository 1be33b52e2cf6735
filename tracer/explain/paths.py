"""The chain rule along paths: from the loss back to one weight of the first layer.

A path names one unit of every layer. Its share is the product of the slopes on the way; the
shares of all paths add up to the weight's gradient. A slope of exactly 0 closes a path: its share
is 0, whatever arrives. Backpropagation finds the same number with less work, because paths share
their beginnings.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, product

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.explain.forms import symbols
from tracer.explain.operands import Operands, cycle_pass
from tracer.explain.written import written_units
from tracer.formula import Form
from tracer.refs import Here, Ref
from tracer.trace import Cycle, Trace
from tracer.typeset import Bound, Line, Operand
from tracer.unevaluated import added, times

MOST_PATHS = 48
"""More paths than these are added up, but not written out."""


@dataclass(frozen=True, eq=False)
class Path:
    """One way back: ``units`` (from 1) of layers 1 … L, its factors and its share.

    ``output`` is how many of the factors belong to the output: (∂L/∂ŷ, dŷ/dz), or ∂L/∂z alone.
    """

    units: tuple[int, ...]
    factors: Operands
    output: int
    line: Line


@dataclass(frozen=True, eq=False)
class Paths:
    """Every way from the loss to the weight from input ``index[0]`` to unit ``index[1]``.

    ``count`` is how many there are, ``paths`` those that are written out: none where a hidden
    softmax lets a way back branch inside its layer too. ``total`` adds all shares up to the
    weight's gradient; None where it is only one, or where not all are written out.
    """

    index: tuple[int, int]
    count: int
    paths: tuple[Path, ...]
    total: Line | None
    gradient: Operand


@dataclass(frozen=True)
class Work:
    """How many products it takes to find all weight gradients of the network.

    ``by_paths``: every path of every weight for itself; ``by_errors``: layer errors first.
    """

    weights: int
    paths: int
    by_paths: int
    by_errors: int


def paths_to(cycle: Cycle, index: tuple[int, int]) -> Paths:
    """The paths from the loss back to a weight of the first layer (units from 1)."""
    return _Back(cycle, index).explain()


def telling_weight(cycle: Cycle) -> tuple[int, int]:
    """The weight of the first layer (units from 1) with the largest gradient."""
    sources, units = written_units(cycle.trace)[:2]
    slopes = cycle.dL_dW[0][np.ix_([i - 1 for i in sources], [j - 1 for j in units])]
    sizes = np.abs(np.nan_to_num(slopes, nan=0.0))
    i, j = (int(k) for k in np.unravel_index(int(sizes.argmax()), sizes.shape))
    return sources[i], units[j]


def work(trace: Trace) -> Work:
    """Count products: a path with k factors takes k − 1; layer errors take each product once."""
    sizes, layers = trace.layer_sizes, trace.layers
    counts = [math.prod(sizes[layer + 1 :]) for layer in range(1, layers + 1)]
    weights = [sizes[k] * sizes[k + 1] for k in range(layers)]
    by_paths = paths = 0
    for layer in range(1, layers + 1):
        found = weights[layer - 1] * counts[layer - 1]
        factors = 2 * (layers - layer + 1) + 1
        paths, by_paths = paths + found, by_paths + found * (factors - 1)
    passing_on = sum(weights[1:])
    return Work(sum(weights), paths, by_paths, sum(sizes[1:]) + passing_on + sum(weights))


class _Back:
    """The slopes on all ways back from the loss."""

    def __init__(self, cycle: Cycle, index: tuple[int, int]) -> None:
        self.cycle, self.view, self.index = cycle, cycle_pass(cycle), index
        self.trace, self.layers = cycle.trace, cycle.trace.layers
        names = [layer.activation for layer in self.trace.experiment.layers]
        self.entries = [ACTIVATIONS[name] for name in names]

    def explain(self) -> Paths:
        i, j = self.index
        sizes = self.trace.layer_sizes
        count = math.prod(sizes[2:])
        mixes = any(entry.vector for entry in self.entries[:-1])
        written = [] if mixes else list(islice(self._paths(), MOST_PATHS + 1))
        gradient = float(self.cycle.dL_dW[0][i - 1, j - 1])
        target = Operand(Ref("dL_dW", 1, self.index, self.view.moment), gradient)
        whole = 0 < len(written) <= MOST_PATHS and len(written) == count
        paths = tuple(written[:MOST_PATHS])
        total = self._total(target, paths) if whole and len(paths) > 1 else None
        return Paths(self.index, count, paths, total, target)

    def _paths(self) -> Iterator[Path]:
        later = written_units(self.trace)[2:]
        for number, rest in enumerate(product(*later), start=1):
            yield self._path(number, (self.index[1], *rest))

    def _path(self, number: int, units: tuple[int, ...]) -> Path:
        output = self._output(units[-1])
        factors, slopes = [*output], [*output[1:]]
        for layer in range(self.layers, 1, -1):
            slope = self._slope(layer - 1, units[layer - 2])
            factors += [self.view.weight(layer, units[layer - 2], units[layer - 1]), slope]
            slopes.append(slope)
        factors.append(self.view.signal(0)[self.index[0] - 1])
        closed = any(slope.value == 0 for slope in slopes)
        value = 0.0 if closed else math.prod(factor.value for factor in factors)
        bound = Bound(_product(len(factors)), tuple(factors))
        line = Line(Ref("path", 0, (number,), Here()), value, (bound,))
        return Path(units, tuple(factors), len(output), line)

    def _output(self, unit: int) -> Operands:
        """∂L/∂ŷ and dŷ/dz of an output; ∂L/∂z where they have no product of their own."""
        of = self.view.units
        arriving = of("dL_da", self.layers, self.cycle.dL_da[-1])[unit - 1]
        error = of("dL_dz", self.layers, self.cycle.dL_dz[-1])[unit - 1]
        if self.entries[-1].vector:
            return (error,)
        slope = self._slope(self.layers, unit)
        close = np.isclose(arriving.value * slope.value, error.value, rtol=1e-9, atol=0)
        return (arriving, slope) if close else (error,)

    def _slope(self, layer: int, unit: int) -> Operand:
        entry, cycle = self.entries[layer - 1], self.cycle
        with np.errstate(all="ignore"):
            slopes = entry.slope(cycle.z[layer - 1], cycle.a[layer - 1])
        return self.view.units("da_dz", layer, slopes)[unit - 1]

    def _total(self, target: Operand, paths: tuple[Path, ...]) -> Line:
        shares = tuple(Operand(path.line.target, path.line.value) for path in paths)
        return Line(target.ref, target.value, (Bound(_sum(len(shares)), shares),))


@cache
def _product(count: int) -> Form:
    factors = symbols("f", count)
    return Form(times(*factors), factors)


@cache
def _sum(count: int) -> Form:
    terms = symbols("p", count)
    return Form(added(*terms), terms)
