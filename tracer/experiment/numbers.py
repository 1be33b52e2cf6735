"""Numbers as people write them: with a point, with a comma, with marks between thousands.

Which mark a column uses is decided from all its cells, and only where one reading is possible.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Mark = Literal[".", ","]

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_COMMA = re.compile(r"[+-]?([0-9]+,[0-9]*|,[0-9]+)([eE][+-]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_ONE_GROUP = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_THOUSANDS = re.compile(
    r"[+-]?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+(?:\.[0-9]*)?|(?:\.[0-9]{3})+(?:,[0-9]*)?"
    r"|(?:[ \u00a0\u202f'’][0-9]{3})+(?:[.,][0-9]*)?)"
)
_UNIT = re.compile(r"[$€£¥]\s*[+-]?[0-9.,]+|[+-]?[0-9][0-9.,]*\s*(%|‰|[$€£¥]|[^\W\d]{1,4}|°\w?)")
_MISSING = re.compile(r"(n/?a|null|none|\?|-|#[A-Z0-9/]+[!?]?)?", re.IGNORECASE)
_MINUS = "\u2010\u2011\u2012\u2013\u2212"  # Dashes that typesetting puts in place of a hyphen.

HINTS = {
    "comma": "Write numbers with a point: 0.5.",
    "thousands": "Write numbers without marks between thousands: 1200.",
    "unit": "Write numbers alone, without units or signs.",
    "minus": "Write the minus sign as a hyphen: -1.",
    "missing": "A value is missing: fill it in, or leave the row out.",
}


@dataclass(frozen=True)
class Clash:
    """Two cells that no one rule can read, or one that two rules can: `second` is None then.

    Cells are positions in what was looked at.
    """

    first: int
    second: int | None


def parse_number(text: str, mark: Mark = ".") -> int | float | None:
    """The number that a text is, in plain ASCII digits, or None."""
    if _WHOLE.fullmatch(text):
        return int(text)
    if mark == "," and "." in text:
        return None
    plain = text.replace(",", ".") if mark == "," and _COMMA.fullmatch(text) else text
    if _DECIMAL.fullmatch(plain) or _NOT_FINITE.fullmatch(plain):
        return float(plain)
    return None


def looks_like_number(text: str) -> bool:
    """Whether a text is a number by some rule."""
    forms = (_WHOLE, _DECIMAL, _COMMA, _NOT_FINITE, _THOUSANDS)
    return any(form.fullmatch(text) for form in forms)


def number_fault(text: str) -> str | None:
    """What keeps a text from being a number, as a key of `HINTS`; None where it is no number."""
    if _COMMA.fullmatch(text) and not _ONE_GROUP.fullmatch(text):
        return "comma"
    if _THOUSANDS.fullmatch(text):
        return "thousands"
    if _MISSING.fullmatch(text):
        return "missing"
    if text[:1] in _MINUS and looks_like_number(text[1:]):
        return "minus"
    return "unit" if _UNIT.fullmatch(text) else None


def decimal_mark(texts: Iterable[str], *, commas_usual: bool = False) -> Mark | Clash:
    """The decimal mark of all these cells; a clash where there is none, or where two would do.

    `1,5` and `0,125` have a decimal comma; `1,200` may be 1.2 or 1200; `1,234.5` and `1,234,567`
    have marks between thousands, so that their decimals would stand after a point; and likewise
    the other way round. Without any comma the mark is a point, unless ``commas_usual``: where
    cells are separated as people with decimal commas do it, `1.234` may be 1234 as well.
    """
    first: dict[str, int] = {}
    for place, text in enumerate(texts):
        sign = _evidence(text, commas_usual=commas_usual)
        if sign is not None:
            first.setdefault(sign, place)
    if "," in first and "." in first:
        return Clash(*sorted((first[","], first["."])))
    if "," in first:
        return ","
    return Clash(first["?"], None) if "?" in first and "." not in first else "."


def _evidence(text: str, *, commas_usual: bool) -> str | None:
    """The mark that a cell must have; "?" for one that may be either; None for no sign."""
    if "," not in text and "." not in text:
        return None
    if _ONE_GROUP.fullmatch(text):
        return "?" if "," in text or commas_usual else None
    if _THOUSANDS.fullmatch(text):
        return _decimal_of_grouped(text)
    if _COMMA.fullmatch(text):
        return ","
    return "." if _DECIMAL.fullmatch(text) else None


def _decimal_of_grouped(text: str) -> str | None:
    marks: list[str] = re.findall(r"[.,]", text)
    if len(marks) == 1:  # Spaces or apostrophes between the thousands.
        return marks[0]
    if marks[0] != marks[-1]:
        return marks[-1]
    return "." if marks[0] == "," else ","
