"""What is measured: rows of a table, each a ratio of two ways to do one thing, timed in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from statistics import median

ENOUGH = 8.0
"""Seconds after which a comparison is run no more: all of them end within ten minutes."""


@dataclass(frozen=True)
class Goal:
    """What a ratio is to be: ours / theirs ``at_most`` a bound, or theirs / ours at least one."""

    bound: float
    at_most: bool = True

    @property
    def text(self) -> str:
        """The sign and the bound."""
        return f"{'≤' if self.at_most else '≥'} {self.bound:g}"

    def ratio(self, ours: float, theirs: float) -> float:
        """The ratio that is held against the bound."""
        return ours / theirs if self.at_most else theirs / ours


def at_most(bound: float) -> Goal:
    """Ours needs so many times as much as theirs, or less."""
    return Goal(bound)


def at_least(bound: float) -> Goal:
    """Ours is so many times as fast, or faster."""
    return Goal(bound, at_most=False)


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        name: what is measured.
        ours, theirs: what tracer needs, and what it is held against, in words and numbers.
        ratio: ours / theirs, or theirs / ours where the goal is "at least"; None where nothing
            could be measured, and then ``ours`` says why.
        goal: what the ratio is to be; empty where there is no goal.
    """

    name: str
    ours: str
    theirs: str
    ratio: float | None
    goal: str = ""

    @property
    def reached(self) -> str:
        """Whether the ratio is what it is to be; empty where nothing is said of it."""
        if not self.goal or self.ratio is None:
            return ""
        sign, bound = self.goal.split()
        beyond = self.ratio - float(bound)
        return "yes" if (beyond <= 0 if sign == "≤" else beyond >= 0) else "no"


@dataclass(frozen=True)
class Way:
    """One way to do a thing; ``run`` does it once."""

    name: str
    run: Callable[[], object]


@dataclass(frozen=True)
class Comparison:
    """Two ways to do the same ``task``: how tracer does it, and how else it could be done.

    ``goal`` is what the ratio is to be. Each way is run once before it counts, unless ``cold``.
    """

    task: str
    ours: Way
    other: Way
    goal: Goal | None = None
    cold: bool = False


@dataclass(frozen=True)
class Result:
    """Median seconds of both ways, and the median of the ratios of the pairs of runs."""

    comparison: Comparison
    ours: float
    other: float
    ratio: float

    @property
    def row(self) -> Row:
        """The result as a row of the table."""
        made = self.comparison
        goal = made.goal.text if made.goal else ""
        ours, other = (
            f"{seconds(s)} {way.name}"
            for s, way in ((self.ours, made.ours), (self.other, made.other))
        )
        return Row(made.task, ours, other, self.ratio, goal)


def measure(comparison: Comparison, repeat: int) -> Result:
    """Run both ways in turn, up to ``repeat`` times, at least once and no longer than ENOUGH."""
    ways, began = (comparison.ours.run, comparison.other.run), time.perf_counter()
    if not comparison.cold:
        for run in ways:
            run()
    pairs = [(seconds_of(ways[0]), seconds_of(ways[1]))]
    while len(pairs) < repeat and time.perf_counter() - began < ENOUGH:
        pairs.append((seconds_of(ways[0]), seconds_of(ways[1])))
    ours, other = (median(times) for times in zip(*pairs, strict=True))
    ratio = (comparison.goal or Goal(1.0)).ratio
    return Result(comparison, ours, other, median(ratio(a, b) for a, b in pairs))


def timed(comparisons: Iterable[Comparison], repeat: int) -> Iterator[Row]:
    """The rows of some comparisons."""
    return (measure(comparison, repeat).row for comparison in comparisons)


def counted(name: str, ours: float, theirs: float, unit: str, goal: Goal | None = None) -> Row:
    """A row of two amounts of one unit, such as bytes or nodes."""
    ratio = (goal or Goal(1.0)).ratio(ours, theirs)
    return Row(
        name, f"{ours:,.6g} {unit}", f"{theirs:,.6g} {unit}", ratio, goal.text if goal else ""
    )


def seconds(value: float) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-6:.3g} µs"


def seconds_of(run: Callable[[], object]) -> float:
    """How long it takes once."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started
