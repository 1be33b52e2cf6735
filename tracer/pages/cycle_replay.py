"""A cycle, typeset as those before it were: their plan is filled with its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.explain.cycle import explain_cycle
from tracer.explain.forward import are_large
from tracer.explain.objective import batch_line
from tracer.explain.terms import written_terms
from tracer.formula import FloatArray
from tracer.notation import Number
from tracer.pages.addresses import Address
from tracer.pages.blocks import Block, Rows, rows_told
from tracer.pages.cycle_plan import (
    CyclePlan,
    GroupPlan,
    Item,
    Planner,
    UnknownNumberError,
    items_of,
)
from tracer.pages.cycle_row import Layout, Shape, Taken, moments
from tracer.pages.cycle_told import RowNumbers
from tracer.pages.cycle_typeset import CycleTypeset, PredictedChange
from tracer.pages.desk import Desk
from tracer.pages.parameters import ParameterTable, parameter_outlines, state_outlines
from tracer.pages.walk import Walk
from tracer.pictures import cycle_values
from tracer.refs import Ref, anchor_of
from tracer.trace import Cycle
from tracer.typeset import MatrixLine, Operand, SetLine
from tracer.typeset.markup import escaped
from tracer.typeset.printed import numbers_of
from tracer.typeset.replayed import (
    Done,
    ReplayedLine,
    Row,
    operand_at,
    placed,
)
from tracer.typeset.replayed_grids import ReplayedMatrix


class Kind:
    """Cycles whose rows have one layout. A plan is made of the first that asks for it.

    In lines of a shared update the other rows of its batch are named. Those are planned when the
    same rows meet again.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape, self.met = shape, 0
        self.layout: Layout | None = None
        self.plan: CyclePlan | None = None
        self.is_known = False

    @classmethod
    def of(cls, walk: Walk, cycle: Cycle) -> Kind:
        """The kind of a cycle."""
        visits = cycle.visits
        shape = Shape(cycle.is_last_of_batch, len(visits), cycle.visit - visits[0])
        named = cycle.trace.row[list(visits)].tolist() if shape.updates else ()
        key = shape, *named[:-1]
        found: Kind | None = walk.plans.get(key)
        if found is None:
            found = walk.plans[key] = cls(shape)
        return found

    @property
    def is_worth_it(self) -> bool:
        """Whether a plan will be used again."""
        return self.met > 1 or not self.shape.updates or self.shape.batch == 1

    def planned(self, desk: Desk, cycle: Cycle) -> CyclePlan | None:
        """The plan of the kind; None where a cycle shows that there is none."""
        if not self.is_known:
            self.is_known = True
            try:
                layout = self.layout or Layout(cycle.trace, self.shape, Taken(cycle))
                self.plan = Planner(desk, explain_cycle(cycle), layout).plan()
            except UnknownNumberError:
                self.plan = None
        return self.plan


def replay_cycle(walk: Walk, cycle: Cycle) -> tuple[CycleTypeset, Desk] | None:
    """The cycle and its page, typeset by the plan of those like it; None where there is none."""
    desk = Desk(walk, walk.slug_of(cycle))
    if walk.main or walk.wide_layers or not _is_at_home(desk, cycle) or _mixes_large(cycle):
        return None
    kind = Kind.of(walk, cycle)
    kind.met += 1
    if not kind.is_worth_it:
        return None
    if kind.layout is None:
        kind.layout = Layout(cycle.trace, kind.shape, Taken(cycle))
    values = kind.layout.of_cycle(cycle)
    if not np.isfinite(values).all():
        return None
    plan = kind.planned(desk, cycle)
    row = plan and row_of(plan, desk, cycle, values)
    return (
        (_Replay(plan, desk, cycle, row, values.tolist()).typeset(), desk) if plan and row else None
    )


def _is_at_home(desk: Desk, cycle: Cycle) -> bool:
    """Whether what the cycle computes stands on its page, in lines that name each term."""
    homes = desk.walk.addresses
    if homes.visit_slug(cycle.visit) != desk.slug or written_terms(len(cycle.visits)):
        return False
    return not cycle.is_last_of_batch or homes.update_slug(cycle.update) == desk.slug


def _mixes_large(cycle: Cycle) -> bool:
    """Whether softmax is written in its other way first."""
    layers = cycle.trace.experiment.layers
    mixing = [k for k, of in enumerate(layers) if ACTIVATIONS[of.activation].vector]
    return bool(mixing) and any(are_large(cycle.z[k]) for k in mixing)


