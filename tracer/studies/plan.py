"""Which runs stand beside the main one: the same experiment with one thing changed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import count, takewhile
from typing import Any, Literal

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.experiment import Experiment
from tracer.experiment.model import Record, Training
from tracer.experiment.weights import SKLEARN_SEEDS
from tracer.trace import Trace

MOST_EPOCHS, MOST_VISITS = 500, 2_000
"""A run of a study is cut to so many epochs, and to so many samples seen.

Some fifteen such runs stand beside the main one. At 0.17 ms an update (measured) each takes a third
of a second: together less than the pages that show them.
"""
MOST_SEEDS = 2**63  # seeds of an experiment file are below 2^63
# nearly even on a logarithmic scale: 3 is 10^0.48; people say 0.1, 0.3, 1
_STEPS = (Decimal(1), Decimal(3))


def changed(experiment: Experiment, **training: Any) -> Experiment:
    """The experiment with other keys of [training], and nothing that ends it early.

    A schedule that waits for a plateau keeps its rule and goes on to ever smaller rates.
    """
    section = experiment.training
    epochs = training.get("epochs", section.epochs)
    values = {**_endless(section), **training, "order": section.order[:epochs]}
    return replace(experiment, training=section.model_copy(update=values), record=Record())


def ends_only(experiment: Experiment) -> Experiment:
    """The experiment of whose run only the first and the last moment are kept."""
    return replace(experiment, record=Record(every=MOST_SEEDS - 1))


def _endless(section: Training) -> dict[str, Any]:
    if not SCHEDULES[section.schedule].on_plateau:
        return {"stop": None}
    options = {**section.schedule_options, "least": 0.0}
    return {"stop": section.plateau, "schedule_options": options}


def full_step(experiment: Experiment, rate: float) -> Experiment:
    """One epoch of one plain step, against the gradient of the loss over all training rows."""
    return changed(
        experiment,
        optimizer=next(row.name for row in OPTIMIZERS.values() if row.is_plain),
        options={},
        schedule="constant",
        schedule_options={},
        stop=None,
        batch_size="all",
        epochs=1,
        l2=0.0,
        learning_rate=rate,
    )


def cheap_epochs(experiment: Experiment) -> int:
    """How many epochs a run of a study has at the most: those of the experiment, if cheap."""
    rows = len(experiment.dataset.train)
    return min(experiment.training.epochs, MOST_EPOCHS, max(1, MOST_VISITS // rows))


def short(trace: Trace) -> int:
    """How many epochs a run of a study has: as many as the run made, or as are cheap."""
    return min(trace.epochs, cheap_epochs(trace.experiment))


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
    some = min(whole, key=lambda size: abs(size - math.sqrt(rows)), default=None)
    return (1, "all") if some is None else (1, some, "all")


def is_drawn(experiment: Experiment) -> bool:
    """Whether the starting values are drawn."""
    return experiment.init.scheme not in ("given", "zeros")


def is_shuffled(experiment: Experiment) -> bool:
    """Whether the order of the rows is drawn; one row has only one."""
    return experiment.training.shuffle and len(experiment.dataset.train) > 1


def other_seed(experiment: Experiment) -> Experiment | None:
    """The experiment with the next seed; None where nothing is drawn.

    The seed before it where the next is none that an experiment may have.
    """
    if not is_drawn(experiment) and not is_shuffled(experiment):
        return None
    seed = experiment.init.seed
    above = seed + 1 < (SKLEARN_SEEDS if experiment.init.scheme == "sklearn" else MOST_SEEDS)
    init = experiment.init.model_copy(update={"seed": seed + 1 if above else seed - 1})
    return replace(experiment, init=init)


def rates_above(rate: float) -> Iterator[float]:
    """1 and 3 times powers of ten, upwards from the first above ``rate``, while float64 lasts."""
    for power in count(Decimal(repr(rate)).adjusted()):
        for step in _STEPS:
            value = float(step.scaleb(power))
            if math.isinf(value):
                return
            if value > rate:
                yield value


def rates_below(rate: float) -> Iterator[float]:
    """The same downwards, below ``rate``."""
    for power in count(Decimal(repr(rate)).adjusted(), -1):
        for step in reversed(_STEPS):
            value = float(step.scaleb(power))
            if value == 0:
                return
            if value < rate:
                yield value


def rate_between(low: float, high: float) -> float | None:
    """Of the rates between two others the one nearest to their middle; None where none lies there.

    The middle is √(low · high).
    """
    between = list(takewhile(lambda rate: rate < high, rates_above(low)))
    middle = (math.log(low) + math.log(high)) / 2
    return min(between, key=lambda rate: abs(math.log(rate) - middle), default=None)
