"""Timing two ways of doing one thing, in turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Way:
    """One way to do a thing; ``run`` does it once."""

    name: str
    run: Callable[[], object]


@dataclass(frozen=True)
class Comparison:
    """Two ways to do the same ``task``: how tracer does it, and how else it could be done."""

    task: str
    ours: Way
    other: Way


@dataclass(frozen=True)
class Result:
    """Median seconds of both ways, and the median of ours / other over the pairs of runs."""

    comparison: Comparison
    ours: float
    other: float
    ratio: float


def measure(comparison: Comparison, repeat: int) -> Result:
    """Run both ways ``repeat`` times in turn, after one run of each that is not counted."""
    ways = (comparison.ours.run, comparison.other.run)
    for run in ways:
        run()
    pairs = [(_seconds(ways[0]), _seconds(ways[1])) for _ in range(repeat)]
    ours, other = (median(times) for times in zip(*pairs, strict=True))
    return Result(comparison, ours, other, median(a / b for a, b in pairs))


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started
