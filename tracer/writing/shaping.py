"""The function of a shape: written from what was noted, it gives the text of every page of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from tracer.writing.foreign import put
from tracer.writing.tidying import smooth
from tracer.writing.watching import MARKS, Notes

Fill = Callable[[Mapping[str, Any]], list[str] | None]
"""The parts of a text, of what templates are given; None for what has another shape."""
_NAME = re.compile(r"\bv\d+\b")


class Missed(Exception):  # noqa: N818 - nothing is wrong: the text is rendered as usual
    """Something has another shape."""


def plain(text: str) -> str:
    """A text that stands on one line without blanks at its ends.

    Raises Missed for another.
    """
    if not text or "\n" in text or "\r" in text or len(str.strip(text)) != len(text):
        raise Missed
    return text


def cut(text: str, start: str, end: str) -> str:
    """A text without the blanks at its ends.

    Raises Missed where these are others.
    """
    inner = str.strip(text)
    if not inner or f"{start}{inner}{end}" != text:
        raise Missed
    return inner


def trimmed(parts: list[str], start: str, end: str) -> list[str]:
    """A text in parts without the blanks at its ends.

    Raises Missed where these are others.
    """
    first, last = parts[0], parts[-1]
    if ends(first)[0] != start or ends(last)[1] != end:
        raise Missed
    parts[0], parts[-1] = first[len(start) :], last[: len(last) - len(end)]
    return parts


def lacks(value: Any, key: Any) -> bool:
    """Whether a value has no such item."""
    try:
        value[key]
    except (AttributeError, LookupError, TypeError):
        return True
    return False


_FUNCTIONS = (Markup, cut, lacks, plain, put, smooth, trimmed)
BASE = {do.__name__: do for do in _FUNCTIONS}
"""What every function of a shape may call."""


def with_blanks(text: str, notes: Notes) -> str:
    """A text with marks, and with the blanks at the ends of what stands there."""

    def found(mark: re.Match[str]) -> str:
        said = put(notes.values[int(mark[1])][1])
        start, end = ends(said)
        return f"{start}{mark[0]}{end}" if said else ""

    return MARKS.sub(found, text)


def ends(text: str) -> tuple[str, str]:
    """The blanks at both ends of a text."""
    start = text[: len(text) - len(text.lstrip())]
    return str(start), str(text[len(text.rstrip()) :])


def _statement(name: str, code: str) -> str:
    return f"{name} = {code}" if name else f"if not({code}):return"


@dataclass(frozen=True)
class Shape:
    """What was noted while a text was rendered, and the text with marks."""

    notes: Notes
    text: str

    def fill(self, names: Mapping[str, Any]) -> Fill:
        """The function, for which the ``names`` of the notes stand for these values."""
        space = {**BASE, **names}
        exec(compile(self.source, "<shape>", "exec"), space)  # statements of our own making
        made: Fill = space["fill"]
        return made

    @property
    def source(self) -> str:
        """The function as Python has it."""
        constants = [f"{name} = {code}" for code, name in self.notes.constants.items()]
        body = [*self._statements(), *self._pieces(), f"return [{', '.join(self._parts())}]"]
        return "\n".join([*constants, "def fill(c):", *[f"    {line}" for line in body], ""])

    def _statements(self) -> list[str]:
        """What is asked in turn: first what conditions need, so that no other shape costs much."""
        asked = self._needed([code for name, code in self.notes.lines if not name])
        shown = self._needed([name for name, _ in self.notes.values])
        lines = self.notes.lines
        first = [_statement(*line) for line in lines if not line[0] or line[0] in asked]
        return first + [_statement(*line) for line in lines if line[0] in shown - asked]

    def _needed(self, codes: list[str]) -> set[str]:
        """The names of all that some statements need."""
        wanted = {name for code in codes for name in _NAME.findall(code)}
        for name, code in reversed(self.notes.lines):
            if name in wanted:
                wanted.update(_NAME.findall(code))
        return wanted

    def _pieces(self) -> Iterator[str]:
        """What stands at the marks."""
        for place, (name, value) in enumerate(self.notes.values):
            said = put(value)
            start, end = ends(said)
            if not said:
                yield f"if put({name}):return"
            elif self.notes.is_clean(name):
                yield f"p{place} = {name}"
            elif name in self.notes.lists:
                yield f"p{place} = trimmed({name}, {start!r}, {end!r})"
            elif start or end or "\n" in said:
                text = f"put({name})" if name in self.notes.smooth else f"smooth(put({name}))"
                yield f"p{place} = cut({text}, {start!r}, {end!r})"
            else:
                yield f"p{place} = plain(put({name}))"

    def _parts(self) -> list[str]:
        parts = MARKS.split(self.text)
        parts[::2] = [repr(part) for part in parts[::2]]
        names = [name for name, _ in self.notes.values]
        parts[1::2] = [
            f"*p{place}" if names[int(place)] in self.notes.lists else f"p{place}"
            for place in parts[1::2]
        ]
        return parts
