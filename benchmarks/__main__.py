"""``python -m benchmarks [NAME…] [--repeat N] [--write]``: measure, and print a table of ratios."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.entries import Entry, entries, rows_of

README = Path(__file__).with_name("README.md")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line names, by default everything."""
    given, chosen = _given(arguments)
    tables, began = [], time.perf_counter()
    for entry in chosen:
        print(*_shown(found := _measured(entry, given.repeat)), sep="\n", flush=True)
        tables.append(found)
    if given.write:
        README.write_text(report.readme(tables, time.perf_counter() - began), encoding="utf-8")


def _given(arguments: Sequence[str] | None) -> tuple[argparse.Namespace, list[Entry]]:
    known = entries()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--repeat", type=int, default=5, help="most runs of a way (default: 5)")
    parser.add_argument("--write", action="store_true", help=f"write {README.name} as well")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.names) - known.keys())
    if unknown or given.repeat < 1:
        parser.error(f"unknown: {', '.join(unknown)}" if unknown else "--repeat is at least 1")
    if given.write and given.names:
        parser.error("--write takes no names: what is written is the whole table")
    return given, [known[name] for name in given.names or known]


def _measured(entry: Entry, repeat: int) -> report.Table:
    if sys.stderr.isatty():
        print(f"{entry.name} …", file=sys.stderr)
    return report.Table(entry.title, list(rows_of(entry, repeat)))


def _shown(table: report.Table) -> Iterator[str]:
    yield table.title
    yield report.aligned(table.lines)
    yield ""


if __name__ == "__main__":
    main()
