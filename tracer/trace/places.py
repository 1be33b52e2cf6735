"""Where a number of a trace stands, and which one is the first that is not finite."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracer.formula import FloatArray
from tracer.refs import Ref

Numbers = Iterable[tuple[Any, str, int, FloatArray]]


@dataclass(frozen=True)
class Place:
    """Where a number stands: the entry ``index`` of ``quantity`` in ``layer``, epoch and row.

    All count from 1; for a weight the index is (from unit, to unit), for the loss it is empty and
    the layer 0. What belongs to a whole batch is placed at the batch's last row.
    """

    quantity: str
    layer: int
    index: tuple[int, ...]
    epoch: int
    row: int
    value: float

    @property
    def ref(self) -> Ref:
        """The number itself, without the moment."""
        return Ref.of(self.quantity, self.layer, self.index)

    def told(self, symbol: str) -> str:
        """The place in words, with the number's ``symbol``."""
        return f"{symbol}, epoch {self.epoch}, row {self.row}"


def first_bad(arrays: Iterable[FloatArray]) -> int:
    """The first index at which one of the arrays is not finite; beyond all if none is."""
    bad = [np.flatnonzero(~np.isfinite(a).reshape(len(a), -1).all(axis=1)) for a in arrays]
    return min((int(found[0]) for found in bad if found.size), default=sys.maxsize)


def of_visit(cycle: Any) -> Iterator[tuple[Any, str, int, FloatArray]]:
    """The numbers of a cycle in the order of computing: it, quantity, layer from 1, values."""
    layers = range(len(cycle.z))
    for k in layers:
        yield cycle, "z", k + 1, cycle.z[k]
        yield cycle, "a", k + 1, cycle.a[k]
    yield cycle, "loss", 0, np.array(cycle.loss)
    for k in reversed(layers):
        yield cycle, "dL_da", k + 1, cycle.dL_da[k]
        yield cycle, "dL_dz", k + 1, cycle.dL_dz[k]


def of_update(cycle: Any) -> Iterator[tuple[Any, str, int, FloatArray]]:
    """The numbers of the update after a visit, likewise."""
    for name in ("grad_W", "grad_b", "W_after", "b_after"):
        for k, values in enumerate(getattr(cycle, name)):
            yield cycle, name, k + 1, values


def first_place(numbers: Numbers) -> Place | None:
    """The first of the numbers that is not finite."""
    for cycle, name, layer, values in numbers:
        for index in np.argwhere(~np.isfinite(values)):
            units, value = tuple(int(i) + 1 for i in index), float(values[tuple(index)])
            return Place(name, layer, units, cycle.epoch, cycle.row, value)
    return None
