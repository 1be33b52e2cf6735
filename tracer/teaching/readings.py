"""Readings of a lesson: numbers with the place where they were taken.

A unit *works* in a row where |f′(z)| ≥ ``TINY``: only there does an error change its weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tracer.catalog.activations import ACTIVATIONS
from tracer.formula import FloatArray
from tracer.numerals import LARGE, SMALL
from tracer.teaching.lesson import EpochView, Lesson, hidden_and_output

BoolArray = npt.NDArray[np.bool_]

TINY = 0.01
SWITCHED = frozenset(["relu"])
UNBOUNDED = frozenset(["identity", "leaky_relu"])


@dataclass(frozen=True)
class Reading:
    """A number, and the layer and unit (from 1) or the epoch it belongs to; 0 where none."""

    value: float
    layer: int = 0
    unit: int = 0
    epoch: int = 0


def dead(lesson: Lesson, view: EpochView) -> Iterator[Reading]:
    """Of each hidden unit that can be switched off: the share of rows in which it is."""
    for k, name, output in hidden_and_output(lesson):
        if name in SWITCHED and not output:
            yield from _of_units(np.mean(~(view.z[k] > 0.0), axis=0), k)


def saturated(lesson: Lesson, view: EpochView, *, output: bool) -> Iterator[Reading]:
    """Of each unit with a bent curve: the share of rows with |f′(z)| < ``TINY``."""
    for k, name, last in hidden_and_output(lesson):
        if name not in SWITCHED | UNBOUNDED and (output or not last):
            yield from _of_units(np.mean(~works(name, view, k), axis=0), k)


def works(name: str, view: EpochView, layer: int) -> BoolArray:
    """Where |f′(z)| ≥ ``TINY``, as booleans (V, n_ℓ)."""
    with np.errstate(all="ignore"):
        slope = ACTIVATIONS[name].slope(view.z[layer], view.a[layer])
    return np.asarray(np.abs(slope) >= TINY)


def vanished(values: FloatArray) -> BoolArray:
    """Where a number is printed as 0 or in scientific notation."""
    size = np.abs(values)
    return np.asarray(~((size >= float(SMALL)) & (size < float(LARGE))))


def lost_gradients(lesson: Lesson) -> Iterator[Reading]:
    """Of each shown epoch: the share of gradients that are printed as 0 or scientifically."""
    for view in lesson.shown:
        yield Reading(float(np.mean(vanished(view.gradients))), epoch=view.epoch)


def lost_updates(lesson: Lesson) -> Iterator[Reading]:
    """Of each shown epoch: the share of updates below half a unit of the last printed digit.

    Parameters whose gradient is exactly 0 are left out: nothing was to change.
    """
    half = 0.5 * 10.0**-lesson.experiment.pages.decimals
    for view in lesson.shown:
        moved = view.gradients != 0.0
        if moved.any():
            small = ~(np.abs(view.after - view.before)[moved] >= half)
            yield Reading(float(np.mean(small)), epoch=view.epoch)


def fall(lesson: Lesson) -> Iterator[Reading]:
    """The share of the training rows' loss that is gone at the end; negative where it rose."""
    if lesson.loss_before > 0.0:
        yield Reading(1.0 - lesson.loss_after / lesson.loss_before)


def rises(lesson: Lesson) -> Iterator[Reading]:
    """The share of epochs with a greater loss than the one before."""
    if len(lesson.loss_curve) > 1:
        yield Reading(float(np.mean(~(np.diff(lesson.loss_curve) <= 0.0))))


def spread(lesson: Lesson) -> Iterator[Reading]:
    """How far apart the answers to the training rows are, as a share of the targets' range.

    Nothing where all rows have the same target.
    """
    rows = list(lesson.experiment.dataset.train)
    wanted = np.ptp(lesson.experiment.dataset.y[rows], axis=0)
    found = np.ptp(lesson.y_hat[rows], axis=0)
    if wanted.any():
        yield Reading(float(np.max(found[wanted > 0] / wanted[wanted > 0])))


def gain(lesson: Lesson) -> Iterator[Reading]:
    """Accuracy on the training rows beyond that of always answering the most frequent label.

    Of a regression R², which is 0 for always answering the mean. Nothing where all rows have the
    same target.
    """
    data = lesson.experiment.dataset
    if data.task == "regression":
        value = lesson.explained(data.train)
        if not np.isnan(value):
            yield Reading(value)
        return
    counts = Counter(data.labels[row] for row in data.train)
    if len(counts) > 1:
        yield Reading((lesson.right(data.train) - max(counts.values())) / len(data.train))


def _of_units(shares: FloatArray, layer: int) -> Iterator[Reading]:
    for unit, share in enumerate(shares, start=1):
        yield Reading(float(share), layer + 1, unit)
