"""Lines of one kind for many cycles: what they share is found once, a cycle brings its numbers.

The numbers of a cycle stand in one row, in the same order for all cycles of a network. A line knows
the places of its operands there, so nothing is made for it but its text. Whatever takes a closer
look is left to :mod:`tracer.typeset.typesetter`, by the cycle's own line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any, NamedTuple

from tracer.refs import Moment
from tracer.typeset import markup as marks
from tracer.typeset.grids import GridSetter, sized_grid
from tracer.typeset.line import Bound, Line, MatrixLine, Operand
from tracer.typeset.markup import Sized
from tracer.typeset.mathml import to_mathml
from tracer.typeset.planning import First
from tracer.typeset.printed import Numbers, Printed
from tracer.typeset.set_line import SetLine
from tracer.typeset.soon import known as known_of
from tracer.typeset.sooner import IN_DOUBT, LineSetter, Plan, branch_for
from tracer.typeset.stencils import LinePlan

Pick = Callable[[Sequence[Any]], tuple[Any, ...]]
"""What stands at some places of a row."""


def pick(places: Sequence[int]) -> Pick:
    """Picks what stands at these places, from 0."""
    if len(places) == 1:
        (only,) = places
        return lambda row: (row[only],)
    return itemgetter(*places) if places else lambda _: ()


class Row(NamedTuple):
    """The numbers of a cycle as its page has them: values, addresses, which of them are exact.

    ``printed`` are their texts with the usual digits, ``cells`` the same as linked HTML;
    ``moments`` are those at which they are computed.
    """

    values: Sequence[float]
    hrefs: Sequence[str]
    exact: Sequence[bool]
    printed: Sequence[Printed]
    cells: Sequence[str]
    moments: Sequence[Moment]
    numbers: Numbers

    def with_more(self, extra: int) -> tuple[Sequence[Printed], Sequence[str]]:
        """Texts and HTML with so many digits more."""
        if not extra:
            return self.printed, self.cells
        more, exact = self.numbers.more[extra], self.numbers.exact
        given = zip(self.values, self.exact, strict=True)
        printed = [exact[value] if is_exact else more[value] for value, is_exact in given]
        return printed, cells_of(printed, self.hrefs)


def cells_of(printed: Sequence[Printed], hrefs: Sequence[str]) -> list[str]:
    """Numbers as HTML, each with its link."""
    return [
        f"{text[2]}{href}{text[3]}" if href else text[4]
        for text, href in zip(printed, hrefs, strict=True)
    ]


class ReplayedLine:
    """A line of any cycle: ``of`` is that of one, whose value and operands stand at ``places``."""

    def __init__(self, of: Line, setter: LineSetter, value: int, places: Sequence[int]) -> None:
        self.of, self.setter, self.value, self.places = of, setter, value, tuple(places)
        self.pick = pick(self.places)
        self.form = of.bounds[0].form
        self.plans: dict[tuple[bool, ...], Plan] = {}

    def plan(self, exact: tuple[bool, ...]) -> Plan:
        """What lines share of whose operands these are exact."""
        found = self.plans.get(exact)
        if found is None:
            found = self.plans[exact] = self.setter.plan(self._with(exact))
        return found

    def _with(self, exact: Sequence[bool]) -> Line:
        bound = self.of.bounds[0]
        operands = [
            replace_exact(operand, is_exact)
            for operand, is_exact in zip(bound.operands, exact, strict=True)
        ]
        return replace(self.of, bounds=(Bound(bound.form, tuple(operands)),))

    def set(
        self,
        plan: Plan,
        row: Row,
        latex: Callable[[], str],
        operands: Callable[[], tuple[Operand, ...]],
    ) -> SetLine | None:
        """The line of a cycle; None where it takes a closer look."""
        at, numbers = self.pick, row.numbers
        values, links, value = at(row.values), at(row.hrefs), row.values[self.value]
        if plan.asks:
            plan, numbers = self._chosen(values, at(row.exact), numbers), numbers.usual
        if plan.fill is None:
            return None
        try:
            found = plan.fill(value, values, links, "", plan.stated, numbers)
        except IN_DOUBT:
            return None
        if found is None:
            return None
        parts, result, kept = found
        return SetLine(
            self.of.target.at_moment(row.moments[self.value]),
            plan.anchor,
            parts,
            latex,
            operands,
            links,
            plan.quantities,
            result,
            value,
            kept,
            "",
            plan.flags,
        )

    def _chosen(self, values: tuple[float, ...], exact: tuple[bool, ...], numbers: Numbers) -> Plan:
        operands = tuple(zip(values, exact, strict=True))
        branch = branch_for(self.form, operands, numbers.decimals)
        return self.setter.chosen(self._with(exact), branch)

    def operands(self, row: Row) -> tuple[Operand, ...]:
        """The operands of a cycle's line."""
        of = self.of.bounds[0].operands
        return tuple([operand_at(o, row, place) for o, place in zip(of, self.places, strict=True)])


def operand_at(of: Operand, row: Row, place: int) -> Operand:
    """The operand of a cycle that stands at a place of its row, as ``of`` does in another one's."""
    ref = of.ref.at_moment(row.moments[place])
    return Operand(ref, row.values[place], row.exact[place], of.sample)


