"""Sources of functions that decide soon what a formula gives: see :mod:`tracer.typeset.bounded`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, Inexact
from functools import reduce
from typing import Any, NamedTuple

import sympy as sp

from tracer.formula import Expr
from tracer.typeset.bounded import EXACTLY, FUNCTION, LEAST, MOST, NARROW, UNIT, Upper
from tracer.typeset.losing import noise_tree
from tracer.typeset.noise import NoiseTree

FACTORS = 3
"""Operands between LEAST and MOST, 10^100, whose product float64 holds with all its digits."""
FLAT = 64
"""Terms of a sum in one row: more stand in brackets, since each term deepens Python's tree, and
its compiler gives up at some thousand. Twice as many as the largest batches of lessons."""


def exact_source(symbols: Sequence[Expr], expression: Expr) -> str | None:
    """A function of Decimals that loses nothing or raises; None for more than sums of products."""
    names = {symbol: f"x{k}" for k, symbol in enumerate(symbols)}
    body = _product_source(expression, names)
    return None if body is None else f"lambda {', '.join(names.values())}: {body}"


def _product_source(expression: Expr, names: dict[Expr, str]) -> str | None:
    if expression in names:
        return names[expression]
    if expression.is_Rational:
        return _decimal_source(expression)
    call = {sp.Add: "add", sp.Mul: "multiply", sp.Max: "max", sp.Min: "min"}.get(expression.func)
    args = expression.args
    if expression.is_Pow and args[1].is_Integer and args[1] > 0:
        call, args = "multiply", (args[0],) * int(args[1])
    if call is None:
        return None
    parts = [_product_source(part, names) for part in args]
    known = [part for part in parts if part is not None]
    return _nested(call, known) if len(known) == len(parts) else None


def _nested(call: str, parts: Sequence[str]) -> str:
    """A function of two for any number of parts; Python reads only so many brackets in brackets."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return f"{call}({_nested(call, parts[:half])}, {_nested(call, parts[half:])})"


def _added(terms: Sequence[str]) -> str:
    """A sum of any number of terms, whose tree stays flat enough for Python's compiler."""
    if len(terms) <= FLAT:
        return " + ".join(terms)
    parts = [_added(terms[start : start + FLAT]) for start in range(0, len(terms), FLAT)]
    return _added([f"({part})" for part in parts])


def _decimal_source(number: Expr) -> str | None:
    """A rational number as a Decimal; None for one such as 1/3, which has no end."""
    try:
        text = EXACTLY.divide(Decimal(int(number.p)), Decimal(int(number.q)))
    except Inexact:
        return None
    return f"D('{text}')"


def bounded_source(symbols: Sequence[Expr], expression: Expr) -> str | None:
    """The source of a function ``bounded``; None where a part of the formula has no bound here.

    Its operands are 0 or of a size between LEAST and MOST.
    """
    writer = _Writer(symbols)
    try:
        value, lost = writer.absolute(writer.write(expression))
    except _UnknownError:
        return None
    given = ", ".join(f"x{k}" for k in range(len(symbols)))
    lines = [f"def bounded({given}):", *writer.lines, f"return {value}, {lost}"]
    return "\n    ".join(lines)


def factors(symbols: Sequence[Expr], expression: Expr) -> tuple[int, ...]:
    """The places of operands that are factors of the whole: it is 0 where one of them is."""
    found: set[Expr] = set()
    parts = [expression]
    for part in parts:
        if part.is_Pow and part.args[1].is_positive:
            parts.append(part.args[0])
        elif isinstance(part, sp.Mul):
            parts += part.args
        else:
            found.add(part)
    return tuple([k for k, symbol in enumerate(symbols) if symbol in found])


class _UnknownError(Exception):
    """A part of a formula for which no bound is known."""


class _Part(NamedTuple):
    """A value by its name, and what it may lose: so many units of itself, or a sum by its name.

    One ``of`` operands or numbers of the formula is a product of so many: their sizes are such that
    float64 holds products of ``FACTORS``, so that these lose units of themselves too.
    """

    name: str
    units: int = 0
    lost: str = ""
    of: int = 0


