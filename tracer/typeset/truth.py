"""Which digits make a printed line true.

The printed result must be the correct rounding of the value of the printed operands. Operands
start with the digits they are shown with everywhere and get more, all together, until that holds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

from tracer.numerals import (
    Numeral,
    exact_numeral,
    last_digit,
    numeral,
    round_to,
    written,
)
from tracer.typeset.compiled import DIGITS, Compiled, arithmetic, compiled, high_precision
from tracer.typeset.line import Bound, Line, MatrixLine, Operand

MOST_EXTRA = 18
EXACT_WITHIN = arithmetic.mpf(10) ** (-DIGITS + 15)
_WIDE = Context(prec=2 * DIGITS, rounding=ROUND_HALF_UP, Emax=10**6, Emin=-(10**6))
BEYOND, BEYOND_BITS = 10_000, 30_000
FLOAT_MAX, FLOAT_LEAST = Decimal("1.7976931348623157e308"), Decimal("2.47e-324")


@dataclass(frozen=True, eq=False)
class Settled:
    """A form whose digits are settled: the compiled branch, its operands' texts, the result.

    ``relation`` is "=" or "≈". ``noise`` says that float64 holds rounding noise where the page
    shows 0, ``overflow`` that the value lies beyond float64, ``underflow`` that it is closer to 0
    than float64 can tell.
    """

    bound: Bound
    branch: Compiled
    operands: tuple[Numeral, ...]
    result: Numeral
    relation: str
    noise: bool = False
    overflow: bool = False
    underflow: bool = False


def settle(line: Line, decimals: int) -> Settled:
    """Choose form and digits for a line."""
    if not math.isfinite(line.value):
        return _not_finite(line, decimals)
    goal = _goal(line, decimals)
    for bound in line.bounds:
        for extra in range(MOST_EXTRA):
            found = _attempt(bound, decimals, extra, goal)
            if found is not None:
                return found
    return _from_operands(line.bounds[-1], decimals)


def operand_numeral(operand: Operand, decimals: int, extra: int = 0) -> Numeral:
    """How an operand is printed."""
    if operand.exact:
        return exact_numeral(operand.value)
    return numeral(operand.value, decimals, extra)


@dataclass(frozen=True)
class _Goal:
    """The result a line should show: its rounded value and the unit of its last digit."""

    value: Decimal
    quantum: Decimal
    noise: bool


def _goal(line: Line, decimals: int) -> _Goal:
    if is_noise(line):
        return _Goal(Decimal(0), last_digit(Decimal(0), decimals), noise=True)
    shown = numeral(line.value, decimals)
    assert shown.value is not None
    return _Goal(shown.value, shown.quantum, noise=False)


def is_noise(line: Line) -> bool:
    """Whether the value is smaller than what float64 can carry of the sum that made it."""
    if line.value == 0 or not line.bounds:
        return False
    bound = line.bounds[0]
    if not all(math.isfinite(operand.value) for operand in bound.operands):
        return False
    values = [Fraction(operand.value) for operand in bound.operands]
    for branch in compiled(bound.form):
        if len(branch.terms) > 1 and branch.holds(*values):
            largest = max(abs(high_precision(term(*values))) for term in branch.terms)
            limit = len(branch.terms) * 2.0**-52 * largest
            return bool(abs(line.value) <= limit)
    return False


def _attempt(bound: Bound, decimals: int, extra: int, goal: _Goal) -> Settled | None:
    texts = tuple(operand_numeral(operand, decimals, extra) for operand in bound.operands)
    found = evaluate(bound, texts)
    if found is None:
        return None
    branch, value = found
    relation = compare(value, goal.value, goal.quantum)
    if relation is None:
        return None
    padded = goal.value if relation == "=" else round_to(goal.value, goal.quantum)
    result = written(padded, goal.quantum)
    vanished = goal.value == 0 and value != 0 and not goal.noise
    return Settled(
        bound, branch, texts, result, relation, noise=goal.noise, underflow=vanished
    )


def evaluate(bound: Bound, texts: Sequence[Numeral]) -> tuple[Compiled, Any] | None:
    """The branch that holds for the printed operands and its value; None where there is none."""
    if any(text.value is None for text in texts):
        return None
    values = [Fraction(text.value) for text in texts if text.value is not None]
    for branch in compiled(bound.form):
        try:
            if branch.holds(*values):
                value = branch.evaluate(*values)
                return (branch, value) if arithmetic.isfinite(_number(value)) else None
        except (ZeroDivisionError, ValueError, OverflowError):
            return None
    return None


def compare(value: Any, shown: Decimal, quantum: Decimal) -> str | None:
    """"=" if ``value`` is ``shown``, "≈" if it rounds to it, None if it does neither."""
    if isinstance(value, Fraction | int):
        distance = abs(Fraction(shown) - value)
        same, far = distance == 0, distance > Fraction(quantum)
    else:
        distance = abs(value - arithmetic.mpf(str(shown)))
        same, far = distance <= EXACT_WITHIN * abs(value), distance > arithmetic.mpf(str(quantum))
    if same:
        return "="
    if far:
        return None
    return "≈" if round_to(to_decimal(value), quantum) == shown else None


def to_decimal(value: Any) -> Decimal:
    """An exact or high-precision number as a Decimal of many digits.

    A size that even Decimal cannot hold (e^−z of a huge z) becomes one far beyond any float64.
    """
    if isinstance(value, Fraction | int):
        exact = Fraction(value)
        return _WIDE.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    if value != 0 and abs(arithmetic.mag(value)) > BEYOND_BITS:
        size = Decimal(1).scaleb(BEYOND if arithmetic.mag(value) > 0 else -BEYOND)
        return size if value > 0 else -size
    return Decimal(arithmetic.nstr(value, DIGITS - 5, strip_zeros=False))


def _number(value: Any) -> Any:
    return arithmetic.mpf(0) if isinstance(value, Fraction | int) else value


def _from_operands(bound: Bound, decimals: int) -> Settled:
    """The line that its printed operands give, where they cannot give the trace's last digit."""
    for extra in (0, MOST_EXTRA):
        texts = tuple(operand_numeral(operand, decimals, extra) for operand in bound.operands)
        found = evaluate(bound, texts)
        if found is not None:
            break
    else:
        return _unreachable(bound, decimals)
    branch, value = found
    exact = to_decimal(value)
    if abs(exact) > FLOAT_MAX:
        return Settled(bound, branch, texts, Numeral("∞"), "≈", overflow=True)
    if 0 < abs(exact) < FLOAT_LEAST:
        return Settled(bound, branch, texts, Numeral("0"), "≈", underflow=True)
    quantum = last_digit(exact, decimals)
    rounded = round_to(exact, quantum)
    relation = compare(value, rounded, quantum) or "≈"
    shown = rounded.normalize(_WIDE) if relation == "=" else rounded
    return Settled(bound, branch, texts, written(shown, quantum), relation)


