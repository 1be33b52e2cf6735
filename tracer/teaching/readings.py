"""Readings of a lesson: numbers with the place where they were taken.

A unit *works* in a row where |f′(z)| ≥ ``TINY``: only there does an error change its weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.numerals import LARGE, SMALL
from tracer.teaching.lesson import EpochView, Lesson, hidden_and_output

BoolArray = npt.NDArray[np.bool_]

TINY, MANY, HALF, TENTH = 0.01, 8, 0.5, 10
"""Below a slope of 0.01, where sigmoid is within 0.01 of its end, an error passes on less than a
hundredth. Fewer than 8 rows are easily in order by chance; of 8! orders only two are. With an R²
below one half less is explained than is not. A tenth of a curve is its end to the eye."""


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
        if ACTIVATIONS[name].switches_off and not output:
            yield from _of_units(np.mean(~passes(name, view, k), axis=0), k)


def died(lesson: Lesson) -> Iterator[Reading]:
    """Of each hidden unit that was on in some row of the first epoch: the share of the last's."""
    early = {(one.layer, one.unit): one.value for one in dead(lesson, lesson.first)}
    for one in dead(lesson, lesson.last):
        if early[one.layer, one.unit] < 1.0:
            yield one


def stopped(lesson: Lesson, view: EpochView) -> Iterator[Reading]:
    """The share of rows in which some hidden layer is off as a whole; of layers that can be.

    Such a row changes nothing before that layer, whatever its loss is.
    """
    layers = [
        ~passes(name, view, k).any(axis=1)
        for k, name, output in hidden_and_output(lesson)
        if ACTIVATIONS[name].switches_off and not output
    ]
    if layers:
        yield Reading(float(np.mean(np.any(layers, axis=0))))


def still(lesson: Lesson) -> Iterator[Reading]:
    """The share of the loss that the last tenth of the epochs takes away; negative where it rose.

    Nothing of a run that is too short to have ten of them.
    """
    curve = lesson.loss_curve
    tenth = len(curve) // TENTH
    if tenth and curve[-1 - tenth] > 0.0:
        yield Reading(1.0 - float(curve[-1]) / float(curve[-1 - tenth]))


def saturated(lesson: Lesson, view: EpochView, *, output: bool) -> Iterator[Reading]:
    """Of each unit with a bent curve: the share of rows with |f′(z)| < ``TINY``.

    Not of outputs whose error is the plain difference ŷ − y: no slope takes part in it.
    """
    fused = LOSSES[lesson.experiment.training.loss].fused
    for k, name, last in hidden_and_output(lesson):
        counts = not last or (output and not fused)
        entry = ACTIVATIONS[name]
        if entry.flattens and not entry.switches_off and counts:
            yield from _of_units(np.mean(~works(name, view, k), axis=0), k)


def passes(name: str, view: EpochView, layer: int) -> BoolArray:
    """Where a unit lets an error through at all: f′(z) is not 0, as booleans (V, n_ℓ)."""
    with np.errstate(all="ignore"):
        slope = ACTIVATIONS[name].slope(view.z[layer], view.a[layer])
    return np.asarray(np.abs(slope) > 0.0)


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


def changes(lesson: Lesson) -> Iterator[Reading]:
    """How often the label changes from one row to the next, as a share of what chance gives.

    N rows with n_c of class c change (N² − Σ n_c²) / N times on average. Of a regression whose
    targets only rise or only fall and that ends with R² < ``HALF``, 0. Nothing where the order is
    drawn anew, where the full batch makes it meaningless, or where there are fewer than two labels.
    """
    experiment = lesson.experiment
    training, order = experiment.training, _order(experiment)
    whole = training.batch_size == "all" or int(training.batch_size) >= len(order)
    if training.shuffle or whole:
        return
    if experiment.dataset.task == "regression":
        yield from _sorted_targets(lesson, order)
        return
    labels = [experiment.dataset.labels[row] for row in order]
    same = sum(count**2 for count in Counter(labels).values())
    usual = (len(labels) ** 2 - same) / len(labels)
    if usual:
        yield Reading(sum(a != b for a, b in pairwise(labels)) / usual)


def _order(experiment: Experiment) -> tuple[int, ...]:
    """The training rows (from 0) as the first epoch takes them."""
    order = experiment.training.order
    return tuple(row - 1 for row in order[0]) if order else tuple(experiment.dataset.train)


def _sorted_targets(lesson: Lesson, order: tuple[int, ...]) -> Iterator[Reading]:
    y = lesson.experiment.dataset.y[list(order)]
    steps = np.diff(y, axis=0)
    monotone = bool((np.all(steps >= 0, axis=0) | np.all(steps <= 0, axis=0)).all())
    if len(order) >= MANY and steps.any() and monotone and lesson.explained(order) < HALF:
        yield Reading(0.0)


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
