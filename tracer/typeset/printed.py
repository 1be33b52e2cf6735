"""Numbers as they stand in lines, each made once: as HTML around its link, and as float64.

A number stands in several lines of a page, and its text says all that decides whether they are
true: the float64 next to it, and how many digits it has behind the point.
"""

from __future__ import annotations

import math
from copy import copy
from functools import cached_property, lru_cache
from typing import NamedTuple, TypeVar

from tracer.numerals import (
    REMEMBERED,
    SHORT_DIGITS,
    SOON_DIGITS,
    Numeral,
    exact_numeral,
    exact_text,
    numeral,
    plain_text,
    soon_steps,
)
from tracer.typeset import markup as marks
from tracer.typeset.bounded import is_usual
from tracer.typeset.soon import SOON, shown
from tracer.typeset.stencils import fenced

T = TypeVar("T")
_LINK = "\0"
_OPEN, _BEHIND = '<mn><a href="', "</a></mn>"


class Printed(NamedTuple):
    """A printed number: the float64 ``near`` it, its ``digits`` behind the point, and its HTML.

    The HTML is what stands before and behind the address of a link, and the number without one;
    then the same where an operator stands beside it. ``near`` is nan where no bound holds
    for it: for what is no number, and for sizes that float64's products may leave. ``quantum`` is
    the unit of the last digit of a number that was rounded at the first look, else 0.
    """

    near: float
    digits: int
    before: str
    behind: str
    alone: str
    fenced_before: str
    fenced_behind: str
    fenced_alone: str
    text: str
    quantum: float = 0.0


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


def printed(text: Numeral) -> Printed:
    """A number with all that is asked of it."""
    before, _, behind = marks.number(text, _LINK).partition(_LINK)
    alone, near, digits = marks.number(text, ""), math.nan, 0
    if text.value is not None:
        digits = max(0, -int(text.value.as_tuple().exponent))
        near = text.near if is_usual(text.near) else math.nan
    if not text.needs_parentheses:
        return Printed(near, digits, *(before, behind, alone) * 2, text.text)
    wrapped, _, closed = fenced(_LINK).partition(_LINK)
    around = wrapped + before, behind + closed, wrapped + alone + closed
    return Printed(near, digits, before, behind, alone, *around, text.text)


_FENCE, _END = fenced(_LINK).split(_LINK)
_FENCED_OPEN, _FENCED_BEHIND = _FENCE + _OPEN, _BEHIND + _END
_TENS = [10.0**digits for digits in range(SOON_DIGITS + 1)]
_UNITS = [10.0**-digits for digits in range(SOON_DIGITS + 1)]
_new = tuple.__new__  # half of the time that the class takes


def _rounded(value: float, decimals: int, extra: int) -> Printed | None:
    """A usual number, as it is rounded at the first look."""
    found = soon_steps(abs(value), decimals, extra)
    if found is None:
        return None
    steps, digits = found
    text, near = str(steps), steps / _TENS[digits]  # the float64 next to the quotient
    if digits:
        text = text.zfill(digits + 1)
        text = f"{text[:-digits]}.{text[-digits:]}"
    return _plain(text, near if value > 0 else -near, digits, _UNITS[digits])


def _plain(text: str, near: float, digits: int, quantum: float) -> Printed:
    """A number that is written as ``text``, which has no sign."""
    if near > 0:
        behind, alone = f'" aria-label="{text}" tabindex="-1">{text}{_BEHIND}', f"<mn>{text}</mn>"
        around = _OPEN, behind, alone
        return _new(Printed, (near, digits, *around, *around, text, quantum))
    text = "−" + text
    alone = f'<mn aria-label="{text}">{text}</mn>'
    behind = f'" aria-label="{text}" tabindex="-1">{text}{_BEHIND}'
    around = _FENCED_OPEN, behind + _END, _FENCE + alone + _END
    return _new(Printed, (near, digits, _OPEN, behind, alone, *around, text, quantum))


def _as_it_is(value: float) -> Printed | None:
    """A usual number with all its digits."""
    text = plain_text(value)
    if text is None:
        return None
    text = text.removeprefix("-")
    return _plain(text, value, len(text.partition(".")[2]), 0.0)


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
        found = _rounded(value, self.decimals, self.extra)
        if found is None:
            found = _short(value, self.decimals + self.extra)
        if found is None:
            found = printed(numeral(value, self.decimals, self.extra))
        return _kept(self, value, found)


class _Goals(dict[float, Goal]):
    """What values are shown as, each found when it is asked for."""

    def __init__(self, numbers: dict[float, Printed], decimals: int) -> None:
        super().__init__()
        self.numbers, self.decimals = numbers, decimals

    def __missing__(self, value: float) -> Goal:
        usual, text = self.numbers[value], exact_text(value)
        near, digits, quantum = usual[0], usual[1], usual[9]
        if quantum:
            found = _new(Goal, (near, quantum, digits + 1, usual, usual, text))
        else:
            found = self._anew(value, usual, text)
        return _kept(self, value, found)

    def _anew(self, value: float, usual: Printed, text: str) -> Goal:
        if not math.isfinite(value):
            return Goal(math.nan, 0.0, 0, usual, usual, text)
        found = shown(value, self.decimals)
        both = printed(found.equal), printed(found.rounded)
        digits = max(usual.digits, 1 - int(found.quantum.as_tuple().exponent))
        return Goal(usual.near, float(found.quantum), digits, *both, text)


def _kept(known: dict[float, T], value: float, found: T) -> T:
    if len(known) >= REMEMBERED:
        known.clear()
    known[value] = found
    return found


class Numbers:
    """The numbers of lines with ``decimals`` digits: as ``exact`` ones, with more, as results."""

    def __init__(self, decimals: int) -> None:
        self.decimals = decimals
        self.exact = _Exact()
        self.more = [_Computed(decimals, extra) for extra in range(SOON)]
        self.goals = _Goals(self.more[0], decimals)

    @cached_property
    def usual(self) -> Numbers:
        """The same with no digits more than usual."""
        found = copy(self)
        found.more = self.more[:1]
        return found


@lru_cache(maxsize=4)  # the pages of a folder have one or two
def numbers_of(decimals: int) -> Numbers:
    """The numbers of all lines that are set with so many digits."""
    return Numbers(decimals)
