"""Which updates of a run are kept whole, and of which moments the parameters are kept.

A moment is a state of the parameters: moment u is before update u (from 0), u + 1 after it. What is
kept of a moment is all that an update needs from the one before it, so every update after it can be
computed again. Single numbers (losses, penalties, η, which row) are kept of the whole run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from tracer.experiment import Experiment
from tracer.experiment.model import Record
from tracer.trace.fields import Counts, TraceField
from tracer.trace.layout import sparse_bytes, whole_bytes

IntArray = npt.NDArray[np.int64]
GIGABYTE = 10**9
"""Bytes, as disks are sold."""
ENDS = 2
"""The first moment and the last one, which are kept of every run."""


@dataclass(frozen=True, eq=False)
class Kept:
    """What is kept of a run that is not kept whole.

    Attributes:
        said: the keys of [record]: ``epochs`` or ``every``, and ``disk`` beside it.
        total: how many updates the run has.
        each: how many of them an epoch has.
    """

    said: Mapping[str, Any]
    total: int
    each: int

    @cached_property
    def moments(self) -> IntArray:
        """The moments of which parameters and optimizer state are kept, ascending.

        Every K-th and the last one, or those of the chosen epochs and the ends of all.
        """
        if "every" in self.said:
            return np.append(np.arange(0, self.total, self.said["every"]), self.total)
        ends = np.arange(0, self.total + 1, self.each)
        return np.union1d(ends, self.updates)

    def moments_of(self, item: TraceField) -> IntArray:
        """The moments of which a field is kept.

        Between checkpoints what no update needs is not: those of an optimizer's variables that it
        works out from others, of Adam two of four. Then the others stand nearer to each other.
        """
        ends_only = item.passing and "every" in self.said
        return self.moments[[0, -1]] if ends_only else self.moments

    @cached_property
    def updates(self) -> IntArray:
        """The updates that are kept with their visits and gradients, ascending."""
        begun = (np.array(self._epochs, dtype=np.int64) - 1) * self.each
        return np.asarray((begun[:, None] + np.arange(self.each)).ravel())

    @property
    def _epochs(self) -> list[int]:
        """The chosen epochs that the run has, from 1."""
        return [epoch for epoch in self.said.get("epochs", ()) if epoch * self.each <= self.total]

    @property
    def on_disk(self) -> bool:
        """Whether what is kept of moments stands on the disk, and not in memory."""
        return "disk" in self.said

    def up_to(self, updates: int) -> Kept:
        """What of this a run has that ended after so many updates."""
        return replace(self, total=updates)

    def counts(self, counts: Counts) -> Counts:
        """How much is stored in a run of these ``counts``."""
        chosen, epochs = len(self._epochs), self.total // self.each
        moments, passing = epochs + 1 + chosen * (self.each - 1), None
        if "every" in self.said:
            moments, passing = -(-self.total // self.said["every"]) + 1, ENDS
        rows = counts.visits // max(1, counts.epochs)
        return counts._replace(
            visits=chosen * rows, updates=chosen * self.each, moments=moments, passing=passing
        )


def asked_for(record: Record, counts: Counts) -> Kept | None:
    """What [record] asks for by epochs or every; None where it does not."""
    said = {key: value for key, value in record.given.items() if key != "keep"}
    if not said.keys() & {"epochs", "every"}:
        return None
    return Kept(said, counts.updates, counts.updates // counts.epochs)


def stored_bytes(experiment: Experiment, counts: Counts, kept: Kept | None) -> int:
    """What the arrays of a run take; its rows are the experiment's own."""
    if kept is None:
        return whole_bytes(experiment, counts) + sparse_bytes(experiment, counts)
    return whole_bytes(experiment, counts) + sparse_bytes(experiment, kept.counts(counts))


def disk_bytes(experiment: Experiment, counts: Counts, kept: Kept | None) -> int:
    """What of these bytes stands on the disk while the run is made and looked at."""
    if kept is None or not kept.on_disk:
        return 0
    return sparse_bytes(experiment, kept.counts(counts)._replace(passing=0))


def fitting_disk(experiment: Experiment, counts: Counts, gigabytes: int) -> Kept:
    """Moments at the shortest distance at which they take so much of the disk, or less."""
    nothing = counts._replace(visits=0, updates=0, passing=0)
    moment = sparse_bytes(experiment, nothing._replace(moments=1))
    room = max(1, gigabytes * GIGABYTE // moment - ENDS)
    said = {"every": max(1, math.ceil(counts.updates / room)), "disk": gigabytes}
    return Kept(said, counts.updates, counts.updates // counts.epochs)


def fitting(experiment: Experiment, counts: Counts, most: int) -> Kept:
    """Moments at the shortest distance at which they take at most ``most`` bytes.

    Where not even two of them fit, the first and the last one.
    """
    nothing = counts._replace(visits=0, updates=0, passing=0)
    moment = sparse_bytes(experiment, nothing._replace(moments=1))
    ends = sparse_bytes(experiment, nothing._replace(moments=ENDS, passing=ENDS))
    room = most - whole_bytes(experiment, counts) - ends
    count = counts.updates
    if room > 0:
        count = min(count, math.ceil(counts.updates * moment / room))
    return Kept({"every": max(1, count)}, counts.updates, counts.updates // counts.epochs)
