"""What two lines of the same number share: all but the numbers put in, the result and its digits.

A line is set once with marks there, by :mod:`tracer.typeset.setting`; another page puts its own
numbers between the stretches.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from markupsafe import Markup

from tracer.typeset.set_line import Parts, SetLine
from tracer.writing.stencils import EDGE

_FIRST, _SECOND, _KEPT = (Markup(f"{EDGE}{name}{EDGE}") for name in ("first", "second", "kept"))
_DIGITS = f' data-kept="{_KEPT}"'
FEWEST = 3
"""The parts of a line that has a frame, at least: its symbol, and two that differ."""


class Frame(NamedTuple):
    """The stretches of a line, and the parts that it has in common with others.

    Without ``stretches`` each line is set on its own. ``is_turned``: the last part comes first.
    """

    stated: Parts
    stretches: tuple[str, str, str, str] | None
    is_turned: bool = False


@dataclass(frozen=True)
class Frames:
    """The frames of lines, or of rows, as ``set_one`` sets them."""

    set_one: Callable[..., str]
    known: dict[Hashable, Frame] = field(default_factory=dict, repr=False)

    def put(self, found: list[str], line: SetLine, *more: object) -> None:
        """Add a line to a text."""
        parts, ref = line.parts, line.ref
        if len(parts) < FEWEST:
            found.append(self.set_one(line, *more))
            return
        (kind, first), (last, second) = parts[-2:]
        spot = parts[:-2] if ref is None else (ref.spot, type(ref.moment))
        key = spot, kind, last, line.anchor, line.flags
        frame = self.known.get(key)
        if frame is None:
            frame = self.known[key] = self._framed(line, *more)
        if frame.stretches is None or frame.stated != parts[:-2]:
            found.append(self.set_one(line, *more))
            return
        start, middle, between, end = frame.stretches
        digits = "" if ref is None or line.kept == line.result else f' data-kept="{line.kept}"'
        if frame.is_turned:
            first, second = second, first
        found += (start, digits, middle, first, between, second, end)

    def _framed(self, line: SetLine, *more: object) -> Frame:
        *stated, (kind, _), (last, _) = line.parts
        marked = (*stated, (kind, _FIRST), (last, _SECOND))
        text = str(self.set_one(line._replace(parts=marked, kept=str(_KEPT)), *more))
        start, digits, rest = text.partition(_DIGITS) if line.ref is not None else ("", "", text)
        is_turned = _SECOND in rest.partition(_FIRST)[0]
        one, two = (_SECOND, _FIRST) if is_turned else (_FIRST, _SECOND)
        middle, _, rest = rest.partition(one)
        between, _, end = rest.partition(two)
        stretches = start, middle, between, end
        whole = f"{start}{digits}{middle}{one}{between}{two}{end}"
        is_plain = whole == text and not any(EDGE in stretch for stretch in stretches)
        return Frame(tuple(stated), stretches if is_plain else None, is_turned)
