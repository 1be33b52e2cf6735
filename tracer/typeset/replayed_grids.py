"""Lines of matrices of many cycles: their HTML but for the numbers is put together once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, NamedTuple

from markupsafe import Markup

from tracer.typeset import markup as marks
from tracer.typeset.compiled import Compiled
from tracer.typeset.grids import GridSetter
from tracer.typeset.line import MatrixLine, MatrixTerm, Operand
from tracer.typeset.markup import Sized
from tracer.typeset.mathml import to_mathml
from tracer.typeset.planning import Placed, placed_of
from tracer.typeset.printed import Printed
from tracer.typeset.replayed import Done, Later, Pick, Row, pick
from tracer.typeset.set_line import NO_FLAGS, SetLine
from tracer.typeset.soon import known as known_of
from tracer.typeset.sooner import IN_DOUBT, branch_for
from tracer.typeset.stencils import LinePlan

_new = tuple.__new__  # half of the time that the class takes
_CELL, _WIDE = "\0", 1e6
"""What stands for a number, and a width that no matrix has, while a stencil is made."""
_STYLE = marks.wide(_WIDE)


class Grid(NamedTuple):
    """A matrix of a stencil: which numbers it has, in how many columns, and its name's width.

    With no number longer than ``fits`` it is never wide.
    """

    numbers: slice
    columns: int
    name: float
    fits: int

    def style(self, lengths: Sequence[int]) -> str:
        """How wide it is, where that is to be said, by the lengths of all numbers."""
        own, columns = lengths[self.numbers], self.columns
        if max(own) <= self.fits:
            return ""
        longest = [max(own[k::columns]) for k in range(columns)]
        width = marks.FENCES + sum([marks.GAP + marks.DIGIT * most for most in longest]) + self.name
        return marks.wide(width)


class Stencil(NamedTuple):
    """Matrices as HTML with places for numbers, and for styles, in the order of reading.

    ``order`` tells for each place of ``texts`` which style or number it holds: the styles stand
    before. ``plain`` has places for numbers alone, which suffices where none is longer than
    ``fits``.
    """

    texts: list[str]
    order: Pick
    grids: tuple[Grid, ...]
    plain: list[str]
    fits: int

    @classmethod
    def of(cls, html: str, grids: Sequence[Grid]) -> Stencil:
        """The stencil of HTML in which each style is that of a width, and each number a sign."""
        texts = re.split(f"({_CELL}|{re.escape(_STYLE)})", html)
        styles, cells = count(), count(len(grids))
        order = [next(cells if text == _CELL else styles) for text in texts[1::2]]
        plain = re.split(f"({_CELL})", html.replace(_STYLE, ""))
        fits = min([grid.fits for grid in grids], default=0)
        return cls(texts, pick(order), tuple(grids), plain, fits)

    def filled(self, cells: Sequence[str], lengths: Sequence[int]) -> Markup:
        """The HTML with these numbers, which are so long."""
        styles = []
        if max(lengths) > self.fits:
            styles = [grid.style(lengths) for grid in self.grids]
        if not any(styles):
            texts = self.plain.copy()
            texts[1::2] = cells
        else:
            texts = self.texts.copy()
            texts[1::2] = self.order([*styles, *cells])
        return marks.html("".join(texts))


class Entry(NamedTuple):
    """An entry of a matrix: what computes it, and the places of its value and its operands.

    ``line`` is the number of the page's line that computes the same, -1 for none.
    """

    form: Any
    value: int
    pick: Pick
    line: int


class ReplayedMatrix:
    """A line of matrices of any cycle: ``of`` is that of one.

    ``place`` tells where an operand stands, ``line`` which line of the page computes a value by a
    form from operands at such places.
    """

    def __init__(
        self,
        of: MatrixLine,
        plan: LinePlan,
        setter: GridSetter,
        place: Callable[[Operand], int],
        line: Callable[..., int],
    ) -> None:
        self.of, self.plan, self.setter = of, plan, setter
        self.results = [place(operand) for row in of.result for operand in row]
        self.entries: list[Entry] = []
        for bound, result in zip(of.entries, self.results, strict=True):
            places = tuple([place(operand) for operand in bound.operands])
            number = line(bound.form, result, places)
            self.entries.append(Entry(bound.form, result, pick(places), number))
        own = [entry.line for entry in self.entries]
        self.pick_lines = pick(own) if min(own) >= 0 else None
        self.places = [place(o) for grid in of.grids for row in grid.rows for o in row]
        self.scalars = self._scalars()
        self.pick = pick(self.places)
        self.numbers = self._stencil()
        self.equal, self.rounded = map(self._result_stencil, "=≈")

    def _scalars(self) -> list[int]:
        """Which of the numbers stand without brackets."""
        sizes = [sum(map(len, grid.rows)) for grid in self.of.grids]
        starts = [sum(sizes[:k]) for k in range(len(sizes))]
        pairs = zip(self.of.grids, starts, strict=True)
        return [start for grid, start in pairs if grid.scalar]

    def _stencil(self) -> Stencil:
        terms: list[list[Sized]] = []
        grids: list[Grid] = []
        start = 0
        for grid in self.of.grids:
            width = 0.0 if grid.scalar else _WIDE
            name = to_mathml(grid.name) if grid.name else ""
            sized = Sized(name + _blank(grid), width)
            if grid.sign and terms:
                terms.append([Sized(self.setter.joint_of(grid) + sized.mathml, width)])
            elif terms:
                terms[-1].append(sized)
            else:
                terms = [[sized]]
            stop, columns = start + sum(map(len, grid.rows)), len(grid.rows[0])
            if not grid.scalar:
                room = marks.NAME if grid.name else 0.0
                grids.append(Grid(slice(start, stop), columns, room, marks.fitting(columns)))
            start = stop
        return Stencil.of(marks.terms("=", terms), grids)

    def _result_stencil(self, relation: str) -> Stencil:
        rows = self.of.result
        sized = Sized(marks.table([[_CELL for _ in row] for row in rows]), _WIDE)
        columns = len(rows[0])
        grid = Grid(slice(0, len(self.results)), columns, 0.0, marks.fitting(columns))
        return Stencil.of(marks.terms(relation, [[sized]]), [grid])

    def set(
        self, row: Row, done: Sequence[Done | None], number: int, later: Later
    ) -> SetLine | None:
        """The line of a cycle whose lines are ``done``; None where it takes a closer look."""
        lines = self.pick_lines(done) if self.pick_lines else ()
        settled = self._settled(row, lines)
        if settled is None:
            return None
        extra, exactly, shown = settled
        stencil = self.equal if all(exactly) else self.rounded
        result = stencil.filled([text[4] for text in shown], [len(text[8]) for text in shown])
        given = self.pick(row.with_more(extra) if extra else row.all)
        cells = [each[2] for each in given]
        for k in self.scalars:
            cells[k] = given[k][3]
        numbers = self.numbers.filled(cells, [len(each[8]) for each in given])
        parts = *self.plan.stated, ("tr-numbers", numbers), ("tr-result", result)
        start = None, "", parts, later[0], number, (), (), self.plan.quantities
        return _new(SetLine, (*start, "", 0.0, "", "", NO_FLAGS))

    def _settled(
        self, row: Row, lines: Sequence[Done | None]
    ) -> tuple[int, Sequence[bool], Sequence[Printed]] | None:
        """How many extra digits make all entries true, which are so exactly, and the results."""
        if lines and all(lines):
            _, extras, exactly, shown = zip(*lines, strict=True)
            if not any(extras):
                return 0, exactly, shown
        found = self._looked_at(row, lines or [None for _ in self.entries])
        if found is None:
            return None
        goals = row.numbers.goals
        pairs = zip(self.entries, found[1], strict=True)
        both = [(goals[row.all[entry.value].value], is_equal) for entry, is_equal in pairs]
        return *found, [goal.equal if is_equal else goal.rounded for goal, is_equal in both]

    def _looked_at(self, row: Row, lines: Sequence[Done | None]) -> tuple[int, list[bool]] | None:
        """The same, decided entry by entry."""
        extra = max([line[1] for line in lines if line], default=0)
        try:
            while extra < len(row.numbers.more):
                exactly = self._with_extra(row, lines, extra)
                if exactly is None:
                    return None
                if exactly:
                    return extra, exactly
                extra += 1
        except IN_DOUBT:
            pass
        return None

    def _with_extra(self, row: Row, lines: Sequence[Done | None], extra: int) -> list[bool] | None:
        """Which entries are exactly so with these digits; none of them where one needs more."""
        found: list[bool] = []
        for entry, line in zip(self.entries, lines, strict=True):
            if line and line[1] == extra:
                found.append(line[2])
                continue
            decided = self._entry(entry, row, extra)
            if decided is None:
                return None
            if not decided:
                return []
            found.append(decided > 1)
        return found

    def _decider(self, branch: Compiled | None) -> Placed | None:
        """What decides whether operands give exactly their result, by this branch of a form."""
        known, key = self.setter.lines.known, ("decides", branch)
        if key not in known:
            known[key] = branch and placed_of(branch, None)
        found: Placed | None = known[key]
        return found

    def _entry(self, entry: Entry, row: Row, extra: int) -> int | None:
        """2 where an entry is exactly its result, 1 where it rounds to it, 0 for more digits."""
        every, branch = row.with_more(extra) if extra else row.all, known_of(entry.form).branch
        given = entry.pick(every)
        if branch is None:
            operands = tuple([(each.value, each.exact) for each in given])
            branch = branch_for(entry.form, operands, row.numbers.decimals)
            if extra:
                return None
        decides = self._decider(branch)
        if decides is None:
            return None
        value = row.all[entry.value].value
        found: int | None = decides(row.numbers.goals[value], given, value, ())
        return found


def _blank(grid: MatrixTerm) -> str:
    """A matrix with a sign for each number."""
    return _CELL if grid.scalar else marks.table([[_CELL for _ in row] for row in grid.rows])
