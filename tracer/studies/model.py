"""What the runs beside the main one found. Pages read this; nothing here trains.

"The loss after an epoch" is the loss over all training rows with the parameters that the epoch
left, without the penalty: the mean of L, or its sum where batches are summed. Unlike the loss of
an epoch it depends on one set of parameters, so runs that update in another rhythm can be compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Literal

import numpy as np

from tracer.catalog.losses import LOSSES
from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.numerals import numeral, show
from tracer.trace import IntArray, Trace
from tracer.trace.layout import rows_an_update

Verdict = Literal["lower", "little", "same", "still", "higher", "lost"]
"""What became of the loss: it fell; fell by hardly anything; ends as it began in the digits that
are shown; ends exactly as it began; ends higher; is nan or infinite in the end."""

SLOW = 0.1
"""Progress is hardly any where it is less than this share of the best run's: ten times the epochs
would be needed, by a straight rule."""


@dataclass(frozen=True, eq=False)
class Run:
    """One run of a study, with the loss after each epoch (epochs + 1,), index 0 before the first.

    ``updates`` (epochs + 1,) is how many updates lie behind each of these losses. ``make`` gives
    the whole run, when somebody asks for more than its losses.
    """

    experiment: Experiment
    losses: FloatArray = field(repr=False)
    updates: FloatArray = field(repr=False)
    make: Callable[[], Trace] = field(repr=False)

    @classmethod
    def of(cls, trace: Trace) -> Run:
        """The run of a finished trace."""
        updates = trace.epoch_ends.astype(np.float64)
        return cls(trace.experiment, losses_after_epochs(trace), updates, lambda: trace)

    @classmethod
    def beginning(
        cls, trace: Trace, epochs: int, experiment: Experiment, make: Callable[[], Trace]
    ) -> Run:
        """The run of an experiment with fewer epochs, which are the first ones of a trace.

        That holds where nothing looks at how many epochs there are: no rule that stops, no rate
        that waits for a plateau.
        """
        ends = trace.epoch_ends[: epochs + 1]
        return cls(experiment, losses_at(trace, ends), ends.astype(np.float64), make)

    @cached_property
    def trace(self) -> Trace:
        """The whole run."""
        return self.make()

    @property
    def rate(self) -> float:
        """The learning rate of its experiment."""
        return self.experiment.training.learning_rate

    @property
    def batch(self) -> int:
        """How many samples an update sees (the last of an epoch may see fewer)."""
        return min(rows_an_update(self.experiment), len(self.experiment.dataset.train))

    @property
    def epochs(self) -> int:
        """How many epochs it has."""
        return len(self.losses) - 1

    @property
    def first(self) -> float:
        """The loss before the first epoch."""
        return float(self.losses[0])

    @cached_property
    def last(self) -> float:
        """The loss after the last epoch."""
        return float(self.losses[-1])

    @cached_property
    def progress(self) -> float:
        """How far the loss fell; −∞ where it ends as no number, ∞ where it only began as one."""
        if not np.isfinite(self.last):
            return -np.inf
        return self.first - self.last if np.isfinite(self.first) else np.inf

    @cached_property
    def text(self) -> str:
        """The loss in the end as its experiment shows numbers."""
        return show(self.last, self.experiment.pages.decimals)

    @cached_property
    def moved(self) -> bool:
        """Whether the loss ends otherwise than it began, in the digits that are shown."""
        return show(self.first, self.experiment.pages.decimals) != self.text


@dataclass(frozen=True, eq=False)
class Tried:
    """One learning rate of the search, and what became of it.

    ``lowest``: no other rate ends lower, in the digits that are shown.
    """

    rate: float
    first: float
    last: float
    verdict: Verdict
    lowest: bool


@dataclass(frozen=True, eq=False)
class FullStep:
    """One plain step against the gradient of all training rows, from the starting values.

    ``flat`` says that this gradient, without the penalty, is 0 for every parameter.
    """

    rate: float
    first: float
    last: float
    flat: bool

    @property
    def helps(self) -> bool:
        """Whether the loss is lower after the step."""
        return self.last < self.first


@dataclass(frozen=True, eq=False)
class RateStudy:
    """Learning rates on this data: every one that was tried, and three that show the difference.

    ``right`` ends lowest of all tried; where several do in the digits that are shown, it is the
    experiment's own if that is among them; None where no rate lowers the loss in these digits.
    ``small`` is the largest below it with hardly any progress, as all below that have; ``big``
    the smallest above it that keeps hardly any, as all above that. ``full`` are plain steps,
    tried where there is no right rate.
    """

    tried: tuple[Tried, ...]
    small: Run | None
    right: Run | None
    big: Run | None
    epochs: int
    full: tuple[FullStep, ...] = ()

    @property
    def limit(self) -> float:
        """About a tenth of the right rate's progress below the start, in digits that are shown.

        nan where there is no right rate, or no finite start.
        """
        if self.right is None or not np.isfinite(self.right.first):
            return float("nan")
        decimals = self.right.experiment.pages.decimals
        value = numeral(self.right.first - SLOW * self.right.progress, decimals).value
        return float("nan") if value is None else float(value)

    @property
    def gone_wrong(self) -> tuple[int, float] | None:
        """(epoch, loss after it) from which on the too big rate stays above the limit.

        Epoch 0 where it was above it all the time; None where it ends at or below it.
        """
        if self.big is None or not np.isfinite(self.limit):
            return None
        below = np.flatnonzero(self.big.losses <= self.limit)
        epoch = int(below[-1]) + 1 if below.size else 0
        return None if epoch > self.big.epochs else (epoch, float(self.big.losses[epoch]))


@dataclass(frozen=True, eq=False)
class Studies:
    """All runs beside the main one.

    ``batches``: the same training with one, some and all rows an update, smallest first (fewer
    where there are too few rows). ``again``: the fingerprint of the same training, run once more.
    ``other``: the training from another seed; None where nothing is left to chance. What is
    compared has as many epochs as the main run made, or its first ones where those are many.
    """

    batches: tuple[Run, ...]
    rates: RateStudy
    again: str
    other: Trace | None


def verdict_on(run: Run, best: float) -> Verdict:
    """What became of a run's loss, against the progress of the best one; nothing else counts."""
    if not np.isfinite(run.last):
        return "lost"
    if run.last == run.first:
        return "still"
    if not run.moved:
        return "same"
    if run.progress < 0:
        return "higher"
    return "little" if run.progress < SLOW * best else "lower"


