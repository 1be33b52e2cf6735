"""Any update of a run that is kept in part, computed again: 784-128-10, a few checkpoints."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import quantiles
from typing import Any

import numpy as np

from benchmarks.measure import Row, at_most, counted
from benchmarks.peers import made_up
from tracer.trace import Trace
from tracer.trace.fields import Counts
from tracer.trace.kept import fitting
from tracer.trace.recording import Recording
from tracer.training import run
from tracer.training.size import MAX_KEPT, replay_seconds

ROWS, EPOCHS, TRAINED = 60_000, 10, 3_200
"""The run that decides how near checkpoints are to each other, and the rows of the one that is
measured: how long a run is has no part in how long an update takes."""
CASES: dict[str, dict[str, Any]] = {
    "32 rows": {"batch_size": 32},
    "32 rows, Adam": {"batch_size": 32, "optimizer": "adam", "learning_rate": 0.001},
    "1 row": {"batch_size": 1},
}
ASKED, GOAL = 100, 10.0
"""Updates that are asked for, in any order, and milliseconds for each."""


def rows(repeat: int) -> Iterator[Row]:
    """The median and the ninth decile in milliseconds, of all cases; what is near one; the rule."""
    for name, training in CASES.items():
        trace = trained(training)
        asked = f"784-128-10, {name} an update, every = {trace.record['every']}"
        yield from _rows(trace, asked, min(ASKED, 20 * repeat))


def _rows(trace: Trace, asked: str, count: int) -> Iterator[Row]:
    tenths = quantiles(milliseconds(trace, count), n=10)
    for name, found in (("median", tenths[4]), ("nine of ten", tenths[8])):
        yield counted(f"{asked}, {name}", found, GOAL, "ms", at_most(1))
    near = quantiles(milliseconds(trace, count, before=True), n=10)[8]
    yield counted(f"{asked}, the one before, nine of ten", near, GOAL, "ms", at_most(1))
    foreseen = replay_seconds(trace.experiment, trace.record["every"]) * 1e3
    yield counted(f"{asked}, as foreseen for the furthest", foreseen, tenths[8], "ms")


def trained(training: dict[str, Any]) -> Trace:
    """A run of few rows, with checkpoints as near as those of the whole run are."""
    batch, common = training["batch_size"], {"epochs": 1, "learning_rate": 0.01}
    rows, chosen = max(TRAINED // 32 * batch, 16 * ASKED), {**common, **training}
    whole = Counts(ROWS, ROWS * EPOCHS, ROWS * EPOCHS // batch, EPOCHS)
    kept = fitting(made_up(rows, chosen), whole, MAX_KEPT)
    return run(made_up(rows, chosen, dict(kept.said)))


def milliseconds(trace: Trace, count: int = ASKED, *, before: bool = False) -> list[float]:
    """How long it takes to compute updates again, each as if nothing was asked before.

    Or how long the one ``before`` such an update takes when that has been computed.
    """
    held = trace.recording
    assert held is not None
    order = np.random.default_rng(0).permutation(trace.updates)[:count]
    return [_one(held, int(update), before=before) for update in order]


def _one(held: Recording, update: int, *, before: bool) -> float:
    held.forget()
    if before:
        held.update(update)
        update = max(0, update - 1)
    begun = time.perf_counter()
    held.update(update)
    return (time.perf_counter() - begun) * 1e3
