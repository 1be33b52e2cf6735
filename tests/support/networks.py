"""Small experiments for tests: any sizes, activations and loss, with made-up data that fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.experiment import Experiment

#: Every pair (output activation, loss) that an experiment may have.
OUTPUTS = tuple(
    (activation, loss)
    for loss, row in LOSSES.items()
    for activation in ACTIVATIONS
    if row.output_activation in (None, activation)
)


def targets(rng: np.random.Generator, rows: int, units: int, loss: str) -> np.ndarray:
    """Targets that fit the loss: one-hot, 0 and 1, or any numbers."""
    if loss == "cross_entropy":
        return np.eye(units)[np.arange(rows) % units]
    if loss == "binary_cross_entropy":
        return rng.integers(0, 2, (rows, units)).astype(float)
    return rng.normal(0.0, 1.0, (rows, units)).round(3)


def task(units: int, loss: str) -> str:
    if loss == "cross_entropy":
        return "multiclass"
    if loss == "binary_cross_entropy":
        return "binary" if units == 1 else "multilabel"
    return "regression"


def mapping(
    sizes: Sequence[int] = (2, 3, 2),
    activations: Sequence[str] = ("tanh", "identity"),
    loss: str = "half_squared_error",
    *,
    rows: int = 7,
    train: int | list[int] | None = None,
    seed: int = 0,
    init: dict[str, Any] | None = None,
    **training: Any,
) -> dict[str, Any]:
    """The experiment as a file would hold it; `training` are further keys of that section."""
    rng = np.random.default_rng((seed, rows, *sizes))
    x = rng.normal(0.0, 1.0, (rows, sizes[0])).round(3)
    y = targets(rng, rows, sizes[-1], loss)
    names = [f"y{k}" for k in range(sizes[-1])]
    data: dict[str, Any] = {
        "columns": [*(f"x{k}" for k in range(sizes[0])), *names],
        "rows": np.hstack([x, y]).tolist(),
        "target": names if len(names) > 1 else names[0],
        "task": task(sizes[-1], loss),
    }
    if data["task"] == "binary":
        data["classes"] = [0, 1]
    if train is not None:
        data["train"] = train
    layers = zip(sizes[1:], activations, strict=True)
    return {
        "title": "A small network",
        "data": data,
        "layers": [{"units": units, "activation": name} for units, name in layers],
        "init": {"scheme": "uniform", "seed": seed} if init is None else init,
        "training": {"loss": loss, "epochs": 3} | training,
    }


def experiment(*arguments: Any, **options: Any) -> Experiment:
    """The same, validated."""
    return Experiment.from_mapping(mapping(*arguments, **options))


def recorded(record: Mapping[str, Any], **training: Any) -> Experiment:
    """Five rows, four epochs, of which ``record`` says what is kept; no option is None."""
    options = {key: value for key, value in training.items() if value is not None}
    file = mapping((2, 3, 2), ("tanh", "identity"), epochs=4, rows=5, **options)
    return Experiment.from_mapping({**file, "record": record})
