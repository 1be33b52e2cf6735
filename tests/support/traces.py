"""Traces of several kinds of runs, and when two of them are the same."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from networks import experiment
from tracer.training import run

LAYERED = ("W", "b", "z", "a", "dL_da", "dL_dz", "grad_W", "grad_b")
FLAT = ("x", "y", "loss", "row", "update_of", "epoch_of", "penalty", "learning_rate")
#: name: experiment, in all sizes and batch sizes.
EXPERIMENTS: dict[str, tuple[Any, Any, str, dict[str, Any]]] = {
    "one sample an update": ((2, 3, 2), ("tanh", "identity"), "half_squared_error", {}),
    "batches": ((3, 4, 2, 3), ("relu", "gelu", "softmax"), "cross_entropy", {"batch_size": 3}),
    "one batch": ((1, 1), ("sigmoid",), "binary_cross_entropy", {"batch_size": "all"}),
    "a test": ((2, 2), ("sigmoid",), "binary_cross_entropy", {"train": [6, 1, 3], "batch_size": 2}),
    "stopped": ((2, 2), ("tanh",), "squared_error", {"stop": {"tolerance": 1e9, "patience": 1}}),
    "shuffled": ((2, 2), ("tanh",), "squared_error", {"shuffle": True, "l2": 0.1, "epochs": 4}),
    "diverged": ((2, 3, 2), ("relu", "identity"), "squared_error", {"learning_rate": 1e150}),
}
every = pytest.mark.parametrize("name", EXPERIMENTS)


@cache
def trace_of(name):
    sizes, activations, loss, options = EXPERIMENTS[name]
    return run(experiment(sizes, activations, loss, **options))


def arrays_of(trace):
    """Every array of a trace by name."""
    named = {name: getattr(trace, name) for name in FLAT}
    for name in LAYERED:
        named |= {f"{name}[{k}]": array for k, array in enumerate(getattr(trace, name))}
    for name, kinds in trace.state.items():
        for kind, layers in kinds.items():
            named |= {f"{name}.{kind}[{k}]": array for k, array in enumerate(layers)}
    return named


def same(one, other):
    """Whether two traces hold the same, bit for bit."""
    mine, yours = arrays_of(one), arrays_of(other)
    return (
        one.experiment == other.experiment
        and mine.keys() == yours.keys()
        and all(
            array.dtype == yours[name].dtype
            and array.shape == yours[name].shape
            and array.tobytes() == yours[name].tobytes()
            for name, array in mine.items()
        )
    )
