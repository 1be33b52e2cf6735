"""The measures of a lesson, one row each: what is looked at, and from where on it is poor.

A row reads numbers off a lesson (`tracer.teaching.readings`); those beyond its threshold make one
finding. To add a measure, add a row, and its words by its name to ``templates/words/lint.j2``: what
it measures, why it makes a poor lesson, what to change.
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
    training mends, when it is found in the first epoch. ``limit`` is the number by which a unit is
    counted at all, where there is one.
    """

    name: str
    read: Read
    threshold: float
    below: bool = False
    hopeless: bool = False
    limit: float = 0.0

    def poor(self, lesson: Lesson) -> tuple[Reading, ...]:
        """The readings beyond the threshold."""
        return tuple(reading for reading in self.read(lesson) if self._is_poor(reading.value))

    def _is_poor(self, value: float) -> bool:
        if self.below:
            return not value > self.threshold + ENOUGH
        return not value < self.threshold - ENOUGH


@dataclass(frozen=True)
class Lost:
    """The first number that is not finite: its symbol, and where it is (both from 1)."""

    symbol: str
    epoch: int
    row: int


@dataclass(frozen=True)
class Finding:
    """What a measure found: ``readings`` are the poor ones.

    They lie where ``lost`` says, or in ``units``, (layer, unit) as pages count them, or in
    ``epochs``; where none of these is given, in the whole run. ``scheme`` tells how the start
    values were made: other seeds help only where they are drawn.
    """

    measure: Measure
    readings: tuple[Reading, ...]
    lost: Lost | None = None
    units: tuple[tuple[int, int], ...] = ()
    epochs: tuple[int, ...] = ()
    scheme: str = "uniform"

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


MEASURES: Sequence[Measure] = (
    Measure(
        name="not-finite",
        read=_trouble,
        threshold=-np.inf,
        hopeless=True,
    ),
    Measure(
        name="sorted-rows",
        read=readings.changes,
        threshold=0.25,
        below=True,
    ),
    Measure(
        name="dead-at-start",
        read=lambda lesson: readings.dead(lesson, lesson.first),
        threshold=1.0,
        hopeless=True,
    ),
    Measure(
        name="dead-at-end",
        read=readings.died,
        threshold=1.0,
    ),
    Measure(
        name="layer-off",
        read=lambda lesson: readings.stopped(lesson, lesson.last),
        threshold=0.5,
    ),
    Measure(
        name="saturated-at-start",
        read=lambda lesson: readings.saturated(lesson, lesson.first, output=True),
        threshold=1.0,
        limit=readings.TINY,
        hopeless=True,
    ),
    Measure(
        name="saturated-at-end",
        read=lambda lesson: readings.saturated(lesson, lesson.last, output=False),
        threshold=1.0,
        limit=readings.TINY,
    ),
    Measure(
        name="tiny-gradients",
        read=readings.lost_gradients,
        threshold=0.6,
    ),
    Measure(
        name="tiny-updates",
        read=readings.lost_updates,
        threshold=0.6,
    ),
    Measure(
        name="loss-stands",
        read=readings.fall,
        threshold=0.01,
        below=True,
    ),
    Measure(
        name="loss-jumps",
        read=readings.rises,
        threshold=0.5,
    ),
    Measure(
        name="equal-answers",
        read=readings.spread,
        threshold=0.02,
        below=True,
    ),
    Measure(
        name="no-gain",
        read=readings.gain,
        threshold=0.0,
        below=True,
    ),
)


def findings(lesson: Lesson) -> tuple[Finding, ...]:
    """Everything that makes the lesson a poor one, in the order of the table."""
    with np.errstate(all="ignore"):
        found = [(measure, measure.poor(lesson)) for measure in MEASURES]
    return tuple(_finding(lesson, row, poor) for row, poor in found if poor)


def is_hopeless(lesson: Lesson) -> bool:
    """Whether the first epoch shows what no further training mends."""
    with np.errstate(all="ignore"):
        return any(measure.poor(lesson) for measure in MEASURES if measure.hopeless)


def _finding(lesson: Lesson, measure: Measure, poor: tuple[Reading, ...]) -> Finding:
    experiment = lesson.experiment
    note = Notation.of(len(experiment.layers), experiment.notation)
    return Finding(
        measure,
        poor,
        lost=None if np.isfinite(poor[0].value) else _lost(lesson, note),
        units=tuple((one.layer, note.unit(one.unit)) for one in poor if one.layer),
        epochs=tuple(one.epoch for one in poor if one.epoch),
        scheme=experiment.init.scheme,
    )


def _lost(lesson: Lesson, note: Notation) -> Lost | None:
    place = lesson.trouble
    if place is None:
        return None
    name = note.plain_of(place.ref)
    return Lost(name, place.epoch, place.row)
