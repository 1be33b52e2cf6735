"""The slopes of an experiment's functions, worked out step by step: activations and the loss.

Every function of the catalog is differentiated by the rules of :mod:`tracer.explain.steps` from its
own definition; the last steps lead to the form that the pages print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import sympy as sp

from tracer.catalog.activations import ACTIVATIONS, Activation, softmax_entry
from tracer.catalog.losses import LOSSES, Loss
from tracer.errors import Problem, RenderError
from tracer.explain.forms import symbols
from tracer.explain.steps import Derivation, DerivationStep, derive, same_value
from tracer.formula import A, Expr, Form, Z, in_pieces
from tracer.unevaluated import added, less, over, rebuilt, times


@dataclass(frozen=True)
class Branch:
    """The slope where ``condition`` holds (true: everywhere)."""

    condition: Expr
    derivation: Derivation

    @property
    def is_everywhere(self) -> bool:
        """Whether the function has only this branch."""
        return bool(self.condition == sp.true)


@cache
def activation_slopes(name: str) -> tuple[Branch, ...]:
    """f′(z) of an activation, a branch for each piece of its definition; not for softmax."""
    entry = ACTIVATIONS[name]
    function = in_pieces(_by_exponentials(entry.definition))
    pieces = Form(function, (Z,)).branches
    whole = len(pieces) == 1
    return tuple(
        Branch(condition, derive(piece, Z, _endings(entry) if whole else (), names={A: function}))
        for piece, condition in pieces
    )


def definition(name: str) -> Expr:
    """What the derivation starts from: tanh is written by exponentials."""
    return _by_exponentials(ACTIVATIONS[name].definition)


def _by_exponentials(function: Expr) -> Expr:
    if function != sp.tanh(Z):
        return function
    up, down = sp.exp(Z), sp.exp(-Z)
    return over(less(up, down), added(up, down))


def _endings(entry: Activation) -> tuple[DerivationStep, ...]:
    """The catalog's own ways to write the slope: with a's definition put in, then with a."""
    endings: list[DerivationStep] = []
    if not any(A in form.symbols for form in entry.slope_written):
        endings.append(DerivationStep(entry.derivative, ("rewrite",)))
    for form in entry.slope_written:
        if A in form.symbols:
            written_out = _put_in(form.expression, A, _by_exponentials(entry.definition))
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
def softmax_slope(units: int, unit: int, by: int) -> Derivation:
    """∂a_unit / ∂z_by of softmax over ``units`` units (both from 0), in z, then in a."""
    zs, shares = symbols("z", units), symbols("a", units)
    names = {a: softmax_entry(zs, k) for k, a in enumerate(shares)}
    own, other = shares[unit], shares[by]
    written = times(own, less(1, own)) if unit == by else times(-1, own, other)
    endings = (DerivationStep(written, ("name",)),)
    return derive(softmax_entry(zs, unit), zs[by], endings, partial=True, names=names)


@cache
def loss_slopes(name: str, units: int, unit: int) -> tuple[Branch, ...]:
    """∂L / ∂ŷ_unit (from 0) of a loss over ``units`` outputs, a branch for each piece of it.

    Of a loss of pieces only the terms are taken in which this output stands. Of one output it is an
    ordinary slope.
    """
    entry = LOSSES[name]
    y, h = symbols("y", units), symbols("h", units)
    own = _own_terms(entry.definition(y, h), h[unit])
    written = Form(entry.written_slope(y, h, unit), (y[unit], h[unit])).branches
    pieces = Form(own, (*y, *h)).branches
    ends = [end for end, _ in written] if len(written) == len(pieces) else [None] * len(pieces)
    return tuple(
        Branch(condition, _loss_slope(entry, piece, end, (y[unit], h[unit]), units > 1))
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
    if _gives(entry) == "probability":
        endings.append(DerivationStep(_ratio(h, y), ("together",)))
    return derive(function, h, endings, partial=partial, tidy=False)


def _gives(entry: Loss) -> str:
    """What the activation gives that a loss is made for; "" where it is made for any."""
    return ACTIVATIONS[entry.output_activation].gives if entry.output_activation else ""


def _ratio(y_hat: Expr, y: Expr) -> Expr:
    """(ŷ − y) / (ŷ (1 − ŷ))."""
    return over(less(y_hat, y), times(y_hat, less(1, y_hat)))


def fused_steps(name: str, units: int, unit: int) -> tuple[Expr, ...]:
    """∂L/∂z_unit by the chain rule, in steps down to ŷ − y; () for a loss without such a form.

    Raises:
        RenderError: two steps are not equal (for softmax: where the targets add up to one).
    """
    gives = _gives(LOSSES[name])
    y, h = symbols("y", units), symbols("h", units)
    if not gives:
        return ()
    whole = gives == "shares"
    steps = _fused_softmax(y, h, unit) if whole else _fused_sigmoid(y[unit], h[unit])
    shares = {y[-1]: 1 - sum(y[:-1])} if whole else {}
    for step in steps[1:]:
        if not same_value(step.subs(shares), steps[0].subs(shares)):
            raise RenderError(Problem(f"{step} is not equal to {steps[0]}"))
    return steps


def _fused_sigmoid(y: Expr, h: Expr) -> tuple[Expr, ...]:
    return times(_ratio(h, y), times(h, less(1, h))), less(h, y)


def _fused_softmax(y: Sequence[Expr], h: Sequence[Expr], unit: int) -> tuple[Expr, ...]:
    """Σ_k ∂L/∂ŷ_k ∂ŷ_k/∂z_unit: own term first, then what is left after cancelling."""
    own, others = h[unit], [k for k in range(len(y)) if k != unit]
    first = times(-1, y[unit] / own, own, less(1, own))
    rest = [times(y[k] / h[k], h[k], own) for k in others]
    left = [-y[unit], y[unit] * own, *(y[k] * own for k in others)]
    shares = added(y[unit], *(y[k] for k in others))
    gathered = times(own, shares)
    return (
        added(first, *rest),
        added(*left),
        added(-y[unit], gathered),
        less(own, y[unit]),
    )
