"""Networks of one unit, in which a step does as little as can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rendering import given

SIGMOID = {"layers": [{"units": 1, "activation": "sigmoid"}]}


def small(
    weight: float = 0.5, rows: Sequence[Sequence[float]] = ((1, 0), (2, 1)), **training: Any
) -> dict[str, Any]:
    """A sigmoid of one weight."""
    data = {"columns": ["x", "y"], "rows": [list(row) for row in rows]}
    return {
        "data": data,
        **SIGMOID,
        **given([[weight]]),
        "training": {"epochs": 1, **training},
    }


def line(
    rows: Sequence[Sequence[float]], weight: float, units: str = "identity", **training: Any
) -> dict[str, Any]:
    """Regression on one input."""
    return {
        "data": {
            "columns": ["x", "y"],
            "rows": [list(row) for row in rows],
            "task": "regression",
        },
        "layers": [{"units": 1, "activation": units}],
        **given([[weight]]),
        "training": {"epochs": 1, "loss": "half_squared_error", **training},
    }


STILL: dict[str, tuple[dict[str, Any], str]] = {
    "fitted": (line([(1, 0.5)], 0.5), "was zero, so there was no step"),
    "fitted, momentum": (line([(1, 0.5)], 0.5, optimizer="momentum"), "so there was no step"),
    "fitted, adam": (line([(1, 0.5)], 0.5, optimizer="adam"), "so there was no step"),
    "tiny rate": (small(learning_rate=1e-17), "smaller than float64 can add to the weighted sums"),
    "tiny rate, no biases": (
        small(learning_rate=1e-17, train_biases=False),
        "smaller than float64 can add to a number of that size",
    ),
    "no rate left": (
        small(schedule="exponential", factor=1e-300, epochs=3) | {"pages": {"epochs": [3]}},
        "the learning rate is zero",
    ),
    "a dead unit": (line([(1, 0.5)], -3, "relu"), "was zero, so there was no step"),
    "cancelling rows": (
        line([(1, 0), (1, 1)], 0.5, batch_size=2),
        "was zero, so there was no step",
    ),
    "a mirror": (line([(1, 0)], 0.5, learning_rate=2, train_biases=False), "yet the loss"),
    "penalty on an input of 0": (
        line([(0, 0)], 0.5, l2=0.1, train_biases=False),
        "only such by which the loss of this row has the slope zero",
    ),
}
"""Updates after which a loss is what it was, and what a page says of it."""


def softmax(
    weights: Sequence[float], rows: Sequence[Sequence[Any]] = ((1, "a"), (2, "b"), (3, "c"))
) -> dict[str, Any]:
    """A choice among three classes by one input."""
    return {
        "data": {"columns": ["x", "y"], "rows": [list(row) for row in rows]},
        "layers": [{"units": 3, "activation": "softmax"}],
        **given([weights]),
        "training": {"epochs": 1, "learning_rate": 1e-300},
    }
