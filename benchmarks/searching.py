"""Many seeds trained at once as one array, against one run with its trace after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.example import experiment
from benchmarks.measure import Comparison, Row, Way, timed
from tracer.experiment import Experiment
from tracer.teaching import lesson_of
from tracer.teaching.many import lessons, with_epochs, with_seed
from tracer.teaching.search import search
from tracer.training import run

EPOCHS, SEEDS = 100, range(1, 51)
ALL = range(1, 1001)


def rows(repeat: int) -> Iterator[Row]:
    """The rows of the comparisons."""
    return timed(comparisons(), repeat)


def comparisons() -> list[Comparison]:
    """The built-in example: some epochs with some seeds, and a whole search of a thousand."""
    short = with_epochs(experiment(), EPOCHS)
    _check(short)
    return [
        Comparison(
            f"train {len(SEEDS)} seeds, {EPOCHS} epochs",
            Way("at once", lambda: lessons(short, SEEDS)),
            Way("one by one", lambda: _one_by_one(short, SEEDS)),
        ),
        Comparison(
            f"search {len(ALL)} seeds",
            Way("drop, then train", lambda: search(experiment(), ALL)),
            Way("train all", lambda: lessons(experiment(), ALL)),
        ),
    ]


def _one_by_one(chosen: Experiment, seeds: Sequence[int]) -> None:
    for seed in seeds:
        lesson_of(run(with_seed(chosen, seed)))


def _check(chosen: Experiment) -> None:
    """Both ways must end with the same network, or the comparison says nothing."""
    seed = SEEDS[0]
    ours, other = lessons(chosen, [seed])[seed], lesson_of(run(with_seed(chosen, seed)))
    np.testing.assert_allclose(ours.last.after, other.last.after, rtol=1e-9)
