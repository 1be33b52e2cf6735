"""Which runs stand beside the main one: the same experiment with one thing changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import count
from math import sqrt
from typing import Any, Literal

from tracer.experiment import Experiment
from tracer.experiment.weights import SKLEARN_SEEDS

MOST_EPOCHS, MOST_VISITS = 500, 2_000
"""A run of a study is cut to so many epochs, and to so many samples seen."""
_STEPS = (Decimal(1), Decimal(3))


def changed(experiment: Experiment, **training: Any) -> Experiment:
    """The experiment with other keys of [training], without an early stop."""
    section = experiment.training
    epochs = training.get("epochs", section.epochs)
    values = {"stop": None, **training, "order": section.order[:epochs]}
    return replace(experiment, training=section.model_copy(update=values))


def short(experiment: Experiment) -> int:
    """How many epochs a run of a study has: those of the experiment, or as many as are cheap."""
    rows = len(experiment.dataset.train)
    return min(experiment.training.epochs, MOST_EPOCHS, max(1, MOST_VISITS // rows))


def batch_sizes(experiment: Experiment) -> tuple[int | Literal["all"], ...]:
    """One row, some rows and all rows an update.

    "Some" is the experiment's own size where it lies between, else a divisor near √rows.
    """
    rows, own = len(experiment.dataset.train), experiment.training.batch_size
    if rows == 1:
        return (1,)
    between = range(2, rows)
    if own in between:
        return (1, own, "all")
    whole = [size for size in between if rows % size == 0] or list(between)
    some = min(whole, key=lambda size: abs(size - sqrt(rows)), default=None)
    return (1, "all") if some is None else (1, some, "all")


def other_seed(experiment: Experiment) -> Experiment | None:
    """The experiment with the next seed (after the last, the one before); None without draws."""
    drawn = experiment.init.scheme not in ("given", "zeros")
    if not drawn and not experiment.training.shuffle:
        return None
    seed = experiment.init.seed
    last = (SKLEARN_SEEDS if experiment.init.scheme == "sklearn" else 2**63) - 1
    init = experiment.init.model_copy(update={"seed": seed + 1 if seed < last else seed - 1})
    return replace(experiment, init=init)


def rates_above(rate: float) -> Iterator[float]:
    """1 and 3 times powers of ten, upwards from the one at or just above ``rate``."""
    start = Decimal(repr(rate)).adjusted()
    for power in count(start):
        for step in _STEPS:
            value = float(step.scaleb(power))
            if value >= rate:
                yield value


def rates_below(rate: float) -> Iterator[float]:
    """The same downwards, below ``rate``."""
    start = Decimal(repr(rate)).adjusted()
    for power in count(start, -1):
        for step in reversed(_STEPS):
            value = float(step.scaleb(power))
            if value < rate:
                yield value