def row_of(plan: CyclePlan, desk: Desk, cycle: Cycle, values: FloatArray) -> Row | None:
    """The numbers of a cycle as its page has them; None for an address that HTML escapes."""
    layout, times, numbers = plan.layout, moments(cycle), numbers_of(desk.typesetter.decimals)
    hrefs = _hrefs(plan, desk, times)
    if hrefs is None:
        return None
    exact = list(plan.exact)
    for place in layout.at_start(values):
        exact[place] = True
    every = [*values.tolist(), *[operand.value for operand in plan.constants]]
    usual, given = numbers.more[0], numbers.exact
    whens = [times[when] for when in layout.whens]
    whens += [operand.ref.moment for operand in plan.constants]
    of = zip(every, exact, hrefs, whens, strict=True)
    return Row([placed(given[v] if e else usual[v], h, v, e, m) for v, e, h, m in of], numbers)


def _hrefs(plan: CyclePlan, desk: Desk, times: Mapping[Any, Any]) -> list[str] | None:
    """Where the numbers stand, seen from the page."""
    found: list[str] = []
    for texts, ref, when in plan.links:
        if ref is None:
            found += texts
            continue
        href = desk.address(ref.at_moment(times[when]))
        if href != escaped(href):
            return None
        stem = href.removesuffix(texts[0])
        found += [stem + text for text in texts] if href else [""] * len(texts)
    constant = [desk.address(operand.ref) for operand in plan.constants]
    return None if any(href != escaped(href) for href in constant) else found + constant


class Alike:
    """A part of a cycle: what is the same in all cycles; the rest is explained when it is asked."""

    def __init__(self, alike: Mapping[str, Any], explain: Callable[[], Any]) -> None:
        self.__dict__.update(alike, _explain=explain)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._explain(), name)


