"""Numbers as they stand in lines, each made once: as HTML around its link, and as float64.

A number stands in several lines of a page, and its text says all that decides whether they are
true: the float64 next to it, and how many digits it has behind the point.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from copy import copy
from functools import cached_property, lru_cache
from typing import NamedTuple, TypeVar

from tracer.numerals import (
    PLAINLY,
    REMEMBERED,
    SHORT_DIGITS,
    SOON_DIGITS,
    Numeral,
    exact_numeral,
    exact_text,
    numeral,
    plain_text,
    soon_steps,
    usual_digits,
)
from tracer.typeset import markup as marks
from tracer.typeset.ahead import FEW, rounded_at_once
from tracer.typeset.bounded import is_usual
from tracer.typeset.soon import SOON, shown
from tracer.typeset.stencils import fenced

T = TypeVar("T")
_LINK = "\0"
_OPEN = '<mn><a href="'


class Printed(NamedTuple):
    """A printed number: the float64 ``near`` it, its ``digits`` behind the point, and its HTML.

    The HTML is what stands before and behind the address of a link, and the number without one.
    Where an operator stands beside it, ``fenced_before`` and ``end`` are outermost. ``near`` is nan
    where no bound holds for it: for what is no number, and for sizes that float64's products may
    leave. ``quantum`` is the unit of the last digit of a number that was rounded at the first look,
    else 0; then ``kept`` are all digits of what was rounded, unless they are not asked for.
    """

    near: float
    digits: int
    before: str
    behind: str
    alone: str
    fenced_before: str
    end: str
    kept: str
    text: str
    quantum: float

    @property
    def fenced_behind(self) -> str:
        """What stands behind the address where an operator stands beside the number."""
        return self.behind + self.end

    @property
    def fenced_alone(self) -> str:
        """The number without a link where an operator stands beside it."""
        return f"{FENCE}{self.alone}{self.end}" if self.end else self.alone


class Goal(NamedTuple):
    """The result that a value is shown as: the float64 next to it, the unit of its last digit.

    ``digits`` are those behind the point of what lies halfway to the next result. ``equal`` and
    ``rounded`` are the number of a line that is exactly so, and of one that rounds to it; ``kept``
    has all digits.
    """

    near: float
    quantum: float
    digits: int
    equal: Printed
    rounded: Printed
    kept: str


FENCE, _END = fenced(_LINK).split(_LINK)
_FENCED_OPEN = FENCE + _OPEN
_TENS = [10.0**digits for digits in range(SOON_DIGITS + 1)]
_UNITS = [10.0**-digits for digits in range(SOON_DIGITS + 1)]
_FORMATS = [f"%.{digits}f" for digits in range(SOON_DIGITS + 1)]
_new = tuple.__new__  # half of the time that the class takes


def printed(text: Numeral) -> Printed:
    """A number with all that is asked of it."""
    before, _, behind = marks.number(text, _LINK).partition(_LINK)
    alone, near, digits = marks.number(text, ""), math.nan, 0
    if text.value is not None:
        digits = max(0, -int(text.value.as_tuple().exponent))
        near = text.near if is_usual(text.near) else math.nan
    around = (FENCE + before, _END) if text.needs_parentheses else (before, "")
    return Printed(near, digits, before, behind, alone, *around, "", text.text, 0.0)


def _as_it_is(value: float) -> Printed | None:
    """A usual number with all its digits."""
    text = plain_text(value)
    if text is None:
        return None
    text = text.removeprefix("-")
    return _plain(text, value, len(text.partition(".")[2]), 0.0)


def _plain(text: str, near: float, digits: int, quantum: float, kept: str = "") -> Printed:
    """A number that is written as ``text``, which has no sign."""
    if near > 0:
        behind, alone = f'" aria-label="{text}" tabindex="-1">{text}</a></mn>', f"<mn>{text}</mn>"
        around = _OPEN, ""
    else:
        text = "−" + text
        behind = f'" aria-label="{text}" tabindex="-1">{text}</a></mn>'
        alone = f'<mn aria-label="{text}">{text}</mn>'
        around = _FENCED_OPEN, _END
    return _new(Printed, (near, digits, _OPEN, behind, alone, *around, kept, text, quantum))


def _short(value: float, most: int) -> Printed | None:
    """One that has no more than ``most`` digits behind the point, and no more than may be meant."""
    found = _as_it_is(value)
    is_short = found and found.digits <= most and len(found.text) <= SHORT_DIGITS
    return found if is_short else None


class _Exact(dict[float, Printed]):
    """Exact numbers, each made when it is asked for."""

    def __missing__(self, value: float) -> Printed:
        found = _as_it_is(value) or printed(exact_numeral(value))
        return _kept(self, value, found)


class _Computed(dict[float, Printed]):
    """Computed numbers with so many digits, each made when it is asked for."""

    def __init__(self, decimals: int, extra: int) -> None:
        super().__init__()
        self.decimals, self.extra = decimals, extra

    def __missing__(self, value: float) -> Printed:
        if len(self) >= REMEMBERED:
            self.clear()
        size = abs(value)
        rounded = soon_steps(size, self.decimals, self.extra)
        if rounded is None:
            found = self[value] = self._closely(value)
            return found
        steps, digits = rounded
        near = steps / _TENS[digits]  # the float64 next to the quotient
        text, unit = _FORMATS[digits] % size, _UNITS[digits]
        kept = "" if self.extra else plain_text(value) or ""
        if value < 0:
            near, kept = -near, kept and "−" + kept[1:]
        found = self[value] = _plain(text, near, digits, unit, kept)
        return found

    def _closely(self, value: float) -> Printed:
        found = _short(value, self.decimals + self.extra)
        return found or printed(numeral(value, self.decimals, self.extra))


class _Goals(dict[float, Goal]):
    """What values are shown as that are not rounded at the first look."""

    def __init__(self, numbers: dict[float, Printed], decimals: int) -> None:
        super().__init__()
        self.numbers, self.decimals = numbers, decimals

    def __missing__(self, value: float) -> Goal:
        usual = self.numbers[value]
        if usual.quantum:
            found = Goal(usual.near, usual.quantum, usual.digits + 1, usual, usual, usual.kept)
        else:
            found = self._found(value, usual, exact_text(value))
        return _kept(self, value, found)

    def _found(self, value: float, usual: Printed, text: str) -> Goal:
        if not math.isfinite(value):
            return Goal(math.nan, 0.0, 0, usual, usual, text)
        short, more = _short(value, self.decimals), usual_digits(abs(value), self.decimals)
        if short is not None and more is not None:
            rounded = _plain(_FORMATS[more] % abs(value), value, more, 0.0)
            return Goal(value, _UNITS[more], more + 1, short, rounded, text)
        found = shown(value, self.decimals)
        both = printed(found.equal), printed(found.rounded)
        digits = max(usual.digits, 1 - int(found.quantum.as_tuple().exponent))
        return Goal(usual.near, float(found.quantum), digits, *both, text)


def _kept(known: dict[float, T], value: float, found: T) -> T:
    if len(known) >= REMEMBERED:
        known.clear()
    known[value] = found
    return found


def _unknown(
    values: AbstractSet[float], known: dict[float, Printed], decimals: int, extra: int = 0
) -> Iterator[tuple[float, float, float, int]]:
    """Those that are not known are rounded all at once, if they are many and all have room."""
    new = values - known.keys()
    has_room = FEW <= len(new) < REMEMBERED - len(known)
    return rounded_at_once(new, decimals, extra) if has_room else iter(())


class Numbers:
    """The numbers of lines with ``decimals`` digits: as ``exact`` ones, and with ``more`` digits.

    As results they are the first of ``more``; ``goals`` has what takes a closer look.
    """

    def __init__(self, decimals: int) -> None:
        self.decimals = decimals
        self.exact = _Exact()
        self.more = [_Computed(decimals, extra) for extra in range(SOON)]
        self.results = self.more[0]
        self.goals = _Goals(self.results, decimals)

    @cached_property
    def usual(self) -> Numbers:
        """The same with no digits more than usual."""
        found = copy(self)
        found.more = self.more[:1]
        return found

    def ready(
        self,
        results: AbstractSet[float],
        operands: AbstractSet[float],
        exact: AbstractSet[float],
    ) -> None:
        """Make numbers that will be asked for: computed operands also with a digit more.

        Half of all lines are true with a digit more.
        """
        known = self.results
        for value, size, near, digits in _unknown(results | operands, known, self.decimals):
            kept = float.__repr__(value) if size >= PLAINLY else plain_text(value) or ""
            kept = kept if value > 0 else "−" + kept[1:]
            known[value] = _plain(_FORMATS[digits] % size, near, digits, _UNITS[digits], kept)
        known = self.more[1]
        for value, size, near, digits in _unknown(operands, known, self.decimals, 1):
            known[value] = _plain(_FORMATS[digits] % size, near, digits, _UNITS[digits])
        for value in exact:
            self.exact[value]
        for value in results:
            if not self.results[value].quantum:
                self.goals[value]

    def result(self, value: float, *, exactly: bool) -> Printed:
        """How a result is printed, of a line that is exactly so or rounds to it."""
        usual = self.results[value]
        if usual.quantum:
            return usual
        goal = self.goals[value]
        return goal.equal if exactly else goal.rounded


@lru_cache(maxsize=4)  # the pages of a folder have one or two
def numbers_of(decimals: int) -> Numbers:
    """The numbers of all lines that are set with so many digits."""
    return Numbers(decimals)
