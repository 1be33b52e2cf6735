"""Training in the page by a script, against training in Python, and how long a reader waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.example import trace
from benchmarks.measure import Row, Way, at_most, seconds
from benchmarks.peers import by_sklearn, with_batch
from tracer.training import run

EPOCHS = 100
PATIENCE = 0.020
"""Seconds: what changes within 20 ms is there in the next picture but one of a screen."""
SCRIPT = Path(__file__).with_suffix(".mjs")


def rows(repeat: int) -> Iterator[Row]:
    """The rows of the table; Node times its own work, without its start."""
    found = asked(repeat)
    chosen = with_batch(trace().experiment, EPOCHS, 1)
    ways = Way("traced in Python", lambda: run(chosen)), Way("scikit-learn", by_sklearn(chosen))
    for way in ways:
        other = _median(way, repeat)
        ours = found["trained"]
        yield Row(
            f"train {EPOCHS} epochs",
            f"{seconds(ours)} in the page",
            f"{seconds(other)} {way.name}",
            ours / other,
        )
    for name, key in (("compute a cycle anew", "changed"), ("read the program", "opened")):
        ratio = found[key] / PATIENCE
        yield Row(name, seconds(found[key]), seconds(PATIENCE), ratio, at_most(1).text)
    other = _median(Way("", lambda: run(trace().experiment)), repeat)
    ours = found["proved"]
    yield Row("prove the whole run", seconds(ours), f"{seconds(other)} to train it", ours / other)


def asked(repeat: int) -> dict[str, float]:
    """Seconds of what the script does with the built-in example."""
