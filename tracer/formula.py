"""A formula as data: what is defined once and from which everything else is derived.

An entry of the catalog states its mathematical definition in SymPy. The derivative and the
numeric kernel follow from it unless the entry states its own (where the derived form is not
stable in float64, or not the form that textbooks use). Tests hold every stated form to the
definition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

FloatArray = npt.NDArray[np.float64]
Expr = Any  # SymPy publishes no types
Kernel = Callable[[FloatArray], FloatArray]

Z = sp.Symbol("z", real=True)
A = sp.Symbol("a", real=True)


class Named(sp.Function):  # type: ignore[misc]
    """A function shown by its name, such as ReLU(z), and never evaluated by SymPy."""

    title_latex = ""

    @classmethod
    def eval(cls, *_args: Expr) -> None:
        """Leave the call as it is."""
        return

    def _latex(self, printer: Any) -> str:
        inside = ", ".join(printer.doprint(argument) for argument in self.args)
        return rf"{self.title_latex}\left({inside} \right)"


def named(name: str, latex: str) -> Expr:
    """Return a SymPy function class: looked up as ``name``, printed as ``latex``."""
    return type(name, (Named,), {"title_latex": latex})


def derived_kernel(expression: Expr, symbol: Expr = Z) -> Kernel:
    """Compile ``expression`` of one symbol to numpy; a constant fills the argument's shape."""
    compiled = sp.lambdify(symbol, expression, modules="numpy")
    in_pieces = expression.has(sp.Piecewise)

    def kernel(values: FloatArray) -> FloatArray:
        found = np.asarray(compiled(values), dtype=np.float64)
        if in_pieces:  # nan meets no condition, and would fall into the last piece
            found = np.where(np.isnan(values), values, found)
        return np.broadcast_to(found, values.shape).copy()

    return kernel


class Form:
    """One way to write a value: an expression over named symbols, as a page prints it.

    A value may have several forms; a page takes the first one whose printed digits give the
    printed result, so the textbook's form comes first and the one that survives saturation last.
    """

    def __init__(self, expression: Expr, symbols: Sequence[Expr]) -> None:
        self.expression = expression
        self.symbols = tuple(symbols)

    @cached_property
    def branches(self) -> tuple[tuple[Expr, Expr], ...]:
        """(expression, condition) pairs: one for a plain form, one a branch of a Piecewise."""
        if not isinstance(self.expression, sp.Piecewise):
            return ((self.expression, sp.true),)
        pairs = tuple((piece.expr, piece.cond) for piece in self.expression.args)
        return tuple(
            (expr, _complement(pairs[:k]) if cond is sp.true else cond)
            for k, (expr, cond) in enumerate(pairs)
        )


def _complement(pairs: tuple[tuple[Expr, Expr], ...]) -> Expr:
    return sp.And(*(sp.Not(condition) for _, condition in pairs))
