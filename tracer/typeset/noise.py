"""How much float64 may lose in the sums of a formula.

A sum of n terms loses about n units of rounding of its largest term. A factor scales what is lost,
and the square of a difference that is nothing but loss is the square of that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from tracer.formula import Expr

# the distance from 1 to the next float64: what one operation may lose, at most, on both sides
ROUNDING = 2.0**-52
Noise = Callable[..., Any] | None
"""What may be lost for given operands; None for a formula without such a sum."""
Evaluator = Callable[[Expr], Callable[..., Any]]


def noise(expression: Expr, evaluator: Evaluator) -> Noise:
    """What a formula may lose; ``evaluator`` makes a function of the operands of an expression."""
    if isinstance(expression, sp.Add):
        return _of_sum(expression.args, evaluator)
    if _is_power_of_sum(expression):
        return _of_power(expression, evaluator)
    if isinstance(expression, sp.Mul):
        return _of_product(expression.args, evaluator)
    return None


def _is_power_of_sum(expression: Expr) -> bool:
    if not (isinstance(expression, sp.Pow) and isinstance(expression.base, sp.Add)):
        return False
    return bool(expression.exp.is_Integer and expression.exp > 1)


def _of_sum(terms: Sequence[Expr], evaluator: Evaluator) -> Noise:
    values = [evaluator(term) for term in terms]
    powers = [noise(term, evaluator) for term in terms if _holds_power_of_sum(term)]
    inside = [each for each in powers if each is not None]

    def lost(*operands: Any) -> Any:
        largest = max(abs(value(*operands)) for value in values)
        return len(values) * ROUNDING * largest + sum(each(*operands) for each in inside)

    return lost


def _holds_power_of_sum(term: Expr) -> bool:
    return any(_is_power_of_sum(factor) for factor in sp.Mul.make_args(term))


def _of_power(power: Expr, evaluator: Evaluator) -> Noise:
    base, exponent = noise(power.base, evaluator), int(power.exp)
    return None if base is None else lambda *operands: base(*operands) ** exponent


def _of_product(factors: Sequence[Expr], evaluator: Evaluator) -> Noise:
    sums = [each for each in factors if isinstance(each, sp.Add) or _is_power_of_sum(each)]
    if len(sums) != 1:
        return None
    inner = noise(sums[0], evaluator)
    scale = evaluator(sp.Mul(*(factor for factor in factors if factor is not sums[0])))
    return None if inner is None else lambda *operands: abs(scale(*operands)) * inner(*operands)
