"""Operands of a trace: each number with its reference, its value and whether it is exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np

from tracer.explain.written import others, written_units
from tracer.formula import FloatArray
from tracer.network import Layers
from tracer.notation import Notation
from tracer.refs import Before, Datum, Known, Memory, Moment, Ref, TableRow, Visit
from tracer.trace import Cycle, Trace
from tracer.typeset import Operand

EXACT_DIGITS = 8  # a weight that somebody typed has fewer; one that was trained has about 16
Operands = tuple[Operand, ...]
MOST_PARAMETERS = 2**14
"""Parameters that are remembered of a trace, some 5 MB: those of the largest network that may have
pages, before and after an update. A page asks for each of them a dozen times."""


class _Parameters:
    """The parameters that were asked for of each trace; those of the last trace are found soon."""

    def __init__(self) -> None:
        self._all: WeakKeyDictionary[Trace, dict[Any, Operand]] = WeakKeyDictionary()
        self._last: tuple[Callable[[], Trace | None], dict[Any, Operand]] = (lambda: None, {})

    def of(self, trace: Trace) -> dict[Any, Operand]:
        """Those of a trace, by what names one of them."""
        last, found = self._last
        if last() is not trace:
            found = self._all.setdefault(trace, {})
            self._last = ref(trace), found
        return found


_parameters = _Parameters()


@dataclass(frozen=True)
class Pass:
    """One forward pass: of a visit, of a visit after its update, or of a row of the table.

    ``update`` is the index of the parameters on the trace's U+1 axis, ``moment`` that of the
    z and a, ``after`` marks the second pass of a visit.
    """

    trace: Trace
    row: int
    update: int
    z: Layers
    a: Layers
    moment: Moment
    after: bool = False

    @cached_property
    def notation(self) -> Notation:
        """The symbols that the experiment chose."""
        return Notation.of(self.trace.layers, self.trace.experiment.notation)

    def x(self) -> Operands:
        """The inputs of the sample."""
        return self._x

    def y(self) -> Operands:
        """The encoded targets of the sample."""
        return self._y

    @cached_property
    def _x(self) -> Operands:
        return self.data("x", self.trace.x[self.row])

    @cached_property
    def _y(self) -> Operands:
        return self.data("y", self.trace.y[self.row])

    def data(self, name: str, values: FloatArray) -> Operands:
        """Numbers of the data table, which are exact."""
        return tuple(
            Operand(Ref(name, 0, (k + 1,), Datum(self.row)), float(v), exact=True)
            for k, v in enumerate(values)
        )

    def signal(self, layer: int) -> Operands:
        """What enters layer ``layer`` + 1: the inputs for 0, else the layer's activations."""
        return self.x() if layer == 0 else self.units("a", layer, self.a[layer - 1])

    def weighted_sums(self, layer: int) -> Operands:
        """z of a layer (from 1)."""
        return self.units("z", layer, self.z[layer - 1])

    def units(self, name: str, layer: int, values: FloatArray) -> Operands:
        """One computed number a unit of a layer."""
        known = self._units.get((name, layer))
        if known is not None and known[0] is values:
            return known[1]
        found = tuple(
            Operand(Ref(name, layer, (k + 1,), self.moment, self.after), v)
            for k, v in enumerate(values.tolist())
        )
        self._units[name, layer] = values, found
        return found

    @cached_property
    def _units(self) -> dict[tuple[str, int], tuple[FloatArray, Operands]]:
        """The numbers of units that were asked for: lines, matrices and sums share them."""
        return {}

    def weight(self, layer: int, source: int, target: int) -> Operand:
        """W of ``layer`` from unit ``source`` to unit ``target`` (all from 1)."""
        return parameter(
            self.trace, "W", layer, (source, target), update=self.update, after=self.after
        )

    def written(self, layer: int) -> tuple[int, ...]:
        """The units (from 1) of a layer, or of the inputs (0), that are written out."""
        return written_units(self.trace)[layer]

    def is_whole(self, *layers: int) -> bool:
        """Whether all units of these layers are written out."""
        return all(map(self._whole.__getitem__, layers))

    @cached_property
    def _whole(self) -> list[bool]:
        """The same of each layer."""
        pairs = zip(written_units(self.trace), self.trace.layer_sizes, strict=True)
        return [len(units) == size for units, size in pairs]

    def rest(self, layer: int, unit: int) -> Operands:
        """What the inputs that are not written out add to z of a unit: Σ a_i W_ij over them.

        Empty where all are written out.
        """
        if self.is_whole(layer - 1):
            return ()
        before = self.trace.x[self.row] if layer == 1 else self.a[layer - 2]
        places = others(self.written(layer - 1), len(before))
        with np.errstate(all="ignore"):
            terms = before[places] * self.trace.W[layer - 1][self.update, places, unit - 1]
            value = float(terms.sum())
        return (Operand(Ref("rest", layer, (unit,), self.moment, self.after), value),)

    def weights(self, layer: int) -> tuple[Operands, ...]:
        """The weight matrix of a layer, a row for each unit before it."""
        n_in, n_out = self.trace.layer_sizes[layer - 1 : layer + 1]
        return tuple(
            tuple(self.weight(layer, i + 1, j + 1) for j in range(n_out)) for i in range(n_in)
        )

    def bias(self, layer: int, unit: int) -> Operand:
        """b of a unit."""
        return parameter(self.trace, "b", layer, (unit,), update=self.update, after=self.after)

    def biases(self, layer: int) -> Operands:
        """The biases of a layer."""
        return tuple(self.bias(layer, j + 1) for j in range(self.trace.layer_sizes[layer]))


