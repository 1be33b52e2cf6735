"""Printed lines read back and worked out again, by nothing that typesetting uses itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import add, mul
from typing import Any

import mpmath
import sympy as sp

from tracer.formula import Form
from tracer.refs import Ref, Visit
from tracer.typeset import Bound, Line, Operand
from tracer.typeset.settled import Settled

#: So many digits tell any two numbers apart that float64 can make of a few others.
PLENTY = 3_000
#: What these and twice as many say alike, and what is then far from equal, needs no more of them.
USUAL, ALIKE, APART = 60, 40, 20
_TEXT = re.compile(r"(?P<size>−?\d+(?:\.(?P<places>\d+))?)(?: × 10(?P<power>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?")
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@dataclass(frozen=True)
class Read:
    """A number as a reader takes it from the page; ``unit`` is the unit of its last digit."""

    value: Fraction
    unit: Fraction


def read(text: str) -> Read:
    """The number that a text says."""
    found = _TEXT.fullmatch(text)
    assert found, f"{text!r} is no number"
    power = int((found["power"] or "0").translate(_RAISED))
    scale = Fraction(10) ** power
    value = Fraction(Decimal(found["size"].replace("−", "-"))) * scale
    return Read(value, scale / 10 ** len(found["places"] or ""))


def half_up(value: Fraction, unit: Fraction) -> Fraction:
    """The value rounded to a multiple of ``unit``, half away from zero, as done by hand."""
    steps = (2 * abs(value) + unit) // (2 * unit) * unit
    return steps if value >= 0 else -steps


def line(form: Form, values: Sequence[float], value: float, exact: Sequence[bool] = ()) -> Line:
    """A line whose operands are computed numbers, but for those that are exact."""
    flags = [*exact, *[False] * len(values)]
    operands = tuple(
        Operand(Ref("a", 1, (k + 1,), Visit(0)), float(v), exact=flags[k])
        for k, v in enumerate(values)
    )
    return Line(Ref("z", 2, (1,), Visit(0)), float(value), (Bound(form, operands),))


def assert_holds(settled: Settled) -> None:
    """The result is the rounding of what the printed operands give, and the sign says which."""
    operands = [read(text.text).value for text in settled.operands]
    shown = read(settled.result.text)
    expression, symbols = settled.branch.expression, settled.bound.form.real.symbols
    values = dict(zip(symbols, operands, strict=True))
    digits = USUAL if _are_enough(expression, values, shown.value) else PLENTY
    with mpmath.workdps(digits):
        true = _value(expression, values)
        exact = isinstance(true, Fraction)
        distance = abs(true - (shown.value if exact else _number(shown.value)))
        same = distance == 0 if exact else digits == PLENTY and _is_none(distance, true)
        assert (settled.relation == "=") == same, f"{_said(settled)}: {settled.relation}, and that is {same}"
        half = shown.unit / 2 if exact else _number(shown.unit / 2)
        if settled.result.text == "0":
            assert same or settled.remarks & {"noise", "underflow"}, _said(settled)
        else:
            assert distance <= half, f"{_said(settled)}: {mpmath.nstr(_number(true), 30)}"
    assert settled.result.text not in ("−0", "-0")


def _said(settled: Settled) -> str:
    operands = [text.text for text in settled.operands]
    return f"{settled.branch.expression} of {operands} {settled.result.text}"


def _are_enough(expression: Any, values: dict[Any, Fraction], shown: Fraction) -> bool:
    """Whether few digits tell the value from the one that is shown, and keep what cancels."""
    found = []
    for digits in (USUAL, 2 * USUAL):
        with mpmath.workdps(digits):
            found.append(_value(expression, values))
    few, more = found
    if isinstance(few, Fraction):
        return True
    with mpmath.workdps(2 * USUAL):
        alike = abs(few - more) <= abs(more) * mpmath.mpf(10) ** -ALIKE
        apart = abs(more - _number(shown)) > abs(more) * mpmath.mpf(10) ** -APART
        return bool(more and alike and apart)


def _is_none(distance: Any, true: Any) -> bool:
    return bool(distance <= abs(true) * mpmath.mpf(10) ** (20 - PLENTY))


def _number(value: Any) -> Any:
    if isinstance(value, Fraction):
        return mpmath.mpf(value.numerator) / value.denominator
    return mpmath.mpf(value)


def _value(expression: Any, values: dict[Any, Fraction]) -> Any:
    """A Fraction as long as only sums, products and whole powers occur, else many digits."""
    if expression in values:
        return values[expression]
    if expression.is_Rational:
        return Fraction(int(expression.p), int(expression.q))
    parts = [_value(part, values) for part in expression.args]
    if not all(isinstance(part, Fraction) for part in parts):
        parts = [_number(part) for part in parts]
    return _applied(expression, parts)


def _applied(expression: Any, parts: list[Any]) -> Any:
    if isinstance(expression, sp.Add | sp.Mul):
        return reduce(add if isinstance(expression, sp.Add) else mul, parts)
    if isinstance(expression, sp.Pow):
        return _power(parts[0], expression.exp, parts[1])
    if isinstance(expression, sp.Max):
        return max(parts)
    if expression.is_number:
        return mpmath.mpf(sp.N(expression, mpmath.mp.dps))
    function = {sp.exp: mpmath.exp, sp.log: mpmath.log, sp.tanh: mpmath.tanh, sp.erf: mpmath.erf}
    return function[type(expression)](_number(parts[0]))


def _power(base: Any, exponent: Any, value: Any) -> Any:
    if exponent.is_Integer:
        return base ** int(exponent)
    return mpmath.power(_number(base), _number(value))
