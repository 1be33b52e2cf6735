"""Differentiating by hand: one rule at a time, as SymPy expressions in which slopes stand open.

A derivation starts with d f / d x as a whole. Each step applies one rule to every slope that is
still open; the last steps put the result in order. Every step equals SymPy's own derivative, and
:func:`derive` makes sure of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

import sympy as sp

from tracer.errors import Problem, RenderError
from tracer.explain.derivation import Derivation, DerivationStep
from tracer.explain.rules import EXAMPLES, Slope, apply_rule
from tracer.formula import Expr
from tracer.messages import gettext
from tracer.unevaluated import rebuilt

# the longest derivation of the catalog takes six; one that turns in circles never ends
MOST_STEPS = 40


def derive(
    function: Expr,
    variable: Expr,
    endings: Sequence[DerivationStep] = (),
    *,
    partial: bool = False,
    tidy: bool = True,
    names: Mapping[Expr, Expr] = MappingProxyType({}),
) -> Derivation:
    """Work out d ``function`` / d ``variable`` one rule at a time.

    ``endings`` are other ways to write the result, such as the textbook's; ``names`` says what
    the symbols stand for that only they have. With ``tidy`` the result is put in order first.

    Raises:
        RenderError: a step is not equal to the derivative, or a rule is missing.
    """
    start = Slope(function, variable, partial)
    steps: list[DerivationStep] = []
    current: Expr = start
    while current.has(Slope):
        used: list[str] = []
        current = _advance(current, used)
        steps.append(DerivationStep(current, tuple(dict.fromkeys(used))))
        if len(steps) > MOST_STEPS:
            raise RenderError(
                Problem(
                    gettext(
                        "the derivative of %(function)s takes too many steps", function=function
                    )
                )
            )
    if tidy:
        _tidy(steps)
    for ending in endings:
        if not _looks_like(ending.expression, steps[-1].expression):
            steps.append(ending)
    found = Derivation(function, variable, start, tuple(steps))
    _verify(found, names)
    return found


def _tidy(steps: list[DerivationStep]) -> None:
    """Add the same with 1 · a = a, a + 0 = a and the like, where that changes anything."""
    plain = evaluated(steps[-1].expression)
    if not _looks_like(plain, steps[-1].expression):
        steps.append(DerivationStep(plain, ("tidy",)))


def evaluated(expression: Expr) -> Expr:
    """The expression as SymPy orders it by itself: zeros, ones and signs are worked in."""
    if not expression.args or isinstance(expression, sp.Symbol):
        return expression
    return expression.func(*(evaluated(argument) for argument in expression.args))


def _looks_like(one: Expr, other: Expr) -> bool:
    return bool(str(sp.latex(one, order="none")) == str(sp.latex(other, order="none")))


def _advance(expression: Expr, used: list[str]) -> Expr:
    """Apply one rule to every open slope of an expression, and leave the rest as it is."""
    if isinstance(expression, Slope):
        f, x, partial = expression.args
        name, result = apply_rule(f, x, bool(partial))
        used += name
        return result
    if not expression.has(Slope):
        return expression
    return rebuilt(expression, *(_advance(a, used) for a in expression.args))


def _verify(found: Derivation, names: Mapping[Expr, Expr]) -> None:
    """Hold every step to SymPy's own derivative, at some points in many digits."""
    wanted = sp.diff(found.function, found.variable)
    for step in found.steps:
        worked = step.expression.replace(Slope, lambda f, x, _partial: sp.diff(f, x))
        worked = worked.subs(dict(names))
        if not same_value(worked, wanted):
            raise RenderError(
                Problem(
                    gettext(
                        "%(step)s is not the derivative %(wanted)s",
                        step=step.expression,
                        wanted=wanted,
                    )
                )
            )


def same_value(one: Expr, other: Expr) -> bool:
    """Whether two expressions agree at some points, in many digits."""
    symbols = sorted(one.free_symbols | other.free_symbols, key=str)
    for start in (3, 5, 8):
        point = {s: sp.Rational(start + 2 * k, 11 + k) for k, s in enumerate(symbols)}
        # Each by itself: of a difference that is 0 no number of digits is ever enough.
        found, wanted = (sp.N(expression.subs(point), 60) for expression in (one, other))
        if abs(found - wanted) > sp.Float("1e-30"):
            return False
    return True


@cache
def rule(key: str) -> Derivation:
    """The rule ``key`` itself, applied to a function that stands for any: (c u)′ = c u′.

    Raises:
        KeyError: there is no rule of that key.
    """
    function, x = EXAMPLES[key]
    used: list[str] = []
    start = Slope(function, x)
    step = DerivationStep(_advance(start, used), (key,))
    worked = step.expression.replace(Slope, lambda f, by, _partial: sp.diff(f, by))
    if sp.simplify(worked - sp.diff(function, x)) != 0:
        raise RenderError(Problem(gettext("the rule %(key)r is not SymPy's", key=key)))
    return Derivation(function, x, start, (step,))
