"""The measures of a lesson, one row each: what is looked at, from where on it is poor, what to do.

A row reads numbers off a lesson (`tracer.teaching.readings`); those beyond its threshold make one
finding. To add a measure, add a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tracer.notation import Notation
from tracer.teaching import readings
from tracer.teaching.lesson import Lesson
from tracer.teaching.readings import Reading

Read = Callable[[Lesson], Iterable[Reading]]
ENOUGH = 1e-9  # of rounding in a share of rows


@dataclass(frozen=True)
class Measure:
    """One measure.

    ``read`` gives numbers with their places. A number that is at least ``threshold`` is poor; with
    ``below`` one that is at most that (nan is always poor). ``hopeless`` marks what no further
    training mends, when it is found in the first epoch.
    """

    name: str
    title: str
    read: Read
    threshold: float
    why: str
    advice: str
    below: bool = False
    hopeless: bool = False

    def poor(self, lesson: Lesson) -> tuple[Reading, ...]:
        """The readings beyond the threshold."""
        return tuple(reading for reading in self.read(lesson) if self._is_poor(reading.value))

    def _is_poor(self, value: float) -> bool:
        if self.below:
            return not value > self.threshold + ENOUGH
        return not value < self.threshold - ENOUGH


@dataclass(frozen=True)
class Finding:
    """What a measure found: ``readings`` are the poor ones, ``where`` names their places."""

    measure: Measure
    readings: tuple[Reading, ...]
    where: str
    scheme: str = "uniform"

    @property
    def advice(self) -> str:
        """What to change: other seeds only where start values are drawn."""
        return self.measure.advice.format(start=START.get(self.scheme, OTHER_SEEDS))

    @property
    def count(self) -> int:
        """How many units were found; 0 where units do not count."""
        return sum(reading.layer > 0 for reading in self.readings)

    @property
    def value(self) -> float:
        """The worst of the readings."""
        values = [reading.value for reading in self.readings]
        return min(values) if self.measure.below else max(values)


def _trouble(lesson: Lesson) -> Iterable[Reading]:
    if not lesson.finite:
        place = lesson.trouble
        yield Reading(np.nan if place is None else place.value)


SEED = "{start}."
START = {
    "given": "Change init.weights and init.biases",
    "zeros": "Let the start values be drawn: init.scheme",
}
OTHER_SEEDS = "Try other seeds: tracer seeds"
PRECISION = "Raise training.learning_rate, give pages.decimals more digits, or show other epochs."

MEASURES: Sequence[Measure] = (
    Measure(
        name="not-finite",
        title="numbers that are not finite",
        read=_trouble,
        threshold=-np.inf,
        why="Their lines show nan or ∞, and so may all that follow from them.",
        advice="Lower training.learning_rate, scale the data, or start with smaller weights.",
        hopeless=True,
    ),
    Measure(
        name="sorted-rows",
        title="changes of the label from row to row, as a share of what a mixed order has",
        read=readings.changes,
        threshold=0.25,
        below=True,
        why="The rows are sorted: the network meets one kind of row after the other.",
        advice="Shuffle first: training.shuffle = true. It may mend what is found below.",
    ),
    Measure(
        name="dead-at-start",
        title="hidden units that are off in every row of the first epoch",
        read=lambda lesson: readings.dead(lesson, lesson.first),
        threshold=1.0,
        why="No error gets through them: their slope is 0 in every row.",
        advice=SEED + " Biases above 0 help, or leaky_relu.",
        hopeless=True,
    ),
    Measure(
        name="dead-at-end",
        title="hidden units that were on at first and are off in every row of the last epoch",
        read=readings.died,
        threshold=1.0,
        why="They died while learning: the trained network is smaller than the drawn one.",
        advice="Lower training.learning_rate. " + SEED,
    ),
    Measure(
        name="saturated-at-start",
        title="units whose slope is below 0.01 in every row of the first epoch",
        read=lambda lesson: readings.saturated(lesson, lesson.first, output=True),
        threshold=1.0,
        why="Their errors are multiplied by almost 0: hardly anything gets through.",
        advice="Scale the inputs, or start with smaller weights.",
        hopeless=True,
    ),
    Measure(
        name="saturated-at-end",
        title="hidden units whose slope is below 0.01 in every row of the last epoch",
        read=lambda lesson: readings.saturated(lesson, lesson.last, output=False),
        threshold=1.0,
        why="Their errors are multiplied by almost 0: in the end little gets through.",
        advice="Lower training.learning_rate, or train for fewer epochs. " + SEED,
    ),
    Measure(
        name="tiny-gradients",
        title="share of shown gradients that are printed as 0 or as a power of ten",
        read=readings.lost_gradients,
        threshold=0.6,
        why="Most gradients on these pages are hard to follow by hand.",
        advice=SEED + " Or show earlier epochs in pages.epochs.",
    ),
    Measure(
        name="tiny-updates",
        title="share of shown updates smaller than half of the last printed digit",
        read=readings.lost_updates,
        threshold=0.6,
        why="Most parameters that are updated look almost the same before and after.",
        advice=PRECISION,
    ),
    Measure(
        name="loss-stands",
        title="share of the loss that training takes away",
        read=readings.fall,
        threshold=0.01,
        below=True,
        why="The loss hardly falls, or it rises.",
        advice="Change training.learning_rate, or train for more epochs. " + SEED,
    ),
    Measure(
        name="loss-jumps",
        title="share of epochs in which the loss rises",
        read=readings.rises,
        threshold=0.5,
        why="The curve goes up in half of the epochs, or more.",
        advice="Lower training.learning_rate, or take larger batches.",
    ),
    Measure(
        name="equal-answers",
        title="spread of the answers, as a share of the targets' range",
        read=readings.spread,
        threshold=0.02,
        below=True,
        why="The network answers all rows almost alike.",
        advice="Train for more epochs, or give it more units. " + SEED,
    ),
    Measure(
        name="no-gain",
        title="training accuracy beyond always answering the most frequent label (or R²)",
        read=readings.gain,
        threshold=0.0,
        below=True,
        why="Answering without looking at the inputs is at least as good.",
        advice="Train for more epochs, or give it more units. " + SEED,
    ),
)


def findings(lesson: Lesson) -> tuple[Finding, ...]:
    """Everything that makes the lesson a poor one, in the order of the table."""
    scheme = lesson.experiment.init.scheme
    with np.errstate(all="ignore"):
        found = [(measure, measure.poor(lesson)) for measure in MEASURES]
    return tuple(Finding(row, poor, _where(lesson, poor), scheme) for row, poor in found if poor)


def is_hopeless(lesson: Lesson) -> bool:
    """Whether the first epoch shows what no further training mends."""
    with np.errstate(all="ignore"):
        return any(measure.poor(lesson) for measure in MEASURES if measure.hopeless)


def _where(lesson: Lesson, poor: Sequence[Reading]) -> str:
    place, experiment = lesson.trouble, lesson.experiment
    note = Notation.of(len(experiment.layers), experiment.notation)
    if place is not None and not np.isfinite(poor[0].value):
        return place.told(note.plain_of(place.ref))
    units = [f"layer {r.layer}, unit {note.unit(r.unit)}" for r in poor if r.layer]
    epochs = [f"epoch {r.epoch}" for r in poor if r.epoch]
    return "; ".join(units or epochs) or "the whole run"
