"""The digits of most lines, chosen with few steps: what is plain at the first look.

A line is settled here only as :mod:`tracer.typeset.truth` would settle it: by its first form, with
the trace's own digits, decided by :mod:`tracer.typeset.bounded`. All else is left to that module.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from tracer.formula import Form
from tracer.numerals import REMEMBERED, Numeral, exact_numeral, numeral, round_to, written
from tracer.typeset.bounded import Verdict, relation_of
from tracer.typeset.compiled import Compiled, asks, branch_at
from tracer.typeset.line import Bound, Operand
from tracer.typeset.settled import Settled

NOTHING: frozenset[str] = frozenset()
SOON = 18
"""More digits than 17 beyond the usual ones are never tried: see SHORTEST in truth."""


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
    """A form's only branch, if it has just one."""

    branch: Compiled | None


@lru_cache(maxsize=2**12)  # the forms of a network: some for each layer
def known(form: Form) -> Known:
    """What is known of a form whatever its operands are."""
    return Known(None if asks(form) else branch_at(form, ()))


def settle_soon(bound: Bound, value: float, decimals: int) -> Settled | None:
    """The bound form with its digits; None where it takes a closer look."""
    operands = bound.operands
    if not math.isfinite(value) or not all(math.isfinite(o.value) for o in operands):
        return None
    branch = known(bound.form).branch
    if value and _may_be_noise(branch, value, operands):
        return None
    goal = shown(value, decimals)
    for extra in range(SOON):
        texts = _printed(operands, decimals, extra)
        chosen = branch or branch_at(bound.form, [text.fraction for text in texts])
        verdict = verdict_on(chosen, texts, goal)
        if not verdict.decided or chosen is None:
            return None
        if verdict.relation is not None:
            result = goal.equal if verdict.relation == "=" else goal.rounded
            return Settled(bound, chosen, texts, result, verdict.relation, NOTHING)
    return None


def verdict_on(branch: Compiled | None, texts: Sequence[Numeral], goal: Shown) -> Verdict:
    """Whether printed operands give a result; a value that is not 0 is not yet shown as 0 here."""
    if branch is None:
        return Verdict(decided=False)
    found = relation_of(branch.exactly, branch.bounded, texts, goal.value, goal.quantum)
    if found.relation == "≈" and not goal.value:
        return Verdict(decided=False)
    return found


def _printed(operands: Sequence[Operand], decimals: int, extra: int) -> tuple[Numeral, ...]:
    return tuple(
        [exact_numeral(o.value) if o.exact else numeral(o.value, decimals, extra) for o in operands]
    )


def _may_be_noise(branch: Compiled | None, value: float, operands: Sequence[Operand]) -> bool:
    """Whether a value may be what rounding left of a sum; yes where that is not plain."""
    if branch is None:
        return True
    if branch.noise is None:
        return False
    try:
        return not abs(value) > branch.noise_bound(*[operand.value for operand in operands])
    except (ArithmeticError, ValueError):
        return True
