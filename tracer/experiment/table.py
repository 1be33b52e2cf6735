"""The user's table, cell by cell, wherever it comes from."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from tracer.errors import Problem
from tracer.experiment.arrayrows import ArrayRows
from tracer.experiment.dataset import Dialect, FloatArray
from tracer.experiment.limits import INSIST, MAX_CELLS, name_fault
from tracer.experiment.numbers import HINTS, Clash, Mark, decimal_mark, number_fault, parse_number
from tracer.experiment.report import Report
from tracer.experiment.words import count_text, found_text, name_text

TRUE_FALSE = "Write 1 for true and 0 for false."
DATE = "A network takes numbers: write a date as the days since a first one, a time as its minutes."


@dataclass(frozen=True)
class TableCell:
    """One cell: what it is, its number where it is one (nan and infinities included)."""

    raw: Any
    number: int | float | None
    boolean: bool = False

    @property
    def text(self) -> str:
        """What stands in the cell."""
        return self.raw if isinstance(self.raw, str) else found_text(self.raw)

    @property
    def value(self) -> float | None:
        """The number in float64, None where it is none, or none that float64 can hold."""
        try:
            value = math.nan if self.number is None else float(self.number)
        except OverflowError:
            return None
        return value if math.isfinite(value) else None

    @property
    def shown(self) -> str:
        """The cell in a message."""
        if self.boolean:
            return self.text
        return found_text(self.text) if self.text else "an empty cell"

    @property
    def fault(self) -> str | None:
        """What keeps it from being a number: a key of `HINTS`, "boolean", or None."""
        return "boolean" if self.boolean else number_fault(self.text)


@dataclass
class Table:
    """Named columns of cells; a row that cannot be used is None. Knows where each cell stands.

    Cells are kept as they came, and read when they are asked for: by the decimal `mark` where
    they come from a file of their own.
    """

    names: tuple[str, ...]
    rows: Any  # a list of them, or ArrayRows
    report: Report
    file: str | None = None
    lines: list[int] = field(default_factory=list)
    broken: bool = False
    header_line: int = 1
    mark: Mark = "."
    dialect: Dialect | None = None

    def flag(self, row: int, column: int | None, message: str, hint: str | None = None) -> None:
        """Note a problem of a cell, or of a whole row."""
        self.broken = True
        if self.file is None:
            path = ("data", "rows", row) if column is None else ("data", "rows", row, column)
            self.report.add(path, message, hint)
        else:
            key = None if column is None else name_text(self.names[column])
            self.report.add_foreign(Problem(message, self.file, self.lines[row], key, hint))

    def cell(self, value: Any) -> TableCell:
        """A value of a row as a cell."""
        if type(value) is int or type(value) is float:
            return TableCell(value, value)
        if isinstance(value, bool):
            return TableCell("true" if value else "false", None, boolean=True)
        if isinstance(value, str):
            text = value.strip()
            return TableCell(text, None if self.file is None else parse_number(text, self.mark))
        return TableCell(value, value)

    def column(self, column: int) -> Iterator[tuple[int, TableCell]]:
        """(row, cell) of every usable row."""
        if isinstance(self.rows, ArrayRows):
            yield from enumerate(map(self.cell, self.rows.column(column)))
            return
        for row, cells in enumerate(self.rows):
            if cells is not None:
                yield row, self.cell(cells[column])

    def matrix(self, columns: Sequence[int]) -> FloatArray | None:
        """These columns (N, n) at once, where they came as an array of finite numbers."""
        if not isinstance(self.rows, ArrayRows):
            return None
        inputs = self.rows.inputs
        if tuple(columns) == tuple(range(inputs.shape[1])):
            return inputs
        return inputs[:, columns] if max(columns, default=0) < inputs.shape[1] else None

    def numbers(self, column: int, hint: str | None = None) -> dict[int, float]:
        """The finite numbers of a column by row; every other cell is a problem.

        Cells that are wrong for the same known reason are one problem.
        """
        found: dict[int, float] = {}
        wrong: dict[str | int, list[tuple[int, TableCell]]] = {}
        for row, cell in self.column(column):
            value = cell.value
            if value is None:
                wrong.setdefault(cell.fault or row, []).append((row, cell))
            else:
                found[row] = value
        for fault, cells in wrong.items():
            row, cell = cells[0]
            what = "a number" if cell.number is None else "a finite number"
            more = f" (and {len(cells) - 1} more like it)" if len(cells) > 1 else ""
            advice = TRUE_FALSE if fault == "boolean" else HINTS.get(str(fault), hint)
            self.flag(row, column, f"expected {what}, found {cell.shown}{more}", advice)
        return found

    def settle_mark(self, columns: Sequence[int]) -> bool:
        """Decide the decimal mark from these columns; False, and one problem, where none fits."""
        if self.file is None:
            return True
        places = [
            (row, column)
            for column in sorted(set(columns))
            for row, cells in enumerate(self.rows)
            if cells is not None
        ]
        texts = (self._text(row, column) for row, column in places)
        mark = decimal_mark(texts, commas_usual=self._commas_usual)
        if isinstance(mark, Clash):
            second = None if mark.second is None else places[mark.second]
            self._refuse_marks(places[mark.first], second)
            return False
        self.mark = mark
        return True

    @property
    def _commas_usual(self) -> bool:
        """Whether it was written where numbers have decimal commas: by semicolons between cells."""
        return self.dialect is not None and self.dialect.separator == "semicolon"

    def _text(self, row: int, column: int) -> str:
        return str((self.rows[row] or ())[column])

    def _refuse_marks(self, first: tuple[int, int], second: tuple[int, int] | None) -> None:
        text = self._text(*first)
        if second is None:
            decimal = text.replace(",", ".") + "0" * self._commas_usual
            message = f"expected a number that can be read in one way, found {found_text(text)}"
            hint = f"Write {decimal} or {re.sub('[.,]', '', text)}, whichever is meant."
            if "," not in text:
                hint += f" One number such as {decimal} tells that all points are decimal marks."
        else:
            other = f"in line {self.lines[second[0]]} {found_text(self._text(*second))}"
            message = f"expected one decimal mark, found {found_text(text)} and {other}"
            hint = "Write all numbers with a point, or all with a comma."
        self.flag(*first, message, hint)


def inline_table(
    columns: tuple[str, ...], rows: tuple[tuple[Any, ...], ...] | ArrayRows, report: Report
) -> Table | None:
    """The table of `data.columns` and `data.rows`; None where it is too large."""
    whole = isinstance(rows, ArrayRows)
    table = Table(tuple(name.strip() for name in columns), rows if whole else list(rows), report)
    cells = rows.cells if isinstance(rows, ArrayRows) else sum(map(len, rows))
    if not report.insist and cells > MAX_CELLS:
        message = f"expected a table of at most {MAX_CELLS:,} cells, found more"
        report.add(("data", "rows"), message, f"Take fewer rows or columns. {INSIST}")
        return None
    if not isinstance(table.rows, ArrayRows):
        _check_widths(table, table.rows)
    _check_cells(table)
    if not rows:
        report.add(("data", "rows"), "expected at least one row, found an empty list")
        table.broken = True
    check_names(table)
    return table


def _check_cells(table: Table) -> None:
    rows = table.rows
    if isinstance(rows, ArrayRows):
        if all(map(_is_cell, chain.from_iterable(rows.ends))):
            return
        rows = table.rows = list(rows)
    for row, values in enumerate(rows):
        if values is not None and not all(map(_is_cell, values)):
            _flag_odd_cells(table, row, values)
            rows[row] = None


def _check_widths(table: Table, rows: list[tuple[Any, ...] | None]) -> None:
    """Note rows of another width than the columns: one problem where all of them are so wide."""
    width, widths = len(table.names), [len(cells or ()) for cells in rows]
    expected = f"expected {count_text(width, 'cell')}, one a column"
    odd = [row for row, found in enumerate(widths) if found != width]
    alike = len(odd) == len(widths) > 1 and len(set(widths)) == 1
    commas = bool(odd) and all(width < widths[row] <= 2 * width for row in odd) and width > 1
    for row in odd[:1] if alike else odd:
        more = f" (and so in all {len(odd)} rows)" if alike else ""
        hint = "Are there decimal commas? Write numbers with a point: 0.5." if commas else None
        table.flag(row, None, f"{expected}, found {widths[row]}{more}", hint)
    for row in odd:
        rows[row] = None


def _is_cell(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def _flag_odd_cells(table: Table, row: int, values: tuple[Any, ...]) -> None:
    for column, value in enumerate(values):
        if not _is_cell(value):
            message = f"expected a number or text, found {found_text(value)}"
            table.flag(row, column, message, DATE if is_date(value) else None)


def is_date(value: Any) -> bool:
    """Whether a cell is a date or a time: TOML's own, or a text that looks like one."""
    if isinstance(value, str):
        return _DATE.fullmatch(value.strip()) is not None
    return isinstance(value, dt.date | dt.time)


_DAY = r"[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-/.])[0-9]{1,2}\2[0-9]{2,4}"
_TIME = (
    r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:\s?[ap]m)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_DATE = re.compile(rf"(?:{_DAY})(?:[T ]{_TIME})?|{_TIME}", re.IGNORECASE)


def check_names(table: Table) -> None:
    """Note columns without a name, names that occur twice, and names that no page can hold."""
    first: dict[str, int] = {}
    for column, name in enumerate(table.names):
        message = _name_problem(name, column, first.setdefault(name, column))
        if message is None:
            continue
        table.broken = True
        if table.file is None:
            table.report.add(("data", "columns", column), message)
        else:
            key = name_text(name) or None
            table.report.add_foreign(Problem(message, table.file, table.header_line, key))


def _name_problem(name: str, column: int, first: int) -> str | None:
    if not name:
        return f"expected a name for column {column + 1}, found an empty one"
    if first != column:
        both = f"for the columns {first + 1} and {column + 1}"
        return f"expected different column names, found {found_text(name)} {both}"
    fault = name_fault(name)
    return fault and f"expected a column name with {fault[0]}, found {fault[1]}"