@dataclass(eq=False)
class _Replay:
    """One cycle on its way through a plan."""

    plan: CyclePlan
    desk: Desk
    cycle: Cycle
    row: Row
    values: Sequence[float]

    @cached_property
    def explained(self) -> Any:
        """The cycle's own lines, for what takes a closer look and what only some pages ask."""
        return explain_cycle(self.cycle)

    @cached_property
    def items(self) -> list[Item]:
        """The same one after the other."""
        return list(items_of(self.explained))

    def typeset(self) -> CycleTypeset:
        """All that its page shows."""
        done = self.done = tuple(self._set())
        self._note()
        told, plan = self._told(), self.plan
        blocks: dict[str, Any] = {
            section: [self._block(section, k, told) for k in range(len(some))]
            for section, some in plan.blocks.items()
        }
        singles: dict[str, Any] = {
            name: None if k is None else done[k] for name, k in plan.singles.items()
        }
        total, change = singles.pop("total"), singles.pop("change")
        sizes, number = self.cycle.trace.layer_sizes, self.number
        units, outputs = range(1, sizes[0] + 1), range(1, sizes[-1] + 1)
        tables, state = self._tables()
        return CycleTypeset(
            tables=tables,
            state=state,
            **blocks,
            **singles,
            predicted=self._predicted(total, change),
            told=told,
            prediction=[self._as_operand("a", len(sizes) - 1, k) for k in outputs],
            x=[number("x", 0, k) for k in units],
            x_units=tuple(units),
            y=[number("y", 0, k) for k in outputs],
            number=number,
            value=self.value,
        )

    def _set(self) -> Iterator[SetLine]:
        """Its lines and matrices, in their order."""
        row, done, later = self.row, list[Done | None](), (self._latex, self._operands)
        for k, step in enumerate(self.plan.steps):
            made, found = None, None
            if type(step) is ReplayedLine:
                made = step.set(row, k, later)
                found = made and made[0]
            elif type(step) is ReplayedMatrix:
                found = step.set(row, done, k, later)
            done.append(made)
            yield self._anew(k) if found is None else found

    def _operands(self, k: int) -> tuple[Operand, ...]:
        step = self.plan.steps[k]
        return step.operands(self.row) if isinstance(step, ReplayedLine) else ()

    def _anew(self, k: int) -> SetLine:
        """A line or matrix that takes a closer look."""
        step, setter = self.plan.steps[k], self.desk.line_setter
        plain = step.plainly(self.row) if isinstance(step, ReplayedLine) else None
        if plain is not None:
            return setter.closely(plain, quoted=False)
        line = batch_line(self.cycle) if step is None else self.items[k]
        assert line is not None  # a plan that has it says so
        return setter.matrix(line) if isinstance(line, MatrixLine) else setter.line(line)

    def _latex(self, k: int) -> str:
        return self._anew(k).latex

    def _note(self) -> None:
        """Note on the page, and in the index of symbols, what stands there."""
        desk, known = self.desk, self.plan.known
        desk.lines.update([(line[1], line) for line in self.done if line[0] is not None])
        if None not in self.plan.steps:
            desk.told.append(self._linked)
        if "notes" not in known:
            known["notes"] = desk.notes_of(self.done)
        names, lines = known["notes"]
        notes = desk.walk.index.notes(desk.slug)
        notes.names.update(names)
        for key, k in lines:
            notes.lines.setdefault(key, Address(desk.slug, self.done[k].anchor))

    def _linked(self) -> dict[str, Operand]:
        """The numbers of its lines that stand elsewhere, by where."""
        pairs = [(of, self.row.all[place]) for place, of in self.plan.used.items()]
        return {at.href: operand_at(of, at) for of, at in pairs if at.href[:1] != "#"}

    def _told(self) -> RowNumbers:
        """Its numbers for what is judged of them."""
        lines, named, values = self.desk.lines, self.plan.layout.own, self.values
        more = {
            name: values[k] if (k := named.get(spot)) is not None else math.nan
            for name, spot in _MORE.items()
        }
        return RowNumbers(
            self.cycle,
            self.desk.typesetter.decimals,
            {anchor: line.result for anchor, line in lines.items()},
            more,
            values=self.values,
            layout=self.plan.layout,
            asked=self.plan.known.setdefault("asked", {}),
        )

    def _block(self, section: str, k: int, told: RowNumbers) -> Block:
        """A layer of a part."""
        plan, done = self.plan.blocks[section][k], self.done
        lines = {group.name: done[group.lines] for group in plan.groups}
        return Block(
            plan.alike["layer"],
            Alike(plan.alike, lambda: getattr(self.explained, section)[k]),
            {name: None if at is None else done[at] for name, at in plan.matrices},
            lines,
            {group.name: self._tables_of(group, lines[group.name], told) for group in plan.groups},
            plan.is_first,
            plan.is_new,
        )

    def _tables_of(
        self, group: GroupPlan, done: tuple[SetLine, ...], told: RowNumbers
    ) -> tuple[Rows, ...]:
        return tuple(
            [rows_told(self.desk, table.of(done), heap, told) for table, heap in group.tables]
        )

    def _predicted(self, total: SetLine | None, change: SetLine | None) -> PredictedChange | None:
        alike, parts = self.plan.predicted, self.done[self.plan.parts]
        if alike is None or change is None:
            return None
        return PredictedChange(Alike(alike, lambda: self.explained.predicted), parts, total, change)

    def _tables(self) -> tuple[tuple[ParameterTable, ...], tuple[ParameterTable, ...]]:
        """The parameters, and what the optimizer keeps for them."""
        known, desk = self.plan.known, self.desk
        if "outlines" not in known:
            known["outlines"] = parameter_outlines(desk), state_outlines(desk)
        first, second = known["outlines"]
        return tuple([of.table(self._listed) for of in first]), tuple(
            [of.table(self._listed) for of in second]
        )

    def _listed(self, name: str, layer: int, index: tuple[int, ...]) -> Number:
        """A parameter in its table: no link leads to the table itself."""
        found = self._as_operand(name, layer, *index)
        here = anchor_of(name, layer, index, after=False)
        return Number(found.text) if found.href == f"#{here}" else found

    def _as_operand(self, name: str, layer: int, *index: int) -> Number:
        place = self.plan.layout.named[name, layer, *index]
        number = self.row.all[place]
        return Number(number.text, number.href)

    def number(self, *question: Any) -> Number:
        """A number for the pictures: of the lines, of the parameters and of the table."""
        known = self.plan.known
        found = known.get(question)
        if found is None:
            found = known[question] = self._asked(*question)
        place, anchor, href = found
        if place is not None:
            number = self.row.all[place]
            return Number(number[8], number[4])
        return Number(self.desk.lines[anchor].result, href)

    def _asked(self, name: str, layer: int, *index: int) -> tuple[int | None, str, str]:
        """Where a number stands: in the row, or as the result of a line."""
        if name in _GIVEN:
            return self.plan.layout.named[name, layer, *index], "", ""
        anchor = anchor_of(name, layer, index, after=False)
        return None, anchor, f"#{anchor}"

    def value(self, *question: Any) -> float:
        """The same as a float."""
        place = self.plan.layout.named.get(question)
        return cycle_values(self.cycle)(*question) if place is None else self.values[place]


_GIVEN = frozenset(["W", "b", "x", "y"])
_MORE = {
    "loss_after": Ref("loss", after=True).spot,
    "predicted_change": Ref("predicted_change").spot,
}
