"""Compiled code that tells of its lines only: a template's code is two fifths smaller so.

Python notes for each instruction in which columns of its source it stands. Of a template that
source is code that nobody reads, while the code is read from disk whenever pages are rendered.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType

_MOST = 8  # instructions of two bytes that one entry tells of
_NO_COLUMNS, _NOWHERE = 13, 15  # kinds of entries: a line alone, and none


def lines_only(code: CodeType) -> CodeType:
    """The same code without columns; as it is where this Python notes positions in another way."""
    constants = tuple([lines_only(c) if isinstance(c, CodeType) else c for c in code.co_consts])
    table = b"".join(_entries(code))
    found = code.replace(co_consts=constants, co_linetable=table)
    same = list(found.co_lines()) == list(code.co_lines())
    return found if same else code.replace(co_consts=constants)


def _entries(code: CodeType) -> Iterator[bytes]:
    """The entries of Python's table of locations: a line is told by how far it is from the last."""
    last = code.co_firstlineno
    for start, end, line in code.co_lines():
        for first in range(start, end, 2 * _MOST):
            length = (min(first + 2 * _MOST, end) - first) // 2
            kind = _NOWHERE if line is None else _NO_COLUMNS
            yield bytes([0x80 | kind << 3 | (length - 1)])
            if line is not None:
                yield _signed(line - last)
                last = line


def _signed(value: int) -> bytes:
    """A number in groups of six bits, its sign in the last bit, the lowest group first."""
    left, found = (-value << 1 | 1) if value < 0 else value << 1, bytearray()
    while left >= 0x40:
        found.append(0x40 | left & 0x3F)
        left >>= 6
    return bytes([*found, left])
