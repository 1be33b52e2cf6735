"""Matrices of numbers as MathML and as LaTeX, with digits that are settled."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracer.numerals import Numeral
from tracer.refs import Ref
from tracer.typeset import markup as marks
from tracer.typeset.line import MatrixLine, MatrixTerm
from tracer.typeset.markup import Sized
from tracer.typeset.mathml import to_mathml
from tracer.typeset.settled import Digits, operand_numeral
from tracer.typeset.truth import SettledMatrix

Address = Callable[[Ref], str]
Joint = Callable[[MatrixTerm], str]
"""The sign between a matrix and the one before it."""
Texts = Sequence[Sequence[Numeral]]


def terms_of(
    line: MatrixLine, digits: Digits, decimals: int, address: Address, joint: Joint
) -> list[list[Sized]]:
    """The terms of matrices; a line may break between them, and in one if it has to."""
    terms: list[list[Sized]] = []
    for grid in line.grids:
        sized = _grid(grid, _texts(grid, digits, decimals), address)
        if grid.name:
            sized = Sized(to_mathml(grid.name) + sized.mathml, sized.width + marks.NAME)
        if grid.sign and terms:
            terms.append([Sized(joint(grid) + sized.mathml, sized.width)])
        elif terms:
            terms[-1].append(sized)
        else:
            terms = [[sized]]
    return terms


def result_of(results: Texts) -> Sized:
    """The matrix of results, which are no links."""
    return _sized([[marks.number(text, "") for text in row] for row in results], results)


def latex_of(line: MatrixLine, found: SettledMatrix, decimals: int, start: str) -> str:
    """The same line as LaTeX; ``start`` is what stands before its numbers."""
    grids = [_grid_latex(grid, _texts(grid, found.digits, decimals)) for grid in line.grids]
    results = marks.table_latex([[marks.number_latex(t) for t in row] for row in found.results])
    return " ".join((start, *grids, marks.relation_latex(found.relation), results))


def _grid(grid: MatrixTerm, texts: Texts, address: Address) -> Sized:
    cells = [
        [marks.number(text, address(o.ref)) for text, o in zip(row, operands, strict=True)]
        for row, operands in zip(texts, grid.rows, strict=True)
    ]
    if grid.scalar:
        return Sized(marks.filling(cells[0][0], texts[0][0], lone=False).wrapped)
    return _sized(cells, texts)


def _sized(cells: Sequence[Sequence[str]], texts: Texts) -> Sized:
    return Sized(marks.table(cells), marks.width([[n.text for n in row] for row in texts]))


def _grid_latex(grid: MatrixTerm, texts: Texts) -> str:
    cells = [[marks.number_latex(text) for text in row] for row in texts]
    inner = marks.table_latex(cells)
    if grid.scalar:
        inner = marks.filling(cells[0][0], texts[0][0], lone=False, latex=True).wrapped
    return " ".join(part for part in (grid.sign, grid.name, inner) if part)


def _texts(grid: MatrixTerm, digits: Digits, decimals: int) -> list[list[Numeral]]:
    return [[operand_numeral(o, decimals, digits) for o in row] for row in grid.rows]
