"""What SymPy makes of a formula: its pieces and their conditions, functions shown by their name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from tracer.unevaluated import added, rebuilt

Expr = Any  # SymPy publishes no types

Z = sp.Symbol("z", real=True)
A = sp.Symbol("a", real=True)


class Named(sp.Function):  # type: ignore[misc]
    """A function shown by its name, such as ReLU(z), and never evaluated by SymPy."""

    title_latex = ""
    definition: Expr = None

    @classmethod
    def eval(cls, *_args: Expr) -> None:
        """Leave the call as it is."""
        return

    def _latex(self, printer: Any) -> str:
        inside = ", ".join(printer.doprint(argument) for argument in self.args)
        return rf"{self.title_latex}\left({inside} \right)"


def named(name: str, latex: str, definition: Expr, argument: Expr) -> Expr:
    """A function of an argument: looked up as ``name``, printed as ``latex``, left as it is."""
    return type(name, (Named,), {"title_latex": latex, "definition": definition})(argument)


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


def whole(expression: Expr) -> tuple[Expr, Expr]:
    """The expression, and that it holds everywhere."""
    return expression, sp.true


def pieces(definition: Expr) -> tuple[tuple[Expr, Expr], ...]:
    """(expression, condition) of each piece that a definition of one number is made of."""
    if not definition.has(sp.Piecewise, sp.Max, sp.Min, sp.Abs, sp.sign):
        return (whole(definition),)
    folded = sp.piecewise_fold(definition.rewrite(sp.Piecewise))
    return tuple((piece.expr, piece.cond) for piece in folded.args)


def breaks(definition: Expr, symbol: Expr) -> tuple[float, ...]:
    """Where one piece ends and the next begins, in order."""
    sides = {
        relation.lhs - relation.rhs
        for _, condition in pieces(definition)
        for relation in condition.atoms(Relational)
    }
    return tuple(sorted({float(at) for side in sides for at in sp.solve(side, symbol)}))


def with_numbers(expression: Expr, known: Sequence[tuple[str, float]]) -> Expr:
    """The expression with these numbers in place of the symbols of these names."""
    return expression.xreplace({sp.Symbol(name, real=True): sp.Float(v) for name, v in known})


def replaced(expression: Expr, pairs: Sequence[tuple[Expr, Expr]]) -> Expr:
    """The expression with the second of each pair in place of the first."""
    return expression.xreplace(dict(pairs))


def at(expression: Expr, known: Mapping[str, float]) -> float:
    """The value of the expression for numbers in place of the symbols of these names."""
    return float(expression.subs({sp.Symbol(n, real=True): value for n, value in known.items()}))


def letters(expression: Expr) -> tuple[str, ...]:
    """The names of its symbols and functions."""
    functions = {str(function.func) for function in expression.atoms(sp.Function)}
    return tuple(sorted({str(symbol) for symbol in expression.free_symbols} | functions))


def is_logarithmic(expression: Expr) -> bool:
    """Whether a logarithm stands in it."""
    return bool(expression.has(sp.log))


def is_exactly(
    expression: Expr, symbols: Sequence[Expr], values: Sequence[Fraction], shown: Fraction
) -> bool:
    """Whether operands that are 0 leave only a quotient of sums, and that is ``shown``.

    So is what SymPy makes a rational number by itself, such as a quotient of equal powers of e.
    """
    operands = dict(zip(symbols, map(_rational, values), strict=True))
    zeros = {symbol: value for symbol, value in operands.items() if value == 0}
    left = expression.xreplace(zeros)
    whole = left.xreplace(operands)
    is_rational = left.is_rational_function(*left.free_symbols) or whole.is_Rational
    return bool(is_rational and whole == _rational(shown))


def _rational(value: Fraction) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)


def has_pieces(expression: Expr) -> bool:
    """Whether the expression is a Piecewise, or has one somewhere in it."""
    return bool(expression.has(sp.Piecewise))


def first_conditions(expression: Expr) -> tuple[Expr, ...]:
    """The conditions of the pieces of the first Piecewise; () where there is none."""
    found = _first_piecewise(expression)
    return () if found is None else _conditions(found)


def choose(expression: Expr, holds: Callable[[Expr], bool]) -> tuple[int, ...] | None:
    """Which piece of each Piecewise it is where these conditions hold; None if there is none."""
    chosen: list[int] = []
    left = expression
    while (found := _first_piecewise(left)) is not None:
        conditions = _conditions(found)
        piece = next((k for k, condition in enumerate(conditions) if holds(condition)), None)
        if piece is None:
            return None
        chosen.append(piece)
        left = _put_in(left, found, found.args[piece].expr)
    return tuple(chosen)


def branch(expression: Expr, chosen: Sequence[int]) -> tuple[Expr, Expr]:
    """(expression, condition) of the pieces that were chosen."""
    left, conditions = expression, []
    for piece in chosen:
        found: Expr = _first_piecewise(left)
        conditions.append(_conditions(found)[piece])
        left = _put_in(left, found, found.args[piece].expr)
    return left, sp.And(*conditions)


def part_of_branch(expression: Expr, number: int, which: int) -> Expr:
    """The expression (0) or the condition (1) of a choice of pieces, by its number from 0."""
    return list(branches(expression))[number][which]


def branches(expression: Expr) -> Iterator[tuple[Expr, Expr]]:
    """(expression, condition) of each choice of pieces."""
    return _branches(expression, sp.true)


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


EXACT = (sp.Max, sp.Min, sp.Abs, sp.sign)
"""What gives a rational number for rational ones; ``EXACT_FUNCTIONS`` are the same."""
