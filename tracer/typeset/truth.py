"""Which digits make a printed line true.

The printed result must be the correct rounding of the value of the printed operands. Operands
start with the digits they are shown with everywhere and get more, all together, until that holds.
Where no digits of the shortest texts make it hold, the result gets more digits too, or the operands
are printed as exactly the float64 that they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import NamedTuple

from tracer.numerals import REMEMBERED, Numeral, last_digit, numeral, round_to, written
from tracer.typeset.beyond import beyond
from tracer.typeset.compiled import Compiled
from tracer.typeset.line import Bound, Line, MatrixLine
from tracer.typeset.settled import PLAIN, Digits, Settled, is_finite, printed
from tracer.typeset.soon import settle_entries_soon, settle_soon
from tracer.typeset.values import (
    FLOAT_LARGEST,
    FLOAT_LEAST,
    WIDE,
    Evaluated,
    branch_at,
    evaluate,
    evaluate_at,
    may_be_noise,
    noise_limit,
    quick_relation,
)

AGREEMENT = Fraction(1, 100)
"""What is only rounding differs from another form's value by all of itself; a value that was
computed as that form says agrees in many digits. A hundredth lies between."""
SUBNORMAL = 32 * FLOAT_LEAST
"""So close to 0 float64 has hardly any digits left: the printed operands have more than it kept."""
MOST_LOST = 64
"""Units of rounding that may be taken for noise where no digits make the line true.

A sum of n terms loses at most about n units, and few lines of a lesson add up more than 64.
"""
SHORTEST = tuple(Digits(extra) for extra in range(18))
BINARY = tuple(Digits(extra, binary=True) for extra in range(4, 26))
"""17 digits always write a float64 so that it is read back. What it is exactly has more, of which
25 beside those that are shown leave nothing that could decide a digit of the result."""
OF_MATRICES = frozenset(["absorbed"])
"""What is told of a matrix line too; the rest is told where the entry has its own line."""
LONGER = (1, 2, 3)
"""So many digits a result may get beyond those it is shown with elsewhere."""


def settle(line: Line, decimals: int) -> Settled:
    """Choose form and digits for a line."""
    return settle_soon(line.bounds[0], line.value, decimals) or settle_slowly(line, decimals)


def settle_slowly(line: Line, decimals: int) -> Settled:
    """The same, with all ways tried in turn."""
    goal = _goal(line, decimals)
    if goal is not None:
        found = _first(way(line, decimals, goal) for way in (_shortest, _longer, _binary, _less))
        if found is not None:
            return found
    return beyond(line, decimals)


def _shortest(line: Line, decimals: int, goal: _Goal) -> Settled | None:
    """The trace's digits from operands with as few digits as it takes."""
    return _first(_attempt(*each, decimals, goal) for each in _tries(line, SHORTEST))


def _longer(line: Line, decimals: int, goal: _Goal) -> Settled | None:
    """The same with more digits in the result: rounding may have decided a tie the other way."""
    if goal.noise:
        return None
    goals = (_goal(line, decimals, more) for more in LONGER)
    return _first(_shortest(line, decimals, each) for each in goals if each is not None)


def _binary(line: Line, decimals: int, goal: _Goal) -> Settled | None:
    """The trace's digits from operands that are printed as exactly what float64 keeps."""
    return _first(_attempt(*each, decimals, goal) for each in _tries(line, BINARY))


def _less(line: Line, decimals: int, goal: _Goal) -> Settled | None:
    """What the printed operands give where float64's own rounding reaches the digits shown."""
    tries = list(_tries(line, SHORTEST))
    ways = (_nearby, _cancelled, _own)
    return _first(way(*each, decimals, goal) for way in ways for each in tries)


def _tries(line: Line, digits: Iterable[Digits]) -> Iterator[tuple[Bound, Digits]]:
    """The forms of a line, each with ever more digits; one with ∞ or nan is no use here."""
    return ((bound, each) for bound in line.bounds if is_finite(bound) for each in digits)


@dataclass(frozen=True)
class _Goal:
    """The result a line should show: its rounded value and the unit of its last digit."""

    value: Decimal
    quantum: Decimal
    noise: bool = False

    @property
    def remarks(self) -> frozenset[str]:
        return frozenset(["noise"] if self.noise else [])

    @cached_property
    def equal(self) -> Numeral:
        """The result of a line that is exactly so."""
        return written(self.value, self.quantum)

    @cached_property
    def rounded(self) -> Numeral:
        """The result of a line that rounds to it, with all digits that were kept."""
        return written(round_to(self.value, self.quantum), self.quantum)


