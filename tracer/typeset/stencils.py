"""Stencils: what all lines of one kind share, as constant text with places for their numbers.

A line's symbol, its formula and the signs between its numbers are the same in every cycle. They are
put together once; a line then only joins its numbers in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from tracer.numerals import Numeral
from tracer.typeset.markup import html
from tracer.typeset.mathml import to_mathml
from tracer.typeset.pieces import MATH_SLOT, Piece, bare_slot, cut, infix, plain_slot, slot_number
from tracer.typeset.spoken import Voice

_OPEN, _CLOSE = '<mo stretchy="false">(</mo>', '<mo stretchy="false">)</mo>'


@dataclass(frozen=True)
class Stencil:
    """Stretches of MathML with places: ``texts`` stand around them, one more than ``places``.

    A place is the number of a slot; where it is ``bare`` a negative number needs no parentheses.
    """

    texts: tuple[str, ...]
    places: tuple[tuple[int, bool], ...]

    @classmethod
    def of(cls, pieces: Sequence[Piece], voice: Voice, sign: str = "") -> Stencil:
        """The stretches of a formula, with a relation in front or without; ``voice`` says signs."""
        texts, places = [f"<math>{infix(sign) if sign else ''}"], []
        for k, piece in enumerate(pieces):
            texts[-1] += "</math> <math>" if k else ""
            texts[-1] += infix(piece.sign) if piece.sign else ""
            first, slots = cut(voice.signs(to_mathml(piece.latex)), MATH_SLOT)
            texts[-1] += first
            for power, character, behind in slots:
                texts[-1] += power or ""
                texts.append(behind)
                places.append((slot_number(plain_slot(character)), bare_slot(character)))
        texts[-1] += "</math>"
        return cls(tuple(texts), tuple(places))

    def fill(self, numbers: Sequence[str], operands: Sequence[Numeral], lone: bool) -> Markup:
        """The stretches with these numbers, which are written as ``operands``."""
        found = list(self._blank)
        found[1::2] = [
            numbers[k] if bare or lone or not operands[k].needs_parentheses else fenced(numbers[k])
            for k, bare in self.places
        ]
        return html("".join(found))

    @cached_property
    def _blank(self) -> tuple[str, ...]:
        return tuple(part for text in self.texts for part in (text, ""))[:-1]


def fenced(number: str) -> str:
    """A number in parentheses."""
    return f"<mrow>{_OPEN}{number}{_CLOSE}</mrow>"


@dataclass(frozen=True)
class LinePlan:
    """What lines of one kind share: the same form, and the same symbols at other moments.

    ``stated`` are its parts before the numbers; ``put_in`` is None where no numbers are put in,
    ``when`` where no condition is met.
    """

    stated: tuple[tuple[str, Markup], ...]
    put_in: Stencil | None
    when: Stencil | None
    quantities: tuple[str, ...]