def parameter(
    trace: Trace, kind: str, layer: int, index: tuple[int, ...], *, update: int, after: bool = False
) -> Operand:
    """A weight or a bias before update ``update``; marked as after it for the second pass.

    A bias that is not trained stays the starting value that it is.
    """
    made = _parameters.of(trace)
    key = kind, layer, index, update, after
    found = made.get(key)
    if found is None:
        if len(made) >= MOST_PARAMETERS:
            made.clear()
        found = made[key] = _parameter(trace, kind, layer, index, update=update, after=after)
    return found


def _parameter(
    trace: Trace, kind: str, layer: int, index: tuple[int, ...], *, update: int, after: bool
) -> Operand:
    history = (trace.W if kind == "W" else trace.b)[layer - 1]
    position = tuple(k - 1 for k in index)
    value, start = float(history[(update, *position)]), float(history[(0, *position)])
    fixed = kind == "b" and not trace.experiment.training.train_biases
    moment = Before(0 if fixed else update)
    reference = Ref(kind, layer, index, moment, after and not fixed)
    return Operand(reference, value, exact=value == start and _is_short(trace, value))


def kept(
    trace: Trace, variable: str, kind: str, layer: int, index: tuple[int, ...], *, update: int
) -> Operand:
    """What the optimizer carries for a parameter (of ``kind`` W or b) into ``update``.

    For a bias that is not trained it stays 0, and no line computes it.
    """
    history = trace.state[variable][kind][layer - 1]
    value = float(history[(update, *(k - 1 for k in index))])
    fixed = kind == "b" and not trace.experiment.training.train_biases
    moment = Known() if fixed else Memory(update)
    return Operand(Ref(f"{variable}_{kind}", layer, index, moment), value)


def _is_short(trace: Trace, value: float) -> bool:
    """Whether a starting value stands on a decimal grid, drawn on it or given with few digits."""
    init = trace.experiment.init
    if init.scheme != "given":
        return init.decimals is not None or init.scheme == "zeros"
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -EXACT_DIGITS


def cycle_pass(cycle: Cycle) -> Pass:
    """The forward pass of a cycle, with the weights from before its update."""
    moment = Visit(cycle.visit)
    return Pass(cycle.trace, cycle.row - 1, cycle.update, cycle.z, cycle.a, moment)


def after_pass(cycle: Cycle) -> Pass:
    """The same sample again, with the updated weights."""
    z, a = cycle.trace.forward(cycle.x[None, :], cycle.update + 1)
    return Pass(
        cycle.trace,
        cycle.row - 1,
        cycle.update + 1,
        tuple(layer[0] for layer in z),
        tuple(layer[0] for layer in a),
        Visit(cycle.visit),
        after=True,
    )


def row_pass(trace: Trace, row: int) -> Pass:
    """The forward pass of a table row (from 0) through the trained network."""
    z, a = trace.forward(trace.x[row : row + 1])
    return Pass(
        trace,
        row,
        trace.updates,
        tuple(layer[0] for layer in z),
        tuple(layer[0] for layer in a),
        TableRow(row),
    )
