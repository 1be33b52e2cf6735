"""Any update of a run that is kept in part, computed again: 784-128-10, a few checkpoints."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import quantiles

import numpy as np

from benchmarks.measure import Row, at_most, counted
from benchmarks.peers import made_up
from tracer.trace import Trace
from tracer.trace.recording import Recording
from tracer.training import run

EVERY, ROWS, BATCH = 6, 3_200, 32
"""What is chosen for 60,000 rows and ten epochs, 32 rows an update; how long the run is has no part
in how long an update takes."""
ASKED, GOAL = 100, 10.0
"""Updates that are asked for, in any order, and milliseconds for each."""


def rows(_repeat: int) -> Iterator[Row]:
    """The median and the ninth decile, in milliseconds."""
    times = sorted(milliseconds(trained()))
    tenths = quantiles(times, n=10)
    for name, found in (("median", tenths[4]), ("nine of ten", tenths[8])):
        task = f"an update of 784-128-10, every = {EVERY}, {name}"
        yield counted(task, found, GOAL, "ms", at_most(1))


def trained() -> Trace:
    """The run."""
    record = {"every": EVERY}
    return run(made_up(ROWS, {"epochs": 1, "batch_size": BATCH, "learning_rate": 0.01}, record))


def milliseconds(trace: Trace) -> list[float]:
    """How long it takes to compute updates again, each as if nothing was asked before."""
    held = trace.recording
    assert held is not None
    order = np.random.default_rng(0).permutation(trace.updates)[:ASKED]
    return [_one(held, int(update)) for update in order]


def _one(held: Recording, update: int) -> float:
    held.forget()
    begun = time.perf_counter()
    held.update(update)
    return (time.perf_counter() - begun) * 1e3
