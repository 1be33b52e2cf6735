"""Lines of formula = numbers = result, against handcalcs, which rounds each number by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from benchmarks.example import trace
from benchmarks.lines import walk_of
from benchmarks.measure import Comparison, Row, Way, at_least, timed
from tracer.explain.cycle import explain_cycle
from tracer.pages.desk import Desk
from tracer.typeset.line import Line

LINES = 300
"""Enough to take tracer more than a millisecond: of less, half is what the peer left of the
processor's caches."""


def rows(repeat: int) -> Iterator[Row]:
    """The rows of the comparisons."""
    return timed(comparisons(), repeat)


def comparisons() -> list[Comparison]:
    """The same number of lines of sums of products."""
    walk, lines, by_peer = walk_of(trace()), sums(), by_handcalcs()
    setter = Desk(walk, walk.sequence[0]).line_setter
    return [
        Comparison(
            f"{len(lines)} lines of z",
            Way("settled and set", lambda: [setter.line(line) for line in lines]),
            Way("handcalcs", lambda: [by_peer(0.5, 1.5, 0.25, -0.5, 0.1) for _ in lines]),
            at_least(500),
        )
    ]


def sums() -> list[Line]:
    """Lines of z: each is a sum of products and a bias."""
    found = [line for cycle in trace().cycles(1) for line in explain_cycle(cycle).lines]
    of_z = [line for line in found if line.target.name == "z"]
    return (of_z * LINES)[:LINES]


def by_handcalcs() -> Callable[..., Any]:
    """A function that gives such a line in LaTeX, and its value."""
    handcalc = import_module("handcalcs.decorator").handcalc

    def line(x1: float, x2: float, w1: float, w2: float, b: float) -> float:
        z = w1 * x1 + w2 * x2 + b
        return z  # noqa: RET504 - handcalcs reads the source

    rendered: Callable[..., Any] = handcalc()(line)
    return rendered