class _Writer:
    """Writes straight-line code for a formula, each part of it once."""

    def __init__(self, symbols: Sequence[Expr]) -> None:
        self.lines: list[str] = []
        self._parts = {symbol: _Part(f"x{k}", 1, of=1) for k, symbol in enumerate(symbols)}

    def write(self, expression: Expr) -> _Part:
        """Write what computes an expression."""
        if expression not in self._parts:
            self._parts[expression] = self._written(expression)
        return self._parts[expression]

    def absolute(self, part: _Part) -> tuple[str, str]:
        """The name of a value, and the source of what it may have lost."""
        own = f"(abs({part.name}) * {part.units * UNIT!r} + T)" if part.units else "0.0"
        return part.name, part.lost or own

    def _named(self, source: str) -> str:
        name = f"v{len(self.lines)}"
        self.lines.append(f"{name} = {source}")
        return name

    def _lossy(self, value: str, lost: str) -> _Part:
        name = self._named(value)
        return _Part(name, lost=self._named(lost.format(v=name) + f" + abs({name}) * U + T"))

    def _written(self, expression: Expr) -> _Part:
        if expression.is_number:
            value = float(expression.evalf(30))
            units = int(not expression.is_Rational or sp.Rational(value) != expression)
            return _Part(self._named(repr(value)), units, of=int(LEAST < abs(value) < MOST))
        if isinstance(expression, sp.Add):
            return self._sum([self.write(part) for part in expression.args])
        if isinstance(expression, sp.Mul):
            return self._signed(expression.args)
        if isinstance(expression, sp.Pow):
            return self._power(expression)
        return self._function(expression)

    def _sum(self, parts: Sequence[_Part]) -> _Part:
        """Each addition may lose a unit of the sum of all sizes."""
        lost = [part.lost for part in parts if part.lost]
        units = max(part.units for part in parts) + len(parts)
        sizes = _added([f"abs({part.name.strip('(-)')})" for part in parts])
        name = self._named(_added([part.name for part in parts]))
        own = f"({sizes}) * {units * UNIT!r} + T"
        return _Part(name, lost=self._named(_added([*lost, own])))

    def _product(self, parts: Sequence[_Part]) -> _Part:
        return reduce(self._times, parts)

    def _signed(self, factors: Sequence[Expr]) -> _Part:
        """A product; a change of sign loses nothing."""
        others = [factor for factor in factors if factor != -1]
        found = self._product([self.write(part) for part in others or factors])
        is_opposite = others and (len(factors) - len(others)) % 2
        return found._replace(name=f"(-{found.name})") if is_opposite else found

    def _times(self, one: _Part, two: _Part) -> _Part:
        value, of = f"{one.name} * {two.name}", one.of + two.of
        if one.of and two.of and of <= FACTORS:
            return _Part(self._named(value), one.units + two.units + 1, of=of)
        (a, da), (b, db) = self.absolute(one), self.absolute(two)
        return self._lossy(value, f"abs({a}) * {db} + abs({b}) * {da} + {da} * {db}")

    def _power(self, expression: Expr) -> _Part:
        base, exponent = expression.args
        if exponent.is_Integer and 0 < abs(exponent) <= FUNCTION:
            part = self._product([self.write(base)] * abs(int(exponent)))
            return part if exponent > 0 else self._reciprocal(part)
        if abs(exponent) == sp.Rational(1, 2):
            part = self._root(self.write(base))
            return part if exponent > 0 else self._reciprocal(part)
        raise _UnknownError

    def _reciprocal(self, part: _Part) -> _Part:
        a, lost = self.absolute(part)
        d = self._named(lost)
        known = f"({d} / (abs({a}) * (abs({a}) - {d})) if abs({a}) > 2 * {d} else inf)"
        return self._lossy(f"1.0 / {a}", known)

    def _root(self, part: _Part) -> _Part:
        a, lost = self.absolute(part)
        d = self._named(lost)
        return self._lossy(f"m.sqrt({a})", f"({d} / {{v}} if {a} > 2 * {d} else inf)")

    def _function(self, expression: Expr) -> _Part:
        if isinstance(expression, sp.Max | sp.Min):
            pairs = [self.absolute(self.write(part)) for part in expression.args]
            call = "max" if isinstance(expression, sp.Max) else "min"
            values, losses = zip(*pairs, strict=True)
            some = [loss for loss in losses if loss != "0.0"] or ["0.0"]
            name = self._named(f"{call}({', '.join(values)})")
            return _Part(name, lost=self._named(f"max({', '.join(some)})" if some[1:] else some[0]))
        source = FUNCTIONS.get(expression.func)
        if source is None or len(expression.args) != 1:
            raise _UnknownError
        a, lost = self.absolute(self.write(expression.args[0]))
        d = self._named(lost)
        value, own = (text.format(a=a, d=d, v="{v}") for text in source)
        return self._lossy(value, f"{own} + abs({{v}}) * {FUNCTION} * U")


FUNCTIONS: dict[Any, tuple[str, str]] = {
    sp.exp: ("m.exp({a})", f"({{v}} * 1.01 * {{d}} if {{d}} < {NARROW} else inf)"),
    sp.log: ("m.log({a})", "({d} / ({a} - {d}) if {a} > 2 * {d} else inf)"),
    sp.tanh: ("m.tanh({a})", "{d}"),
    sp.erf: ("m.erf({a})", "1.2 * {d}"),
    sp.sin: ("m.sin({a})", "{d}"),
    sp.cos: ("m.cos({a})", "{d}"),
    sp.atan: ("m.atan({a})", "{d}"),
    sp.Abs: ("abs({a})", "{d}"),
}
"""Functions: the value, and how far it moves at most where the argument moves by ``d``."""


def noise_bound_tree(symbols: Sequence[Expr], expression: Expr) -> NoiseTree:
    """The sums of a formula, and at least how large their terms are."""
    return noise_tree(expression, lambda part: Upper(bounded_source(symbols, part)))
