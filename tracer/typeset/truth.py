"""Which digits make a printed line true.

The printed result must be the correct rounding of the value of the printed operands. Operands
start with the digits they are shown with everywhere and get more, all together, until that holds.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from tracer.numerals import (
    Numeral,
    exact_numeral,
    last_digit,
    numeral,
    round_to,
    written,
)
from tracer.typeset.compiled import Compiled, compiled
from tracer.typeset.line import Bound, Line, MatrixLine, Operand
from tracer.typeset.values import (
    FLOAT_LEAST,
    WIDE,
    Evaluated,
    beyond_float64,
    branch_at,
    evaluate,
    evaluate_at,
    noise_limit,
)

MOST_EXTRA = 18
AGREEMENT = Fraction(1, 100)
SUBNORMAL = 32 * FLOAT_LEAST
"""So close to 0 float64 has hardly any digits left: the printed operands have more than it kept."""
MOST_LOST = 64
"""Units of rounding that may be taken for noise where no digits make the line true."""


@dataclass(frozen=True, eq=False)
class Settled:
    """A form whose digits are settled: the compiled branch, its operands' texts, the result.

    ``relation`` is "=" or "≈". ``noise`` says that the page shows 0 for what rounding left of a
    sum, ``overflow`` that the value lies beyond float64, ``underflow`` that it is closer to 0
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
    goal = _goal(line, decimals)
    tries = [(bound, extra) for bound in line.bounds for extra in range(MOST_EXTRA)]
    if goal is not None:
        for attempt in (_attempt, _nearby, _cancelled):
            found = _first(attempt(*each, decimals, goal) for each in tries)
            if found is not None:
                return found
    found = _first(_beyond(line, bound, decimals) for bound in line.bounds)
    return found or _stated(line, line.bounds[0], decimals)


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


def _goal(line: Line, decimals: int) -> _Goal | None:
    if not math.isfinite(line.value):
        return None
    if is_noise(line):
        return _Goal(Decimal(0), last_digit(Decimal(0), decimals), noise=True)
    shown = numeral(line.value, decimals)
    assert shown.value is not None
    return _Goal(shown.value, shown.quantum, noise=False)


def is_noise(line: Line) -> bool:
    """Whether the value is only what float64's rounding left of a sum whose terms cancel.

    A small value that another way of writing it agrees with was computed that way, and is none.
    """
    first = line.bounds[0]
    if line.value == 0 or not _is_finite(first):
        return False
    operands = _at_full_digits(first)
    if not abs(line.value) <= noise_limit(branch_at(first, operands), operands):
        return False
    ways = (evaluate_at(b, _at_full_digits(b)) for b in line.bounds if _is_finite(b))
    return not any(found is not None and _agrees(found, line.value) for found in ways)


def _at_full_digits(bound: Bound) -> list[Fraction]:
    return [Fraction(repr(operand.value)) for operand in bound.operands]


def _agrees(found: Evaluated, value: float) -> bool:
    return abs(Fraction(found.decimal()) - Fraction(value)) <= AGREEMENT * abs(Fraction(value))


def _first(found: Iterable[Settled | None]) -> Settled | None:
    return next((each for each in found if each is not None), None)


def _texts(bound: Bound, decimals: int, extra: int = 0) -> tuple[Numeral, ...]:
    return tuple(operand_numeral(operand, decimals, extra) for operand in bound.operands)


def _attempt(bound: Bound, extra: int, decimals: int, goal: _Goal) -> Settled | None:
    """The line with the trace's own digits as its result, if that is true."""
    texts = _texts(bound, decimals, extra)
    found = evaluate(bound, texts)
    if found is None:
        return None
    relation = found.relation(goal.value, goal.quantum)
    if relation is None:
        return None
    if goal.value == 0 and relation == "≈":
        return _vanishing(bound, texts, found)
    padded = goal.value if relation == "=" else round_to(goal.value, goal.quantum)
    return Settled(bound, found.branch, texts, written(padded, goal.quantum), relation, goal.noise)


def _vanishing(bound: Bound, texts: tuple[Numeral, ...], found: Evaluated) -> Settled | None:
    """0 for what is not 0: too small for float64, or lost in the rounding of a sum."""
    tiny, noise = abs(found.decimal()) < FLOAT_LEAST, found.is_within_noise()
    if not (tiny or noise):
        return None
    zero = Numeral("0", value=Decimal(0))
    return Settled(bound, found.branch, texts, zero, "≈", noise=not tiny, underflow=tiny)


