"""Numbers that stand in a mapped file: the system is told what is read next."""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt

AnyArray = npt.NDArray[Any]
_SOON = getattr(mmap, "MADV_WILLNEED", None)
"""The advice with which the system begins to read a part of a file. Not told so, it reads what
is asked for piece by piece and, of a file that is read here and there, megabytes around each."""


def read_soon(arrays: Iterable[AnyArray]) -> None:
    """Say that all of these arrays are read next; nothing is said of one that is in no file."""
    for array in arrays:
        if (found := _mapped(array)) is not None:
            _tell(*found, array.nbytes)


def rows_soon(table: AnyArray, rows: npt.NDArray[np.int64]) -> None:
    """The same of some rows of a table (N, …)."""
    if (found := _mapped(table)) is not None:
        whole, place = found
        for row in rows.tolist():
            _tell(whole, place + row * table.strides[0], table.strides[0])


def _tell(whole: mmap.mmap, place: int, size: int) -> None:
    begin = place - place % mmap.PAGESIZE
    if _SOON is not None and size:
        with suppress(OSError):
            whole.madvise(_SOON, begin, place + size - begin)


def _mapped(array: AnyArray) -> tuple[mmap.mmap, int] | None:
    """The mapped file in which an array stands in one piece, and where: the byte it begins at."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    whole = base.obj if isinstance(base, memoryview) else None
    if not isinstance(whole, mmap.mmap) or not array.flags.c_contiguous:
        return None
    return whole, _address(array) - _address(np.frombuffer(whole, np.uint8))


def _address(array: AnyArray) -> int:
    return int(array.__array_interface__["data"][0])