def losses_after_epochs(trace: Trace) -> FloatArray:
    """The loss over all training rows before the first epoch and after each, (epochs + 1,)."""
    return losses_at(trace, trace.epoch_ends)


def losses_at(trace: Trace, moments: IntArray) -> FloatArray:
    """The loss over all training rows at some moments: before so many updates, (moments,)."""
    training = trace.experiment.training
    rows = list(trace.experiment.dataset.train)
    kernel = LOSSES[training.loss].kernel
    z, a = trace.forward_at(trace.x[rows], moments)
    with np.errstate(all="ignore"):
        losses = kernel(trace.y[rows], a[-1], z[-1])
        mean = training.reduction == "mean"
        return np.asarray(losses.mean(axis=1) if mean else losses.sum(axis=1))


def fingerprint(trace: Trace) -> str:
    """SHA-256 of every number of a trace, bit for bit, as hexadecimal digits.

    Of a run that is not kept whole: of its single numbers, and of its first and its last moment.
    """
    digest = hashlib.sha256()
    for array in _all_arrays(trace):
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def numbers_in(trace: Trace) -> int:
    """How many numbers a fingerprint is of."""
    return sum(array.size for array in _all_arrays(trace))


def _all_arrays(trace: Trace) -> Iterator[FloatArray]:
    if trace.recording is not None:
        return _arrays(trace.recording.ends)
    return _arrays(tuple(getattr(trace, f.name) for f in fields(trace)))


def _arrays(value: object) -> Iterator[FloatArray]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _arrays(item)
    elif isinstance(value, dict):
        for key in sorted(value):
            yield from _arrays(value[key])
