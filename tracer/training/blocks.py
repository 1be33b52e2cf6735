"""The program of an optimizer on rows of many parameters, a block at a time and written in place.

Every statement of NumPy goes once through all its numbers and makes an array for its results; with
rows that are larger than the processor's nearer memory that is most of the time. Here the functions
that a program calls are noted first, and then done for one block after the other. They are the same
functions on the same numbers, so the results are the same, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
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
    """A row that is there."""

    values: FloatArray


@dataclass(frozen=True, eq=False)
class Result(Noted):
    """What the call of this number gives."""

    number: int


def apply(program: Program, values: Mapping[str, Any], into: Mapping[str, FloatArray]) -> bool:
    """Run the program once and put results ``into`` places, by name; False: it cannot be noted.

    ``values`` are rows (P,), the options, η and t. Without "g" among them, the batch gradient is
    the row "sums", divided by the number "size".
    """
    calls: list[Call] = []
    names = {
        name: Row(calls, value) if isinstance(value, np.ndarray) and value.ndim else value
        for name, value in values.items()
    }
    places: dict[int, FloatArray] = {}
    try:
        if "g" not in names:  # what is divided by 1 stays as it is
            names["g"] = names["sums"] if values["size"] == 1 else names["sums"] / values["size"]
        for target, arguments, kernel in program.steps:
            names[target] = kernel(*(names[argument] for argument in arguments))
        for name, place in into.items():
            places[_own(names[name], calls, places)] = place
    except Exception:  # noqa: BLE001  a kernel from outside may want arrays, and fail in any way
        return False
    _Plan(calls, places).run()
    return True


def _own(value: Any, calls: list[Call], taken: Collection[int]) -> int:
    """The number of a call whose result is the value, and which nothing else has taken."""
    if isinstance(value, Result) and value.number not in taken:
        return value.number
    if not isinstance(value, Noted):
        raise NotNoted
    calls.append((np.positive, (value,)))
    return len(calls) - 1


class _Plan:
    """Where each call puts its result: into its place, or a buffer that nothing needs any more."""

    def __init__(self, calls: Sequence[Call], places: Mapping[int, FloatArray]) -> None:
        self.size = len(next(iter(places.values())))
        self._last = {
            value.number: number
            for number, (_, inputs) in enumerate(calls)
            for value in inputs
            if isinstance(value, Result)
        }
        self._results, self._free = dict(places), list[FloatArray]()
        self._buffers: set[int] = set()
        self._given_back: set[int] = set()
        self.steps = [self._step(number, *call) for number, call in enumerate(calls)]

    def _step(self, number: int, ufunc: Any, inputs: Sequence[Any]) -> tuple[Any, list[Any], Any]:
        read = [self._read(value, number) for value in inputs]
        if number not in self._results:
            self._results[number] = self._free.pop() if self._free else np.empty(BLOCK)
            self._buffers.add(number)
        return ufunc, read, self._operand(number)

    def _read(self, value: Any, number: int) -> Any:
        """What a call reads; a buffer that is read for the last time may take its result."""
        if isinstance(value, Row):
            return value.values, False
        if not isinstance(value, Result):
            return value
        found = self._operand(value.number)
        needed = self._last[value.number] > number or value.number in self._given_back
        if found[1] and not needed:
            self._given_back.add(value.number)
            self._free.append(found[0])
        return found

    def _operand(self, number: int) -> tuple[FloatArray, bool]:
        return self._results[number], number in self._buffers

    def run(self) -> None:
        """Do the calls, block by block; each operand is cut once a block."""
        operands: list[Any] = []
        numbers: dict[tuple[int, bool], int] = {}

        def number(value: Any) -> int:
            key = (id(value[0]), value[1]) if isinstance(value, tuple) else (id(value), False)
            if key not in numbers:
                numbers[key] = len(operands)
                operands.append(value)
            return numbers[key]

        calls = [(ufunc, [*map(number, inputs)], number(out)) for ufunc, inputs, out in self.steps]
        for start in range(0, self.size, BLOCK):
            part = slice(start, min(start + BLOCK, self.size))
            first = slice(part.stop - start)
            cut = [
                value[0][first if value[1] else part] if isinstance(value, tuple) else value
                for value in operands
            ]
            for ufunc, inputs, out in calls:
                ufunc(*[cut[k] for k in inputs], out=cut[out])
