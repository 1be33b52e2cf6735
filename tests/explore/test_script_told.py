"""The script tells a cycle in the very words that the page's templates have for it."""

from __future__ import annotations

import pytest

from rendering import EXPERIMENTS, trace_of
from scripted import EXHAUSTIVE
from telling import differences
from tracer.trace import Cycle, Trace

#: Cycles of a run that are told: all of them would be the same few again and again.
MOST = 40 if EXHAUSTIVE else 3
#: Experiments that lead to every kind of sentence, two or three at a time.
FEW = ("mini2d",)


def some(trace: Trace, most: int = MOST) -> list[Cycle]:
    """Cycles spread over a run, with its first and its last."""
    visits = len(trace.row)
    step = max(1, (visits - 1) // max(1, most - 1))
    return [Cycle(trace, visit) for visit in range(0, visits, step)]


def test_one() -> None:
    assert differences([trace_of("mini2d")], some) == []


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_all(name: str) -> None:
    assert differences([trace_of(name)], some) == []
