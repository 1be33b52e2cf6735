"""The experiment file: read, validated whole, and frozen.

`load_experiment` reads a file and returns an `Experiment`, or raises an `ExperimentError` that
holds every problem of the file and of its table at once.
"""

from __future__ import annotations

from tracer.experiment.experiment import Experiment
from tracer.experiment.model import (
    DataSection,
    Init,
    Layer,
    Notation,
    Pages,
    Stop,
    Training,
)
from tracer.experiment.read import load_experiment
from tracer.experiment.schema import experiment_schema

__all__ = [
    "DataSection",
    "Experiment",
    "Init",
    "Layer",
    "Notation",
    "Pages",
    "Stop",
    "Training",
    "experiment_schema",
    "load_experiment",
]
