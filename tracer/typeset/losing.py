"""Which sums of a formula float64 may lose digits in, as SymPy's expression says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy as sp

from tracer.formula import Expr
from tracer.typeset.noise import Measured, NoiseTree

Evaluator = Callable[[Expr], Measured]


def noise_tree(expression: Expr, evaluator: Evaluator) -> NoiseTree:
    """What a formula may lose; ``evaluator`` makes a function of the operands of an expression."""
    if isinstance(expression, sp.Add):
        return _of_sum(expression.args, evaluator)
    if _is_power_of_sum(expression):
        base = noise_tree(expression.base, evaluator)
        return None if base is None else ("power", base, int(expression.exp))
    if isinstance(expression, sp.Mul):
        return _of_product(expression.args, evaluator)
    return None


def _is_power_of_sum(expression: Expr) -> bool:
    if not (isinstance(expression, sp.Pow) and isinstance(expression.base, sp.Add)):
        return False
    return bool(expression.exp.is_Integer and expression.exp > 1)


def _of_sum(terms: Sequence[Expr], evaluator: Evaluator) -> NoiseTree:
    trees = (noise_tree(term, evaluator) for term in terms if _holds_power_of_sum(term))
    inside = tuple(tree for tree in trees if tree is not None)
    return "sum", tuple(map(evaluator, terms)), inside


def _holds_power_of_sum(term: Expr) -> bool:
    return any(_is_power_of_sum(factor) for factor in sp.Mul.make_args(term))


def _of_product(factors: Sequence[Expr], evaluator: Evaluator) -> NoiseTree:
    sums = [each for each in factors if isinstance(each, sp.Add) or _is_power_of_sum(each)]
    if len(sums) != 1:
        return None
    inner = noise_tree(sums[0], evaluator)
    scale = evaluator(sp.Mul(*(factor for factor in factors if factor is not sums[0])))
    return None if inner is None else ("product", scale, inner)
