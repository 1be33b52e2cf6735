"""A run that is not kept whole: 784-128-10, 60,000 rows, ten epochs; what memory it takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.measure import Row, at_most, counted

ROWS, EPOCHS, BATCH = 60_000, 10, 32
MOST = 4.0
"""Gigabytes: what a small machine has."""
PROGRAM = """
import resource, sys
from benchmarks.peers import made_up
from tracer.training import run
rows, epochs, batch = map(int, sys.argv[1:])
trace = run(made_up(rows, {"epochs": epochs, "batch_size": batch, "learning_rate": 0.01}))
assert trace.recording is not None or rows < 60_000
unit = 1 if sys.platform == "darwin" else 1024
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30)
"""


def rows(_repeat: int) -> Iterator[Row]:
    """The most memory that a process of its own took, its table and its libraries included."""
    task = f"784-128-10, {ROWS:,} rows, {EPOCHS} epochs, {BATCH} rows an update"
    yield counted(task, gigabytes(), MOST, "GB", at_most(1))


def gigabytes(rows: int = ROWS, epochs: int = EPOCHS) -> float:
    """What such a run takes at most."""
    command = [sys.executable, "-c", PROGRAM, str(rows), str(epochs), str(BATCH)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
