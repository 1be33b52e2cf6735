"""One layer of a pass, typeset: its matrix forms, and a table of lines for each quantity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple
from weakref import WeakKeyDictionary

from tracer.conditions import Tree, decide, row_of
from tracer.experiment import Experiment
from tracer.pages import judgements
from tracer.pages.cycle_numbers import CycleNumbers
from tracer.pages.desk import Desk
from tracer.pages.wide import WideLayer
from tracer.refs import Ref
from tracer.trace import Cycle, Trace
from tracer.typeset import Line, SetLine

Why = Literal["off", "error", "input", "slope", "lost", ""]
_heaps: WeakKeyDictionary[Trace, dict[Any, Heap]] = WeakKeyDictionary()
NAMED_BY = {"off": "units", "error": "units", "input": "sources"}
"""What of a heap is named with a reason."""
FOLDED = frozenset(["dL_dW", "grad_W", "W", "b"])
"""The quantities of which there are many in a layer, and in which nothing happens for some."""


class Parts(NamedTuple):
    """What of a layer stands in a part of the cycle: matrix forms, and groups of lines."""

    matrices: tuple[str, ...]
    groups: tuple[str, ...]


FORWARD = Parts(("z_matrix", "a_matrix"), ("z", "a"))
BACKWARD = Parts(
    ("dL_da_matrix", "dL_dz_matrix", "dL_dW_matrix"),
    ("dL_da", "da_dz", "dL_dz", "dL_dW", "dL_db"),
)
UPDATE = Parts(("W_matrix",), ("grad_W", "grad_b", "W", "b"))


@dataclass(frozen=True)
class Still:
    """Rows in which nothing happens: a slope of zero, or a parameter that stays as it is.

    ``why`` says what makes all of them so, with ``units`` (as readers count them) of the layer or,
    for an "input", of the layer before it.
    """

    rows: tuple[SetLine, ...]
    why: Why = ""
    units: tuple[int, ...] = ()


class Rows(NamedTuple):
    """The lines of one quantity of a layer: ``first`` is worked out, ``more`` follow it.

    Rows in which nothing happens are apart as ``still``. On a page that shows any cycle all rows
    keep their places, and what would be apart is ``noted``.
    """

    name: str
    layer: int
    all: tuple[SetLine, ...]
    first: SetLine
    more: tuple[SetLine, ...] = ()
    still: Still | None = None
    noted: Still | None = None
    is_live: bool = False

    @property
    def moving(self) -> tuple[SetLine, ...]:
        """The first line and those that follow it."""
        return (self.first, *self.more)


@dataclass(frozen=True)
class Block:
    """One layer of a part of the cycle.

    ``is_first`` marks the layer that the part begins with, ``is_new`` one whose activation function
    no layer before it in this part has. ``wide`` is told where not all of its lines are written
    out.
    """

    layer: int
    of: Any
    matrices: Mapping[str, SetLine | None]
    lines: Mapping[str, tuple[SetLine, ...]]
    rows: Mapping[str, tuple[Rows, ...]] = field(default_factory=dict)
    is_first: bool = True
    is_new: bool = True
    wide: WideLayer | None = None

    def some(self, *groups: str) -> tuple[Rows, ...]:
        """The tables of these groups of lines, one after the other; "" is none."""
        return tuple(rows for group in groups if group for rows in self.rows[group])


def block_of(
    desk: Desk,
    of: Any,
    parts: Parts,
    cycle: Cycle | None = None,
) -> Block:
    """A layer with these of its matrix forms and these of its groups of lines, typeset.

    With the ``cycle`` that they belong to, rows in which nothing happens are set apart, or noted
    on a page that shows any cycle: in another one something may happen in them.
    """
    lines = {name: desk.show_all(getattr(of, name)) for name in parts.groups}
    return Block(
        of.layer,
        of,
        {name: desk.matrix(getattr(of, name)) for name in parts.matrices},
        lines,
        {name: rows_of(desk, getattr(of, name), lines[name], cycle) for name in parts.groups},
    )


def blocks_of(made: Sequence[Block]) -> list[Block]:
    """The layers of one part, each knowing what was told before it."""
    told: set[str] = set()
    found: list[Block] = []
    for block in made:
        activation = getattr(getattr(block.of, "activation", None), "name", "")
        found.append(_placed(block, not found, activation not in told))
        told.add(activation)
    return found


def _placed(block: Block, is_first: bool, is_new: bool) -> Block:
    same = block.is_first == is_first and block.is_new == is_new
    return block if same else replace(block, is_first=is_first, is_new=is_new)


def rows_of(
    desk: Desk,
    lines: Sequence[Line],
    done: Sequence[SetLine],
    cycle: Cycle | None = None,
) -> tuple[Rows, ...]:
    """A table for each quantity of these lines, which are typeset as ``done``."""
    targets = [line.target for line in lines]
    told = CycleNumbers(cycle, desk.typesetter.decimals) if cycle else None
    return tuple(
        rows_told(desk, found.of(done), found.heap(cycle.trace, desk) if cycle else None, told)
        for found in tables_of(targets)
    )


class Table(NamedTuple):
    """The lines of one quantity: what they compute, and their places among others."""

    targets: tuple[Ref, ...]
    places: tuple[int, ...]

    def of(self, done: Sequence[SetLine]) -> tuple[SetLine, ...]:
        """Those of all that are typeset."""
        return tuple([done[place] for place in self.places])

    def heap(self, trace: Trace, desk: Desk) -> Heap | None:
        """What of them may be set apart; None for quantities of which nothing is."""
        if self.targets[0].name not in FOLDED:
            return None
        return _heap(trace, self.targets, whole=desk.is_of_any)


def tables_of(targets: Sequence[Ref]) -> tuple[Table, ...]:
    """The quantities of some lines, which compute these numbers, in their order."""
    places: dict[str, list[int]] = {}
    for place, target in enumerate(targets):
        places.setdefault(target.name, []).append(place)
    return tuple(Table(tuple(targets[k] for k in some), tuple(some)) for some in places.values())


def rows_told(
    desk: Desk, done: tuple[SetLine, ...], heap: Heap | None, told: CycleNumbers | None
) -> Rows:
    """The lines of one quantity as a table, in which those of a heap are told apart."""
    name, layer = _of_quantity(done[0])
    if heap is None or told is None:
        return Rows(name, layer, done, done[0], done[1:])
    live = desk.is_of_any
    verdict: Verdict | None = told.judged(heap, heap.trees, lambda: heap.verdict(told))
    if verdict is None:
        return Rows(name, layer, done, done[0], done[1:], is_live=live)
    marked = list(zip(done, verdict.apart, strict=True))
    apart = tuple([line for line, is_apart in marked if is_apart])
    still = Still(apart, verdict.why, tuple([desk.unit(int(unit)) for unit in verdict.units]))
    if live:
        return Rows(name, layer, done, done[0], done[1:], noted=still, is_live=True)
    first, *more = [line for line, is_apart in marked if not is_apart]
    return Rows(name, layer, done, first, tuple(more), still)


def _of_quantity(line: SetLine) -> tuple[str, int]:
    assert line.ref is not None  # only a line of matrices has none
    return line.ref.name, line.ref.layer


def _heap(trace: Trace, rows: Sequence[Ref], *, whole: bool) -> Heap:
    """The heap of some rows, which all cycles of a network share."""
    known = _heaps.setdefault(trace, {})
    key = tuple([row.spot for row in rows]), whole
    if key not in known:
        known[key] = Heap.of(trace.experiment, rows, whole=whole)
    return known[key]


class Verdict(NamedTuple):
    """Of each row whether it is set apart; why, and the units that make it so."""

    apart: tuple[Any, ...]
    why: Why
    units: tuple[Any, ...]


@dataclass(frozen=True)
class Heap:
    """The rows of one quantity in which nothing happens, as trees.

    They are made when they are asked for: of most quantities no row is set apart. A ``whole`` heap
    leaves no row out.
    """

    experiment: Experiment
    name: str
    layer: int
    places: tuple[tuple[int, ...], ...]
    whole: bool = False

    @classmethod
    def of(cls, experiment: Experiment, rows: Sequence[Ref], *, whole: bool = False) -> Heap:
        """The heap of the rows that compute these numbers."""
        places = tuple([row.index for row in rows])
        return cls(experiment, rows[0].name, rows[0].layer, places, whole)

    @cached_property
    def still(self) -> Tree:
        """Of each row whether nothing happens in it."""
        return judgements.is_still(self.name, self.layer, self.places).once()

    @cached_property
    def apart(self) -> Tree:
        """Of each row whether it is put on the heap."""
        still = self.still
        return still if self.whole else judgements.apart(still, len(self.places)).once()

    @cached_property
    def is_set_apart(self) -> Tree:
        """Whether there is a heap."""
        return ~(self.still.count() < judgements.FEWEST_STILL)

    @cached_property
    def why(self) -> Tree:
        """The key of the reason."""
        where = self.name, self.layer, self.places
        return judgements.reason(self.experiment, *where, self.apart)

    @property
    def trees(self) -> tuple[Tree, ...]:
        """All that is asked of a cycle."""
        return self.is_set_apart, self.apart, self.why, self.units, self.sources

    def verdict(self, told: CycleNumbers) -> Verdict | None:
        """What is set apart in a cycle, and why; None for nothing."""
        if not decide(self.is_set_apart, told):
            return None
        why: Why = decide(self.why, told)
        named = NAMED_BY.get(why)
        units = row_of(getattr(self, named), told) if named else ()
        return Verdict(tuple(row_of(self.apart, told)), why, tuple(units))

    @cached_property
    def units(self) -> Tree:
        """The units that make it so."""
        return judgements.named_units(self.places, self.apart, sources=False)

    @cached_property
    def sources(self) -> Tree:
        """The units before them that do."""
        return judgements.named_units(self.places, self.apart, sources=True)


def is_still(line: SetLine) -> bool:
    """Whether a parameter is after the update what it was before."""
    return any(before == line.value for before in _before(line))


def _before(line: SetLine) -> Iterator[float]:
    """The value of a line's parameter before the update."""
    assert line.ref is not None  # only a line of matrices has none
    wanted = line.ref.marked(after=False).spot
    return (operand.value for operand in line.operands if operand.ref.spot == wanted)
