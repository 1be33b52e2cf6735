"""The slopes of an experiment's functions, worked out by SymPy: activations and the loss.

Every function of the catalog is differentiated by the rules of :mod:`tracer.explain.steps` from its
own definition; the last steps lead to the form that the pages print.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

import sympy as sp

from tracer import deferred
from tracer.algebra import in_pieces
from tracer.catalog.activations import ACTIVATIONS, Activation, softmax_entry
from tracer.catalog.losses import LOSSES, Loss
from tracer.deferred import real
from tracer.errors import Problem, RenderError
from tracer.explain.derivation import Branch, Derivation, DerivationStep
from tracer.explain.forms import gives, ratio, symbols
from tracer.explain.steps import derive, rule, same_value
from tracer.formula import Expr, Form
from tracer.messages import gettext
from tracer.unevaluated import added, less, over, rebuilt, times

Z, A = real((deferred.Z, deferred.A))


@cache
def activation_branches(name: str) -> tuple[Branch, ...]:
    """f′(z) of an activation, a branch for each piece of its definition; not for softmax."""
    entry = ACTIVATIONS[name]
    function = in_pieces(by_exponentials(real(entry.definition)))
    pieces = Form(function, (Z,)).branches
    whole = len(pieces) == 1
    return tuple(
        _branch(condition, derive(piece, Z, _endings(entry) if whole else (), names={A: function}))
        for piece, condition in pieces
    )


def _branch(condition: Expr, derivation: Derivation) -> Branch:
    return Branch(condition, derivation, bool(condition == sp.true))


def by_exponentials(function: Expr) -> Expr:
    """The function itself; tanh as a quotient of exponentials."""
    if function != sp.tanh(Z):
        return function
    up, down = sp.exp(Z), sp.exp(-Z)
    return over(less(up, down), added(up, down))


def _endings(entry: Activation) -> tuple[DerivationStep, ...]:
    """The catalog's own ways to write the slope: with a's definition put in, then with a."""
    endings: list[DerivationStep] = []
    written = [form.real for form in entry.slope_written]
    if not any(A in form.symbols for form in written):
        endings.append(DerivationStep(real(entry.derivative), ("rewrite",)))
    for form in written:
        if A in form.symbols:
            written_out = _put_in(form.expression, A, by_exponentials(real(entry.definition)))
            endings += [
                DerivationStep(written_out, ("split",)),
                DerivationStep(form.expression, ("name",)),
            ]
    return tuple(endings)


def _put_in(expression: Expr, symbol: Expr, value: Expr) -> Expr:
    """``value`` in place of ``symbol``, and everything else as it stands."""
    if expression == symbol:
        return value
    if not expression.has(symbol):
        return expression
    parts = (_put_in(argument, symbol, value) for argument in expression.args)
    return rebuilt(expression, *parts)


@cache
def softmax_branches(units: int, unit: int, by: int) -> tuple[Branch, ...]:
    """∂a_unit / ∂z_by of softmax over ``units`` units (both from 0), in z, then in a."""
    zs, shares = real(symbols("z", units)), real(symbols("a", units))
    names = {a: real(softmax_entry(zs, k)) for k, a in enumerate(shares)}
    own, other = shares[unit], shares[by]
    written = times(own, less(1, own)) if unit == by else times(-1, own, other)
    endings = (DerivationStep(written, ("name",)),)
    found = derive(real(softmax_entry(zs, unit)), zs[by], endings, partial=True, names=names)
    return (_branch(sp.true, found),)


@cache
def loss_branches(name: str, units: int, unit: int) -> tuple[Branch, ...]:
    """∂L / ∂ŷ_unit (from 0) of a loss over ``units`` outputs, a branch for each piece of it.

    Of a loss of pieces only the terms are taken in which this output stands. Of one output it is an
    ordinary slope.
    """
    entry = LOSSES[name]
    y, h = real(symbols("y", units)), real(symbols("h", units))
    own = _own_terms(real(entry.definition(y, h)), h[unit])
    written = Form(real(entry.written_slope(y, h, unit)), (y[unit], h[unit])).branches
    pieces = Form(own, (*y, *h)).branches
    ends = [end for end, _ in written] if len(written) == len(pieces) else [None] * len(pieces)
    return tuple(
        _branch(condition, _loss_slope(entry, piece, end, (y[unit], h[unit]), units > 1))
        for (piece, condition), end in zip(pieces, ends, strict=True)
    )


def _own_terms(definition: Expr, h: Expr) -> Expr:
    """The terms in which ŷ stands, of a loss that has pieces; else all of it."""
    if not definition.has(sp.Piecewise, sp.Max, sp.Min) or not isinstance(definition, sp.Add):
        return in_pieces(definition)
    own = [term for term in definition.args if term.has(h)]
    return in_pieces(added(*own))


def _loss_slope(
    entry: Loss, function: Expr, written: Expr | None, of: tuple[Expr, Expr], partial: bool
) -> Derivation:
    y, h = of
    endings = [DerivationStep(written, ("tidy",))] if written is not None else []
    if gives(entry) == "probability":
        endings.append(DerivationStep(ratio(h, y), ("together",)))
    return derive(function, h, endings, partial=partial, tidy=False)


@cache
def rule_branches(key: str) -> tuple[Branch, ...]:
    """The rule ``key`` itself."""
    return (_branch(sp.true, rule(key)),)


_KINDS: Mapping[str, Callable[..., tuple[Branch, ...]]] = MappingProxyType(
    {
        "activation": activation_branches,
        "shares": softmax_branches,
        "loss": loss_branches,
        "rule": rule_branches,
    }
)


def branches_of(kind: str, arguments: tuple[Any, ...]) -> tuple[Branch, ...]:
    """The derivations of a kind, a branch for each piece of what is differentiated."""
    return _KINDS[kind](*arguments)


def part(kind: str, arguments: tuple[Any, ...], _about: Any, branch: int, name: Any) -> Expr:
    """One expression of a branch: that of a step, by its number from 0, or what ``name`` names."""
    found = branches_of(kind, arguments)[branch]
    if name == "condition":
        return found.condition
    if isinstance(name, int):
        return found.derivation.steps[name].expression
    return getattr(found.derivation, name)


def agree(steps: Sequence[Expr], shares: Mapping[Expr, Expr]) -> bool:
    """Whether all steps have the same value; raises RenderError for one that has not."""
    for step in steps[1:]:
        if not same_value(step.subs(shares), steps[0].subs(shares)):
            raise RenderError(
                Problem(gettext("%(step)s is not equal to %(first)s", step=step, first=steps[0]))
            )
    return True
