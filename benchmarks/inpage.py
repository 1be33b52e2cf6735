"""Training in the page by a script, against training in Python, and how long a reader waits."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.example import trace
from benchmarks.measure import Row, at_most, seconds
from benchmarks.peers import by_sklearn, with_batch
from tracer.explore.program import program
from tracer.explore.runfile import GLOBAL, RunFile
from tracer.pages import kinds
from tracer.pages.explore import explored_cycle, explorer_context
from tracer.pages.walk import Walk
from tracer.training import run
from tracer.writing.site import voice_of

EPOCHS = 100
SHOWN = 0.020
"""Seconds: what changes within 20 ms is there in the next picture but one of a screen."""
SCRIPT = Path(__file__).with_suffix(".mjs")


def rows(repeat: int) -> Iterator[Row]:
    """The rows of the table; Node times its own work, without its start."""
    found, task = asked(repeat), f"train {EPOCHS} epochs"
    chosen = with_batch(trace().experiment, EPOCHS, 1)
    yield _against(task, found["trained"], lambda: run(chosen), "traced in Python", repeat)
    yield _against(task, found["trained"], by_sklearn(chosen), "scikit-learn", repeat)
    for name, key in (("compute a cycle anew", "changed"), ("read the program", "opened")):
        ratio = found[key] / SHOWN
        yield Row(name, seconds(found[key]), seconds(SHOWN), ratio, at_most(1).text)
    whole, experiment = "prove the whole run", trace().experiment
    yield _against(whole, found["proved"], lambda: run(experiment), "traced in Python", repeat)


def _against(task: str, ours: float, other: Callable[[], object], name: str, repeat: int) -> Row:
    """What takes ``ours`` in the page, against another way to do it."""
    other()
    theirs = median(_seconds(other) for _ in range(repeat))
    said = f"{seconds(ours)} in the page", f"{seconds(theirs)} {name}"
    return Row(task, *said, ours / theirs)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def asked(repeat: int) -> dict[str, float]:
    """Seconds of what the scripts do with the built-in example."""
    question = {"program": program(trace()), "held": held(), "epochs": EPOCHS, "repeat": repeat}
    done = subprocess.run(
        ["node", str(SCRIPT)],
        check=True,
        input=json.dumps(question),
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return {name: milliseconds / 1000 for name, milliseconds in found.items()}


def held() -> Any:
    """What the file of the run holds."""
    nothing: Any = None  # no runs beside it
    experiment = trace().experiment
    walk = Walk(trace(), nothing, "mathml", kinds(), voice=voice_of(experiment))
    desk = explorer_context(walk, "explore", explored_cycle(walk))["desk"]
    text = RunFile(desk).script.removeprefix(f"globalThis.{GLOBAL} = ").removesuffix(";\n")
    return json.loads(text)
