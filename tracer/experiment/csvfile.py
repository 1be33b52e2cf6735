"""A CSV file as a table: UTF-8, read as a stream, in the dialect that it is written in."""

from __future__ import annotations

import io
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import chain
from pathlib import Path

from tracer.errors import Problem
from tracer.experiment.dataset import Dialect
from tracer.experiment.dialect import (
    PLURALS,
    SEPARATORS,
    BrokenRecordError,
    Record,
    find_separators,
    records,
    stated_separator,
)
from tracer.experiment.files import (
    NotAFileError,
    TooLargeError,
    first_wrong_byte,
    not_utf8,
    open_regular,
    what_helps,
    why_unreadable,
)
from tracer.experiment.header import check_header, name_columns
from tracer.experiment.limits import INSIST, MAX_CELLS, MAX_TABLE_BYTES, size_text
from tracer.experiment.model import DataSection
from tracer.experiment.report import Report
from tracer.experiment.table import Table, check_names
from tracer.experiment.words import count_text

_BOM = b"\xef\xbb\xbf"
_LINE_ENDS = {b"\r\n": "crlf", b"\r": "cr", b"\n": "lf"}


def csv_table(path: Path, data: DataSection, report: Report) -> Table | None:
    """The table of a CSV file; None where it cannot be told what its columns are."""
    start = _start(path, report)
    if start is None:
        return None
    try:
        return _CsvFile(path, start, data, report).table()
    except UnicodeDecodeError:
        with open_regular(path, None) as stream:
            report.add_foreign(not_utf8(str(path), start, first_wrong_byte(stream)))
        return None


def _start(path: Path, report: Report) -> bytes | None:
    """The first bytes of the file; None where it cannot be read, or should not be."""
    limit = None if report.insist else MAX_TABLE_BYTES
    try:
        with open_regular(path, limit) as stream:
            return stream.read(2**16)
    except (OSError, ValueError, NotAFileError, TooLargeError) as error:
        large = f" of at most {size_text(MAX_TABLE_BYTES)}"
        kind = f"a CSV file{large if isinstance(error, TooLargeError) else ''}"
        message = f"expected {kind}, found {why_unreadable(path, error)}"
        report.add(("data", "path"), message, what_helps(path, error))
        return None


class _CsvFile:
    def __init__(self, path: Path, start: bytes, data: DataSection, report: Report) -> None:
        self.path, self.start, self.data, self.report = path, start, data, report
        self.file = str(path)
        self.failed = False

    def lines(self) -> Iterator[str]:
        """The lines of the file, from its start."""
        with (
            open_regular(self.path, None) as raw,
            io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as stream,
        ):
            yield from stream

    def table(self) -> Table | None:
        separators = find_separators(self.lines)
        if len(separators) > 1:
            self._two_readings(separators)
            return None
        separator = separators[0]
        with closing(self._records(separator)) as found:
            table = self._filled(found)
        if table is None:
            return None
        table.dialect = Dialect(
            file=self.path.name,
            separator=separator,
            header=self.data.header is not False,
            bom=self.start.startswith(_BOM),
            line_end=self._line_end(),
        )
        return table

    def _line_end(self) -> str:
        match = re.search(rb"\r\n|\r|\n", self.start)
        return _LINE_ENDS[match[0]] if match else "lf"

    def _two_readings(self, separators: tuple[str, ...]) -> None:
        names = " and by ".join(PLURALS[name] for name in separators)
        found = f"a table whose cells may be separated by {names}"
        message = f"expected a table that can be read in one way, found {found}"
        hint = "Put cells that hold such a mark in quotes."
        self.report.add_foreign(Problem(message, self.file, 1, hint=hint))

    def _records(self, separator: str) -> Generator[Record, None, None]:
        """Every record from the first that holds something; a fault of the quotes ends them."""
        begun = False
        try:
            for line, cells in records(self.lines(), separator):
                stated = not begun and stated_separator("".join(cells) + SEPARATORS[separator])
                begun = begun or (any(cells) and not stated)
                if begun:
                    yield line, cells
        except BrokenRecordError as error:
            self.failed = True
            words = _csv_words(error.words, PLURALS[separator].removesuffix("s"))
            self.report.add_foreign(Problem(words, self.file, error.line))

    def _filled(self, found: Iterator[Record]) -> Table | None:
        first = next(found, None)
        if first is None:
            if not self.failed:
                message = "expected a header and rows, found an empty file"
                self.report.add_foreign(Problem(message, self.file, 1))
            return None
        names = name_columns(first[1], self.data, self.report, self.path.name)
        if names is None:
            return None
        table = Table(names, [], self.report, self.file, [], header_line=first[0])
        headed = self.data.header is not False
        if not _Filler(table, self.report).fill(found if headed else chain([first], found)):
            return None
        table.broken |= self.failed
        if headed and not check_header(table, self.data):
            return None
        check_names(table)
        if not table.rows and not self.failed:
            message = "expected rows under the header, found none"
            self.report.add_foreign(Problem(message, self.file, 1))
            table.broken = True
        return table


