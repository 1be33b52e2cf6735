"""The rules of differentiation, each turning an open slope into simpler ones.

Source: any textbook of calculus. Tests hold every rule to SymPy's own derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Self

import sympy as sp

from tracer.errors import Problem, RenderError
from tracer.formula import Expr
from tracer.messages import gettext
from tracer.unevaluated import added, called, over, power, times

ORDINARY, PARTIAL = r"\mathrm{d}", r"\partial"


class Slope(sp.Expr):  # type: ignore[misc]
    r"""The derivative of ``f`` by ``x``, still to be worked out.

    Printed as d/dx f, or ∂/∂x f where ``partial`` says that other variables are kept fixed.
    """

    def __new__(cls, f: Expr, x: Expr, partial: bool = False) -> Self:
        """Leave everything as it is: SymPy would already differentiate."""
        made: Self = sp.Expr.__new__(cls, sp.sympify(f), x, sp.sympify(bool(partial)))
        return made

    def _latex(self, printer: Any) -> str:
        f, x, partial = self.args
        sign = PARTIAL if partial else ORDINARY
        inside = printer.doprint(f)
        if f.is_Add or f.is_Mul or _is_negative_number(f):
            inside = rf"\left( {inside} \right)"
        return rf"\frac{{{sign}}}{{{sign} {printer.doprint(x)}}}\, {inside}"

    def _sympystr(self, printer: Any) -> str:
        f, x, _ = self.args
        return f"D[{printer.doprint(f)}, {printer.doprint(x)}]"


def _is_negative_number(f: Expr) -> bool:
    return bool(f.is_number and f.could_extract_minus_sign())


def apply_rule(f: Expr, x: Expr, partial: bool) -> tuple[tuple[str, ...], Expr]:
    """(keys of the rules, what the slope becomes)."""
    used: list[str] = []

    def slope(of: Expr) -> Expr:
        if of.has(x) and of != x:
            return Slope(of, x, partial)
        used.append("variable" if of == x else "constant")
        return sp.Integer(1 if of == x else 0)

    if f == x or not f.has(x):
        found = slope(f)
        return tuple(used), found
    for kind, apply in _RULES.items():
        if isinstance(f, kind):
            names, found = apply(f, x, slope)
            return (*names, *used), found
    raise RenderError(
        Problem(gettext("there is no rule for the derivative of %(function)s", function=f))
    )


Open = Callable[[Expr], Expr]
Applied = tuple[tuple[str, ...], Expr]


def _product_of(*factors: Expr) -> Expr:
    """A product in this order, with nested products laid open and ones left out."""
    flat: list[Expr] = []
    for factor in factors:
        flat += factor.args if isinstance(factor, sp.Mul) else [factor]
    kept = [factor for factor in flat if factor != 1] or [sp.Integer(1)]
    return times(*kept)


def _sum(f: Expr, _x: Expr, slope: Open) -> Applied:
    return ("sum",), added(*(slope(term) for term in f.args))


def _product(f: Expr, x: Expr, slope: Open) -> Applied:
    fixed = [factor for factor in f.args if not factor.has(x)]
    moving = [factor for factor in f.args if factor.has(x)]
    rest = times(*moving)
    if fixed:
        return ("multiple",), _product_of(*fixed, slope(rest))
    below = [factor for factor in moving if _is_divisor(factor)]
    if below:
        return _quotient(moving, below, slope)
    first, second = moving[0], _product_of(*moving[1:])
    terms = (_product_of(second, slope(first)), _product_of(first, slope(second)))
    return ("product",), added(*terms)


def _is_divisor(factor: Expr) -> bool:
    return isinstance(factor, sp.Pow) and bool(factor.exp == -1)


def _quotient(moving: list[Expr], below: list[Expr], slope: Open) -> Applied:
    """(u / v)′ = (v u′ − u v′) / v²."""
    over = [factor for factor in moving if factor not in below]
    u, v = _product_of(*over), _product_of(*(factor.base for factor in below))
    top = added(_product_of(v, slope(u)), _product_of(sp.Integer(-1), u, slope(v)))
    return ("quotient",), times(top, power(v, -2))


def _power(f: Expr, x: Expr, slope: Open) -> Applied:
    base, exponent = f.args
    if exponent == -1:
        outer: tuple[Expr, ...] = (sp.Integer(-1), power(base, -2))
        name = "reciprocal"
    else:
        lower_by_one = exponent - 1 if exponent.is_number else added(exponent, -1)
        lower = base if exponent == 2 else power(base, lower_by_one)
        outer, name = (exponent, lower), "power"
    return _chained(name, base, x, outer, slope)


def _exponential(f: Expr, x: Expr, slope: Open) -> Applied:
    return _chained("exponential", f.args[0], x, (f,), slope)


def _logarithm(f: Expr, x: Expr, slope: Open) -> Applied:
    inside = f.args[0]
    return _chained("logarithm", inside, x, (power(inside, -1),), slope)


def _bell(f: Expr, x: Expr, slope: Open) -> Applied:
    """erf(u)′ = 2/√π · e^(−u²) · u′."""
    inside = f.args[0]
    outer = (2 / sp.sqrt(sp.pi), sp.exp(-(inside**2)))
    return _chained("bell", inside, x, outer, slope)


def _table(f: Expr, x: Expr, slope: Open) -> Applied:
    """f(u)′ = f′(u) · u′ for any function whose derivative SymPy knows."""
    inside = f.args[0]
    return _chained("table", inside, x, (f.fdiff(),), slope)


def _size(f: Expr, x: Expr, slope: Open) -> Applied:
    """|u|′ = sign u · u′."""
    return _chained("size", f.args[0], x, (sp.sign(f.args[0]),), slope)


def _flat(_f: Expr, _x: Expr, _slope: Open) -> Applied:
    return ("flat",), sp.Integer(0)


def _chained(name: str, inside: Expr, x: Expr, outer: Sequence[Expr], slope: Open) -> Applied:
    """The outer slope, times the inner one where the inside is more than the variable."""
    if inside == x:
        return (name,), _product_of(*outer)
    return (name, "chain"), _product_of(*outer, slope(inside))


_RULES: dict[type, Callable[[Expr, Expr, Open], Applied]] = {
    sp.Add: _sum,
    sp.Mul: _product,
    sp.Pow: _power,
    sp.exp: _exponential,
    sp.log: _logarithm,
    sp.erf: _bell,
    sp.Abs: _size,
    sp.sign: _flat,
    sp.Function: _table,
}


class Inner(sp.Function):  # type: ignore[misc]
    """A function of x that is shown by its name alone: u for u(x)."""

    nargs = 1

    def _latex(self, _printer: Any, exp: str | None = None) -> str:
        name = type(self).__name__
        return name if exp is None else f"{name}^{{{exp}}}"


def _inner(name: str, x: Expr) -> Expr:
    return type(name, (Inner,), {})(x)


def _examples() -> Mapping[str, tuple[Expr, Expr]]:
    """(function, variable) that shows each rule at its plainest; u and v stand for any function."""
    x, c, n = sp.symbols("x c n", positive=True)
    u, v = _inner("u", x), _inner("v", x)
    shown = {
        "constant": c,
        "variable": x,
        "multiple": times(c, u),
        "sum": added(u, v),
        "product": times(u, v),
        "quotient": over(u, v),
        "power": power(u, n),
        "reciprocal": power(u, -1),
        "exponential": called(sp.exp, u),
        "logarithm": called(sp.log, u),
        "bell": called(sp.erf, u),
        "table": called(sp.tanh, u),
    }
    return MappingProxyType({key: (function, x) for key, function in shown.items()})


EXAMPLES = _examples()
"""Every rule by its key, in the order in which one learns them."""
