"""The explorer of a batch whose rows are not all written out: replayed and told alike."""

from __future__ import annotations

from functools import cache

from explored import differences
from networks import experiment
from telling import differences as told_otherwise
from tracer.explain.terms import MOST
from tracer.trace import Cycle, Trace
from tracer.training import run


@cache
def trace() -> Trace:
    """Batches of a row more than are written out whole, and of a single row."""
    options = {"rows": MOST + 2, "batch_size": MOST + 1, "epochs": 2, "l2": 0.1}
    return run(experiment((2, 1, 1), ("tanh", "identity"), "squared_error", **options))


def test_every_line_of_a_long_batch_and_of_a_short_one_is_the_same() -> None:
    visits = (MOST, MOST + 1, 2 * MOST + 2)
    assert differences(trace(), [(visit, 4) for visit in visits]) == []


def test_sentences_of_a_long_batch_are_those_of_the_templates() -> None:
    def picked(made: Trace) -> list[Cycle]:
        return [Cycle(made, visit) for visit in (0, MOST, MOST + 1)]

    assert told_otherwise([trace()], picked) == []