class _Filler:
    """Puts records into a table, and leaves out empty lines at its end."""

    def __init__(self, table: Table, report: Report) -> None:
        self.table, self.report = table, report
        self.width = len(table.names)
        self.odd: list[tuple[int, list[str]]] = []

    def fill(self, found: Iterable[Record]) -> bool:
        """False where there are more cells than are read without being asked twice."""
        limit = None if self.report.insist else MAX_CELLS // self.width
        waiting: list[int] = []
        for line, cells in found:
            if not any(cells):
                waiting.append(line)
                continue
            for empty in waiting:
                self._append(empty, [])
            waiting = []
            self._append(line, cells)
            if limit is not None and len(self.table.rows) > limit:
                self._refuse()
                return False
        self._flag_odd()
        _drop_empty_columns(self.table)
        return True

    def _append(self, line: int, cells: list[str]) -> None:
        while len(cells) > self.width and not cells[-1]:
            cells = cells[:-1]
        fits = len(cells) == self.width
        self.table.lines.append(line)
        self.table.rows.append(tuple(cells) if fits else None)
        if not fits:
            self.odd.append((len(self.table.rows) - 1, cells))

    def _flag_odd(self) -> None:
        """Rows of another width; where decimal commas made them so, all of them in one."""
        expected = f"expected {count_text(self.width, 'cell')}"
        if self.odd and all(_split_by_commas(cells, self.width) for _, cells in self.odd):
            row, cells = self.odd[0]
            more = f" (and {len(self.odd) - 1} more such rows)" if len(self.odd) > 1 else ""
            self.table.flag(row, None, f"{expected}, found {len(cells)}{more}", _BOTH)
            return
        for row, cells in self.odd:
            found = len(cells) if cells else "an empty line"
            self.table.flag(row, None, f"{expected}, found {found}")

    def _refuse(self) -> None:
        message = f"expected a table of at most {MAX_CELLS:,} cells, found more"
        hint = f"Take fewer rows or columns. {INSIST}"
        self.report.add_foreign(Problem(message, self.table.file, hint=hint))


_BOTH = (
    "If the commas are decimal marks, separate the cells by semicolons, or write the numbers "
    "with a point: here a comma would be both."
)


def _split_by_commas(cells: list[str], width: int) -> bool:
    """Whether so many numbers of a row were cut in two that their decimal commas may be why."""
    pairs, at = 0, 0
    while at + 1 < len(cells):
        cut = re.fullmatch(r"[+-]?[0-9]+", cells[at]) and re.fullmatch(r"[0-9]+", cells[at + 1])
        pairs, at = (pairs + 1, at + 2) if cut else (pairs, at + 1)
    return width < len(cells) <= width + pairs


def _drop_empty_columns(table: Table) -> None:
    """Columns at the right edge without a name and without a cell, as spreadsheets leave them."""
    width = len(table.names)
    while width > 1 and not table.names[width - 1]:
        if any(cells[width - 1] for cells in table.rows if cells):
            break
        width -= 1
    if width < len(table.names):
        table.names = table.names[:width]
        table.rows = [cells and cells[:width] for cells in table.rows]


_CSV_WORDS: Mapping[str, str] = {
    "unexpected end of data": 'expected a closing quote ("), found the end of the file',
    "expected after": 'expected a {mark} after the closing quote ("), found something else',
    "field larger": "expected cells of at most 131072 characters, found a longer one",
}


def _csv_words(error: str, mark: str) -> str:
    words = next((text for part, text in _CSV_WORDS.items() if part in error), error)
    return words.replace("{mark}", mark)
