"""Many pages of one walkthrough: what each of them takes, and what a second process saves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import numpy as np

from benchmarks.lines import walk_of
from benchmarks.measure import Comparison, Row, Way, at_most, counted, timed
from tracer.cli.collecting import seldom_collected
from tracer.experiment import Experiment
from tracer.pages.walk import Walk
from tracer.studies.run import study
from tracer.training import run
from tracer.writing.site import page_renderer, render_pages
from tracer.writing.spreading import made_alone

ROWS = 100
FEW, MANY, COMPARED = 10, (100, 1000), 300
"""Pages of cycles, of 2-2-1 and up to ten epochs."""
TURNS = 10
"""Parts of many pages between which few are made: a load of the machine falls on both."""


def rows(repeat: int) -> Iterator[Row]:
    """The rows of what a page takes, and of the comparison."""
    with seldom_collected():
        yield from _flat()
        yield from timed([_comparison()], min(2, repeat))


def _flat() -> Iterator[Row]:
    """What a page takes among many, against one among few made in turn: processor's time."""
    for many in MANY:
        turns = zip(_parts(_walk(many)), range(TURNS), strict=True)
        both = [(large, next(_parts(_walk(FEW), 1))) for large, _ in turns]
        large, small = map(median, zip(*both, strict=True))
        task = f"build and render one of {many} pages of 2-2-1, against {FEW}"
        yield counted(task, large, small, "ms", at_most(1.25))


def _comparison() -> Comparison:
    trace = _walk(COMPARED).trace
    studies = study(trace)

    def made(jobs: int) -> None:
        render_pages(trace, studies, proofs=False, jobs=jobs)

    ways = Way("two processes", lambda: made(2)), Way("one process", lambda: made(1))
    return Comparison(f"a walkthrough of {COMPARED} cycles", *ways, cold=True)


def _walk(count: int) -> Walk:
    """A walkthrough with so many pages of cycles."""
    rng, rows = np.random.default_rng(0), min(count, ROWS)
    epochs = -(-count // rows)
    made = Experiment(
        data=(rng.normal(size=(rows, 2)).round(2), np.arange(rows) % 2),
        layers=[(2, "tanh"), (1, "sigmoid")],
        training={"epochs": epochs},
        init={"decimals": 2},
        pages={"epochs": list(range(1, epochs + 1)), "rows": f"1-{rows}"},
        insist=True,
    )
    return walk_of(run(made))


def _parts(walk: Walk, parts: int = TURNS) -> Iterator[float]:
    """Milliseconds for a page of a cycle in each part, without what all pages share."""
    render = page_renderer(walk.trace.experiment)
    made_alone(walk, render, walk.sequence[:1])
    size = len(walk.sequence) // parts
    for start in range(0, size * parts, size):
        begun = time.process_time()
        for slug in walk.sequence[start : start + size]:
            made_alone(walk, render, [slug])
        yield (time.process_time() - begun) * 1e3 / size
