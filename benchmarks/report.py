"""What was measured as a table: for the terminal, and for the README beside this file."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.measure import Row
from tracer import __version__

HEAD = ("task", "tracer", "otherwise", "ratio", "goal", "reached")
PEERS = ("numpy", "scikit-learn", "handcalcs", "mkdocs", "playwright")
INTRODUCTION = """\
# What tracer costs

<!-- Made by `make bench-write`; what is written here is lost the next time. -->

Both ways of a row are run in turn, in one go, so that the ratio says something on any machine. A
ratio whose goal is *at most* is what tracer needs, divided by what the other way needs; one whose
goal is *at least* is the other way round. The last column says whether the ratio is what it is to
be; a machine that does other work as well reaches less. Times are medians. No test fails by its
time.
"""


@dataclass(frozen=True)
class Table:
    """The rows of one entry under its title."""

    title: str
    rows: Sequence[Row]

    @property
    def lines(self) -> list[tuple[str, ...]]:
        """The cells, with the head as the first line."""
        return [HEAD, *map(_cells, self.rows)]


def _cells(row: Row) -> tuple[str, ...]:
    ratio = "" if row.ratio is None else f"{row.ratio:.3g}"
    return row.name, row.ours, row.theirs, ratio, row.goal, row.reached


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Lines with their columns under each other."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def readme(tables: Sequence[Table], took: float) -> str:
    """The text of the README: the machine, and each table."""
    return "\n".join([INTRODUCTION, *_machine(took), "", *_tables(tables)])


def _tables(tables: Sequence[Table]) -> Iterator[str]:
    for table in tables:
        head, *lines = (tuple(cell.replace("|", r"\|") for cell in line) for line in table.lines)
        yield f"## {table.title.rstrip('.')}\n"
        yield from (f"| {' | '.join(line)} |" for line in (head, ("---",) * len(head), *lines))
        yield ""


def _machine(took: float) -> Iterator[str]:
    yield f"- tracer {__version__}, measured on {datetime.now(UTC):%d %B %Y} in {took:.0f} s"
    yield f"- {_processor()}, {os.cpu_count()} cores; {platform.system()} {platform.machine()}"
    yield f"- Python {platform.python_version()}; {', '.join(_versions())}"


def _versions() -> Iterator[str]:
    for name in PEERS:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} not installed"


def _processor() -> str:
    """The model of the processor, where the system says it."""
    place = Path("/proc/cpuinfo")
    lines = place.read_text(encoding="utf-8").splitlines() if place.is_file() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())
