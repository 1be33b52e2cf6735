"""The built-in example, which everything is measured on."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

from tracer.experiment import Experiment, load_experiment
from tracer.studies.model import Studies
from tracer.studies.run import study
from tracer.trace import Trace
from tracer.training import run


@cache
def experiment() -> Experiment:
    """The experiment of the built-in example."""
    with as_file(files("tracer") / "examples") as folder:
        return load_experiment(folder / "mini2d.toml")


@cache
def trace() -> Trace:
    """Its run."""
    return run(experiment())


@cache
def studies() -> Studies:
    """The runs that its pages compare it with."""
    return study(trace())
