"""The digits of most lines, chosen with few steps: what is plain at the first look.

A line is settled here only as :mod:`tracer.typeset.truth` would settle it: by its first form, with
the trace's own digits, decided by :mod:`tracer.typeset.bounded`. All else is left to that module.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import NamedTuple

from tracer.formula import Form
from tracer.numerals import REMEMBERED, Numeral, exact_numeral, numeral, round_to, written
from tracer.typeset.bounded import UNDECIDED, Verdict, relation_of
from tracer.typeset.compiled import Compiled, asks, branch_at
from tracer.typeset.line import Bound, Operand
from tracer.typeset.settled import Settled

NOTHING: frozenset[str] = frozenset()
SOON = 18
"""More digits than 17 beyond the usual ones are never tried: see SHORTEST in truth."""
LARGE, FAR = 1e9, 1e-200
"""Products of operands below 10^9 are float64 (see HIGHEST in compiled); 10^−200 is far above what
bounds allow for numbers that are smaller than any float64."""


class Shown:
    """The result that a value is shown as: its rounded value and the unit of its last digit."""

    def __init__(self, value: Decimal, quantum: Decimal) -> None:
        self.value, self.quantum = value, quantum

    @cached_property
    def equal(self) -> Numeral:
        """The result of a line that is exactly so."""
        return written(self.value, self.quantum)

    @cached_property
    def rounded(self) -> Numeral:
        """The result of a line that rounds to it, with all digits that were kept."""
        return written(round_to(self.value, self.quantum), self.quantum)


@lru_cache(maxsize=REMEMBERED)
def shown(value: float, decimals: int, more: int = 0) -> Shown:
    """What a finite value is shown as, with so many digits ``more``."""
    found = numeral(value, decimals, more)
    assert found.value is not None
    return Shown(found.value, found.quantum)


class Known(NamedTuple):
    """A form's only branch; None if it has several."""

    branch: Compiled | None


@lru_cache(maxsize=2**12)  # the forms of a network: some for each layer
def known(form: Form) -> Known:
    """What is known of a form whatever its operands are."""
    return Known(None if asks(form) else branch_at(form, ()))


class Look(NamedTuple):
    """What printed operands give: the branch that they choose, and whether the goal is reached.

    ``branch`` is None where it takes a closer look.
    """

    texts: tuple[Numeral, ...]
    branch: Compiled | None
    relation: str | None = None


def settle_soon(bound: Bound, value: float, decimals: int) -> Settled | None:
    """The bound form with its digits; None where it takes a closer look."""
    if not _is_usual(bound, value):
        return None
    for extra in range(SOON):
        texts, branch, relation = look(bound, value, decimals, extra)
        if branch is None:
            return None
        if relation is not None:
            goal = shown(value, decimals)
            result = goal.equal if relation == "=" else goal.rounded
            return Settled(bound, branch, texts, result, relation, NOTHING)
    return None


def settle_entries_soon(
    entries: Sequence[tuple[Bound, float]], decimals: int
) -> tuple[int, list[Settled]] | None:
    """Entries of a matrix, all with as many extra digits; None where it takes a closer look."""
    if not all(_is_usual(bound, value) for bound, value in entries):
        return None
    for extra in range(SOON):
        found = _with_digits(entries, decimals, extra)
        if found is None or len(found) == len(entries):
            return None if found is None else (extra, found)
    return None


def _with_digits(
    entries: Sequence[tuple[Bound, float]], decimals: int, extra: int
) -> list[Settled] | None:
    """The entries that are true with so many digits, up to the first that is not."""
    found: list[Settled] = []
    for bound, value in entries:
        texts, branch, relation = look(bound, value, decimals, extra)
        if branch is None:
            return None
        if relation is None:
            break
        goal = shown(value, decimals)
        result = goal.equal if relation == "=" else goal.rounded
        found.append(Settled(bound, branch, texts, result, relation, NOTHING))
    return found


def look(bound: Bound, value: float, decimals: int, extra: int) -> Look:
    """What the operands with so many extra digits give, looked at once."""
    key = value, decimals, extra
    found: Look | None = bound.looks.get(key)
    if found is None:
        found = bound.looks[key] = _look(bound, value, decimals, extra)
    return found


def _look(bound: Bound, value: float, decimals: int, extra: int) -> Look:
    texts, goal = _printed(bound.operands, decimals, extra), shown(value, decimals)
    branch = known(bound.form).branch or branch_at(bound.form, [t.fraction for t in texts])
    verdict = verdict_on(branch, texts, goal)
    return Look(texts, branch if verdict.decided else None, verdict.relation)


def _is_usual(bound: Bound, value: float) -> bool:
    """Whether all numbers are finite, and the value is no rounding of a sum."""
    found: bool | None = bound.looks.get(value)
    if found is None:
        found = bound.looks[value] = _look_usual(bound, value)
    return found


def _look_usual(bound: Bound, value: float) -> bool:
    values = [operand.value for operand in bound.operands]
    if not math.isfinite(sum(values, value)) and not all(map(math.isfinite, [value, *values])):
        return False
    branch = known(bound.form).branch
    if not value or (branch and (branch.noise is None or _is_far(branch, value, values))):
        return True
    return not _may_be_noise(bound.form, value, values)


def _is_far(branch: Compiled, value: float, operands: list[float]) -> bool:
    """Whether a value is plainly larger than what rounding may leave of a sum of products."""
    reach = branch.noise_reach
    if reach is None:
        return False
    scale, degree = reach
    largest = max(1.0, max(map(abs, operands), default=1.0))
    return largest < LARGE and abs(value) > scale * largest**degree + FAR


def verdict_on(branch: Compiled | None, texts: Sequence[Numeral], goal: Shown) -> Verdict:
    """Whether printed operands give a result; a value that is not 0 is not yet shown as 0 here."""
    if branch is None:
        return UNDECIDED
    found = relation_of(branch.exactly, branch.bounded, texts, goal.value, goal.quantum)
    return UNDECIDED if found.relation == "≈" and not goal.value else found


def _printed(operands: Sequence[Operand], decimals: int, extra: int) -> tuple[Numeral, ...]:
    return tuple(
        [exact_numeral(o.value) if o.exact else numeral(o.value, decimals, extra) for o in operands]
    )


def _may_be_noise(form: Form, value: float, values: Sequence[float]) -> bool:
    """Whether a value may be what rounding left of a sum; yes where that is not plain."""
    branch = known(form).branch or branch_at(form, [Fraction(repr(each)) for each in values])
    if branch is None or branch.noise is None:
        return branch is None
    try:
        return not abs(value) > branch.noise_bound(*values)
    except (ArithmeticError, ValueError):
        return True