def _unreachable(bound: Bound, decimals: int) -> Settled:
    texts = tuple(operand_numeral(operand, decimals) for operand in bound.operands)
    return Settled(bound, compiled(bound.form)[-1], texts, Numeral("nan"), "=")


def _not_finite(line: Line, decimals: int) -> Settled:
    bound = line.bounds[0]
    texts = tuple(operand_numeral(operand, decimals) for operand in bound.operands)
    found = evaluate(bound, texts)
    branch = found[0] if found else compiled(bound.form)[0]
    overflow = all(math.isfinite(operand.value) for operand in bound.operands)
    return Settled(bound, branch, texts, numeral(line.value, decimals), "=", overflow=overflow)


def settle_matrix(
    line: MatrixLine, decimals: int
) -> tuple[int, str, tuple[tuple[Numeral, ...], ...]]:
    """(extra digits, relation, result texts) that make every entry of a matrix line true."""
    width = len(line.result[0])
    flat = [operand for row in line.result for operand in row]
    lines = [Line(o.ref, o.value, (b,)) for o, b in zip(flat, line.entries, strict=True)]
    for extra in range(MOST_EXTRA):
        settled = [_entry(entry, decimals, extra) for entry in lines]
        if all(settled):
            break
    else:
        extra, settled = 0, [settle(entry, decimals) for entry in lines]
    found = [entry for entry in settled if entry is not None]
    relation = "=" if all(entry.relation == "=" for entry in found) else "≈"
    texts = [entry.result for entry in found]
    rows = (tuple(texts[k : k + width]) for k in range(0, len(texts), width))
    return extra, relation, tuple(rows)


def _entry(line: Line, decimals: int, extra: int) -> Settled | None:
    if not math.isfinite(line.value):
        return _not_finite(line, decimals)
    return _attempt(line.bounds[0], decimals, extra, _goal(line, decimals))
