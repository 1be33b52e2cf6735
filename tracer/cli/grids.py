"""Labelled grids of numbers as lines of text that stay within a width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.cells import cell_len

# two blanks part columns from each other, four part blocks that are read one by one
GAP, APART = 2, 4


@dataclass(frozen=True)
class Grid:
    """Rows of cells under headings, with a label before each row and a title above."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def lines_of(grids: Iterable[Grid], width: int, indent: int = 0) -> Iterator[str]:
    """The grids, side by side where the width has room for them, else below each other.

    A grid that is too wide by itself goes on below with its next columns. No line is longer than
    ``width``, unless a single column is.
    """
    row: list[list[str]] = []
    below = False
    for block in (block for grid in grids for block in _blocks(grid, width - indent)):
        wide = sum(cell_len(other[0]) + APART for other in row) + cell_len(block[0])
        if row and wide > width - indent:
            yield from _side_by_side(row, indent, below=below)
            row, below = [], True
        row.append(block)
    yield from _side_by_side(row, indent, below=below)


def _blocks(grid: Grid, width: int) -> Iterator[list[str]]:
    """The grid as blocks of lines of the same length, each with as many columns as have room."""
    labels = max(cell_len(label) for label, _ in grid.rows)
    columns = [
        max(cell_len(text) for text in (head, *(cells[k] for _, cells in grid.rows)))
        for k, head in enumerate(grid.heads)
    ]
    for start, stop in _parts(columns, width - labels):
        yield _block(grid, labels, columns, range(start, stop))


def _parts(columns: Sequence[int], width: int) -> Iterator[tuple[int, int]]:
    """Runs of columns, each as long as the width allows."""
    start, used = 0, 0
    for k, column in enumerate(columns):
        if k > start and used + GAP + column > width:
            yield start, k
            start, used = k, 0
        used += GAP + column
    yield start, len(columns)


def _block(grid: Grid, labels: int, columns: Sequence[int], chosen: range) -> list[str]:
    def line(label: str, cells: Sequence[str]) -> str:
        fitted = (_right(cells[k], columns[k] + GAP) for k in chosen)
        return _left(label, labels) + "".join(fitted)

    made = [grid.title, line("", grid.heads), *(line(*row) for row in grid.rows)]
    longest = max(cell_len(text) for text in made)
    return [_left(text, longest) for text in made]


def _side_by_side(blocks: Sequence[list[str]], indent: int, *, below: bool) -> Iterator[str]:
    if below:
        yield ""
    widths = [cell_len(block[0]) for block in blocks]
    for texts in zip_longest(*blocks, fillvalue=""):
        cells = (_left(text, width) for text, width in zip(texts, widths, strict=True))
        yield (" " * indent + (" " * APART).join(cells)).rstrip()


def _left(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text
