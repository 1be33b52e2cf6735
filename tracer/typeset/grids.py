"""Lines of matrices that are settled and set with few steps: see :mod:`tracer.typeset.sooner`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tracer.typeset import markup as marks
from tracer.typeset.line import Bound, MatrixLine, MatrixTerm
from tracer.typeset.links import OddAddressError
from tracer.typeset.markup import Sized
from tracer.typeset.mathml import to_mathml
from tracer.typeset.planning import First, first_of
from tracer.typeset.printed import Printed
from tracer.typeset.set_line import NO_FLAGS
from tracer.typeset.soon import known as known_of
from tracer.typeset.sooner import IN_DOUBT, LineSetter, branch_of


class GridsSet(NamedTuple):
    """What a line of matrices says of its numbers; ``remarks`` are told of it."""

    relation: str
    terms: list[list[Sized]]
    result: Sized
    remarks: frozenset[str] = NO_FLAGS


@dataclass(frozen=True)
class GridSetter:
    """Sets lines of matrices on a page; ``lines`` sets its others."""

    lines: LineSetter
    joint: Callable[[MatrixTerm], str]

    def matrix(self, line: MatrixLine) -> GridsSet | None:
        """The numbers of a line, or None where it takes a closer look."""
        values = [operand.value for row in line.result for operand in row]
        settled = self._entries(line.entries, values)
        terms = settled and self._terms(line.grids, settled[0])
        if settled is None or terms is None:
            return None
        numbers, exactly, width = self.lines.numbers, settled[1], len(line.result[0])
        pairs = zip(values, exactly, strict=True)
        shown = [numbers.result(value, exactly=is_equal) for value, is_equal in pairs]
        rows = [shown[k : k + width] for k in range(0, len(shown), width)]
        result = sized_grid([[text.alone for text in row] for row in rows], rows)
        return GridsSet("=" if all(exactly) else "≈", terms, result)

    def _entries(
        self, bounds: Sequence[Bound], values: Sequence[float]
    ) -> tuple[int, list[bool]] | None:
        """How many extra digits make all entries true, and which are so exactly."""
        extra = 0
        while True:
            exactly: list[bool] = []
            for bound, value in zip(bounds, values, strict=True):
                found = self._first(bound, value, extra)
                if found is None:
                    return None
                if found[0] != extra:
                    break
                exactly.append(found[1])
            else:
                return extra, exactly
            extra = found[0]

    def _first(self, bound: Bound, value: float, extra: int) -> tuple[int, bool] | None:
        """The fewest extra digits, from so many on, that make an entry true."""
        numbers, known = self.lines.numbers, self.lines.known
        branch = known_of(bound.form).branch
        if branch is None:
            branch, numbers = branch_of(bound, numbers.decimals), numbers.usual
        key = "first", branch
        first: First | None = known.get(key)
        if first is None:
            first = known[key] = (branch and first_of(branch)) or undecided
        try:
            return first(value, bound.operands, numbers, extra)
        except IN_DOUBT:
            return None

    def _terms(self, grids: Sequence[MatrixTerm], extra: int) -> list[list[Sized]] | None:
        """The terms of matrices; None for an address that HTML would not have as it is."""
        terms: list[list[Sized]] = []
        for grid in grids:
            sized = self._grid(grid, extra)
            if sized is None:
                return None
            if grid.name:
                sized = Sized(to_mathml(grid.name) + sized.mathml, sized.width + marks.NAME)
            if grid.sign and terms:
                terms.append([Sized(self.joint_of(grid) + sized.mathml, sized.width)])
            elif terms:
                terms[-1].append(sized)
            else:
                terms = [[sized]]
        return terms

    def joint_of(self, grid: MatrixTerm) -> str:
        """The sign between a matrix and the one before it."""
        key, known = ("joint", grid.sign), self.lines.known
        found: str | None = known.get(key)
        if found is None:
            found = known[key] = self.joint(grid)
        return found

    def _grid(self, grid: MatrixTerm, extra: int) -> Sized | None:
        lines, numbers = self.lines, self.lines.numbers
        exact, more, known = numbers.exact, numbers.more[extra], lines.links
        cells, texts = [], []
        for operands in grid.rows:
            row = [exact[o.value] if o.exact else more[o.value] for o in operands]
            try:
                links = [known[o.ref.moment][o.ref.spot] for o in operands]
            except OddAddressError:
                return None
            texts.append(row)
            cells.append(
                [
                    f"{text[2]}{href}{text[3]}" if href else text[4]
                    for text, href in zip(row, links, strict=True)
                ]
            )
        if not grid.scalar:
            return sized_grid(cells, texts)
        ((text,),), href = texts, links[0]
        linked = f"{text.fenced_before}{href}{text.fenced_behind}"
        return Sized(linked if href else text.fenced_alone)


def undecided(*_: Any) -> None:
    """What float64 decides of a form whose bound is not known."""


def sized_grid(cells: Sequence[Sequence[str]], texts: Sequence[Sequence[Printed]]) -> Sized:
    """A matrix of these cells, which are such numbers."""
    shown = [[text[8] for text in row] for row in texts]
    return Sized(marks.table(cells), 0.0 if marks.surely_fits(shown) else marks.width(shown))
