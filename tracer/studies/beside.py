"""One run beside the main one, of which no more is kept than is sensible."""

from __future__ import annotations

from functools import partial

import numpy as np

from tracer.experiment import Experiment
from tracer.studies.model import Run
from tracer.studies.plan import ends_only
from tracer.trace import Trace
from tracer.training import run
from tracer.training.size import run_size

MAX_BESIDE = 2**26
"""64 megabytes: of a larger run beside the main one only the ends are kept; fifteen are held."""


def run_beside(experiment: Experiment) -> Trace:
    """The run of an experiment; of a large one only the ends are kept."""
    large = run_size(experiment).trace > MAX_BESIDE
    return run(ends_only(experiment) if large else experiment)


Losses = tuple[bytes, bytes]
"""The losses of a run and the updates behind them, as float64."""


def losses_of(experiment: Experiment) -> Losses:
    """What is compared of a run beside the main one: for an executor, which may be elsewhere."""
    with np.errstate(all="ignore"):
        found = Run.of(run_beside(experiment))
    return found.losses.tobytes(), found.updates.tobytes()


def run_with(experiment: Experiment, known: Losses) -> Run:
    """The run of which these losses are known; it is made when somebody asks for more of it."""
    losses, updates = map(np.frombuffer, known)
    return Run(experiment, losses, updates, partial(run_beside, experiment))
