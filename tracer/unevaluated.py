"""Sums and products that stay as they are written: SymPy would order and shorten them.

Formulas are printed as a textbook writes them, so their terms and factors keep their order, and
w · 1 + 0 stays w · 1 + 0.
"""

from __future__ import annotations

from tracer.deferred import Expr
from tracer.deferred import sympy as sp


def added(*terms: Expr) -> Expr:
    """The sum of the terms in this order; a single term is the sum itself."""
    return sp.Add(*terms, evaluate=False) if len(terms) > 1 else terms[0]


def times(*factors: Expr) -> Expr:
    """The product of the factors in this order; a single factor is the product itself."""
    return sp.Mul(*factors, evaluate=False) if len(factors) > 1 else factors[0]


def power(base: Expr, exponent: Expr) -> Expr:
    """``base`` to the power of ``exponent``."""
    return sp.Pow(base, exponent, evaluate=False)


def less(whole: Expr, part: Expr) -> Expr:
    """``whole`` − ``part``."""
    return added(whole, -part)


def over(above: Expr, below: Expr) -> Expr:
    """``above`` / ``below``."""
    return times(above, power(below, -1))


def rebuilt(expression: Expr, *parts: Expr) -> Expr:
    """The same function of other arguments."""
    return expression.func(*parts, evaluate=False)


def called(function: Expr, argument: Expr) -> Expr:
    """A function of an argument, as it stands."""
    return function(argument, evaluate=False)
