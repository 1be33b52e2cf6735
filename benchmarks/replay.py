"""Any update of a run that is kept in part, computed again: 784-128-10, some checkpoints."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import import_module
from statistics import quantiles
from typing import Any

import numpy as np

from benchmarks.measure import Row, at_most, counted
from benchmarks.peers import made_up
from tracer.trace import Trace
from tracer.trace.fields import Counts
from tracer.trace.kept import fitting, fitting_disk
from tracer.trace.recording import Recording
from tracer.training import run
from tracer.training.size import MAX_KEPT, replay_seconds

ROWS, EPOCHS, TRAINED = 60_000, 10, 3_200
"""The run that decides how near checkpoints are to each other, and the rows of the one that is
measured: how long a run is has no part in how long an update takes."""
CASES: dict[str, dict[str, Any]] = {
    "32 rows an update": {"batch_size": 32},
    "32 rows an update, Adam": {"batch_size": 32, "optimizer": "adam", "learning_rate": 0.001},
    "1 row an update": {"batch_size": 1},
}
DISK: dict[str, int | None] = {
    "32 rows an update": None,
    "32 rows an update, Adam": 12,
    "1 row an update": 30,
}
"""Gigabytes of the disk with which any update is there in time, where memory does not suffice."""
ASKED, GOAL = 100, 10.0
"""Updates that are asked for, in any order, and milliseconds for each."""


def rows(repeat: int) -> Iterator[Row]:
    """The median and the ninth decile in milliseconds, of all cases; what is near one; the rule.

    It is the processor's time with one thread: a load of the machine has no part in it.
    """
    with import_module("threadpoolctl").threadpool_limits(1):
        for name, enough in DISK.items():
            for disk in dict.fromkeys((None, enough)):
                trace = trained(CASES[name], disk)
                where = f"{disk} GB of disk" if disk else "3 GB of memory"
                asked = f"784-128-10, {name}, {where}, every = {trace.record['every']}"
                yield from _rows(trace, asked, min(ASKED, 20 * repeat), wanted=disk == enough)


def _rows(trace: Trace, asked: str, count: int, *, wanted: bool) -> Iterator[Row]:
    """The goal is held where the experiment says what it takes to reach it."""
    goal, tenths = at_most(1) if wanted else None, quantiles(milliseconds(trace, count), n=10)
    for name, found in (("median", tenths[4]), ("nine of ten", tenths[8])):
        yield counted(f"{asked}, {name}", found, GOAL, "ms", goal)
    near = quantiles(milliseconds(trace, count, before=True), n=10)[8]
    yield counted(f"{asked}, the one before, nine of ten", near, GOAL, "ms", goal)
    foreseen = replay_seconds(trace.experiment, trace.record["every"]) * 1e3
    yield counted(f"{asked}, as foreseen for the furthest", foreseen, tenths[8], "ms")


def trained(training: dict[str, Any], disk: int | None = None) -> Trace:
    """A run of few rows, with checkpoints as near as those of the whole run are."""
    batch, common = training["batch_size"], {"epochs": 1, "learning_rate": 0.01}
    rows, chosen = max(TRAINED // 32 * batch, 16 * ASKED), {**common, **training}
    whole = Counts(ROWS, ROWS * EPOCHS, ROWS * EPOCHS // batch, EPOCHS)
    planned = made_up(rows, chosen)
    kept = fitting_disk(planned, whole, disk) if disk else fitting(planned, whole, MAX_KEPT)
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
    begun = time.process_time()
    held.update(update)
    return (time.process_time() - begun) * 1e3
