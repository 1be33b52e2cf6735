"""One run beside the main one, of which no more is kept than is sensible."""

from __future__ import annotations

from tracer.experiment import Experiment
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
