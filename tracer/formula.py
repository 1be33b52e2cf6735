"""A formula as data: what is defined once and from which everything else is derived.

An entry of the catalog states its mathematical definition in SymPy. The derivative and the
numeric kernel follow from it unless the entry states its own (where the derived form is not
stable in float64, or not the form that textbooks use). Tests hold every stated form to the
definition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp
from sympy.core.relational import Relational

from tracer.unevaluated import added, rebuilt

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


def in_pieces(expression: Expr) -> Expr:
    """The same with each Max and Min as pieces, which have slopes of their own."""
    if not expression.has(sp.Max, sp.Min):
        return expression
    parts = [in_pieces(part) for part in expression.args]
    if isinstance(expression, sp.Max | sp.Min):
        return _extreme(parts, largest=isinstance(expression, sp.Max))
    return rebuilt(expression, *parts)


def _extreme(parts: Sequence[Expr], *, largest: bool) -> Expr:
    """The largest or the smallest of some; where it is a number, that is the last piece."""
    first, *others = sorted(parts, key=lambda part: bool(part.is_number))
    for other in others:
        pairs = []
        for one, where in _branches(first, sp.true):
            for two, there in _branches(other, sp.true):
                more = one > two if largest else one < two
                pairs += [(one, sp.And(where, there, more)), (two, sp.And(where, there))]
        first = sp.Piecewise(*pairs)
    return first


class Form:
    """One way to write a value: an expression over named symbols, as a page prints it.

    A value may have several forms; a page takes the first one whose printed digits give the
    printed result, so the textbook's form comes first and the one that survives saturation last.
    """

    def __init__(self, expression: Expr, symbols: Sequence[Expr]) -> None:
        self.expression = expression
        self.symbols = tuple(symbols)

    @cached_property
    def in_pieces(self) -> bool:
        """Whether the expression is a Piecewise, or has one somewhere in it."""
        return bool(self.expression.has(sp.Piecewise))

    @cached_property
    def branches(self) -> tuple[tuple[Expr, Expr], ...]:
        """(expression, condition) pairs: one for a plain form, one a branch of a Piecewise.

        Where several stand in one expression, as in a sum over outputs, there is a branch for each
        choice of their pieces.
        """
        return tuple(_branches(self.expression, sp.true))

    @property
    def first_branch(self) -> tuple[Expr, Expr]:
        """The branch of the first pieces."""
        return next(_branches(self.expression, sp.true))

    def choose(self, holds: Callable[[Expr], bool]) -> tuple[int, ...] | None:
        """Which piece of each Piecewise it is where these conditions hold; None if there is none.

        ``holds`` is asked for one condition after the other.
        """
        chosen: tuple[int, ...] = ()
        while (conditions := self.conditions(chosen)) is not None:
            piece = next((k for k, condition in enumerate(conditions) if holds(condition)), None)
            if piece is None:
                return None
            chosen = (*chosen, piece)
        return chosen

    def conditions(self, chosen: Sequence[int]) -> tuple[Expr, ...] | None:
        """The conditions of the Piecewise that is next once these pieces are chosen.

        None where there is none left.
        """
        left = self.expression
        for piece in chosen:
            found: Expr = _first_piecewise(left)
            left = _put_in(left, found, found.args[piece].expr)
        following = _first_piecewise(left)
        return None if following is None else _conditions(following)

    def branch(self, chosen: Sequence[int]) -> tuple[Expr, Expr]:
        """(expression, condition) of the pieces that were chosen."""
        left, conditions = self.expression, []
        for piece in chosen:
            found: Expr = _first_piecewise(left)
            conditions.append(_conditions(found)[piece])
            left = _put_in(left, found, found.args[piece].expr)
        return left, sp.And(*conditions)


def _branches(expression: Expr, condition: Expr) -> Iterator[tuple[Expr, Expr]]:
    found = _first_piecewise(expression)
    if found is None:
        yield expression, condition
        return
    for piece, holds in zip(found.args, _conditions(found), strict=True):
        yield from _branches(_put_in(expression, found, piece.expr), sp.And(condition, holds))


def _first_piecewise(expression: Expr) -> Expr | None:
    """The first Piecewise from the left, the outermost first."""
    return next((e for e in sp.preorder_traversal(expression) if isinstance(e, sp.Piecewise)), None)


@cache
def _conditions(piecewise: Expr) -> tuple[Expr, ...]:
    """The condition of each piece, with what the pieces before it leave."""
    own = [piece.cond for piece in piecewise.args]
    return tuple(_where(condition, own[:k]) for k, condition in enumerate(own))


def _where(condition: Expr, before: Sequence[Expr]) -> Expr:
    whole = sp.And(*(sp.Not(each) for each in before), condition)
    is_plain = len(whole.atoms(Relational)) < 2 or len(whole.free_symbols) != 1
    return whole if is_plain else _as_interval(whole)


def _as_interval(condition: Expr) -> Expr:
    """A condition on one number as plainly as it can be written: a ≤ z, z < b."""
    (symbol,) = condition.free_symbols
    try:
        plain = condition.as_set().as_relational(symbol)
    except NotImplementedError:
        return condition.simplify()
    kept = [part for part in sp.And.make_args(plain) if not part.has(sp.oo)]
    return sp.And(*kept)


def _put_in(expression: Expr, part: Expr, value: Expr) -> Expr:
    """``value`` in place of ``part``, and everything else as it stands.

    In a sum its terms join the others, and 0 is none.
    """
    if expression == part:
        return value
    if not expression.has(part):
        return expression
    if isinstance(expression, sp.Add):
        return _sum_with(expression.args, part, value)
    parts = (_put_in(argument, part, value) for argument in expression.args)
    return rebuilt(expression, *parts)


def _sum_with(terms: Sequence[Expr], part: Expr, value: Expr) -> Expr:
    found: list[Expr] = []
    for term in terms:
        new = value if term == part else _put_in(term, part, value)
        found += new.args if term == part and isinstance(new, sp.Add) else [new]
    kept = [term for term in found if term != 0] or [sp.Integer(0)]
    return added(*kept)


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
EXACT = (sp.Max, sp.Min, sp.Abs, sp.sign)
"""The same as SymPy calls them."""
