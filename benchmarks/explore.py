"""The explorer: opening the file of a run in the page, and going from one cycle to another."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.inpage import SHOWN, held
from benchmarks.measure import Row, at_most, seconds

PRINTED = 1200
"""Numbers of a page of middling size; the built-in example's has about half as many."""
LOADED = 1.0
"""Seconds: what takes longer to open is waited for."""
SCRIPT = Path(__file__).with_suffix(".mjs")


def rows(repeat: int) -> Iterator[Row]:
    """The rows of the table; Node times its own work, without its start."""
    question = json.dumps({"held": held(), "cycles": 40 * repeat})
    done = subprocess.run(
        ["node", str(SCRIPT)], input=question, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    opened, change = found["opened"] / 1000, found["changed"] / found["printed"] * PRINTED / 1000
    yield Row("open a run", seconds(opened), seconds(LOADED), opened / LOADED, at_most(1).text)
    task = f"set a cycle of {PRINTED} numbers"
    yield Row(task, seconds(change), seconds(SHOWN), change / SHOWN, at_most(1).text)
