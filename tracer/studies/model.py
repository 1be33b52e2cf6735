"""What the runs beside the main one found. Pages read this; nothing here trains.

"The loss after an epoch" is the loss over all training rows with the parameters that the epoch
left, without the penalty: the mean of L, or its sum where batches are summed. Unlike the loss of
an epoch it depends on one set of parameters, so runs that update in another rhythm can be compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Literal

import numpy as np

from tracer.catalog.losses import LOSSES
from tracer.formula import FloatArray
from tracer.trace import Place, Trace

Verdict = Literal["good", "slow", "stuck", "worse", "lost"]
"""good; slow: hardly any progress; stuck: none at all; worse: ends higher than it began;
lost: a number left what float64 can hold."""

SLOW = 0.1
"""Progress is slow where it is less than this share of the best run's."""


@dataclass(frozen=True, eq=False)
class Run:
    """One run of a study, with the loss after each epoch (epochs + 1,), index 0 before the first.

    ``updates`` (epochs + 1,) is how many updates lie behind each of these losses.
    """

    trace: Trace
    losses: FloatArray = field(repr=False)
    updates: FloatArray = field(repr=False)

    @classmethod
    def of(cls, trace: Trace) -> Run:
        """The run of a finished trace."""
        return cls(trace, losses_after_epochs(trace), trace.epoch_ends.astype(np.float64))

    @property
    def rate(self) -> float:
        """The learning rate of its experiment."""
        return self.trace.experiment.training.learning_rate

    @property
    def batch(self) -> int:
        """How many samples an update sees (the last of an epoch may see fewer)."""
        return int(self.trace.batch_sizes[0])

    @property
    def progress(self) -> float:
        """How far the loss fell; −∞ where it is no longer a number."""
        fell = float(self.losses[0] - self.losses[-1])
        return fell if np.isfinite(fell) else -np.inf

    @property
    def lost(self) -> Place | None:
        """The first number that is nan or infinite."""
        return self.trace.first_nonfinite


@dataclass(frozen=True, eq=False)
class Tried:
    """One learning rate of the search, and what became of it."""

    rate: float
    first: float
    last: float
    verdict: Verdict


@dataclass(frozen=True, eq=False)
class RateStudy:
    """Learning rates on this data: every one that was tried, and three that show the difference.

    ``right`` ends with the lowest loss of all tried. ``small`` is the largest below it that hardly
    makes progress, ``big`` the smallest above it that keeps hardly any; each None where the
    search found none.
    """

    tried: tuple[Tried, ...]
    small: Run | None
    right: Run | None
    big: Run | None

    @property
    def limit(self) -> float:
        """A loss above this is hardly any progress."""
        if self.right is None:
            return float(self.big.losses[0]) if self.big else np.inf
        return float(self.right.losses[0]) - SLOW * self.right.progress

    @property
    def gone_wrong(self) -> tuple[int, float] | None:
        """(epoch, loss after it) from which on the too big rate stays above the limit.

        None where it never does: it is lost for another number than the loss.
        """
        if self.big is None or not np.isfinite(self.big.losses[0]):
            return None
        below = np.flatnonzero(self.big.losses[1:] <= self.limit)
        epoch = int(below[-1]) + 2 if below.size else 1
        if epoch == len(self.big.losses):
            return None
        return epoch, float(self.big.losses[epoch])


@dataclass(frozen=True, eq=False)
class Studies:
    """All runs beside the main one.

    ``batches``: the same training with one, some and all rows an update, smallest first (fewer
    where there are too few rows). ``again``: the fingerprint of the same training, run once more.
    ``other``: the training from another seed; None where nothing is left to chance.
    """

    batches: tuple[Run, ...]
    rates: RateStudy
    again: str
    other: Trace | None


def verdict_on(run: Run, best: float) -> Verdict:
    """What became of a run, against the progress of the best one."""
    if run.lost is not None:
        return "lost"
    if run.progress == 0:
        return "stuck"
    if run.progress < 0:
        return "worse"
    return "slow" if run.progress < SLOW * best else "good"


def losses_after_epochs(trace: Trace) -> FloatArray:
    """The loss over all training rows before the first epoch and after each, (epochs + 1,)."""
    training = trace.experiment.training
    rows = list(trace.experiment.dataset.train)
    kernel = LOSSES[training.loss].kernel
    z, a = trace.forward_at(trace.x[rows], trace.epoch_ends)
    with np.errstate(all="ignore"):
        losses = kernel(trace.y[rows], a[-1], z[-1])
        mean = training.reduction == "mean"
        return np.asarray(losses.mean(axis=1) if mean else losses.sum(axis=1))


def fingerprint(trace: Trace) -> str:
    """SHA-256 of every number of a trace, bit for bit, as hexadecimal digits."""
    digest = hashlib.sha256()
    for array in _all_arrays(trace):
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def numbers_in(trace: Trace) -> int:
    """How many numbers a trace holds."""
    return sum(array.size for array in _all_arrays(trace))


def _all_arrays(trace: Trace) -> Iterator[FloatArray]:
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
