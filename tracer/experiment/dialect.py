"""How a CSV file was written: which mark separates its cells. Read as a stream, more than once."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tracer.experiment.numbers import looks_like_number

SEPARATORS: Mapping[str, str] = {"comma": ",", "semicolon": ";", "tab": "\t"}
PLURALS: Mapping[str, str] = {"comma": "commas", "semicolon": "semicolons", "tab": "tabs"}
_STATED = re.compile(r"sep=([,;\t])", re.IGNORECASE)

Lines = Callable[[], Iterable[str]]
Record = tuple[int, list[str]]


@dataclass(frozen=True)
class SeparatorReading:
    """What a separator makes of a file: columns, rows that fit them, whether all rows do."""

    separator: str
    columns: int
    fitting: int
    fits: bool
    numeric: bool

    @property
    def possible(self) -> bool:
        """Whether it gives a table from which something can be learned."""
        return self.fits and self.numeric and self.columns > 1


class BrokenRecordError(Exception):
    """A record whose quotes do not match, or whose cell has no end: its line, and csv's words."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.line, self.words = line, words


def records(lines: Iterable[str], separator: str) -> Iterator[Record]:
    """(line, cells) of each record. Raises BrokenRecordError."""
    reader = csv.reader(lines, delimiter=SEPARATORS[separator], strict=True, skipinitialspace=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BrokenRecordError(line, str(error)) from None
        yield line, [cell.strip() for cell in cells]


def stated_separator(line: str) -> str | None:
    """The separator that a first line such as ``sep=;`` states, as spreadsheets write it."""
    match = _STATED.fullmatch(line.strip(" \r\n"))
    return next((k for k, mark in SEPARATORS.items() if match and mark == match[1]), None)


def find_separators(lines: Lines) -> tuple[str, ...]:
    """The separators with which the file can be read: one, or several that all give a table."""
    header = next((line for line in lines() if line.strip()), "")
    stated = stated_separator(header)
    names = [name for name, mark in SEPARATORS.items() if mark in header]
    if stated or len(names) < 2:
        return (stated or next(iter(names), "comma"),)
    readings = [_reading(lines(), name) for name in names]
    possible = [reading for reading in readings if reading.possible]
    if not possible:
        best = max(readings, key=lambda reading: (reading.fits, reading.fitting, reading.columns))
        possible = [best]
    return tuple(reading.separator for reading in possible)


def _reading(lines: Iterable[str], separator: str) -> SeparatorReading:
    width, fitting, fits = 0, 0, True
    numeric: set[int] = set()
    try:
        for _, cells in records(lines, separator):
            if not any(cells):
                continue
            if not width:
                width, numeric = len(cells), set(range(len(cells)))
            elif len(cells) == width:
                fitting += 1
                numeric -= {k for k in numeric if cells[k] and not looks_like_number(cells[k])}
            else:
                fits = False
    except BrokenRecordError:
        fits = False
    return SeparatorReading(separator, width, fitting, fits, bool(numeric) and fitting > 0)
