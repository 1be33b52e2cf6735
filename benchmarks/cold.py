"""Any update of a saved run, computed again while nothing of its file is in memory: 784-128-10."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

import numpy as np

from benchmarks.measure import Row, counted
from benchmarks.replay import CASES, DISK, GOAL, trained
from tracer.trace import Trace

ASKED = 40
"""Updates that are asked for, each of the file opened anew."""


def rows(repeat: int) -> Iterator[Row]:
    """The median and the ninth decile in milliseconds, with no goal: the disk has its part."""
    with tempfile.TemporaryDirectory() as folder:
        for name, disk in DISK.items():
            trace = trained(CASES[name], disk)
            path = Path(folder) / "run.npz"
            trace.save(path)
            count = min(ASKED, 8 * repeat)
            order = np.random.default_rng(0).permutation(trace.updates)[:count]
            tenths = quantiles([milliseconds(path, int(update)) for update in order], n=10)
            asked = f"784-128-10, {name}, every = {trace.record['every']}, from the disk"
            yield counted(f"{asked}, median", tenths[4], GOAL, "ms")
            yield counted(f"{asked}, nine of ten", tenths[8], GOAL, "ms")


def milliseconds(path: Path, update: int) -> float:
    """How long it takes to compute an update again, once the file is open."""
    forget(path)
    held = Trace.load(path).recording
    assert held is not None
    begun = time.perf_counter()
    held.update(update)
    return (time.perf_counter() - begun) * 1e3


def forget(path: Path) -> None:
    """Have the system keep nothing of a file in memory."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
