"""``python -m benchmarks [NAME…] [--repeat N]``: measure, and print a table of ratios."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from benchmarks import building, lines, peers, rendering, searching, serving, training
from benchmarks.measure import Comparison, Result, measure

Comparisons = AbstractContextManager[list[Comparison]]
KINDS: dict[str, Callable[[], Comparisons]] = {
    "training": lambda: nullcontext(training.comparisons()),
    "peers": lambda: nullcontext(peers.comparisons()),
    "searching": lambda: nullcontext(searching.comparisons()),
    "rendering": lambda: nullcontext(rendering.comparisons()),
    "lines": lambda: nullcontext(lines.comparisons()),
    "building": building.comparisons,
    "serving": serving.comparisons,
}
HEAD = ("task", "tracer", "seconds", "otherwise", "seconds", "ratio")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line names, by default everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(KINDS)}")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each way (default: 5)")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.names) - KINDS.keys())
    if unknown or given.repeat < 1:
        parser.error(f"unknown: {', '.join(unknown)}" if unknown else "--repeat is at least 1")
    rows: list[tuple[str, ...]] = [HEAD]
    for name in given.names or KINDS:
        with KINDS[name]() as found:
            rows += [_row(measure(comparison, given.repeat)) for comparison in found]
    print(table(rows))


def _row(result: Result) -> tuple[str, ...]:
    ours, other = result.comparison.ours.name, result.comparison.other.name
    times = (f"{result.ours:.4f}", f"{result.other:.4f}")
    return (result.comparison.task, ours, times[0], other, times[1], f"{result.ratio:.3f}")


def table(rows: Sequence[Sequence[str]]) -> str:
    """The rows with their columns under each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


if __name__ == "__main__":
    main()