def replace_exact(operand: Operand, exact: bool) -> Operand:
    """The same operand, exact or not."""
    return Operand(operand.ref, operand.value, exact, operand.sample)


class Grid(NamedTuple):
    """A matrix of a line: its places, row by row, and what stands in front of it."""

    rows: tuple[Pick, ...]
    name: str
    joint: str
    scalar: int | None


class Entry(NamedTuple):
    """An entry of a matrix: what computes it, and the places of its value and its operands."""

    form: Any
    value: int
    pick: Pick


class ReplayedMatrix:
    """A line of matrices of any cycle: ``of`` is that of one."""

    def __init__(
        self,
        of: MatrixLine,
        plan: LinePlan,
        setter: GridSetter,
        place: Callable[[Operand], int],
    ) -> None:
        self.of, self.plan, self.setter = of, plan, setter
        self.results = tuple([place(operand) for row in of.result for operand in row])
        self.width = len(of.result[0])
        self.entries = [
            Entry(bound.form, result, pick([place(operand) for operand in bound.operands]))
            for bound, result in zip(of.entries, self.results, strict=True)
        ]
        self.grids = [self._grid(k, place) for k in range(len(of.grids))]

    def _grid(self, k: int, place: Callable[[Operand], int]) -> Grid:
        grid = self.of.grids[k]
        rows = [[place(operand) for operand in row] for row in grid.rows]
        joint = self.setter.joint_of(grid) if grid.sign and k else ""
        name = to_mathml(grid.name) if grid.name else ""
        return Grid(tuple(map(pick, rows)), name, joint, rows[0][0] if grid.scalar else None)

    def deciders(self, exact: Sequence[bool]) -> list[First | None]:
        """What decides each entry; None for a form that asks its operands."""
        found: list[First | None] = []
        for entry in self.entries:
            branch = known_of(entry.form).branch
            asks = branch is None
            found.append(None if asks else self.setter.decider(branch, entry.pick(exact)))
        return found

    def set(
        self, deciders: Sequence[First | None], row: Row, latex: Callable[[], str]
    ) -> SetLine | None:
        """The line of a cycle; None where it takes a closer look."""
        settled = self._settled(deciders, row)
        if settled is None:
            return None
        extra, exactly = settled
        goals, values, width = row.numbers.goals, row.values, self.width
        shown = [
            goals[values[place]].equal if is_equal else goals[values[place]].rounded
            for place, is_equal in zip(self.results, exactly, strict=True)
        ]
        rows = [shown[k : k + width] for k in range(0, len(shown), width)]
        result = sized_grid([[text.alone for text in texts] for texts in rows], rows)
        relation, terms = "=" if all(exactly) else "≈", self._terms(row, extra)
        parts = (
            *self.plan.stated,
            ("tr-numbers", marks.terms("=", terms)),
            ("tr-result", marks.terms(relation, [[result]])),
        )
        return SetLine(None, "", parts, latex, quantities=self.plan.quantities)

    def _settled(self, deciders: Sequence[First | None], row: Row) -> tuple[int, list[bool]] | None:
        """How many extra digits make all entries true, and which are so exactly."""
        values, numbers, extra = row.values, row.numbers, 0
        try:
            while True:
                exactly: list[bool] = []
                for entry, decider in zip(self.entries, deciders, strict=True):
                    given = entry.pick(values)
                    if decider is None:
                        found = self._asked(entry, given, row, extra)
                    else:
                        found = decider(values[entry.value], given, numbers, extra)
                    if found is None:
                        return None
                    if found[0] != extra:
                        extra = found[0]
                        break
                    exactly.append(found[1])
                else:
                    return extra, exactly
        except IN_DOUBT:
            return None

    def _asked(
        self, entry: Entry, values: tuple[float, ...], row: Row, extra: int
    ) -> tuple[int, bool] | None:
        exact, numbers = entry.pick(row.exact), row.numbers
        operands = tuple(zip(values, exact, strict=True))
        branch = branch_for(entry.form, operands, numbers.decimals)
        decider = self.setter.decider(branch, exact)
        return decider(row.values[entry.value], values, numbers.usual, extra)

    def _terms(self, row: Row, extra: int) -> list[list[Sized]]:
        printed, cells = row.with_more(extra)
        terms: list[list[Sized]] = []
        for grid in self.grids:
            sized = _grid_set(grid, row.hrefs, printed, cells)
            if grid.name:
                sized = Sized(grid.name + sized.mathml, sized.width + marks.NAME)
            if grid.joint:
                terms.append([Sized(grid.joint + sized.mathml, sized.width)])
            elif terms:
                terms[-1].append(sized)
            else:
                terms = [[sized]]
        return terms


def _grid_set(
    grid: Grid, hrefs: Sequence[str], printed: Sequence[Printed], cells: Sequence[str]
) -> Sized:
    if grid.scalar is None:
        return sized_grid([at(cells) for at in grid.rows], [at(printed) for at in grid.rows])
    text, href = printed[grid.scalar], hrefs[grid.scalar]
    linked = f"{text.fenced_before}{href}{text.fenced_behind}"
    return Sized(linked if href else text.fenced_alone)
