"""Numbers as they stand in lines, each made once: as HTML around its link, and as float64.

A number stands in several lines of a page, and its text says all that decides whether they are
true: the float64 next to it, and how many digits it has behind the point.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from functools import cached_property, lru_cache, partial
from typing import NamedTuple, TypeVar

from tracer.numerals import REMEMBERED, Numeral, exact_numeral, exact_text, numeral, soon_text
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
    for it: for what is no number, and for sizes that float64's products may leave.
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


def _soon(value: float, decimals: int, extra: int) -> Printed | None:
    """The same of a usual number, from its text."""
    found = soon_text(value, decimals, extra)
    if found is None:
        return None
    text, digits = found
    if value > 0:
        behind, alone = f'" aria-label="{text}" tabindex="-1">{text}{_BEHIND}', f"<mn>{text}</mn>"
        return Printed(float(text), digits, _OPEN, behind, alone, _OPEN, behind, alone, text)
    near, text = float(text), "−" + text[1:]
    alone = f'<mn aria-label="{text}">{text}</mn>'
    behind = f'" aria-label="{text}" tabindex="-1">{text}{_BEHIND}'
    around = _FENCED_OPEN, behind + _END, _FENCE + alone + _END
    return Printed(near, digits, _OPEN, behind, alone, *around, text)


class Remembered(dict[float, T]):
    """What ``make`` gives of each value, asked once."""

    def __init__(self, make: Callable[[float], T]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, value: float) -> T:
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[value] = self.make(value)
        return found


class Numbers:
    """The numbers of lines with ``decimals`` digits: as ``exact`` ones, with more, as results."""

    def __init__(self, decimals: int) -> None:
        self.decimals = decimals
        self.exact = Remembered(lambda value: printed(exact_numeral(value)))
        self.more = [Remembered(partial(self._computed, extra)) for extra in range(SOON)]
        self.goals = Remembered(self._goal)

    @cached_property
    def usual(self) -> Numbers:
        """The same with no digits more than usual."""
        found = copy(self)
        found.more = self.more[:1]
        return found

    def _computed(self, extra: int, value: float) -> Printed:
        found = _soon(value, self.decimals, extra)
        return printed(numeral(value, self.decimals, extra)) if found is None else found

    def _goal(self, value: float) -> Goal:
        usual, text = self.more[0][value], exact_text(value)
        if soon_text(value, self.decimals, 0) is not None:
            digits = usual.digits
            return Goal(usual.near, 10.0**-digits, digits + 1, usual, usual, text)
        if not math.isfinite(value):
            return Goal(math.nan, 0.0, 0, usual, usual, text)
        found = shown(value, self.decimals)
        both = printed(found.equal), printed(found.rounded)
        digits = max(usual.digits, 1 - int(found.quantum.as_tuple().exponent))
        return Goal(usual.near, float(found.quantum), digits, *both, text)


@lru_cache(maxsize=4)  # the pages of a folder have one or two
def numbers_of(decimals: int) -> Numbers:
    """The numbers of all lines that are set with so many digits."""
    return Numbers(decimals)
