"""Training with a bar that says what is being done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.cli.console import progress

if TYPE_CHECKING:
    from tracer.experiment import Experiment
    from tracer.studies.model import Studies
    from tracer.trace import Trace


def trained(experiment: Experiment) -> tuple[Trace, Studies]:
    """Train an experiment, and the runs that its pages compare it with."""
    from tracer.studies.run import study
    from tracer.training import run

    with progress(f"{experiment.name}: training") as meter:
        trace = run(experiment, meter)
    with progress(f"{experiment.name}: other learning rates and batch sizes") as meter:
        return trace, study(trace, meter)
