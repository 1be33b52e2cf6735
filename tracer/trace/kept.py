"""Which updates of a run are kept whole, and of which moments the parameters are kept.

A moment is a state of the parameters: moment u is before update u (from 0), u + 1 after it. What is
kept of a moment is all that an update needs from the one before it, so every update after it can be
computed again. Single numbers (losses, penalties, η, which row) are kept of the whole run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tracer.experiment import Experiment
from tracer.trace.fields import Counts
from tracer.trace.layout import rows_an_update, sparse_bytes, whole_bytes

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Kept:
    """What is kept of a run that is not kept whole.

    Attributes:
        moments: the moments of which parameters and optimizer state are kept, ascending.
        updates: the updates that are kept with their visits and gradients, ascending.
        said: the same as the keys of [record].
    """

    moments: IntArray
    updates: IntArray
    said: Mapping[str, Any]

    @classmethod
    def every(cls, count: int, updates: int) -> Kept:
        """Each moment that is a multiple of ``count``, and the last of ``updates``."""
        moments = np.append(np.arange(0, updates, count), updates)
        return cls(moments, np.zeros(0, dtype=np.int64), {"every": count})

    @classmethod
    def epochs(cls, chosen: tuple[int, ...], updates: int, each: int) -> Kept:
        """The epochs ``chosen`` (from 1) of ``each`` updates; of the others what they began with.

        Epochs behind the last of all ``updates`` are left out.
        """
        number = np.arange(updates) // each
        found = np.flatnonzero(np.isin(number + 1, chosen))
        ends = np.arange(0, updates + 1, each)
        return cls(np.unique([*ends, *found]), found, {"epochs": list(chosen)})

    def up_to(self, updates: int) -> Kept:
        """What of this a run has that ended after so many updates."""
        before = self.moments[self.moments < updates]
        return Kept(
            np.append(before, updates), self.updates[self.updates < updates], dict(self.said)
        )

    def counts(self, counts: Counts, each: int, batch: int) -> Counts:
        """How much is stored, in a run of these ``counts`` with ``each`` updates an epoch."""
        rows = counts.visits // max(1, counts.epochs)
        places = self.updates % each
        visits = int(np.sum(np.minimum(batch, rows - places * batch)))
        return counts._replace(visits=visits, updates=len(self.updates), moments=len(self.moments))


def asked_for(experiment: Experiment, counts: Counts) -> Kept | None:
    """What [record] asks for by epochs or every; None where it does not."""
    record = experiment.record
    if record.every is not None:
        return Kept.every(record.every, counts.updates)
    if record.epochs:
        return Kept.epochs(record.epochs, counts.updates, counts.updates // counts.epochs)
    return None


def stored_bytes(experiment: Experiment, counts: Counts, kept: Kept | None) -> int:
    """What the arrays of a run take; its rows are the experiment's own."""
    if kept is None:
        return whole_bytes(experiment, counts) + sparse_bytes(experiment, counts)
    each = counts.updates // counts.epochs
    part = kept.counts(counts, each, rows_an_update(experiment))
    return whole_bytes(experiment, counts) + sparse_bytes(experiment, part)


def fitting(experiment: Experiment, counts: Counts, most: int) -> Kept:
    """Moments at the shortest distance at which they take at most ``most`` bytes.

    Where not even two of them fit, the first and the last one.
    """
    nothing = counts._replace(visits=0, updates=0)
    moment = sparse_bytes(experiment, nothing._replace(moments=1))
    room = most - whole_bytes(experiment, counts) - 2 * moment
    count = counts.updates
    if room > 0:
        count = min(count, math.ceil(counts.updates * moment / room))
    return Kept.every(max(1, count), counts.updates)
