"""Compiled code that tells of its lines only: a template's code is two fifths smaller so.

Python notes for each instruction in which columns of its source it stands. Of a template that
source is code that nobody reads, while the code is read from disk whenever pages are rendered.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import groupby
from operator import itemgetter
from types import CodeType

_MOST = 16  # bytes of instructions that one entry tells of, two each
_NO_COLUMNS, _NOWHERE = 13, 15  # kinds of entries: a line alone, and none
_SAMPLE = "x = [\n1,\n" + "\n" * 70 + "2\n]\ntry:\n    x\nfinally:\n    x, x, x, x, x, x, x, x, x\n"
"""A line that is far from the last, one before it, one of many instructions, and some of none."""


def lines_only(code: CodeType) -> CodeType:
    """The same code without columns; as it is where this Python notes positions in another way."""
    return _shortened(code) if _is_read() else code


@cache
def _is_read() -> bool:
    """Whether this Python finds the same lines in what is written here."""
    code = compile(_SAMPLE, "<text>", "exec")
    return [*_lines(_shortened(code))] == [*_lines(code)]


def _lines(code: CodeType) -> Iterator[tuple[int, int | None]]:
    """The bytes of instructions that stand on a line, line by line as they are executed."""
    for line, ranges in groupby(code.co_lines(), itemgetter(2)):
        yield sum(end - start for start, end, _ in ranges), line


def _shortened(code: CodeType) -> CodeType:
    constants = tuple([_shortened(c) if isinstance(c, CodeType) else c for c in code.co_consts])
    return code.replace(co_consts=constants, co_linetable=_table(code))


def _table(code: CodeType) -> bytes:
    """Python's table of locations: a line is told by how far it is from the last."""
    entries, last = list[bytes](), code.co_firstlineno
    for size, line in _lines(code):
        entries.append(_entry(size, None if line is None else line - last))
        last = last if line is None else line
    return b"".join(entries)


@cache
def _entry(size: int, step: int | None) -> bytes:
    """What tells of so many bytes of instructions; they stand ``step`` lines after the last."""
    kind = _NOWHERE if step is None else _NO_COLUMNS
    steps = b"" if step is None else _signed(step)
    found = bytearray()
    for start in range(0, size, _MOST):
        length = min(_MOST, size - start) // 2
        found += bytes([0x80 | kind << 3 | (length - 1)]) + steps
        steps = steps and _signed(0)
    return bytes(found)


def _signed(value: int) -> bytes:
    """A number in groups of six bits, its sign in the last bit, the lowest group first."""
    left, found = (-value << 1 | 1) if value < 0 else value << 1, bytearray()
    while left >= 0x40:
        found.append(0x40 | left & 0x3F)
        left >>= 6
    return bytes([*found, left])
