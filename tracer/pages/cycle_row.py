"""The numbers of a cycle in one row, in the same order for all cycles of a network.

Each quantity is taken from the trace as an array a layer; what the lines of a cycle compute beside
it (slopes of activations, the second forward pass, the predicted change) is computed as they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.explain.cycle import loss_of
from tracer.explain.operands import Pass, after_pass, is_short
from tracer.explain.predicted import added_up, is_plain
from tracer.explain.rate import progress
from tracer.formula import FloatArray
from tracer.refs import Batch, Before, Datum, Known, Memory, Moment, Ref, Visit
from tracer.trace import Cycle, Trace
from tracer.trace.fields import FIELDS

When = Literal["row", "visit", "before", "after", "start", "batch", "kept", "next", "known"]
"""At which moment of a cycle a number is computed; a number is another visit of its batch."""
Index = tuple[int, ...]
TOGETHER = 16
"""Cycles whose fields are read at once: reading 16 takes no longer than reading three by three."""
Arrays = Sequence[Any]


class Shape(NamedTuple):
    """What decides which numbers a cycle has: whether its update follows it, and its batch."""

    updates: bool
    batch: int
    own: int


class Quantity(NamedTuple):
    """Numbers of one name, for each of these layers (0: of none); ``of`` takes them of a cycle.

    ``field`` is that of the trace which they are, "" for what is computed.
    """

    name: str
    when: When | int
    of: Callable[[Taken], Arrays]
    layers: tuple[int, ...] = (0,)
    after: bool = False
    field: str = ""


@dataclass(frozen=True)
class Taken:
    """A cycle, and what its lines compute beside the trace; ``given`` are fields in layers."""

    cycle: Cycle
    given: Mapping[str, Arrays] = field(default_factory=dict)

    def of_field(self, name: str) -> Arrays:
        """A field of the trace, row by row, layer by layer."""
        found = self.given.get(name)
        if found is None:
            value = self.cycle.value(name)
            found = value if isinstance(value, tuple) else [value]
        return found

    @cached_property
    def slopes(self) -> Arrays:
        """da/dz of the layers whose function takes each unit by itself."""
        entries = [ACTIVATIONS[of.activation] for of in self.cycle.trace.experiment.layers]
        with np.errstate(all="ignore"):
            given = zip(entries, self.of_field("z"), self.of_field("a"), strict=True)
            return [entry.slope(z, a) for entry, z, a in given if not entry.vector]

    @cached_property
    def second(self) -> Pass:
        """The second forward pass."""
        return after_pass(self.cycle)

    @cached_property
    def loss_after(self) -> float:
        """The loss after the update."""
        return loss_of(self.second)

    @cached_property
    def parts(self) -> list[float]:
        """What each layer adds to the predicted change."""
        biased = self.cycle.trace.experiment.training.train_biases
        slopes = _joined(self.of_field("dL_dW"), self.of_field("dL_db"), biased)
        if self.is_plain:
            return [added_up(slope * slope) for slope in slopes]
        before = _joined(self.of_field("W"), self.of_field("b"), biased)
        after = _joined(self.of_field("W_after"), self.of_field("b_after"), biased)
        return [added_up(g * (w - v)) for g, v, w in zip(slopes, before, after, strict=True)]

    @cached_property
    def is_plain(self) -> bool:
        """Whether the steps are −η ∂L/∂w."""
        return is_plain(self.cycle)

    @cached_property
    def total(self) -> float:
        """Their sum."""
        return added_up(self.parts) if len(self.parts) > 1 else self.parts[0]

    @property
    def change(self) -> float:
        """The predicted change."""
        if not self.is_plain:
            return self.total
        return -float(self.cycle.trace.learning_rate[self.cycle.update]) * self.total

    def kept(self, name: str, kind: str, later: int) -> Arrays:
        """What the optimizer keeps or computes for each parameter of a kind."""
        update = self.cycle.update + later
        return [layer[update] for layer in self.cycle.trace.state[name][kind]]

    def other(self, name: str, number: int) -> Arrays:
        """A quantity of another visit of the batch."""
        found: Arrays = Cycle(self.cycle.trace, self.cycle.visits[number]).value(name)
        return found

    def of_update(self, name: str) -> list[float]:
        """A number of the update."""
        return [float(getattr(self.cycle.trace, name)[self.cycle.update])]


def _joined(weights: Arrays, biases: Arrays, biased: bool) -> list[FloatArray]:
    """The weights and the biases of each layer, one after the other."""
    if not biased:
        return [np.ravel(w) for w in weights]
    return [np.concatenate(pair, axis=None) for pair in zip(weights, biases, strict=True)]


def quantities(trace: Trace, shape: Shape) -> Iterator[Quantity]:
    """All numbers that the lines of such a cycle may have, each once."""
    layers = tuple(range(1, trace.layers + 1))
    kinds = [ACTIVATIONS[layer.activation] for layer in trace.experiment.layers]
    sloped = tuple(k for k, entry in zip(layers, kinds, strict=True) if not entry.vector)
    yield _stored("x", "row")
    yield _stored("y", "row")
    yield _stored("loss", "visit")
    for name in ("z", "a", "dL_da", "dL_dz", "dL_dW", "dL_db"):
        yield _stored(name, "visit", layers)
    yield Quantity("da_dz", "visit", lambda t: t.slopes, sloped)
    fixed = not trace.experiment.training.train_biases
    yield _stored("W", "before", layers)
    yield _stored("b", "start" if fixed else "before", layers)
    if shape.updates:
        yield from _of_update(trace, shape, layers)
        yield from _of_second_pass(trace, layers)
    yield from _of_optimizer(trace, shape, layers)


def _stored(
    name: str, when: When | int, layers: Index = (0,), of: str = "", *, after: bool = False
) -> Quantity:
    """A quantity that is a field of the trace, of its own name or ``of`` another one."""
    return Quantity(name, when, lambda t: t.of_field(of or name), layers, after, of or name)


def _of_update(trace: Trace, shape: Shape, layers: Index) -> Iterator[Quantity]:
    training = trace.experiment.training
    yield _stored("W", "after", layers, "W_after", after=True)
    if training.train_biases:
        yield _stored("b", "after", layers, "b_after", after=True)
    yield _stored("grad_W", "batch", layers)
    yield _stored("grad_b", "batch", layers)
    yield Quantity("penalty", "batch", lambda t: t.of_update("penalty"))
    yield Quantity("batch_loss", "batch", _batch_loss)
    if not SCHEDULES[training.schedule].is_constant:
        yield Quantity("eta", "batch", lambda t: t.of_update("learning_rate"))
        yield Quantity("k", "known", _count)
    yield Quantity("t", "known", lambda t: [t.cycle.update + 1.0])
    for number in range(shape.batch):
        if number != shape.own:
            yield from _of_other(number, layers)


def _of_other(number: int, layers: Index) -> Iterator[Quantity]:
    yield Quantity("loss", number, lambda t: [t.other("loss", number)])
    yield Quantity("dL_dW", number, lambda t: t.other("dL_dW", number), layers)
    yield Quantity("dL_db", number, lambda t: t.other("dL_db", number), layers)


def _batch_loss(of: Taken) -> Arrays:
    trace, update = of.cycle.trace, of.cycle.update
    return [float(trace.batch_loss[update] + trace.penalty[update])]


def _count(of: Taken) -> Arrays:
    training = of.cycle.trace.experiment.training
    behind = progress(of.cycle.trace, of.cycle.update)
    return [float(SCHEDULES[training.schedule].count(behind, training.schedule_options))]


def _of_second_pass(trace: Trace, layers: Index) -> Iterator[Quantity]:
    yield Quantity("z", "visit", lambda t: t.second.z, layers, after=True)
    yield Quantity("a", "visit", lambda t: t.second.a, layers, after=True)
    yield Quantity("loss", "visit", lambda t: [t.loss_after], after=True)
    yield Quantity("loss_change", "visit", lambda t: [t.loss_after - t.cycle.loss])
    for name in ("square", "gain"):
        yield Quantity(name, "visit", lambda t: t.parts, layers)
        yield Quantity(f"{name}_all", "visit", lambda t: [t.total])
    yield Quantity("predicted_change", "visit", lambda t: [t.change])


def _of_optimizer(trace: Trace, shape: Shape, layers: Index) -> Iterator[Quantity]:
    training = trace.experiment.training
    program = OPTIMIZERS[training.optimizer].program(training.options)
    for name in program.variables:
        carried = name in program.carried
        for kind in ("W", "b"):
            fixed = kind == "b" and not training.train_biases
            if carried:
                when: When = "known" if fixed else "kept"
                yield Quantity(f"{name}_{kind}", when, _state(name, kind, 0), layers)
            if shape.updates and not fixed:
                then: When = "next" if carried else "batch"
                later = _state(name, kind, 1)
                yield Quantity(f"{name}_{kind}", then, later, layers, after=carried)


def _state(name: str, kind: str, later: int) -> Callable[[Taken], Arrays]:
    return lambda t: t.kept(name, kind, later)


def moments(cycle: Cycle) -> Mapping[When | int, Moment]:
    """The moments of a cycle."""
    update = cycle.update
    found: dict[When | int, Moment] = {
        "row": Datum(cycle.row - 1),
        "visit": Visit(cycle.visit),
        "before": Before(update),
        "after": Before(update + 1),
        "start": Before(0),
        "batch": Batch(update),
        "kept": Memory(update),
        "next": Memory(update + 1),
        "known": Known(),
        **{number: Visit(visit) for number, visit in enumerate(cycle.visits)},
    }
    return found


class Stretch(NamedTuple):
    """The numbers of a quantity in a layer: where they begin, and what each is."""

    start: int
    when: When | int
    refs: tuple[Ref, ...]

    @property
    def places(self) -> range:
        """Where they stand."""
        return range(self.start, self.start + len(self.refs))


class Layout:
    """Where each number of such a cycle stands, found by one of them."""

    def __init__(self, trace: Trace, shape: Shape, taken: Taken) -> None:
        self.shape = shape
        self.quantities = sorted(quantities(trace, shape), key=lambda of: not of.field)
        self.stretches: dict[tuple[str, bool, int, When | int], Stretch] = {}
        self._rows: dict[int, FloatArray] = {}
        self.refs: list[Ref] = []
        self.whens: list[When | int] = []
        with np.errstate(all="ignore"):
            arrays = [quantity.of(taken) for quantity in self.quantities]
        for quantity, some in zip(self.quantities, arrays, strict=True):
            for layer, array in zip(quantity.layers, some, strict=True):
                self._add(quantity, layer, tuple(_refs(quantity, layer, np.shape(array))))
        self._parameters = [k for k, ref in enumerate(self.refs) if ref.name in ("W", "b")]
        self._starts = np.array([_start(trace, self.refs[k]) for k in self._parameters])
        self._short = np.array([is_short(trace, value) for value in self._starts.tolist()])

    def _add(self, of: Quantity, layer: int, refs: tuple[Ref, ...]) -> None:
        key = of.name, of.after, layer, of.when
        self.stretches[key] = Stretch(len(self.refs), of.when, refs)
        self.refs += refs
        self.whens += [of.when] * len(refs)

    def values(self, taken: Taken) -> FloatArray:
        """The numbers of a cycle."""
        with np.errstate(all="ignore"):
            arrays = [array for quantity in self.quantities for array in quantity.of(taken)]
            found: FloatArray = np.concatenate(arrays, axis=None)
        return found

    def of_cycle(self, cycle: Cycle) -> FloatArray:
        """The same; what the trace holds whole is taken of several cycles at once."""
        if cycle.trace.recording is not None:
            return self.values(Taken(cycle))
        row = self._rows.get(cycle.visit)
        if row is None:
            row = self._rows_from(cycle)[cycle.visit]
        taken = Taken(cycle, {name: [row[part] for part in parts] for name, parts in self._parts})
        with np.errstate(all="ignore"):
            computed = [array for of in self._computed for array in of.of(taken)]
            found: FloatArray = np.concatenate([row, *computed], axis=None)
        return found

    @cached_property
    def _computed(self) -> list[Quantity]:
        return [quantity for quantity in self.quantities if not quantity.field]

    @cached_property
    def _parts(self) -> list[tuple[str, list[slice]]]:
        """Where the layers of each field stand."""
        return [
            (of.field, [self._slice(of, layer) for layer in of.layers])
            for of in self.quantities
            if of.field
        ]

    def _slice(self, of: Quantity, layer: int) -> slice:
        stretch = self.stretches[of.name, of.after, layer, of.when]
        return slice(stretch.start, stretch.start + len(stretch.refs))

    def _rows_from(self, cycle: Cycle) -> dict[int, FloatArray]:
        """The fields of a cycle and of those that follow it."""
        trace, first = cycle.trace, cycle.visit
        visits = np.arange(first, min(first + TOGETHER, len(trace.loss)))
        fields = [FIELDS[of.field].at(trace, visits) for of in self.quantities if of.field]
        arrays = [a for of in fields for a in (of if isinstance(of, tuple) else (of,))]
        rows = np.concatenate([array.reshape(len(visits), -1) for array in arrays], axis=1)
        self._rows = dict(zip(visits.tolist(), rows, strict=True))
        return self._rows

    def at_start(self, values: FloatArray) -> tuple[int, ...]:
        """Where parameters stand that are exact: still what they were, a number of few digits."""
        same = (values[self._parameters] == self._starts) & self._short
        return tuple([self._parameters[k] for k in np.flatnonzero(same).tolist()])

    @cached_property
    def own(self) -> Mapping[int, int]:
        """Where the numbers of the cycle itself stand, by their spots; not what moves on."""
        pairs = enumerate(zip(self.refs, self.whens, strict=True))
        return {ref.spot: k for k, (ref, when) in pairs if isinstance(when, str)}

    @cached_property
    def named(self) -> Mapping[tuple[Any, ...], int]:
        """The same by their names, layers and units; not what an update leaves of them."""
        own = ((k, self.refs[k]) for k in self.own.values())
        return {(ref.name, ref.layer, *ref.index): k for k, ref in own if not ref.after}


def _start(trace: Trace, ref: Ref) -> float:
    """The starting value of a parameter."""
    arrays = trace.W if ref.name == "W" else trace.b
    return float(arrays[ref.layer - 1][(0, *(k - 1 for k in ref.index))])


def _refs(quantity: Quantity, layer: int, shape: Index) -> Iterator[Ref]:
    """What the numbers of an array stand for, row by row."""
    for place in np.ndindex(*shape):
        index = tuple(k + 1 for k in place)
        yield Ref(quantity.name, layer, index, after=quantity.after)
