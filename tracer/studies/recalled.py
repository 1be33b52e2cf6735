"""Losses of runs that differ in their learning rate alone, kept from one rendering to the next.

Most rates that are tried do not depend on the experiment's own: another rate in the file leaves
them as they were. Of a run that is recalled only the losses are known; whoever asks for more of it
lets it run.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING

from tracer.experiment import Experiment
from tracer.files.keeping import keep, recall
from tracer.files.packs import source_state
from tracer.registry import outside
from tracer.studies.beside import Losses, losses_of, run_beside, run_with
from tracer.studies.model import Run
from tracer.studies.plan import changed

if TYPE_CHECKING:
    from tracer.executor import Executor

_UNREADABLE = (pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError, TypeError)
MOST_NUMBERS = 100_000
"""Of larger tables nothing is kept: to look at what they hold would take longer than it saves."""


class RecalledRuns:
    """The runs of an experiment with other learning rates, each made once for the same content."""

    def __init__(self, experiment: Experiment, epochs: int) -> None:
        self._experiment = changed(experiment, epochs=epochs)
        self._key = _key(self._experiment)
        self._known = _read(self._key)
        self._is_longer = False

    def run(self, rate: float) -> Run:
        """The run with this rate."""
        made = changed(self._experiment, learning_rate=rate)
        if rate not in self._known:
            found = Run.of(run_beside(made))
            self._known[rate] = (found.losses.tobytes(), found.updates.tobytes())
            self._is_longer = True
            return found
        return run_with(made, self._known[rate])

    def ahead(self, rates: Iterable[float], many: Executor) -> None:
        """Make the runs with these rates, wherever ``many`` makes them."""
        wanted = [rate for rate in dict.fromkeys(rates) if rate not in self._known]
        runs = [changed(self._experiment, learning_rate=rate) for rate in wanted]
        self._known |= dict(zip(wanted, many.map(losses_of, runs), strict=True))
        self._is_longer |= bool(wanted)

    def keep(self) -> None:
        """Keep what was found."""
        if self._key is not None and self._is_longer:
            keep(self._key, pickle.dumps(self._known))


def _key(experiment: Experiment) -> bytes | None:
    """All that decides the runs but their rate; None where that is not to be told."""
    data = experiment.dataset
    if outside() or data.x.size + data.y.size > MOST_NUMBERS:
        return None
    same = experiment.training.model_copy(update={"learning_rate": 1.0})
    said = (experiment.layers, experiment.init, same, data.train, data.x.shape, data.y.shape)
    whole = sha256(repr(said).encode() + data.x.tobytes() + data.y.tobytes() + source_state())
    return b"rates " + whole.digest()


def _read(key: bytes | None) -> dict[float, Losses]:
    found = recall(key) if key is not None else None
    try:
        return dict(pickle.loads(found)) if found else {}
    except _UNREADABLE:
        return {}
