"""How good a lesson is: the mean of a few shares between 0 and 1, each with its meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.formula import FloatArray
from tracer.teaching import readings
from tracer.teaching.lesson import EpochView, Lesson, hidden_and_output
from tracer.teaching.measures import findings


@dataclass(frozen=True)
class Part:
    """One part of the score: ``share`` in 0…1 of a lesson, None where it cannot be told.

    Its words stand by its name in ``templates/words/seeds.j2``.
    """

    name: str
    share: Callable[[Lesson], float | None]


@dataclass(frozen=True)
class Candidate:
    """A seed and what its lesson is worth: ``score`` in 0…100, the parts, what lint would find.

    ``started``, ``ended`` and ``hidden`` count hidden units: at work in the first and in the last
    epoch, all; ``train`` are the right answers and all answers of training rows. Test rows have no
    say: a seed that was chosen by them would make them a part of the training.
    """

    seed: int
    score: float
    parts: Mapping[str, float]
    findings: tuple[str, ...]
    hidden: int
    started: int
    ended: int
    loss: tuple[float, float]
    train: tuple[int, int] | None

    @property
    def rank(self) -> tuple[int, float, int]:
        """What candidates are sorted by: few findings, then a high score, then a small seed."""
        return len(self.findings), -self.score, self.seed


def candidate(seed: int, lesson: Lesson) -> Candidate:
    """Judge the lesson of a seed, by the training rows alone."""
    with np.errstate(all="ignore"):
        found = {part.name: part.share(lesson) for part in PARTS}
    parts = {name: _clip(share) for name, share in found.items() if share is not None}
    data = lesson.experiment.dataset
    return Candidate(
        seed=seed,
        score=100.0 * float(np.mean(list(parts.values()))),
        parts=parts,
        findings=tuple(finding.measure.name for finding in findings(lesson)),
        hidden=sum(layer.units for layer in lesson.experiment.layers[:-1]),
        started=int(np.sum(_working(lesson, lesson.first) > 0)),
        ended=int(np.sum(_working(lesson, lesson.last) > 0)),
        loss=(lesson.loss_before, lesson.loss_after),
        train=_answers(lesson, data.train),
    )


def _clip(share: float) -> float:
    return 0.0 if np.isnan(share) else min(1.0, max(0.0, share))


def _working(lesson: Lesson, view: EpochView) -> FloatArray:
    """Of each hidden unit, the share of rows in which it works."""
    shares = [
        np.mean(readings.works(name, view, k), axis=0)
        for k, name, output in hidden_and_output(lesson)
        if not output
    ]
    return np.concatenate(shares) if shares else np.zeros(0)


def _start(lesson: Lesson) -> float | None:
    """A unit counts 1 where it works in part of the rows, ½ where one of pieces works in all.

    One of pieces works where it is on the last piece, as ReLU is above 0.
    """
    marks: list[FloatArray] = []
    for k, name, output in hidden_and_output(lesson):
        if not output:
            breaks, view = ACTIVATIONS[name].breaks, lesson.first
            on = view.z[k] > breaks[-1] if breaks else readings.works(name, view, k)
            share, whole = np.mean(on, axis=0), 0.5 if breaks else 1.0
            marks.append(np.where(share == 0.0, 0.0, np.where(share == 1.0, whole, 1.0)))
    return float(np.mean(np.concatenate(marks))) if marks else None


def _end(lesson: Lesson) -> float | None:
    working = _working(lesson, lesson.last)
    return float(np.mean(working > 0.0)) if working.size else None


def _reached(lesson: Lesson) -> float | None:
    """The share of rows that reach the first layer: no hidden layer is off as a whole."""
    off = [
        reading.value
        for view in (lesson.first, lesson.last)
        for reading in readings.stopped(lesson, view)
    ]
    return 1.0 - max(off) if off else None


def _moving(lesson: Lesson) -> float | None:
    """1 where the last tenth of the epochs takes away a tenth of the loss, or more."""
    found = next((reading.value for reading in readings.still(lesson)), None)
    return None if found is None else readings.TENTH * found


def _legible(lesson: Lesson) -> float:
    """The share of shown gradients that are not 0 at the printed number of decimals."""
    unit = 0.5 * 10.0**-lesson.experiment.pages.decimals
    views = lesson.shown or (lesson.first,)
    return float(np.mean([np.mean(np.abs(view.gradients) >= unit) for view in views]))


def _fall(lesson: Lesson) -> float:
    return next((reading.value for reading in readings.fall(lesson)), 0.0)


def _steady(lesson: Lesson) -> float | None:
    found = next((reading.value for reading in readings.rises(lesson)), None)
    return None if found is None else 1.0 - found


def _answers(lesson: Lesson, rows: tuple[int, ...]) -> tuple[int, int] | None:
    if not rows or lesson.experiment.dataset.task == "regression":
        return None
    return lesson.right(rows), len(rows)


def _accuracy(lesson: Lesson, rows: tuple[int, ...]) -> float | None:
    """The share of right answers; of a regression R², at least 0."""
    if not rows:
        return None
    if lesson.experiment.dataset.task == "regression":
        explained = lesson.explained(rows)
        return None if np.isnan(explained) and lesson.finite else explained
    return lesson.right(rows) / len(rows)


PARTS: Sequence[Part] = (
    Part("start", _start),
    Part("end", _end),
    Part("reached", _reached),
    Part("gradients", _legible),
    Part("fall", _fall),
    Part("steady", _steady),
    Part("moving", _moving),
    Part("train", lambda one: _accuracy(one, one.experiment.dataset.train)),
)
