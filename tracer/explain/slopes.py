"""The slopes of an experiment's functions, worked out step by step: activations and the loss.

SymPy works them out (see :mod:`tracer.explain.working`); how many steps there are and which rules
they use is kept, and each expression is one that SymPy gives when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from tracer.catalog.activations import ACTIVATIONS, softmax_entry
from tracer.catalog.losses import LOSSES
from tracer.deferred import Expr, deferred, is_deferred, real
from tracer.explain.derivation import Branch, Derivation, DerivationStep
from tracer.explain.forms import gives, ratio, symbols
from tracer.files.packs import worked_out
from tracer.unevaluated import added, less, times

Outline = tuple[tuple[bool, tuple[tuple[str, ...], ...]], ...]
"""Of each branch whether it holds everywhere, and the rules of each step."""


@cache
def activation_slopes(name: str) -> tuple[Branch, ...]:
    """f′(z) of an activation, a branch for each piece of its definition; not for softmax."""
    entry = ACTIVATIONS[name]
    ends = (form.expression for form in entry.slope_written)
    return _branches("activation", (name,), (entry.definition, entry.derivative, *ends))


@cache
def softmax_slope(units: int, unit: int, by: int) -> Derivation:
    """∂a_unit / ∂z_by of softmax over ``units`` units (both from 0), in z, then in a."""
    about = softmax_entry(symbols("z", units), unit)
    return _branches("shares", (units, unit, by), (about,))[0].derivation


@cache
def loss_slopes(name: str, units: int, unit: int) -> tuple[Branch, ...]:
    """∂L / ∂ŷ_unit (from 0) of a loss over ``units`` outputs, a branch for each piece of it.

    Of a loss of pieces only the terms are taken in which this output stands. Of one output it is an
    ordinary slope.
    """
    entry, y, h = LOSSES[name], symbols("y", units), symbols("h", units)
    about = (entry.definition(y, h), entry.written_slope(y, h, unit))
    return _branches("loss", (name, units, unit), about)


@cache
def rule(key: str) -> Derivation:
    """The rule ``key`` itself, applied to a function that stands for any: (c u)′ = c u′.

    Raises:
        KeyError: there is no rule of that key.
    """
    return _branches("rule", (key,), ())[0].derivation


def definition(name: str) -> Expr:
    """What the derivation starts from: tanh is written by exponentials."""
    return deferred("tracer.explain.working:by_exponentials", ACTIVATIONS[name].definition)


def _branches(kind: str, arguments: tuple[Any, ...], about: tuple[Expr, ...]) -> tuple[Branch, ...]:
    """The derivations of a kind; ``about`` is all that they follow from."""

    def worked() -> tuple[Branch, ...]:
        from tracer.explain.working import branches_of

        return branches_of(kind, arguments)

    if not all(map(is_deferred, about)):
        return worked()
    outline = worked_out(lambda: _outline(worked()), "derivation", kind, arguments, about)
    part = partial(deferred, "tracer.explain.working:part", kind, arguments, about)
    return tuple(
        Branch(
            part(k, "condition"),
            Derivation(
                part(k, "function"),
                part(k, "variable"),
                part(k, "start"),
                tuple(DerivationStep(part(k, n), used) for n, used in enumerate(rules)),
            ),
            everywhere,
        )
        for k, (everywhere, rules) in enumerate(outline)
    )


def _outline(branches: tuple[Branch, ...]) -> Outline:
    return tuple(
        (branch.is_everywhere, tuple(step.rules for step in branch.derivation.steps))
        for branch in branches
    )


def fused_steps(name: str, units: int, unit: int) -> tuple[Expr, ...]:
    """∂L/∂z_unit by the chain rule, in steps down to ŷ − y; () for a loss without such a form.

    Raises:
        RenderError: two steps are not equal (for softmax: where the targets add up to one).
    """
    made_for = gives(LOSSES[name])
    y, h = symbols("y", units), symbols("h", units)
    if not made_for:
        return ()
    whole = made_for == "shares"
    steps = _fused_softmax(y, h, unit) if whole else _fused_sigmoid(y[unit], h[unit])
    shares = {y[-1]: 1 - sum(y[:-1])} if whole else {}

    def check() -> bool:
        from tracer.explain.working import agree

        return agree(real(steps), {real(y): real(share) for y, share in shares.items()})

    worked_out(check, "equal", steps, shares)
    return steps


def _fused_sigmoid(y: Expr, h: Expr) -> tuple[Expr, ...]:
    return times(ratio(h, y), times(h, less(1, h))), less(h, y)


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
