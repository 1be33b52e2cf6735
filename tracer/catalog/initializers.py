"""The ways to draw starting values, one row each.

n_in and n_out are the numbers of units before and in the layer. ``limit`` (of a uniform draw in
[−limit, limit]) and ``spread`` (the standard deviation of a normal draw) are stated in SymPy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tracer.catalog.facts import fact, names_in
from tracer.deferred import Expr, symbols
from tracer.deferred import sympy as sp
from tracer.formula import FloatArray
from tracer.registry import Registry

N_IN, N_OUT, LOW, HIGH, STD = symbols("n_in", "n_out", "low", "high", "std")


@dataclass(frozen=True)
class Initializer:
    """One way to draw: uniform between ``low`` and ``high``, or normal around 0 with ``spread``."""

    name: str
    source: str
    low: Expr = None
    high: Expr = None
    spread: Expr = None

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], values: Mapping[str, float]
    ) -> FloatArray:
        """Draw an array of this shape; the same generator in the same state draws the same.

        ``values`` holds n_in, n_out and the file's low, high and std, as far as the scheme asks
        for them.

        Raises:
            KeyError: a value that the scheme asks for is missing.
        """
        if self.spread is not None:
            return rng.normal(0.0, self._number(self.spread, values), shape)
        low, high = self._number(self.low, values), self._number(self.high, values)
        return rng.uniform(low, high, shape)

    @property
    def extent(self) -> Expr:
        """How far values go: the standard deviation of a normal draw, else the upper bound."""
        return self.high if self.spread is None else self.spread

    @property
    def squared(self) -> str:
        """The square of the extent, as SymPy writes it: n_in and n_out under no root."""
        return fact("squared", self.extent, lambda extent: str(extent**2))

    def reach(self, values: Mapping[str, float]) -> tuple[float, ...]:
        """(standard deviation,) of a normal draw, else (lower bound, upper bound)."""
        bounds = (self.low, self.high) if self.spread is None else (self.spread,)
        return tuple(self._number(bound, values) for bound in bounds)

    @staticmethod
    def _number(expression: Expr, values: Mapping[str, float]) -> float:
        known = {name: values[name] for name in names_in(expression)}
        return fact(("at", *known.items()), expression, lambda formula: _at(formula, known))


def _at(formula: Expr, known: Mapping[str, float]) -> float:
    from tracer.algebra import at

    return at(formula, known)


def _within(limit: Expr, name: str, source: str) -> Initializer:
    return Initializer(name=name, low=-limit, high=limit, source=source)


_ROWS = (
    Initializer(name="uniform", low=LOW, high=HIGH, source="an even draw between two bounds"),
    Initializer(name="normal", spread=STD, source="a normal draw around 0"),
    _within(sp.sqrt(6 / (N_IN + N_OUT)), "glorot_uniform", source="Glorot and Bengio, 2010"),
    Initializer(
        name="glorot_normal", spread=sp.sqrt(2 / (N_IN + N_OUT)), source="Glorot and Bengio, 2010"
    ),
    _within(sp.sqrt(6 / N_IN), "he_uniform", source="He and others, 2015"),
    Initializer(name="he_normal", spread=sp.sqrt(2 / N_IN), source="He and others, 2015"),
    Initializer(name="zeros", low=sp.Integer(0), high=sp.Integer(0), source="every value 0"),
)

INITIALIZERS: Mapping[str, Initializer] = Registry(Initializer, _ROWS)
"""Every drawn scheme by the name that an experiment file uses.

n_in and n_out are the units before and in the layer. Weights have the shape (n_in, n_out), biases
(n_out,); biases are drawn in the same way, or are 0, as the experiment file says.

#### uniform
Evenly from `[low, high]`, two bounds of the experiment file: any numbers, low below high.

#### normal
From a normal distribution around 0 with the standard deviation `std`, above 0, of the experiment
file.

#### glorot_uniform
Evenly from `[−√(6 / (n_in + n_out)), √(6 / (n_in + n_out))]`, Keras's default for weights; also
called Xavier. [Understanding the difficulty of training deep feedforward neural
networks](https://proceedings.mlr.press/v9/glorot10a.html), Glorot and Bengio, 2010.

#### glorot_normal
Normal with the standard deviation `√(2 / (n_in + n_out))`: the variance of glorot_uniform. Keras
cuts the distribution off at two standard deviations; PyTorch does not, and neither does tracer.
Glorot and Bengio, 2010, as above.

#### he_uniform
Evenly from `[−√(6 / n_in), √(6 / n_in)]`, made for relu, which lets half of the variance through;
also called Kaiming. [Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet
Classification](https://arxiv.org/abs/1502.01852), He, Zhang, Ren and Sun, 2015.

#### he_normal
Normal with the standard deviation `√(2 / n_in)`: the variance of he_uniform. This is the draw of
the paper of 2015.

#### zeros
Evenly from `[0, 0]`: all units of a layer start alike, get the same gradients and stay alike.
"""
