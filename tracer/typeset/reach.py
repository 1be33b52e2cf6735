"""How small a part of a value an operand can hide in."""

from __future__ import annotations

import sympy as sp

from tracer.algebra import EXACT
from tracer.formula import Expr


def reach_of(expression: Expr) -> int:
    """0: exactly known; 1: about e^−x; 2: about e^−x²/2."""
    if is_rational(expression):
        return 0
    return 2 if expression.has(sp.erf) else 1


def is_rational(expression: Expr) -> bool:
    """Whether rational operands give a rational number, known exactly."""
    if isinstance(expression, sp.Pow) and not expression.exp.is_Integer:
        return False
    if isinstance(expression, sp.NumberSymbol):
        return False
    if isinstance(expression, sp.Function) and not isinstance(expression, EXACT):
        return False
    return all(is_rational(part) for part in expression.args)
