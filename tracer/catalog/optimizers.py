"""The optimizers, each a small program of named assignments, one row each.

A program runs once for every parameter at every update. ``w`` is the parameter, ``g`` its batch
gradient, ``eta`` the learning rate and ``t`` the number of the update from 1; other names are
the row's options, its state, or results of earlier assignments. Numbers and pages come from the
same program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
import sympy as sp

from tracer.formula import Expr, FloatArray

W, G, ETA, T = sp.symbols("w g eta t", real=True)


@dataclass(frozen=True)
class Assignment:
    """``target`` ← ``expression``: one step of a program."""

    target: str
    expression: Expr


@dataclass(frozen=True)
class Optimizer:
    """One optimizer: its options with their defaults and its program.

    A target that the program reads before assigning it is state: it starts at 0 and is kept
    from update to update. The last assignment's target is ``w``.
    """

    name: str
    title: str
    program: tuple[Assignment, ...]
    source: str
    options: Mapping[str, float | str] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Every name that the program records beside the parameter itself."""
        names = (step.target for step in self.program)
        return tuple(dict.fromkeys(name for name in names if name != "w"))

    @cached_property
    def steps(self) -> tuple[tuple[str, tuple[str, ...], Callable[..., FloatArray]], ...]:
        """(target, argument names, numpy kernel) of each assignment."""
        return tuple(_compile(step) for step in self.program)

    def apply(self, values: Mapping[str, FloatArray | float]) -> dict[str, FloatArray]:
        """Run the program once; ``values`` holds w, g, eta, t, the options and the state.

        Returns the new value of every variable and of ``w``, in arrays of w's shape.
        """
        names = dict(values)
        for target, arguments, kernel in self.steps:
            names[target] = kernel(*(names[argument] for argument in arguments))
        return {name: np.asarray(names[name]) for name in (*self.variables, "w")}


def _compile(step: Assignment) -> tuple[str, tuple[str, ...], Callable[..., FloatArray]]:
    symbols = sorted(step.expression.free_symbols, key=str)
    kernel = sp.lambdify(symbols, step.expression, modules="numpy")
    return step.target, tuple(str(symbol) for symbol in symbols), kernel


_ROWS = (
    Optimizer(
        name="sgd",
        title="stochastic gradient descent",
        program=(Assignment("w", sp.Add(W, -ETA * G, evaluate=False)),),
        source="Robbins and Monro, 1951",
    ),
)

OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType({row.name: row for row in _ROWS})
"""Every optimizer by the name that an experiment file uses."""
