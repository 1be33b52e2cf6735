"""What the pages of all cycles of one kind share, found out by one of them.

A plan knows each line and matrix of such a page, in its order, and where its numbers stand in the
row of a cycle (:mod:`tracer.pages.cycle_row`). There is none where a number has no place there:
such cycles are typeset line by line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tracer.explain.cycle import CycleExplained
from tracer.formula import Form
from tracer.pages.blocks import BACKWARD, FORWARD, UPDATE, Block, Heap, Parts, Table, tables_of
from tracer.pages.blocks import blocks_of as placed
from tracer.pages.cycle_row import Layout, Taken, When, moments
from tracer.pages.desk import Desk
from tracer.refs import Known, Moment, Ref, Setting
from tracer.trace import Cycle
from tracer.typeset import Line, MatrixLine, Operand
from tracer.typeset.replayed import ReplayedLine
from tracer.typeset.replayed_grids import ReplayedMatrix

Item = Line | MatrixLine
Step = ReplayedLine | ReplayedMatrix | None
"""How a line or matrix of a page is set; None for one that is set anew in each cycle."""
SECTIONS: Mapping[str, Parts] = {
    "forward": FORWARD,
    "backward": BACKWARD,
    "update": UPDATE,
    "forward_after": FORWARD,
}
"""The parts of a cycle that have layers."""
SINGLES = ("loss", "penalty", "batch_loss", "rate", "loss_after", "loss_change")
"""The lines beside them."""
ALIKE = (
    *("layer", "activation", "is_output", "fused", "units", "carried", "constants"),
    *("known", "wanted", "plain"),
)
"""What is said of a part of a cycle, and is the same in all cycles."""
HERE: frozenset[When | int] = frozenset(("visit", "batch", "next", "after"))
"""What a page computes itself, if its cycle and its update have it for their page."""


class UnknownNumberError(Exception):
    """A number has no place in the row of a cycle."""


def items_of(explained: CycleExplained) -> Iterator[Item]:
    """All lines and matrices, in the order in which a page sets them."""
    yield from _of_layers(explained, "forward")
    yield explained.loss
    yield from _of_layers(explained, "backward")
    yield from filter(None, (explained.penalty, explained.batch_loss, explained.rate))
    yield from _of_layers(explained, "update")
    yield from _of_layers(explained, "forward_after")
    yield from filter(None, (explained.loss_after, explained.loss_change))
    if explained.predicted:
        yield from explained.predicted.lines


def _of_layers(explained: CycleExplained, section: str) -> Iterator[Item]:
    parts = SECTIONS[section]
    for layer in getattr(explained, section):
        for group in parts.groups:
            yield from getattr(layer, group)
        matrices = (getattr(layer, name) for name in parts.matrices)
        yield from (matrix for matrix in matrices if matrix is not None)


class GroupPlan(NamedTuple):
    """A group of lines: their places among all items, and the tables that they make."""

    name: str
    lines: slice
    tables: tuple[tuple[Table, Heap | None], ...]


class BlockPlan(NamedTuple):
    """A layer of a part: what is alike in all cycles, its matrices and its groups of lines."""

    alike: Mapping[str, Any]
    matrices: tuple[tuple[str, int | None], ...]
    groups: tuple[GroupPlan, ...]
    is_first: bool
    is_new: bool


class Links(NamedTuple):
    """Addresses of some numbers side by side: ``texts`` as they are, or behind where ``ref`` is.

    The last part of an address names the units; what stands before it is one for all of them.
    """

    texts: list[str]
    ref: Ref | None = None
    when: When | int = "known"


@dataclass(frozen=True, eq=False)
class CyclePlan:
    """The pages of cycles with a row of one ``layout``.

    ``constants`` are numbers that never move: they stand behind those of the cycle. ``exact`` says
    of each number whether it is exact, but for parameters that still are what they were.
    ``used`` are the numbers of the lines, in the order in which they are met. ``known`` is what
    pages have found out that follow this plan.
    """

    layout: Layout
    constants: tuple[Operand, ...]
    exact: tuple[bool, ...]
    steps: tuple[Step, ...]
    blocks: Mapping[str, tuple[BlockPlan, ...]]
    singles: Mapping[str, int | None]
    parts: slice
    predicted: Mapping[str, Any] | None
    links: tuple[Links, ...]
    used: Mapping[int, Operand]
    known: dict[Any, Any] = field(default_factory=dict)


def alike_of(of: Any) -> dict[str, Any]:
    """What is said of a part of a cycle and is the same in all."""
    return {name: getattr(of, name) for name in ALIKE if hasattr(of, name)}


class Planner:
    """Finds the places of all numbers of one cycle.

    Raises UnknownNumberError where one has none.
    """

    def __init__(self, desk: Desk, explained: CycleExplained, layout: Layout) -> None:
        self.desk, self.explained, self.layout = desk, explained, layout
        self.cycle: Cycle = explained.cycle
        self.items = list(items_of(explained))
        self.number = {id(item): k for k, item in enumerate(self.items)}
        values = layout.values(Taken(self.cycle))
        self.values, self.at_start = values.tolist(), frozenset(layout.at_start(values))
        self.moments = moments(self.cycle)
        met = [self.moments[when] for when in layout.whens]
        spots = [ref.spot for ref in layout.refs]
        pairs: list[tuple[int, Moment]] = list(zip(spots, met, strict=True))
        self.places = {pair: k for k, pair in reversed(list(enumerate(pairs)))}
        self.constants: dict[int, Operand] = {}
        self.exact: dict[int, bool] = {}
        self.used: dict[int, Operand] = {}
        self.computed: dict[tuple[Form, int, tuple[int, ...]], int] = {}

    def plan(self) -> CyclePlan:
        """The plan that this cycle shows."""
        steps, predicted = tuple(map(self._step, self.items)), self.explained.predicted
        constants = tuple(self.constants.values())
        own = [self.exact.get(k, False) for k in range(len(self.values))]
        ends = (predicted.total, predicted.change) if predicted else (None, None)
        first = self._at(predicted.parts[0]) if predicted else 0
        return CyclePlan(
            self.layout,
            constants,
            (*own, *(operand.exact for operand in constants)),
            steps,
            {section: tuple(self._blocks(section)) for section in SECTIONS},
            {name: self._at(getattr(self.explained, name)) for name in SINGLES}
            | dict(zip(("total", "change"), map(self._at, ends), strict=True)),
            slice(first, (first or 0) + len(predicted.parts)) if predicted else slice(0),
            alike_of(predicted) if predicted else None,
            tuple(self._links()),
            self.used,
        )

    def place(self, operand: Operand) -> int:
        """Where an operand stands."""
        ref = operand.ref
        if type(ref.moment) is Setting:
            self.constants.setdefault(ref.spot, operand)
            return len(self.values) + list(self.constants).index(ref.spot)
        place, is_exact = self._place(ref, operand.value), operand.exact
        is_parameter = ref.name in ("W", "b")
        known = place in self.at_start if is_parameter else self.exact.setdefault(place, is_exact)
        if known != is_exact:
            raise UnknownNumberError(ref.anchor)
        return place

    def _place(self, ref: Ref, value: float) -> int:
        place = self.places.get((ref.spot, ref.moment))
        if place is None or not _same(self.values[place], value):
            raise UnknownNumberError(ref.anchor)
        return place

    def _step(self, item: Item) -> Step:
        if item is self.explained.batch_loss:
            return None  # it is called by the number of its update
        setter = self.desk.line_setter
        if isinstance(item, MatrixLine):
            of = setter.matrix_as_set(item)
            return ReplayedMatrix(of, *setter.for_matrices(of), self.place, self._computed)
        line = setter.line_as_set(item)
        operands = line.bounds[0].operands
        places = [self.place(operand) for operand in operands]
        for place, operand in zip(places, operands, strict=True):
            self.used[place] = operand
        result = self._place(line.target, line.value)
        self.computed[line.bounds[0].form, result, tuple(places)] = self.number[id(item)]
        return ReplayedLine(line, setter.for_lines, result, places)

    def _computed(self, form: Form, value: int, places: tuple[int, ...]) -> int:
        """The line that computes a value by a form from operands at these places; -1 for none."""
        return self.computed.get((form, value, places), -1)

    def _at(self, item: Item | None) -> int | None:
        return None if item is None else self.number[id(item)]

    def _blocks(self, section: str) -> Iterator[BlockPlan]:
        parts, layers = SECTIONS[section], getattr(self.explained, section)
        for of, block in zip(layers, placed([_bare(of) for of in layers]), strict=True):
            matrices = tuple((name, self._at(getattr(of, name))) for name in parts.matrices)
            groups = tuple(self._group(section, name, getattr(of, name)) for name in parts.groups)
            yield BlockPlan(alike_of(of), matrices, groups, block.is_first, block.is_new)

    def _group(self, section: str, name: str, lines: tuple[Line, ...]) -> GroupPlan:
        start = self.number[id(lines[0])] if lines else 0
        tables = tables_of([line.target for line in lines])
        judged = section in ("backward", "update")
        heaps = [t.heap(self.cycle.trace, self.desk) if judged else None for t in tables]
        pairs = tuple(zip(tables, heaps, strict=True))
        return GroupPlan(name, slice(start, start + len(lines)), pairs)

    def _links(self) -> Iterator[Links]:
        for stretch in self.layout.stretches.values():
            if type(self.moments[stretch.when]) is Known:
                yield Links(["" for _ in stretch.refs])
            elif stretch.when in HERE:
                yield Links([f"#{ref.anchor}" for ref in stretch.refs])
            elif stretch.refs:
                units = ["".join(f"-{k}" for k in ref.index) for ref in stretch.refs]
                yield Links(units, stretch.refs[0], stretch.when)


def _bare(of: Any) -> Block:
    return Block(of.layer, of, {}, {})


def _same(one: float, other: float) -> bool:
    """Whether two numbers are the same, also in their sign where they are 0."""
    return one == other and math.copysign(1, one) == math.copysign(1, other)
