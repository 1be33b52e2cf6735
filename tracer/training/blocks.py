"""The program of an optimizer on rows of many parameters, a block at a time and written in place.

Every statement of NumPy goes once through all its numbers and makes an array for its results; with
rows that are larger than the processor's nearer memory that is most of the time. Here the functions
that a program calls are noted first, and then done for one block after the other. They are the same
functions on the same numbers, so the results are the same, bit for bit. Notes know rows by name and
hold none of their numbers, so the memory of a run is given back with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from tracer.catalog.optimizer import Program
from tracer.formula import FloatArray

BLOCK = 2**14
"""Numbers in a block: half a dozen arrays of 128 kB stay in the nearer memory of a processor. Of
Adam's step for 100,000 parameters, half of it takes an eighth longer, and twice of it a fifth."""
_POWERS: Mapping[float, Callable[..., Any]] = {
    1.0: np.positive,
    2.0: np.square,
    0.5: np.sqrt,
    -1.0: np.reciprocal,
}
"""The functions that NumPy itself takes for these powers of arrays."""
Call = tuple[Any, Sequence[Any]]
"""A function, and what it is called with."""


class NotNoted(Exception):  # noqa: N818  it is caught here, and a reason for another way
    """A kernel does something else than calling functions of single numbers."""


@dataclass(frozen=True, eq=False)
class Noted(NDArrayOperatorsMixin):
    """Stands for a row of numbers: what is done with it is noted in ``calls``, and not done."""

    calls: list[Call]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options or ufunc.nout != 1:
            raise NotNoted
        self.calls.append((ufunc, inputs))
        return Result(self.calls, len(self.calls) - 1)

    def __pow__(self, exponent: Any) -> Any:
        known = _POWERS.get(exponent) if isinstance(exponent, int | float) else None
        return np.power(self, exponent) if known is None else known(self)

    def __array__(self, *_arguments: Any, **_options: Any) -> Any:
        raise NotNoted

    def __bool__(self) -> bool:
        raise NotNoted


@dataclass(frozen=True, eq=False)
class Row(Noted):
    """A row that is there, under a name."""

    name: str


@dataclass(frozen=True, eq=False)
class Result(Noted):
    """What the call of this number gives."""

    number: int


class Blocks:
    """The program of an optimizer, noted anew only where a number that it reads has changed."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._read = {name for _, arguments, _ in program.steps for name in arguments} | {"size"}
        self._known: Any = None
        self._plan: _Plan | None = None

    def apply(self, values: Mapping[str, Any], into: Mapping[str, FloatArray]) -> bool:
        """Run the program once and put results ``into`` places, by name; False: it is not noted.

        ``values`` are rows (P,), the options, η and t. Without "g" among them, the batch gradient
        is the row "sums", divided by the number "size".
        """
        rows = {k: v for k, v in values.items() if isinstance(v, np.ndarray) and v.ndim}
        numbers = {k: v for k, v in values.items() if k not in rows and k in self._read}
        known = numbers, tuple(rows), tuple(into)
        if known != self._known:
            self._known, self._plan = known, _planned(self.program, numbers, *known[1:])
        if self._plan is None:
            return False
        self._plan.run(rows, into)
        return True


def _planned(
    program: Program, numbers: Mapping[str, Any], rows: Sequence[str], into: Sequence[str]
) -> _Plan | None:
    """What is to be done to put results of the program into places; None: it cannot be noted."""
    calls: list[Call] = []
    names = {**numbers, **{name: Row(calls, name) for name in rows}}
    places: dict[int, str] = {}
    try:
        if "g" not in names:  # what is divided by 1 stays as it is
            names["g"] = names["sums"] if names["size"] == 1 else names["sums"] / names["size"]
        for target, arguments, kernel in program.steps:
            names[target] = kernel(*(names[argument] for argument in arguments))
        for name in into:
            places[_own(names[name], calls, places)] = name
        return _Plan(calls, places)
    except Exception:  # noqa: BLE001  a kernel from outside may want arrays, and fail in any way
        return None
    finally:
        calls.clear()  # it holds notes, which hold it


def _own(value: Any, calls: list[Call], taken: Collection[int]) -> int:
    """The number of a call whose result is the value, and which nothing else has taken."""
    if isinstance(value, Result) and value.number not in taken:
        return value.number
    if not isinstance(value, Noted):
        raise NotNoted
    calls.append((np.positive, (value,)))
    return len(calls) - 1


class _Plan:
    """What each call reads, and where it puts its result, all by their numbers in one list.

    First rows by name, then places by name, then single numbers, then buffers. A result goes into
    its place, or a buffer that nothing needs any more.
    """

    def __init__(self, calls: Sequence[Call], places: Mapping[int, str]) -> None:
        read = [value for _, inputs in calls for value in inputs]
        self.rows = list(dict.fromkeys(value.name for value in read if isinstance(value, Row)))
        self.places = list(places.values())
        self.numbers = [value for value in read if not isinstance(value, Noted)]
        self.buffers: list[FloatArray] = []
        self._last = {
            value.number: number
            for number, (_, inputs) in enumerate(calls)
            for value in inputs
            if isinstance(value, Result)
        }
        self._results = dict(zip(places, count(len(self.rows)), strict=False))
        self._next_number = count(len(self.rows) + len(self.places))
        self._free: list[int] = []
        self.calls = [self._call(number, *call) for number, call in enumerate(calls)]

    def _call(self, number: int, ufunc: Any, inputs: Sequence[Any]) -> tuple[Any, Any]:
        read = [self._operand(value) for value in inputs]
        for value in dict.fromkeys(v.number for v in inputs if isinstance(v, Result)):
            if self._last[value] == number and self._results[value] >= self._first_buffer:
                self._free.append(self._results[value])
        if number not in self._results:
            self._results[number] = self._free.pop() if self._free else self._buffer()
        return ufunc, itemgetter(*read, self._results[number])

    def _operand(self, value: Any) -> int:
        if isinstance(value, Row):
            return self.rows.index(value.name)
        return self._results[value.number] if isinstance(value, Result) else next(self._next_number)

    @property
    def _first_buffer(self) -> int:
        return len(self.rows) + len(self.places) + len(self.numbers)

    def _buffer(self) -> int:
        self.buffers.append(np.empty(BLOCK))
        return self._first_buffer + len(self.buffers) - 1

    def run(self, rows: Mapping[str, FloatArray], into: Mapping[str, FloatArray]) -> None:
        """Do the calls, block by block; each operand is cut once a block."""
        whole = [*(rows[name] for name in self.rows), *(into[name] for name in self.places)]
        for start in range(0, len(whole[-1]), BLOCK):
            cut = [row[start : start + BLOCK] for row in whole]
            cut += [*self.numbers, *(buffer[: len(cut[-1])] for buffer in self.buffers)]
            for ufunc, operands in self.calls:
                ufunc(*operands(cut))
