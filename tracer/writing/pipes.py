"""Pipe tables: the one kind of table that GitHub, Jupyter, Quarto and Pandoc share.

They have one header row and no cell that reaches over others. Several header rows are put into
one, and a wide or high cell is repeated in every place it covers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# characters of a column in the source; a longer cell sticks out instead of widening every row
WIDEST = 40
_HIDDEN = re.compile(r"<[^<>]*>|\]\([^()]*\)|\\(?=[^\w\s])")


@dataclass(frozen=True)
class PipeCell:
    """Markdown in one line, and how many columns and rows it covers."""

    text: str
    wide: int = 1
    high: int = 1


def pipe_table(head: Sequence[Sequence[PipeCell]], body: Sequence[Sequence[PipeCell]]) -> str:
    """A table with these header rows, which may be none, and these rows."""
    heading, rows = _grid(head), _grid(body)
    columns = max((len(row) for row in [*heading, *rows]), default=1)
    lines = [_merged(heading, columns), *(_filled(row, columns) for row in rows)]
    rule = ["-" * width for width in _widths(lines)]
    return "\n".join(_line(row) for row in (lines[0], rule, *lines[1:]))


def _grid(rows: Sequence[Sequence[PipeCell]]) -> list[list[str]]:
    """The text of every place, each cell put where there is room."""
    places: dict[tuple[int, int], str] = {}
    for down, row in enumerate(rows):
        across = 0
        for cell in row:
            while (down, across) in places:
                across += 1
            for y in range(down, min(down + cell.high, len(rows))):
                for x in range(across, across + cell.wide):
                    places[y, x] = cell.text if (y, x) == (down, across) else _again(cell.text)
    columns = max((x + 1 for _, x in places), default=0)
    return [[places.get((y, x), "") for x in range(columns)] for y in range(len(rows))]


def _again(text: str) -> str:
    """A text that stands elsewhere too, without the place that links lead to."""
    return re.sub(r'<span id="[^"]*">|</span>', "", text)


def _merged(rows: Iterable[Sequence[str]], columns: int) -> list[str]:
    """Header rows as one; what is said twice in a column stands there once."""
    filled = [_filled(row, columns) for row in rows]
    stacks = [dict.fromkeys(row[x] for row in filled if row[x]) for x in range(columns)]
    return [", ".join(stack) for stack in stacks]


def _filled(row: Sequence[str], columns: int) -> list[str]:
    return [*row, *[""] * (columns - len(row))]


def _widths(lines: Sequence[Sequence[str]]) -> list[int]:
    """Dashes for each column: Pandoc shares the width of a long table in their proportion."""
    shown = ([len(_HIDDEN.sub("", text)) for text in column] for column in zip(*lines, strict=True))
    return [min(max(3, *lengths), WIDEST) for lengths in shown]


def _line(row: Iterable[str]) -> str:
    return "| " + " | ".join(row) + " |"
