"""Whether printed operands give a printed result, decided without many digits where that is safe.

A sum of products of decimal numbers is reckoned as it stands, in decimal numbers that lose nothing.
Any other formula is reckoned in float64 together with a bound of what that lost: a result that lies
farther from the next edge of rounding than the bound is decided. All else is left to
:mod:`tracer.typeset.values`, which decides exactly, and says the same.

Sources: running error analysis, as in Higham, Accuracy and Stability of Numerical Algorithms, 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from typing import Any, NamedTuple

import sympy as sp

from tracer.formula import Expr
from tracer.numerals import Numeral, round_to
from tracer.typeset.noise import noise

UNIT = 2.0**-53 * 1.01
"""What one operation of float64 may lose, and a hundredth for what the bound itself loses."""
TINY = 1e-300
"""Far above what is lost below the smallest float64, and far below any number that is printed."""
FUNCTION = 16
"""Units of rounding that a function of the C library may lose: glibc's and Apple's stay below 1,
others below 4, and what is claimed here holds for those that lose four times as much."""
NARROW = 1e-3  # so near to its argument e^x − 1 is at most 1.01 x
SPACE = {"U": UNIT, "T": TINY, "inf": math.inf, "abs": abs, "max": max, "min": min, "m": math}
# 400 digits hold products of a dozen printed numbers; what needs more is trapped, and done exactly
EXACTLY = Context(
    prec=400,
    rounding=ROUND_HALF_UP,
    Emax=10**6,
    Emin=-(10**6),
    traps=[Inexact, InvalidOperation, Overflow, DivisionByZero],
)
_NOTHING = (ArithmeticError, ValueError)


Exactly = Callable[..., Decimal]
"""The value for operands that are Decimals; Inexact is raised where it has too many digits."""
Bounded = Callable[..., tuple[float, float]]
"""(value, bound) for operands that are the float64 next to the printed ones."""


class Verdict(NamedTuple):
    """Whether it is decided, and the relation: "=", "≈" or None for neither."""

    decided: bool
    relation: str | None = None


UNDECIDED = Verdict(decided=False)


def relation_of(
    exactly: Exactly | None,
    bounded: Bounded | None,
    texts: Sequence[Numeral],
    shown: Decimal,
    quantum: Decimal,
) -> Verdict:
    """What stands between a formula of printed operands and ``shown``, a multiple of ``quantum``.

    It is decided only where :meth:`tracer.typeset.values.Evaluated.relation` says the same.
    """
    try:
        if exactly is not None:
            return _of_exact(exactly(*[text.value for text in texts]), shown, quantum)
        if bounded is not None:
            value, lost = bounded(*[text.near for text in texts])
            return _of_near(value, lost, float(shown), float(quantum))
    except _NOTHING:
        pass
    return UNDECIDED


def _of_exact(value: Decimal, shown: Decimal, quantum: Decimal) -> Verdict:
    if value == shown:
        return Verdict(True, "=")
    if abs(EXACTLY.create_decimal(value) - shown) > quantum:
        return Verdict(True, None)
    return Verdict(True, "≈" if round_to(value, quantum) == shown else None)


def _of_near(value: float, lost: float, shown: float, quantum: float) -> Verdict:
    """Decided where the value, however much was lost, is neither ``shown`` nor near an edge."""
    distance = abs(value - shown)
    lost += (abs(shown) + distance + quantum) * UNIT + TINY
    if distance > quantum / 2 + lost:
        return Verdict(True, None)
    if lost < distance < quantum / 2 - lost:
        return Verdict(True, "≈")
    return UNDECIDED


# Sums of products


def exact_function(symbols: Sequence[Expr], expression: Expr) -> Exactly | None:
    """A function of Decimals that loses nothing or raises; None for more than sums of products."""
    source = exact_source(symbols, expression)
    if source is None:
        return None
    space = {name: getattr(EXACTLY, name) for name in ("add", "multiply")}
    function: Any = eval(source, {**space, "D": Decimal})
    return function if callable(function) else None


def exact_source(symbols: Sequence[Expr], expression: Expr) -> str | None:
    """The source of that function; None for a formula that is more than a sum of products."""
    names = {symbol: f"x{k}" for k, symbol in enumerate(symbols)}
    body = _product_source(expression, names)
    return None if body is None else f"lambda {', '.join(names.values())}: {body}"


def _product_source(expression: Expr, names: dict[Expr, str]) -> str | None:
    if expression in names:
        return names[expression]
    if expression.is_Rational:
        return _decimal_source(expression)
    call = {sp.Add: "add", sp.Mul: "multiply"}.get(expression.func)
    args = expression.args
    if expression.is_Pow and args[1].is_Integer and args[1] > 0:
        call, args = "multiply", (args[0],) * int(args[1])
    if call is None:
        return None
    parts = [_product_source(part, names) for part in args]
    found = parts[0]
    for part in parts[1:]:
        found = None if found is None or part is None else f"{call}({found}, {part})"
    return found


def _decimal_source(number: Expr) -> str | None:
    """A rational number as a Decimal; None for one such as 1/3, which has no end."""
    try:
        text = EXACTLY.divide(Decimal(int(number.p)), Decimal(int(number.q)))
    except Inexact:
        return None
    return f"D('{text}')"


# Float64 with a bound


def bounded_function(symbols: Sequence[Expr], expression: Expr) -> Bounded | None:
    """The value with its bound; None for a formula that has a part without one."""
    source = bounded_source(symbols, expression)
    if source is None:
        return None
    space: dict[str, Any] = dict(SPACE)
    exec(source, space)
    function: Bounded = space["bounded"]
    return function


def bounded_source(symbols: Sequence[Expr], expression: Expr) -> str | None:
    """The source of a function ``bounded``; None where a part of the formula has no bound here."""
    writer = _Writer(symbols)
    try:
        value, lost = writer.absolute(writer.write(expression))
    except _UnknownError:
        return None
    given = ", ".join(f"x{k}" for k in range(len(symbols)))
    lines = [f"def bounded({given}):", *writer.lines, f"return {value}, {lost}"]
    return "\n    ".join(lines)


class _UnknownError(Exception):
    """A part of a formula for which no bound is known."""


class _Part(NamedTuple):
    """A value by its name, and what it may lose: so many units of itself, or a sum by its name."""

    name: str
    units: int = 0
    lost: str = ""


class _Writer:
    """Writes straight-line code for a formula, each part of it once."""

    def __init__(self, symbols: Sequence[Expr]) -> None:
        self.lines: list[str] = []
        self._parts = {symbol: _Part(f"x{k}", 1) for k, symbol in enumerate(symbols)}

    def write(self, expression: Expr) -> _Part:
        """Write what computes an expression."""
        if expression not in self._parts:
            self._parts[expression] = self._written(expression)
        return self._parts[expression]

    def absolute(self, part: _Part) -> tuple[str, str]:
        """The name of a value, and the source of what it may have lost."""
        return part.name, part.lost or f"(abs({part.name}) * {part.units} * U + T)"

    def _named(self, source: str) -> str:
        name = f"v{len(self.lines)}"
        self.lines.append(f"{name} = {source}")
        return name

    def _lossy(self, value: str, lost: str) -> _Part:
        name = self._named(value)
        return _Part(name, lost=self._named(lost.format(v=name) + f" + abs({name}) * U + T"))

    def _written(self, expression: Expr) -> _Part:
        if expression.is_number:
            return _Part(self._named(repr(float(expression.evalf(30)))), 1)
        if isinstance(expression, sp.Add):
            return self._sum([self.write(part) for part in expression.args])
        if isinstance(expression, sp.Mul):
            return self._product([self.write(part) for part in expression.args])
        if isinstance(expression, sp.Pow):
            return self._power(expression)
        return self._function(expression)

    def _sum(self, parts: Sequence[_Part]) -> _Part:
        """Each addition may lose a unit of the sum of all sizes."""
        more = len(parts) - 1
        lost = [part.lost for part in parts if part.lost]
        lost += [f"abs({part.name}) * {(part.units or 0) + more} * U" for part in parts]
        return self._lossy(" + ".join(part.name for part in parts), " + ".join(lost))

    def _product(self, parts: Sequence[_Part]) -> _Part:
        found = parts[0]
        for part in parts[1:]:
            found = self._times(found, part)
        return found

    def _times(self, one: _Part, two: _Part) -> _Part:
        value = f"{one.name} * {two.name}"
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
            values, lost = (", ".join(texts) for texts in zip(*pairs, strict=True))
            return self._lossy(f"{call}({values})", f"max({lost})")
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


# Noise


def noise_bound(symbols: Sequence[Expr], expression: Expr) -> Callable[..., float]:
    """At least what float64 may lose in the sums of a formula; inf where that is not known."""

    def upper(part: Expr) -> Callable[..., float]:
        function = bounded_function(symbols, part)
        if function is None:
            return lambda *_: math.inf
        return lambda *operands: _at_most(function(*operands))

    found = noise(expression, upper)
    return (lambda *_: 0.0) if found is None else found


def _at_most(found: tuple[float, float]) -> float:
    value, lost = found
    return abs(value) + lost if lost == lost else math.inf  # noqa: PLR0124 - nan is no bound