def _nearby(bound: Bound, extra: int, decimals: int, goal: _Goal) -> Settled | None:
    """The line that the printed operands give, if only its last digit is not the trace's.

    So it is where float64's own rounding decides a tie the other way.
    """
    texts = _texts(bound, decimals, extra)
    found = evaluate(bound, texts)
    if found is None:
        return None
    exact = found.decimal()
    quantum = last_digit(exact, decimals)
    rounded = found.rounded(quantum)
    if rounded == 0 or abs(rounded - goal.value) > max(quantum, goal.quantum, SUBNORMAL):
        return None
    relation = found.relation(rounded, quantum) or "≈"
    shown = rounded.normalize(WIDE) if relation == "=" else rounded
    return Settled(bound, found.branch, texts, written(shown, quantum), relation)


def _cancelled(bound: Bound, extra: int, decimals: int, goal: _Goal) -> Settled | None:
    """0 for a few units of rounding that a sum of much larger terms left, if nothing else holds."""
    if extra or not _is_finite(bound):
        return None
    operands = _at_full_digits(bound)
    limit = noise_limit(branch_at(bound, operands), operands)
    if not 0 < abs(float(goal.value)) <= MOST_LOST * limit:
        return None
    zero = _Goal(Decimal(0), last_digit(Decimal(0), decimals), noise=True)
    return _attempt(bound, extra, decimals, zero)


def _beyond(line: Line, bound: Bound, decimals: int) -> Settled | None:
    """The line where ∞ or nan take part, if its formula gives the trace's value with them."""
    texts = _texts(bound, decimals)
    found = beyond_float64(bound, texts)
    if found is None:
        return None
    branch, value = found
    overflow = bool(abs(value) > sys.float_info.max) and _is_finite(bound)
    kept = math.copysign(math.inf, value) if overflow else float(value)
    if kept != line.value and not (math.isnan(kept) and math.isnan(line.value)):
        return None
    result = numeral(line.value, decimals)
    return Settled(bound, branch, texts, result, "≈" if overflow else "=", overflow=overflow)


def _stated(line: Line, bound: Bound, decimals: int) -> Settled:
    """The trace's value beside a formula that does not give it outside float64's own rules."""
    branch = replace(compiled(bound.form)[0], condition=())
    result, overflow = numeral(line.value, decimals), _is_finite(bound)
    relation = "≈" if overflow and not math.isnan(line.value) else "="
    texts = _texts(bound, decimals)
    return Settled(bound, branch, texts, result, relation, overflow=overflow)


def _is_finite(bound: Bound) -> bool:
    return all(math.isfinite(operand.value) for operand in bound.operands)


def settle_matrix(
    line: MatrixLine, decimals: int
) -> tuple[int, str, tuple[tuple[Numeral, ...], ...]]:
    """(extra digits, relation, result texts) that make every entry of a matrix line true."""
    width = len(line.result[0])
    flat = [operand for row in line.result for operand in row]
    lines = [Line(o.ref, o.value, (b,)) for o, b in zip(flat, line.entries, strict=True)]
    extra, found = _settle_all(lines, decimals)
    relation = "=" if all(entry.relation == "=" for entry in found) else "≈"
    texts = [entry.result for entry in found]
    rows = (tuple(texts[k : k + width]) for k in range(0, len(texts), width))
    return extra, relation, tuple(rows)


def _settle_all(lines: list[Line], decimals: int) -> tuple[int, list[Settled]]:
    """One number of digits for all lines: each with the trace's digits, or else near to them."""
    goals = [_goal(line, decimals) for line in lines]
    for ways in ((_attempt,), (_attempt, _nearby), (_attempt, _nearby, _cancelled)):
        for extra in range(MOST_EXTRA):
            settled = [
                _entry(line, goal, extra, decimals, ways)
                for line, goal in zip(lines, goals, strict=True)
            ]
            found = [entry for entry in settled if entry is not None]
            if len(found) == len(lines):
                return extra, found
    return 0, [_stated(line, line.bounds[0], decimals) for line in lines]


def _entry(
    line: Line,
    goal: _Goal | None,
    extra: int,
    decimals: int,
    ways: tuple[Callable[[Bound, int, int, _Goal], Settled | None], ...],
) -> Settled | None:
    (bound,) = line.bounds
    if goal is not None and _is_finite(bound):
        return _first(way(bound, extra, decimals, goal) for way in ways)
    return _beyond(line, bound, decimals) or _stated(line, bound, decimals)
