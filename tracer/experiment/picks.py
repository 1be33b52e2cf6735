"""Choices of a few among many numbered things: "all", numbers, ranges, "first 10", "hardest 5".

    choice  = item | [item, …]
    item    = NUMBER | "part, part, …"
    part    = all | NUMBER | FIRST-LAST | WORD COUNT

Which words there are depends on what is chosen: rows are the "first" or the "hardest" so many.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracer.experiment.fields import Expected
from tracer.experiment.words import found_text, nearest

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

ALL = "all"
_SPAN = re.compile(r"([0-9]{1,18})(?:\s*[-\u2010-\u2013]\s*([0-9]{1,18}))?")
_NAMED = re.compile(r"([^\W\d_]+)[\s_-]*([0-9]{1,18})")
_TURNED = re.compile(r"([0-9]{1,18})[\s_-]*([^\W\d_]+)")


@dataclass(frozen=True)
class Span:
    """Numbers from ``first`` to ``last``, both taken."""

    first: int
    last: int


@dataclass(frozen=True)
class Counted:
    """So many of a kind: "first 10"."""

    word: str
    count: int


@dataclass(frozen=True)
class Everything:
    """All there are."""


Pick = Span | Counted | Everything
Order = Callable[[str], Sequence[int]]


def picks(choice: Any, words: Iterable[str]) -> tuple[Pick, ...]:
    """The parts of a choice that is valid.

    Raises:
        ValueError: a part that is none of those that there are.
    """
    items = choice if isinstance(choice, list | tuple) else (choice,)
    return tuple(pick for item in items for pick in _of_item(item, tuple(words)))


def _of_item(item: int | str, words: tuple[str, ...]) -> Iterator[Pick]:
    if isinstance(item, int):
        yield from _of_part(str(item), words)
        return
    for part in item.split(","):
        yield from _of_part(part.strip().casefold(), words)


def _of_part(part: str, words: tuple[str, ...]) -> Iterator[Pick]:
    span, named = _SPAN.fullmatch(part), _NAMED.fullmatch(part)
    if part == ALL:
        yield Everything()
    elif span and 1 <= int(span[1]) <= int(span[2] or span[1]):
        yield Span(int(span[1]), int(span[2] or span[1]))
    elif named and named[1] in words and int(named[2]) >= 1:
        yield Counted(named[1], int(named[2]))
    else:
        raise ValueError(part)


@dataclass(frozen=True)
class Picks(Expected):
    """Metadata of a field that holds a choice, or of an item of its list."""

    words: tuple[str, ...] = ()

    def hint(self, found: Any, *, inside: bool = False) -> str | None:
        """What was probably meant: the nearest spelling that is valid."""
        if type(found) is int and found > 0 and not inside:
            return f'Write [{found}] for the one of that number, or "{self.words[0]} {found}".'
        if not isinstance(found, str):
            return None
        meant = ", ".join(_meant(part, self.words) or part.strip() for part in found.split(","))
        try:
            picks(meant, self.words)
        except ValueError:
            return None
        return f"Did you mean {found_text(meant)}?"

    def holds(self, value: Any) -> bool:
        """Whether it is a valid choice, or none."""
        try:
            picks(() if value is None else value, self.words)
        except ValueError:
            return False
        return True

    def check(self, value: Any) -> Any:
        """Return a valid choice; raises pydantic's error for any other."""
        from pydantic_core import PydanticCustomError

        if not self.holds(value):
            raise PydanticCustomError("picks", "expected a choice")
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.check, handler(source))


def _meant(part: str, words: tuple[str, ...]) -> str | None:
    """The valid part that is nearest to what stands there."""
    text = part.strip().casefold()
    named, turned = _NAMED.fullmatch(text), _TURNED.fullmatch(text)
    span = _SPAN.fullmatch(text)
    if span and span[2] and int(span[1]) > int(span[2]) >= 1:
        return f"{span[2]}-{span[1]}"
    if named or turned:
        word, count = (named[1], named[2]) if named else (turned[2], turned[1])  # type: ignore[index]
        near = nearest(word, words)
        return f"{near} {int(count)}" if near else None
    near = nearest(text, (ALL, *words))
    return ALL if near == ALL else near and f"{near} 10"


def numbers_beyond(choice: Any, words: Iterable[str], most: int) -> Iterator[tuple[int, Pick]]:
    """(place in the list, part) of every part that asks for a number above ``most``."""
    items = choice if isinstance(choice, list | tuple) else (choice,)
    for place, item in enumerate(items):
        for pick in picks(item, words):
            last = pick.last if isinstance(pick, Span) else getattr(pick, "count", 0)
            if last > most:
                yield place, pick


def picked(parts: Iterable[Pick], numbers: Sequence[int], order: Order) -> tuple[int, ...]:
    """Those of ``numbers`` that the parts choose, in the order in which they stand there.

    ``order`` gives all of them in the order by which a word counts: the first, the hardest.
    """
    found: set[int] = set()
    for pick in parts:
        match pick:
            case Everything():
                found |= set(numbers)
            case Span(first, last):
                found |= {number for number in numbers if first <= number <= last}
            case Counted(word, count):
                found |= set(order(word)[:count])
    return tuple(number for number in numbers if number in found)
