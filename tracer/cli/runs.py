"""Training with a bar that says what is being done."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from tracer.cli.console import progress
from tracer.meters import Meter

if TYPE_CHECKING:
    from tracer.executor import Executor
    from tracer.experiment import Experiment
    from tracer.studies.model import Studies
    from tracer.trace import Trace


Shown = Callable[[str], AbstractContextManager[Meter]]
"""A bar with a title, or none."""


def trained(
    experiment: Experiment, shown: Shown = progress, many: Executor | None = None
) -> tuple[Trace, Studies]:
    """Train an experiment, and the runs that its pages compare it with; these ``many`` may make."""
    from tracer.studies.run import study
    from tracer.training import run

    with shown(f"{experiment.name}: training") as meter:
        trace = run(experiment, meter)
    with shown(f"{experiment.name}: other learning rates and batch sizes") as meter:
        return trace, study(trace, meter, many)
