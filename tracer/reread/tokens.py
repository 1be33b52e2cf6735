"""What a reader sees of a formula, as a row of tokens; MathML and LaTeX are both read into it.

Grouping that cannot be seen (``<mrow>``, braces) leaves no trace, so that a formula is evaluated
as it looks and not as it was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

# a large walkthrough has so many lines, and as many numbers that differ
REMEMBERED = 4096
NOT_FINITE = ("∞", "−∞", "nan")
_DIGITS = re.compile(r"−?(?:0|[1-9]\d*)(?:\.\d+)?")
_PLAIN = re.compile(r"(\S+?)(?: × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?")
_FROM_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


class UnreadableError(ValueError):
    """A formula that is not what a line may hold; the message says what is wrong with it."""


@dataclass(frozen=True)
class Numeral:
    """Digits as printed, with a true minus sign; also ∞ and nan. ``href`` is where they lead."""

    text: str
    href: str = ""

    def __post_init__(self) -> None:
        """Raise UnreadableError for what is no number, and for a negative zero."""
        if self.text in NOT_FINITE:
            return
        if not _DIGITS.fullmatch(self.text):
            raise UnreadableError(f"{self.text!r} is not a number")
        if self.is_negative and not self.text.strip("−0."):
            raise UnreadableError(f"negative zero {self.text}")

    @property
    def is_negative(self) -> bool:
        """Whether it starts with a minus sign."""
        return self.text.startswith("−")


@dataclass(frozen=True)
class Name:
    """A function or constant, or a symbol that stands for a number."""

    text: str


@dataclass(frozen=True)
class Sign:
    """An operator, a bracket, a comma or a relation."""

    text: str


@dataclass(frozen=True)
class Power:
    """An exponent; it belongs to the token before it."""

    exponent: Row


@dataclass(frozen=True)
class Subscript:
    """An index; only symbols have one."""

    text: str


@dataclass(frozen=True)
class Ratio:
    """A fraction."""

    above: Row
    below: Row


@dataclass(frozen=True)
class Root:
    """A square root."""

    inside: Row


@dataclass(frozen=True)
class Table:
    """The cells of a matrix."""

    rows: tuple[tuple[Row, ...], ...]


Token = Numeral | Name | Sign | Power | Subscript | Ratio | Root | Table
Row = tuple[Token, ...]


@dataclass(frozen=True)
class Literal:
    """A number that was read: the digits of ``text`` times 10 to ``exponent`` (0 in plain form).

    ``scientific`` tells 1 × 10⁰ from 1. Two of them may be compared by :attr:`value`.
    """

    text: str
    exponent: int = 0
    scientific: bool = False
    href: str = field(default="", compare=False)

    @property
    def is_finite(self) -> bool:
        """Whether there are digits at all."""
        return self.text not in NOT_FINITE

    @property
    def value(self) -> Fraction:
        """Exactly what the digits say; for finite numbers only."""
        return _fraction(self.text, self.exponent)

    @property
    def unit(self) -> Fraction:
        """The weight of the last printed digit."""
        return Fraction(10) ** (self.exponent - self.places)

    @property
    def places(self) -> int:
        """How many digits stand after the point."""
        return len(self.text.partition(".")[2])

    @property
    def significant(self) -> int:
        """How many digits stand from the first that is not 0."""
        return len(self.text.strip("−").replace(".", "").lstrip("0"))

    def __str__(self) -> str:
        return f"{self.text} × 10^{self.exponent}" if self.scientific else self.text


@lru_cache(maxsize=REMEMBERED)
def _fraction(text: str, exponent: int) -> Fraction:
    return Fraction(Decimal(text.replace("−", "-"))) * Fraction(10) ** exponent


@lru_cache(maxsize=REMEMBERED)
def literal_of(text: str) -> Literal | None:
    """A number in running text, such as −0.5 or 1.23 × 10⁻⁷; None for other text."""
    found = _PLAIN.fullmatch(text.strip())
    if not found:
        return None
    try:
        Numeral(found[1])
    except UnreadableError:
        return None
    power = (found[2] or "0").translate(_FROM_SUPERSCRIPTS)
    return Literal(found[1], int(power), scientific=found[2] is not None)


def walk(row: Iterable[Token]) -> Iterator[Token]:
    """Every token of a row and of what stands inside its tokens, in the order of reading."""
    for token in row:
        yield token
        for inner in _inner(token):
            yield from walk(inner)


def rows_in(row: Row) -> Iterator[Row]:
    """A row, and every row inside its tokens."""
    yield row
    for token in row:
        for inner in _inner(token):
            yield from rows_in(inner)


def _inner(token: Token) -> tuple[Row, ...]:
    if isinstance(token, Power):
        return (token.exponent,)
    if isinstance(token, Ratio):
        return token.above, token.below
    if isinstance(token, Root):
        return (token.inside,)
    if isinstance(token, Table):
        return tuple(cell for cells in token.rows for cell in cells)
    return ()


def text_of(row: Iterable[Token]) -> str:
    """A row as one line of plain text, for messages."""
    return " ".join(_text(token) for token in row)


def _text(token: Token) -> str:
    if isinstance(token, Sign | Numeral | Name):
        return token.text
    if isinstance(token, Power):
        return f"^({text_of(token.exponent)})"
    if isinstance(token, Ratio):
        return f"({text_of(token.above)})/({text_of(token.below)})"
    if isinstance(token, Root):
        return f"√({text_of(token.inside)})"
    if isinstance(token, Table):
        return "; ".join(", ".join(text_of(cell) for cell in row) for row in token.rows)
    return f"_{token.text}"
