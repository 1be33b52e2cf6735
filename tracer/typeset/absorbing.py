"""Formulas over numbers, ∞ and nan in which a factor of exactly 0 makes a product 0.

So a network counts: what has no share in a loss adds nothing to it, and no error passes a slope of
exactly 0, however large or undefined what stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracer.formula import EXACT_FUNCTIONS, Expr
from tracer.typeset.calculation import arithmetic


def absorbed(expression: Expr, values: Mapping[Expr, Any]) -> Any:
    """The value of an expression; ``values`` gives a number of many digits for each symbol.

    Raises:
        ValueError: a function that is not known here, or a value that is no real number.
    """
    return _absorbed(expression, {str(symbol): value for symbol, value in values.items()})


def _absorbed(expression: Expr, values: Mapping[str, Any]) -> Any:
    if expression.is_Symbol:
        return values[str(expression)]
    if expression.is_number:
        return arithmetic.mpf(expression.evalf(arithmetic.dps))
    parts = [_absorbed(part, values) for part in expression.args]
    if expression.is_Add:
        return sum(parts[1:], parts[0])
    if expression.is_Mul:
        return _product(parts)
    if expression.is_Pow:
        return parts[0] ** parts[1]
    return _function(expression, parts)


def _product(parts: list[Any]) -> Any:
    if any(part == 0 for part in parts):
        return arithmetic.mpf(0)
    found = parts[0]
    for part in parts[1:]:
        found *= part
    return found


def _function(expression: Expr, parts: list[Any]) -> Any:
    name = type(expression).__name__
    if name == "log":
        return arithmetic.log(parts[0]) if parts[0] != 0 else arithmetic.mpf("-inf")
    known: Any = EXACT_FUNCTIONS.get(name.lower()) or getattr(arithmetic, name, None)
    if known is None:
        raise ValueError(f"no value of {expression} beyond float64")
    return known(*parts)
