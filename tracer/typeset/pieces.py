"""A formula in pieces, with slots: what is kept of it, and how a slot is filled.

Each symbol becomes a slot, written as one private-use character; filling it is string work.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from tracer.typeset.calculation import Calculation
from tracer.typeset.mathml import to_mathml
from tracer.typeset.noise import NoiseTree

LONG_SUM = 2
"""A sum of two terms in brackets fits a phone's line; a longer one is broken before a sign."""
FIRST_SLOT, FIRST_BARE = 0xE000, 0xEC00
"""Unicode's private use area is U+E000 to U+F8FF. Half of what is taken of it stands for bare
numbers: 3,072 slots of each kind, and the widest line of an allowed page needs hundreds."""
SLOT = re.compile("[\ue000-\uf7ff]")
_SLOT_AND_POWER = re.compile("([\ue000-\uf7ff])(\\^?)")
MATH_SLOT = re.compile("(<msup>)?<mi>([\ue000-\uf7ff])</mi>")
_ALONE = re.compile(r"(\\left\(|\{|, )([\ue000-\uebff])(?= ?(?:\\right\)|\}|,))")


def slot(number: int) -> str:
    """The character that stands for slot ``number``."""
    return chr(FIRST_SLOT + number)


def mark_bare(latex: str) -> str:
    """Mark the slots that brackets enclose already: a negative number needs none there."""
    shift = FIRST_BARE - FIRST_SLOT
    return _ALONE.sub(lambda found: found[1] + chr(ord(found[2]) + shift), latex)


@dataclass(frozen=True)
class Filling:
    """What goes into a slot: as it is, and as it must stand beside an operator."""

    bare: str
    wrapped: str


def _fill(fillings: Sequence[Filling], character: str) -> str:
    number = ord(character) - FIRST_SLOT
    if number < FIRST_BARE - FIRST_SLOT:
        return fillings[number].wrapped
    return fillings[ord(character) - FIRST_BARE].bare


def _raise(fillings: Sequence[Filling], character: str, power: str) -> str:
    filled = _fill(fillings, character)
    if power and filled.startswith(r"\frac"):
        return rf"\left({filled}\right)^"
    has_its_own = "^" in filled and not filled.endswith(")")
    return f"{{{filled}}}^" if power and has_its_own else filled + power


def _place(fillings: Sequence[Filling], power: str | None, character: str) -> str:
    """A slot of MathML; a fraction that is raised to a power stands in brackets."""
    filled = _fill(fillings, character)
    if power and "<mfrac" in filled:
        filled = f"<mrow><mo>(</mo>{filled}<mo>)</mo></mrow>"
    return (power or "") + filled


def fill_mathml(text: str, fillings: Sequence[Filling]) -> str:
    """MathML with the fillings in its slots."""
    first, slots = cut(text, MATH_SLOT)
    if not slots:
        return first
    found = [first]
    for power, character, behind in slots:
        found += (_place(fillings, power, character), behind)
    return "".join(found)


@lru_cache(maxsize=100_000)
def cut(text: str, slots: re.Pattern[str]) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """A text cut at its slots: what stands before the first, and (group, group, rest) of each."""
    first, *rest = slots.split(text)
    return first, tuple(zip(rest[::3], rest[1::3], rest[2::3], strict=True))


@dataclass(frozen=True)
class Piece:
    """A stretch of a formula between two possible line breaks, with slots, as LaTeX.

    ``sign`` is the "+" or "-" that joins it to the stretch before it ("" for the first).
    """

    sign: str
    latex: str

    def fill_latex(self, fillings: Sequence[Filling]) -> str:
        """LaTeX with the fillings in their slots; one with an index raised holds together."""
        first, slots = cut(self.latex, _SLOT_AND_POWER)
        parts = [first]
        for character, power, behind in slots:
            parts += (_raise(fillings, character, power), behind)
        filled = "".join(parts)
        return f"{self.sign} {filled}" if self.sign else filled

    def fill_mathml(self, fillings: Sequence[Filling]) -> str:
        """The inside of a MathML element with the fillings in their slots."""
        body = fill_mathml(to_mathml(self.latex), fillings)
        return infix(self.sign) + body if self.sign else body


@cache  # the signs of formulas: a handful
def infix(sign: str) -> str:
    """An operator that keeps its infix spacing where a line may break before it."""
    return f'<mo form="infix">{sign.replace("-", "−")}</mo>'


@dataclass(frozen=True)
class Prepared:
    """One branch of a form as SymPy has prepared it: how it looks, and how it is computed.

    ``symbolic`` is how it looks with symbols, ``numeric`` with numbers; the rest is as in
    :class:`tracer.typeset.compiled.Compiled`.
    """

    symbolic: tuple[Piece, ...]
    numeric: tuple[Piece, ...]
    condition: tuple[Piece, ...]
    value: Calculation
    noise: NoiseTree
    reach: int
    exact: str | None
    bounded: str | None
    noise_bound: NoiseTree
    factors: tuple[int, ...]


def slot_number(character: str) -> int:
    """The number of a plain slot."""
    return ord(character) - FIRST_SLOT


def bare_slot(character: str) -> bool:
    """Whether brackets enclose a slot already."""
    return ord(character) >= FIRST_BARE


def plain_slot(character: str) -> str:
    """The slot that a slot of a bare number stands for."""
    number = ord(character)
    return chr(number - FIRST_BARE + FIRST_SLOT) if number >= FIRST_BARE else character