def _goal(line: Line, decimals: int, more: int = 0) -> _Goal | None:
    if not math.isfinite(line.value):
        return None
    if not more and is_noise(line):
        return _Goal(Decimal(0), last_digit(Decimal(0), decimals), noise=True)
    return _shown(line.value, decimals, more)


@lru_cache(maxsize=REMEMBERED)
def _shown(value: float, decimals: int, more: int) -> _Goal:
    shown = numeral(value, decimals, more)
    assert shown.value is not None
    return _Goal(shown.value, shown.quantum)


def is_noise(line: Line) -> bool:
    """Whether the value is only what float64's rounding left of a sum whose terms cancel.

    A small value that another way of writing it agrees with was computed that way, and is none.
    """
    first = line.bounds[0]
    if line.value == 0 or not is_finite(first):
        return False
    if not may_be_noise(first, line.value):
        return False
    operands = _at_full_digits(first)
    if not abs(line.value) <= noise_limit(branch_at(first, operands), operands):
        return False
    ways = (evaluate_at(b, _at_full_digits(b)) for b in line.bounds if is_finite(b))
    return not any(found is not None and _agrees(found, line.value) for found in ways)


def _at_full_digits(bound: Bound) -> list[Fraction]:
    return [Fraction(repr(operand.value)) for operand in bound.operands]


def _agrees(found: Evaluated, value: float) -> bool:
    return abs(Fraction(found.decimal()) - Fraction(value)) <= AGREEMENT * abs(Fraction(value))


def _first(found: Iterable[Settled | None]) -> Settled | None:
    return next((each for each in found if each is not None), None)


def _attempt(bound: Bound, digits: Digits, decimals: int, goal: _Goal) -> Settled | None:
    """The line with the trace's own digits as its result, if that is true."""
    texts = printed(bound, decimals, digits)
    quick = quick_relation(bound, texts, goal.value, goal.quantum)
    if quick is not None and quick[1].decided and (goal.value or quick[1].relation != "≈"):
        return _stated(bound, quick[0], texts, quick[1].relation, goal)
    found = evaluate(bound, texts)
    if found is None:
        return None
    relation = found.relation(goal.value, goal.quantum)
    if goal.value == 0 and relation == "≈":
        return _vanishing(bound, texts, found)
    return _stated(bound, found.branch, texts, relation, goal)


def _stated(
    bound: Bound,
    branch: Compiled,
    texts: tuple[Numeral, ...],
    relation: str | None,
    goal: _Goal,
) -> Settled | None:
    if relation is None:
        return None
    result = goal.equal if relation == "=" else goal.rounded
    return Settled(bound, branch, texts, result, relation, goal.remarks)


def _vanishing(bound: Bound, texts: tuple[Numeral, ...], found: Evaluated) -> Settled | None:
    """0 for what is not 0: too small for float64, or lost in the rounding of a sum."""
    tiny, noise = abs(found.decimal()) < FLOAT_LEAST, found.is_within_noise()
    if not (tiny or noise):
        return None
    zero = Numeral("0", value=Decimal(0))
    remarks = frozenset(["underflow" if tiny else "noise"])
    return Settled(bound, found.branch, texts, zero, "≈", remarks)


def _nearby(bound: Bound, digits: Digits, decimals: int, goal: _Goal) -> Settled | None:
    """The line that the printed operands give, if only its last digit is not the trace's."""
    texts = printed(bound, decimals, digits)
    found = evaluate(bound, texts)
    if found is None:
        return None
    quantum = last_digit(found.decimal(), decimals)
    rounded = found.rounded(quantum)
    if rounded == 0 or abs(rounded - goal.value) > max(quantum, goal.quantum, SUBNORMAL):
        return None
    return _given(bound, texts, found, quantum)


def _given(bound: Bound, texts: tuple[Numeral, ...], found: Evaluated, quantum: Decimal) -> Settled:
    """The line as the printed operands give it, and not as float64 keeps it."""
    rounded = found.rounded(quantum)
    relation = found.relation(rounded, quantum) or "≈"
    shown = rounded.normalize(WIDE) if relation == "=" else rounded
    result = written(shown, quantum)
    return Settled(bound, found.branch, texts, result, relation, frozenset(["kept"]))


