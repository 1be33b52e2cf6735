"""A formula as data: what is defined once and from which everything else is derived.

An entry of the catalog states its mathematical definition in SymPy. The derivative and the
numeric kernel follow from it unless the entry states its own (where the derived form is not
stable in float64, or not the form that textbooks use). Tests hold every stated form to the
definition. What needs SymPy to be there stands in :mod:`tracer.algebra`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from tracer.deferred import Deferred, Expr, deferred, real

__all__ = ["EXACT_FUNCTIONS", "Expr", "FloatArray", "Form", "Kernel", "functions_of", "in_pieces"]

FloatArray = npt.NDArray[np.float64]
Kernel = Callable[[FloatArray], FloatArray]


def __getattr__(name: str) -> Any:
    """``Z`` and ``A``, for rows that are written elsewhere, as SymPy's own symbols."""
    if name in ("Z", "A"):
        return real(deferred("sympy:Symbol", name.lower(), real=True))
    raise AttributeError(name)


def in_pieces(expression: Expr) -> Expr:
    """The same with each Max and Min as pieces, which have slopes of their own."""
    return deferred("tracer.algebra:in_pieces", expression)


def named(name: str, latex: str, definition: Expr) -> Callable[[Expr], Expr]:
    """A function that is looked up as ``name``, printed as ``latex``, and left as it is."""
    return partial(deferred, "tracer.algebra:named", name, latex, definition)


class Form:
    """One way to write a value: an expression over named symbols, as a page prints it.

    A value may have several forms; a page takes the first one whose printed digits give the
    printed result, so the textbook's form comes first and the one that survives saturation last.
    """

    def __init__(self, expression: Expr, symbols: Sequence[Expr]) -> None:
        self.expression = expression
        self.symbols = tuple(symbols)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of its symbols."""
        return tuple(map(str, self.symbols))

    @cached_property
    def text(self) -> str:
        """All that it is, in words; "" where one of SymPy's own expressions stands in it."""
        parts = (self.expression, *self.symbols)
        if not all(isinstance(part, Deferred) for part in parts):
            return ""
        return "; ".join(part.text for part in parts)

    @cached_property
    def real(self) -> Form:
        """The same, of SymPy's own expression and symbols."""
        return Form(real(self.expression), real(self.symbols))

    @cached_property
    def in_pieces(self) -> bool:
        """Whether the expression is a Piecewise, or has one somewhere in it."""
        from tracer.algebra import has_pieces

        return has_pieces(real(self.expression))

    @cached_property
    def branches(self) -> tuple[tuple[Expr, Expr], ...]:
        """(expression, condition) pairs: one for a plain form, one a branch of a Piecewise.

        Where several stand in one expression, as in a sum over outputs, there is a branch for each
        choice of their pieces.
        """
        from tracer.algebra import branches

        return tuple(branches(real(self.expression)))

    @property
    def first_branch(self) -> tuple[Expr, Expr]:
        """The branch of the first pieces."""
        from tracer.algebra import branches

        return next(branches(real(self.expression)))

    def choose(self, holds: Callable[[Expr], bool]) -> tuple[int, ...] | None:
        """Which piece of each Piecewise it is where these conditions hold; None if there is none.

        ``holds`` is asked for one condition after the other.
        """
        from tracer.algebra import choose

        return choose(real(self.expression), holds)

    def branch(self, chosen: Sequence[int]) -> tuple[Expr, Expr]:
        """(expression, condition) of the pieces that were chosen."""
        from tracer.algebra import branch

        return branch(real(self.expression), chosen)


@cache
def functions_of(context: Any) -> dict[str, Any]:
    """Every function of an mpmath context by its name, and its numbers, for lambdify.

    Max, Min, |x| and sign take exact numbers as well as those of the context.
    """
    names = (name for name in dir(context) if not name.startswith("_"))
    found = {name: getattr(context, name) for name in names}
    functions = {name: value for name, value in found.items() if callable(value)}
    return functions | {"pi": context.pi, **EXACT_FUNCTIONS}


def _sign(x: Any) -> Any:
    return int(x > 0) - int(x < 0) if x == x else x  # noqa: PLR0124 - nan has no sign


EXACT_FUNCTIONS = {"max": max, "min": min, "abs": abs, "sign": _sign}
"""What gives a rational number for rational ones, by the names that lambdify calls them."""
