"""How much is read, named and drawn without being asked twice."""

from __future__ import annotations

import unicodedata

# an inline table of a million short numbers fits; what is larger is some other file
MAX_FILE_BYTES = 8 * 2**20
MAX_TABLE_BYTES = 32 * 2**20  # two million cells of 16 characters each
MAX_CELLS = 2_000_000  # as texts and numbers of Python they take some 200 MB while they are read
# units: a matrix of so many rows and columns still fits a page of 1280 px, and a sum of so many
# terms takes six lines there; a layer with more is wide, and only some of its units are written out
WIDE = 20
MAX_TITLE = 300  # a heading of some four lines on a page
MAX_NAME = 200  # bytes: file systems end at 255, and what stands beside the folder adds to it

INSIST = "Or insist on it: --insist on the command line, insist=True in Python."
"""The advice beside every refusal of something that is only large."""

RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)))
)
"""Names that Windows keeps for devices: no folder can have them there."""

_LAID_OUT = "\n\r\t"


def size_text(size: float) -> str:
    """A number of bytes as people say it: ``3 MB``."""
    for unit, one in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= one:
            return f"{size / one:.3g} {unit}" if size < 1000 * one else f"{size / one:.0f} {unit}"
    return f"{size:.0f} bytes"


def unprintable(text: str) -> str | None:
    """The first character that no page and no folder can hold, as ``U+0001``; None without any."""
    for letter in text:
        code = ord(letter)
        strange = unicodedata.category(letter) in {"Cc", "Cs"} and letter not in _LAID_OUT
        if strange or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
            return f"U+{code:04X}"
    return None


def name_fault(text: str, longest: int = MAX_NAME) -> tuple[str, str] | None:
    """What a title or a name must be and what it is instead, or None where it is right."""
    letter = unprintable(text)
    if letter is not None:
        return "no control characters", f"the character {letter}"
    if len(text) > longest:
        return f"at most {longest} characters", str(len(text))
    return None
