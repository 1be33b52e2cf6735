"""The rows of a table whose inputs came as an array of numbers: never taken apart cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from tracer.experiment.room import check_room

FEWER = "Take fewer rows or columns, or end other programs."
Cells = tuple[Any, ...]
KINDS = "biuf"
"""The kinds of arrays whose numbers float64 holds: booleans, integers, floats of up to 64 bits."""


class ArrayRows(Sequence[Cells]):
    """Rows of inputs (N, n_0), an array of finite numbers, each with the cells of its targets."""

    def __init__(self, inputs: npt.NDArray[np.float64], ends: Sequence[Cells]) -> None:
        self.inputs, self.ends = inputs, tuple(ends)

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return self.inputs.size + sum(map(len, self.ends))

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, row: int) -> Cells: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Cells]: ...
    def __getitem__(self, row: int | slice) -> Cells | Sequence[Cells]:
        if isinstance(row, slice):
            return ArrayRows(self.inputs[row], self.ends[row])
        return (*self.inputs[row].tolist(), *self.ends[row])

    def __iter__(self) -> Iterator[Cells]:
        pairs = zip(self.inputs, self.ends, strict=True)
        return ((*inputs.tolist(), *ends) for inputs, ends in pairs)

    def column(self, column: int) -> Sequence[Any]:
        """The cells of a column."""
        width = self.inputs.shape[1]
        if column < width:
            cells: list[float] = self.inputs[:, column].tolist()
            return cells
        return [ends[column - width] for ends in self.ends]


def unwritable(values: Any) -> npt.NDArray[np.float64]:
    """The same as float64 that nobody writes to: itself where that is so already, else a copy.

    Of a view, the array that it looks at must be read-only too.
    """
    array = values
    while isinstance(array, np.ndarray) and not array.flags.writeable and array.base is not None:
        array = array.base
    held = array.flags.writeable if isinstance(array, np.ndarray) else True
    if isinstance(array, memoryview):
        held = not array.readonly
    if not held and values.dtype == np.float64:
        return np.asarray(values)
    found = np.array(values, dtype=np.float64)
    found.setflags(write=False)
    return found


def array_rows(x: Any, ends: Sequence[Any]) -> ArrayRows | None:
    """The rows of an array x and of targets; None where each cell has to be looked at."""
    if not isinstance(x, np.ndarray) or x.ndim != 2 or x.dtype.kind not in KINDS:
        return None
    widths = {len(end) for end in ends}
    if not x.size or x.dtype.itemsize > np.dtype(np.float64).itemsize or len(widths) != 1:
        return None
    check_room(x.size * np.dtype(np.float64).itemsize, "a copy of the table", hint=FEWER)
    inputs = np.array(x, dtype=np.float64)
    inputs.setflags(write=False)
    if len(inputs) != len(ends) or not np.isfinite(inputs).all():
        return None
    return ArrayRows(inputs, [tuple(end) for end in ends])
