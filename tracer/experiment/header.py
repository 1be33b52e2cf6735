"""The first line of a CSV file: names of columns, or numbers of a table that has no names."""

from __future__ import annotations

from tracer.errors import Problem
from tracer.experiment.model import DataSection
from tracer.experiment.numbers import looks_like_number
from tracer.experiment.report import Report
from tracer.experiment.table import Table
from tracer.experiment.words import count_text, list_text

_HINT = (
    "Write header = false in [data] if the file has no line of names (columns = [...] names them), "
    "or header = true if these are names."
)


def name_columns(
    first: list[str], data: DataSection, report: Report, file: str
) -> tuple[str, ...] | None:
    """The names of the columns: the first line's, those of `data.columns`, or x1, x2, … and y."""
    path = ("data", "columns")
    if data.header is not False:
        if data.columns is not None:
            hint = "The names of the columns are the first line of the file (or header = false)."
            report.add(path, "expected no columns beside path, found some", hint)
        return tuple(first)
    if data.columns is None:
        return (*(f"x{k + 1}" for k in range(len(first) - 1)), "y")
    if len(data.columns) == len(first):
        return tuple(name.strip() for name in data.columns)
    expected = f"expected {count_text(len(first), 'name')}, one a column of {file}"
    report.add(path, f"{expected}, found {len(data.columns)}")
    return None


def check_header(table: Table, data: DataSection) -> bool:
    """Refuse a first line that is a row like the others.

    It is one if some of it are numbers and the rest are values that their columns hold again. It
    is none where the file says so, or calls one of the numbers an input or the target.
    """
    numbers = {name for name in table.names if looks_like_number(name)}
    if data.header is True or not numbers or numbers & _named(data):
        return True
    for column, name in enumerate(table.names):
        seen = {cells[column] for cells in table.rows if cells}
        if name not in numbers and name not in seen:
            return True
    message = f"expected the names of the columns, found {list_text(table.names, 6)}"
    problem = Problem(message, table.file, table.header_line, hint=_HINT)
    table.report.add_foreign(problem)
    return False


def _named(data: DataSection) -> set[str]:
    targets = (data.target,) if isinstance(data.target, str) else data.target or ()
    return {name.strip() for name in (*(data.inputs or ()), *targets)}
