"""A CSV file as a table: UTF-8 with a header, commas, quotes as in RFC 4180."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from tracer.errors import Problem
from tracer.experiment.files import near_file, not_utf8, why_unreadable
from tracer.experiment.report import Report
from tracer.experiment.table import Cell, Table, check_names, parse_number
from tracer.experiment.words import count_text, found_text


def csv_table(path: Path, report: Report) -> Table | None:
    """The table of a CSV file; None where not even its header can be read."""
    text = _csv_text(path, report)
    return None if text is None else _table(text, str(path), report)


def _table(text: str, file: str, report: Report) -> Table | None:
    records, failure = _records(text)
    while records and len(records[-1][1]) <= 1 and not "".join(records[-1][1]).strip():
        records.pop()
    if failure is not None:
        report.add_foreign(Problem(failure[1], file, failure[0]))
    if not records:
        if failure is None:
            report.add_foreign(Problem("expected a header and rows, found an empty file", file, 1))
        return None
    table = _headed(records.pop(0), file, report)
    if table is None:
        return None
    table.broken |= failure is not None
    for line, cells in records:
        _append(table, line, cells)
    if not records and failure is None:
        report.add_foreign(Problem("expected rows under the header, found none", file, 1))
        table.broken = True
    return table


def _csv_text(path: Path, report: Report) -> str | None:
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        key = ("data", "path")
        report.add(
            key, f"expected a CSV file, found {why_unreadable(path, error)}", near_file(path, error)
        )
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        report.add_foreign(not_utf8(str(path), data, error))
        return None


def _records(text: str) -> tuple[list[tuple[int, list[str]]], tuple[int, str] | None]:
    """(line, cells) of each record, and the line and wording of what ended the reading early."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    records: list[tuple[int, list[str]]] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return records, None
        except csv.Error as error:
            return records, (line, _csv_words(str(error)))
        if cells or records:
            records.append((line, cells))


_CSV_WORDS: Mapping[str, str] = {
    "unexpected end of data": 'expected a closing quote ("), found the end of the file',
    "expected after": 'expected a comma after the closing quote ("), found something else',
    "field larger": "expected cells of at most 131072 characters, found a longer one",
}


def _csv_words(error: str) -> str:
    return next((text for part, text in _CSV_WORDS.items() if part in error), error)


def _headed(header: tuple[int, list[str]], file: str, report: Report) -> Table | None:
    line, cells = header
    names = tuple(cell.strip() for cell in cells)
    separator = next((mark for mark in ";\t" if len(names) == 1 and mark in names[0]), None)
    if separator:
        found = f"expected column names separated by commas, found {found_text(names[0])}"
        hint = f"Separate cells by commas, not by {'semicolons' if separator == ';' else 'tabs'}."
        report.add_foreign(Problem(found, file, line, hint=hint))
        return None
    table = Table(names, [], report, file, [])
    table.lines = [line]
    check_names(table)
    table.lines = []
    return table


def _append(table: Table, line: int, texts: list[str]) -> None:
    row = len(table.rows)
    table.lines.append(line)
    cells = tuple(Cell(text.strip(), parse_number(text.strip())) for text in texts)
    table.rows.append(cells if len(cells) == len(table.names) else None)
    if table.rows[row] is None:
        found = len(cells) if "".join(texts).strip() else "an empty line"
        table.flag(row, None, f"expected {count_text(len(table.names), 'cell')}, found {found}")
