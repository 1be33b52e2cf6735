"""The formulas of the forward pass, the backward pass and the update, each built once a size.

Symbols are anonymous: a line binds them to numbers of the trace. The order of the symbols is the
order of the operands. Sources: the chain rule; Rumelhart, Hinton and Williams, 1986.
"""

from __future__ import annotations

from functools import cache

from tracer.catalog.activations import ACTIVATIONS, softmax_entry
from tracer.catalog.facts import names_in, symbols_in
from tracer.catalog.losses import LOSSES, Loss
from tracer.deferred import Expr, Z, deferred
from tracer.deferred import sympy as sp
from tracer.explain.terms import written, written_terms
from tracer.formula import Form
from tracer.typeset import ProductEntry
from tracer.unevaluated import added, less, over, times


@cache
def symbols(prefix: str, count: int) -> tuple[Expr, ...]:
    """``count`` anonymous real symbols."""
    return tuple(sp.Symbol(f"{prefix}{k}", real=True) for k in range(1, count + 1))


@cache
def weighted_sum(n_in: int, rest: int = 0) -> ProductEntry:
    """z_j = Σ_i a_i W_ij + b_j; operands a_1…a_n, W_1j…W_nj, b_j.

    With a ``rest`` of 1, what the inputs that are not written out add stands before b_j.
    """
    a, w = symbols("a", n_in), symbols("w", n_in)
    plus = (*symbols("r", rest), *symbols("b", 1))
    return ProductEntry(zip(a, w, strict=True), (*a, *w, *plus), plus=plus)


@cache
def error_sum(n_out: int, rest: int = 0) -> ProductEntry:
    """∂L/∂a_i = Σ_j ∂L/∂z_j W_ij; operands the errors, then the weights, then the ``rest``."""
    e, w, plus = symbols("e", n_out), symbols("w", n_out), symbols("r", rest)
    return ProductEntry(zip(e, w, strict=True), (*e, *w, *plus), plus=plus)


@cache
def weight_gradient() -> ProductEntry:
    """∂L/∂W_ij = a_i ∂L/∂z_j; operands a and ∂L/∂z."""
    a, e = symbols("p", 2)
    return ProductEntry([(a, e)], (a, e), in_columns=(e, a))


@cache
def product() -> Form:
    """p · q."""
    p, q = symbols("p", 2)
    return Form(times(p, q), (p, q))


@cache
def itself() -> Form:
    """A value that is another value."""
    (p,) = symbols("p", 1)
    return Form(p, (p,))


@cache
def difference() -> Form:
    """p − q."""
    p, q = symbols("p", 2)
    return Form(less(p, q), (p, q))


@cache
def activation(name: str) -> tuple[Form, ...]:
    """The ways to write a = f(z) of one unit."""
    return ACTIVATIONS[name].written


@cache
def named_activation(name: str) -> Form:
    """f(z) by its name."""
    return Form(ACTIVATIONS[name].function(Z), (Z,))


@cache
def softmax(units: int, unit: int) -> Form:
    """e^z_j / Σ e^z_k of unit ``unit`` (from 0)."""
    zs = symbols("z", units)
    return Form(softmax_entry(zs, unit), zs)


@cache
def shifted_softmax(units: int, unit: int, largest: int) -> Form:
    """The same with the largest z subtracted in every exponent, which changes nothing."""
    zs = symbols("z", units)
    return Form(softmax_entry(zs, unit, zs[largest]), zs)


@cache
def softmax_error(units: int, unit: int) -> Form:
    """∂L/∂z_j = a_j (∂L/∂a_j − Σ_k ∂L/∂a_k a_k); operands a, then ∂L/∂a."""
    a, e = symbols("a", units), symbols("e", units)
    parts = [e[unit], *(-times(p, q) for p, q in zip(e, a, strict=True))]
    return Form(times(a[unit], added(*parts)), (*a, *e))


@cache
def loss(name: str, units: int) -> Form:
    """L from y and ŷ."""
    y, h = symbols("y", units), symbols("h", units)
    return Form(LOSSES[name].definition(y, h), (*y, *h))


@cache
def loss_from_logits(name: str, units: int, largest: int = 0) -> Form | None:
    """L from y and z of the output layer, where the loss has such a form.

    ``largest`` (from 0) is the largest z. Operands: the y that occur, then the z.
    """
    y, z = symbols("y", units), symbols("z", units)
    build = LOSSES[name].from_logits
    if build is None:
        return None
    expression = build(y, z, largest)
    used = _used(expression, *y, *z)
    return Form(expression, used) if used else None


@cache
def loss_slope(name: str, units: int, unit: int) -> Form:
    """∂L/∂ŷ of one output; operands its y and its ŷ."""
    y, h = symbols("y", units), symbols("h", units)
    return Form(LOSSES[name].written_slope(y, h, unit), (y[unit], h[unit]))


@cache
def loss_slope_from_logits(name: str, units: int, unit: int) -> Form | None:
    """The same from z, where ŷ has no digits left: with 1/ŷ and 1/(1 − ŷ) written out.

    Operands the y of the output and the z of all; None for a loss that is not made for logits.
    """
    y, h, z = symbols("y", units), symbols("h", units), symbols("z", units)
    kind = gives(LOSSES[name])
    if kind == "probability":
        share: tuple[tuple[Expr, Expr], ...] = (
            (1 / h[unit], 1 + sp.exp(-z[unit])),
            (1 / (1 - h[unit]), 1 + sp.exp(z[unit])),
        )
    elif kind == "shares":
        total = added(*(sp.exp(each) for each in z))
        share = ((1 / h[unit], times(total, sp.exp(-z[unit]))),)
    else:
        return None
    derivative = LOSSES[name].derivative(y, h, unit)
    expression = deferred("tracer.algebra:replaced", derivative, share)
    return Form(expression, _used(expression, y[unit], *z))


def gives(entry: Loss) -> str:
    """What the activation gives that a loss is made for; "" where it is made for any."""
    return ACTIVATIONS[entry.output_activation].gives if entry.output_activation else ""


def ratio(y_hat: Expr, y: Expr) -> Expr:
    """(ŷ − y) / (ŷ (1 − ŷ))."""
    return over(less(y_hat, y), times(y_hat, less(1, y_hat)))


def _used(expression: Expr, *among: Expr) -> list[Expr]:
    names = names_in(expression)
    return [symbol for symbol in among if str(symbol) in names]


@cache
def batch_gradient(size: int, mean: bool, decay: str) -> Form:
    """Mean or sum of the samples' gradients, plus λ w or λ w / B where there is a penalty.

    Operands: the gradients, then λ and w if ``decay`` is not "". Where not all are written out,
    what the others add up to is the last of them.
    """
    g = symbols("g", len(written(range(size))) + (written_terms(size) is not None))
    total = added(*g)
    share = times(sp.Rational(1, size), total) if mean and size > 1 else total
    if not decay:
        return Form(share, g)
    strength, weight = symbols("w", 2)
    shrink = times(strength, weight)
    if decay == "per_batch" and size > 1:
        shrink = times(sp.Rational(1, size), shrink)
    whole = mean and size > 1
    return Form(added(*((share,) if whole else g), shrink), (*g, strength, weight))


@cache
def assignment(expression: Expr) -> Form:
    """One assignment of an optimizer's program; operands in the order of the symbols' names."""
    return Form(expression, symbols_in(expression))
