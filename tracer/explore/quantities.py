"""Where the numbers of a cycle stand in a run: each quantity by its name, and its array.

A quantity is called by its anchor: ``z-1-2``, ``W_after-1-2-3``. That of another row of the batch
has "@" and the row's place in the batch behind it, from 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tracer.refs import Before, Datum, Memory, Ref, Visit
from tracer.trace import Cycle
from tracer.typeset import Operand

OF_ROW = "@"
ALL = "_all"
PREDICTED = ("square", "gain")
OF_PREDICTION = frozenset([*PREDICTED, *(n + ALL for n in PREDICTED), "predicted_change"])
"""The quantities of the predicted change of the loss, which only finite numbers have."""


RATE = "eta"
SAME = {"dL_db": "dL_dz"}
"""Quantities that are the same numbers as another one."""


class Key(NamedTuple):
    """What an array is called: a name as the trace has it, and a layer (0: of no layer)."""

    name: str
    layer: int = 0


class Place(NamedTuple):
    """Where a quantity stands: its array, its place in that of a cycle, and how the entry is found.

    ``shift`` is added to the number of the cycle's entry. An entry of another row of the batch is
    found from the ``start`` of the batch.
    """

    key: Key
    entry: tuple[int, ...]
    shift: int = 0
    start: bool = False


def place_of(ref: Ref, cycle: Cycle) -> Place:
    """Where a number that a cycle shows stands."""
    index, name = tuple(k - 1 for k in ref.index), SAME.get(ref.name, ref.name)
    match ref.moment:
        case Datum():
            return Place(Key(ref.name), index)
        case Before() | Memory():
            return Place(Key(ref.name, ref.layer), index, int(ref.after))
        case Visit(visit) if visit != cycle.visit:
            key = Key(name, ref.layer)
            return Place(key, index, cycle.visits.index(visit), start=True)
        case _ if ref.name[:-2] in cycle.trace.state:
            return Place(Key(ref.name, ref.layer), index, 1)
        case _:
            traced = ref.traced if ref.after else name
            return Place(Key(traced, ref.layer), () if ref.layer == 0 else index)


def name_of(ref: Ref, cycle: Cycle) -> str:
    """What the number is called."""
    moment = ref.moment
    if isinstance(moment, Visit) and moment.number != cycle.visit:
        return f"{ref.anchor}{OF_ROW}{cycle.visits.index(moment.number)}"
    return ref.anchor


@dataclass
class Quantities:
    """The quantities that were met, each with its number, its place, and a reference to it."""

    names: dict[str, int] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    refs: list[Ref] = field(default_factory=list)

    def number(self, ref: Ref, cycle: Cycle) -> int:
        """The number of a quantity; it gets one where it has none."""
        name = name_of(ref, cycle)
        if name not in self.names:
            self.names[name] = len(self.places)
            self.places.append(place_of(ref, cycle))
            self.refs.append(ref)
        return self.names[name]


def exactness(operand: Operand, cycle: Cycle) -> bool | float:
    """Whether an operand is exact; a number: only while it is that one."""
    if not isinstance(operand.ref.moment, Before):
        return operand.exact
    from tracer.explain.operands import parameter

    ref = operand.ref
    start = parameter(cycle.trace, ref.name, ref.layer, ref.index, update=0)
    return start.value if start.exact else False


Json = dict[str, Any]