def _cancelled(bound: Bound, digits: Digits, decimals: int, goal: _Goal) -> Settled | None:
    """0 for a few units of rounding that a sum of much larger terms left, if nothing else holds."""
    if digits.extra:
        return None
    operands = _at_full_digits(bound)
    limit = noise_limit(branch_at(bound, operands), operands)
    if not 0 < abs(float(goal.value)) <= MOST_LOST * limit:
        return None
    zero = _Goal(Decimal(0), last_digit(Decimal(0), decimals), noise=True)
    return _attempt(bound, digits, decimals, zero)


def _own(bound: Bound, digits: Digits, decimals: int, _goal: _Goal) -> Settled | None:
    """The line as its operands give it with all their digits, however far from the trace's."""
    if digits != SHORTEST[-1]:
        return None
    texts = printed(bound, decimals, digits)
    found = evaluate(bound, texts)
    if found is None or abs(found.decimal()) > FLOAT_LARGEST:
        return None
    return _given(bound, texts, found, last_digit(found.decimal(), decimals))


class SettledMatrix(NamedTuple):
    """What makes every entry of a matrix line true; ``remarks`` say what is to be told of any."""

    digits: Digits
    relation: str
    results: tuple[tuple[Numeral, ...], ...]
    remarks: frozenset[str]


def settle_matrix(line: MatrixLine, decimals: int) -> SettledMatrix:
    """Choose one number of digits for the operands, and the results."""
    width = len(line.result[0])
    pairs = list(zip(line.entries, [o for row in line.result for o in row], strict=True))
    soon = settle_entries_soon([(bound, operand.value) for bound, operand in pairs], decimals)
    if soon:
        digits, found = Digits(soon[0]), soon[1]
    else:
        lines = [Line(operand.ref, operand.value, (bound,)) for bound, operand in pairs]
        digits, found = _settle_all(lines, decimals)
    relation = "=" if all(entry.relation == "=" for entry in found) else "≈"
    texts = [entry.result for entry in found]
    rows = (tuple(texts[k : k + width]) for k in range(0, len(texts), width))
    remarks = frozenset(remark for entry in found for remark in entry.remarks) & OF_MATRICES
    return SettledMatrix(digits, relation, tuple(rows), remarks)


def _settle_all(lines: list[Line], decimals: int) -> tuple[Digits, list[Settled]]:
    """One number of digits for all lines: each with the trace's digits, or else near to them."""
    plans: tuple[tuple[tuple[int, ...], tuple[_Way, ...], tuple[Digits, ...]], ...] = (
        ((0,), (_attempt,), SHORTEST),
        ((0, *LONGER), (_attempt,), SHORTEST),
        ((0,), (_attempt,), BINARY),
        ((0,), (_attempt, _nearby), SHORTEST),
        ((0,), (_attempt, _nearby, _cancelled), SHORTEST),
        ((0,), (_attempt, _nearby, _own), SHORTEST),
    )
    for more, ways, choices in plans:
        wanted = [_goals(line, decimals, more) for line in lines]
        for digits in choices:
            pairs = zip(lines, wanted, strict=True)
            tried = (_entry(line, each, ways, digits, decimals) for line, each in pairs)
            found = _until_none(tried)
            if len(found) == len(lines):
                return digits, found
    return PLAIN, [beyond(line, decimals) for line in lines]


def _until_none(tried: Iterable[Settled | None]) -> list[Settled]:
    found = []
    for entry in tried:
        if entry is None:
            break
        found.append(entry)
    return found


_Goals = list[_Goal]
_Way = Callable[[Bound, Digits, int, _Goal], Settled | None]


def _goals(line: Line, decimals: int, more: tuple[int, ...]) -> _Goals:
    """What an entry should show, with so many digits more; nothing for ∞ and nan."""
    if not is_finite(line.bounds[0]):
        return []
    found = (_goal(line, decimals, each) for each in more)
    return [goal for goal in found if goal is not None]


def _entry(
    line: Line, goals: _Goals, ways: tuple[_Way, ...], digits: Digits, decimals: int
) -> Settled | None:
    if not goals:
        return beyond(line, decimals)
    (bound,) = line.bounds
    return _first(way(bound, digits, decimals, goal) for goal in goals for way in ways)
