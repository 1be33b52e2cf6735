"""Operands of a trace: each number with its reference, its value and whether it is exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple
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


Index = tuple[int, ...]


class _Place(NamedTuple):
    """The weights or the biases of a layer before an update, marked as after the one before."""

    kind: str
    layer: int
    update: int
    after: bool


class _Layer(dict[Index, Operand]):
    """The weights or the biases of a layer at one moment, each made when it is asked for."""

    def __init__(self, of: _Known, place: _Place) -> None:
        super().__init__()
        self.of, self.place = of, place

    def __missing__(self, index: Index) -> Operand:
        trace = self.of.trace()
        assert trace is not None  # who asks has it
        self.of.count += 1
        found = self[index] = _parameter(trace, self.place, index)
        return found


class _Known:
    """The layers that were asked for of a trace, and how many parameters they hold."""

    def __init__(self, trace: Trace) -> None:
        self.trace, self.count = ref(trace), 0
        self.layers: dict[_Place, _Layer] = {}

    def layer(self, kind: str, layer: int, update: int, after: bool) -> _Layer:
        """Those of a layer, by their indices."""
        place = _Place(kind, layer, update, after)
        found = self.layers.get(place)
        if found is None:
            if self.count >= MOST_PARAMETERS:
                self.layers.clear()
                self.count = 0
            found = self.layers[place] = _Layer(self, place)
        return found


class _Parameters:
    """The parameters that were asked for of each trace; those of the last trace are found soon."""

    def __init__(self) -> None:
        self._all: WeakKeyDictionary[Trace, _Known] = WeakKeyDictionary()
        self._last: _Known | None = None

    def of(self, trace: Trace) -> _Known:
        """Those of a trace."""
        found = self._last
        if found is None or found.trace() is not trace:
            found = self._all.get(trace) or self._all.setdefault(trace, _Known(trace))
            self._last = found
        return found


_parameters = _Parameters()


class _Slopes(dict[Index, Operand]):
    """Slopes of the loss by the weights, or biases, of a layer."""

    def __init__(self, name: str, layer: int, moment: Moment, values: FloatArray) -> None:
        super().__init__()
        self.name, self.layer, self.moment, self.of = name, layer, moment, values.tolist()

    def __missing__(self, index: Index) -> Operand:
        value = self.of[index[0] - 1]
        for unit in index[1:]:
            value = value[unit - 1]
        found = self[index] = Operand(Ref(self.name, self.layer, index, self.moment), value)
        return found


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
        moment, after = self.moment, self.after
        found = tuple(
            [
                Operand(Ref(name, layer, (k,), moment, after), v)
                for k, v in enumerate(values.tolist(), 1)
            ]
        )
        self._units[name, layer] = values, found
        return found

    @cached_property
    def _units(self) -> dict[tuple[str, int], tuple[FloatArray, Operands]]:
        """The numbers of units that were asked for: lines, matrices and sums share them."""
        return {}

    def weight(self, layer: int, source: int, target: int) -> Operand:
        """W of ``layer`` from unit ``source`` to unit ``target`` (all from 1)."""
        return self.parameters("W", layer)[source, target]

    def parameters(self, kind: str, layer: int) -> Mapping[Index, Operand]:
        """The weights or the biases of a layer, by their units (from 1)."""
        found = self._parameters.get((kind, layer))
        if found is None:
            found = parameters(self.trace, kind, layer, self.update, after=self.after)
            self._parameters[kind, layer] = found
        return found

    @cached_property
    def _parameters(self) -> dict[tuple[str, int], Mapping[Index, Operand]]:
        """Those that were asked for."""
        return {}

    def slopes(self, kind: str, layer: int, values: FloatArray) -> Mapping[Index, Operand]:
        """∂L/∂W or ∂L/∂b of a layer by their units (from 1), made when they are asked for."""
        found = self._slopes.get((kind, layer))
        if found is None:
            found = self._slopes[kind, layer] = _Slopes(f"dL_d{kind}", layer, self.moment, values)
        return found

    @cached_property
    def _slopes(self) -> dict[tuple[str, int], _Slopes]:
        """Those that were asked for: the backward pass, the update and its effect share them."""
        return {}

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
        found, units = self.parameters("W", layer), range(1, n_out + 1)
        return tuple([tuple([found[i, j] for j in units]) for i in range(1, n_in + 1)])

    def bias(self, layer: int, unit: int) -> Operand:
        """b of a unit."""
        return self.parameters("b", layer)[(unit,)]

    def biases(self, layer: int) -> Operands:
        """The biases of a layer."""
        return tuple(self.bias(layer, j + 1) for j in range(self.trace.layer_sizes[layer]))


def parameter(
    trace: Trace, kind: str, layer: int, index: Index, *, update: int, after: bool = False
) -> Operand:
    """A weight or a bias before update ``update``; marked as after it for the second pass.

    A bias that is not trained stays the starting value that it is.
    """
    return parameters(trace, kind, layer, update, after=after)[index]


def parameters(
    trace: Trace, kind: str, layer: int, update: int, *, after: bool = False
) -> Mapping[Index, Operand]:
    """The same of any weight, or bias, of a layer."""
    return _parameters.of(trace).layer(kind, layer, update, after)


def _parameter(trace: Trace, place: _Place, index: Index) -> Operand:
    kind, layer, update, after = place
    history = (trace.W if kind == "W" else trace.b)[layer - 1]
    position = tuple(k - 1 for k in index)
    value, start = float(history[(update, *position)]), float(history[(0, *position)])
    fixed = kind == "b" and not trace.experiment.training.train_biases
    moment = Before(0 if fixed else update)
    reference = Ref(kind, layer, index, moment, after and not fixed)
    return Operand(reference, value, exact=value == start and is_short(trace, value))


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


def is_short(trace: Trace, value: float) -> bool:
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
