"""What to write instead of a value of the wrong kind."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

from tracer.experiment.words import found_text, list_text

MATRICES = (
    "A matrix has a row for each unit before the layer: for two inputs and three units "
    "weights = [[[1, 2, 3], [4, 5, 6]], …]."
)
SHARE = "A share of the rows is not taken: write how many, such as train = 8 for the first 8 rows."
_YES, _NO = ("true", "yes", "on", "1", "t", "y"), ("false", "no", "off", "0", "f", "n")
_NUMBERS = ("a number", "a whole number", "numbers", "0 or 1")
_TEXTS = ("text in quotes", "a column name", "the name of")
_PERCENT = re.compile(r"\s*([+-]?[0-9]+(?:[.,][0-9]+)?)\s*%\s*")


def advice(expected: str, found: Any, *, inside: bool = False) -> str | None:
    """A sentence of advice where a key holds ``found`` but should hold what ``expected`` says.

    ``inside`` says that ``found`` is an item of the list that the key holds.
    """
    if _is_huge(found):
        return None
    if expected == "true or false":
        return _flag(found)
    if not inside and expected.startswith("a number of rows") and _is_share(found):
        return SHARE
    if expected.startswith("a list"):
        return _item(expected, found) if inside else _list(expected, found)
    if isinstance(found, list | tuple) and len(found) == 1:
        return _without_brackets(expected, found[0])
    return _item(expected, found)


def _item(expected: str, found: Any) -> str | None:
    """Advice for a single value: a text, or a number."""
    if expected.startswith(_TEXTS) or "column names" in expected:
        return None if isinstance(found, str) else _quoted(found)
    return _number(expected, found)


def _is_huge(found: Any) -> bool:
    return isinstance(found, int) and found.bit_length() > 64


def _flag(found: Any) -> str | None:
    word = str(found).casefold().strip()
    meant = "true" if word in _YES else "false" if word in _NO else None
    return meant and f"Write {meant}, without quotes."


def _is_share(found: Any) -> bool:
    if isinstance(found, str):
        return _PERCENT.fullmatch(found) is not None
    return isinstance(found, float) and 0 < found < 1


def _list(expected: str, found: Any) -> str | None:
    """A list stands in brackets, be it of one."""
    if isinstance(found, list | tuple | dict) or found is None:
        return None
    if isinstance(found, str):
        names = [part.strip() for part in found.split(",") if part.strip()]
        return f"Write a list, in brackets: [{list_text(names)}]." if names else None
    text = _plain(found) if "column names" not in expected else found_text(_plain(found))
    return f"Write a list, in brackets: [{text}]."


def _without_brackets(expected: str, found: Any) -> str | None:
    if expected.startswith(_TEXTS) and isinstance(found, str):
        return f"Write it without brackets: {found_text(found)}."
    number = type(found) in (int, float) and not _is_huge(found)
    right = number and expected.startswith(_NUMBERS)
    return (
        f"Write it without brackets: {_plain(found)}." if right and "list" not in expected else None
    )


def _quoted(found: Any) -> str | None:
    if isinstance(found, bool | int | float | dt.date | dt.time):
        return f"Text stands in quotes: {found_text(_plain(found))}."
    return None


def _number(expected: str, found: Any) -> str | None:
    if isinstance(found, str) and expected.startswith(_NUMBERS):
        return _number_in_quotes(found)
    if isinstance(found, float) and "whole number" in expected + _counts(expected):
        return _whole(found)
    return MATRICES if expected.startswith("numbers, in a list of matrices") else None


def _counts(expected: str) -> str:
    """Rows, row numbers and epochs are whole numbers, too."""
    return " whole number" if re.search(r"rows?\b|epochs|0 or 1", expected) else ""


def _whole(found: float) -> str | None:
    if not math.isfinite(found) or abs(found) >= 2**63:
        return None
    if found.is_integer():
        return f"Write {int(found)}: a whole number has no point and no exponent."
    return f"Write {math.floor(found)} or {math.ceil(found)}: a whole number has no point."


def _number_in_quotes(found: str) -> str | None:
    percent = _PERCENT.fullmatch(found)
    if percent is not None:
        share = float(percent[1].replace(",", ".")) / 100
        return f"Write a share as a number: {share:.12g}."
    if found.replace(",", ".", 1).replace(".", "", 1).lstrip("+-").isdecimal():
        return "Numbers stand without quotes, with a point: 0.1."
    return None


def _plain(found: Any) -> str:
    """A value as the file has it, without quotes."""
    if isinstance(found, bool):
        return "true" if found else "false"
    return found.isoformat() if isinstance(found, dt.date | dt.time) else str(found)
