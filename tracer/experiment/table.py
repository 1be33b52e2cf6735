"""The user's table, cell by cell, wherever it comes from."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tracer.errors import Problem
from tracer.experiment.report import Report
from tracer.experiment.words import count_text, found_text, name_text

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")


@dataclass(frozen=True)
class Cell:
    """One cell: its text, and its number where it is one (nan and infinities included)."""

    text: str
    number: int | float | None

    @property
    def value(self) -> float | None:
        """The number in float64, None where it is none, or none that float64 can hold."""
        try:
            value = math.nan if self.number is None else float(self.number)
        except OverflowError:
            return None
        return value if math.isfinite(value) else None


@dataclass
class Table:
    """Named columns of cells; a row that cannot be used is None. Knows where each cell stands."""

    names: tuple[str, ...]
    rows: list[tuple[Cell, ...] | None]
    report: Report
    file: str | None = None
    lines: list[int] = field(default_factory=list)
    broken: bool = False

    def flag(self, row: int, column: int | None, message: str, hint: str | None = None) -> None:
        """Note a problem of a cell, or of a whole row."""
        self.broken = True
        if self.file is None:
            path = ("data", "rows", row) if column is None else ("data", "rows", row, column)
            self.report.add(path, message, hint)
        else:
            key = None if column is None else name_text(self.names[column])
            self.report.add_foreign(Problem(message, self.file, self.lines[row], key, hint))

    def column(self, column: int) -> Iterator[tuple[int, Cell]]:
        """(row, cell) of every usable row."""
        return ((row, cells[column]) for row, cells in enumerate(self.rows) if cells is not None)

    def numbers(self, column: int, hint: str | None = None) -> dict[int, float]:
        """The finite numbers of a column by row; every other cell is a problem."""
        found: dict[int, float] = {}
        for row, cell in self.column(column):
            value = cell.value
            if value is None:
                what = "a number" if cell.number is None else "a finite number"
                shown = found_text(cell.text) if cell.text else "an empty cell"
                self.flag(row, column, f"expected {what}, found {shown}", _comma_hint(cell) or hint)
            else:
                found[row] = value
        return found


def _comma_hint(cell: Cell) -> str | None:
    return "Write numbers with a point: 0.5." if _COMMA.fullmatch(cell.text) else None


def parse_number(text: str) -> int | float | None:
    """The number that a text is, in plain ASCII digits, or None."""
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) or _NOT_FINITE.fullmatch(text):
        return float(text)
    return None


def inline_table(
    columns: tuple[str, ...], rows: tuple[tuple[Any, ...], ...], report: Report
) -> Table:
    """The table of `data.columns` and `data.rows`."""
    table = Table(tuple(name.strip() for name in columns), [], report)
    for row, values in enumerate(rows):
        table.rows.append(None)
        if len(values) != len(columns):
            expected = f"expected {count_text(len(columns), 'cell')}, one a column"
            table.flag(row, None, f"{expected}, found {len(values)}")
            continue
        cells = [_inline_cell(table, row, column, value) for column, value in enumerate(values)]
        table.rows[row] = tuple(cell for cell in cells if cell) if all(cells) else None
    if not rows:
        report.add(("data", "rows"), "expected at least one row, found an empty list")
        table.broken = True
    check_names(table)
    return table


def _inline_cell(table: Table, row: int, column: int, value: Any) -> Cell | None:
    if isinstance(value, str):
        return Cell(value.strip(), None)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Cell(found_text(value), value)
    hint = "Write 1 and 0, or texts in quotes." if isinstance(value, bool) else None
    table.flag(row, column, f"expected a number or text, found {found_text(value)}", hint)
    return None


def check_names(table: Table) -> None:
    """Note columns without a name and names that occur twice."""
    for column, name in enumerate(table.names):
        first = table.names.index(name)
        if not name:
            message = f"expected a name for column {column + 1}, found an empty one"
        elif first != column:
            message = f"expected different column names, found {found_text(name)} "
            message += f"for the columns {first + 1} and {column + 1}"
        else:
            continue
        table.broken = True
        if table.file is None:
            table.report.add(("data", "columns", column), message)
        else:
            table.report.add_foreign(
                Problem(message, table.file, table.lines[0], name_text(name) or None)
            )
