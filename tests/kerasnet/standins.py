"""Objects with Keras' public methods that are read, for machines without it, and the cases."""

from __future__ import annotations

from typing import Any

import numpy as np

#: (layers as (units, activation, bias) or (class, options), loss, optimizer class, its options)
CASES: list[tuple[list[Any], tuple[str, dict[str, Any]], str, dict[str, Any]]] = [
    (
        [(3, "relu", True), (1, "sigmoid", True)],
        ("BinaryCrossentropy", {}),
        "SGD",
        {"learning_rate": 0.25},
    ),
    (
        [(3, "tanh", True), (2, "softplus", True), (1, "linear", True)],
        ("BinaryCrossentropy", {"from_logits": True, "reduction": "sum"}),
        "SGD",
        {"learning_rate": 0.1, "momentum": 0.8},
    ),
    (
        [(2, "elu", True), (2, "silu", True), (3, "softmax", True)],
        ("SparseCategoricalCrossentropy", {}),
        "SGD",
        {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
    ),
    (
        [(3, "linear", True), ("LeakyReLU", {"negative_slope": 0.01}), (3, "linear", True)],
        ("CategoricalCrossentropy", {"from_logits": True}),
        "Adam",
        {"learning_rate": 0.05, "epsilon": 0.001},
    ),
    (
        [(4, "gelu", False), (2, "sigmoid", False)],
        ("MeanSquaredError", {}),
        "Adam",
        {"learning_rate": 0.05, "beta_1": 0.8},
    ),
    (
        [(2, "linear", True), ("Activation", {"activation": "tanh"}), (2, "linear", True)],
        ("MeanSquaredError", {"reduction": "sum"}),
        "SGD",
        {"learning_rate": 0.05},
    ),
]
EPOCHS, BATCH, ROWS = 2, 3, 5


def data(number: int) -> tuple[np.ndarray, np.ndarray]:
    """X and y of a case."""
    layers, (loss, _), _, _ = CASES[number]
    rng, units = np.random.default_rng((number, 5)), layers[-1][0]
    X, rows = rng.normal(0, 1, (ROWS, 2)).round(3), np.arange(ROWS)
    if loss == "MeanSquaredError":
        return X, rng.normal(0, 1, (ROWS, units)).round(3)
    if loss == "CategoricalCrossentropy":
        return X, np.eye(units)[rows % units]
    return X, rows % max(units, 2)


def starts(number: int) -> list[list[np.ndarray]]:
    """[kernel, bias] of each dense layer of a case; without a bias only the kernel."""
    rng, n_in, found = np.random.default_rng((number, 9)), 2, []
    for first, _, *bias in CASES[number][0]:
        if isinstance(first, int):
            kernel, vector = rng.normal(0, 0.8, (n_in, first)), rng.normal(0, 0.5, first)
            found.append([kernel.round(3), vector.round(3)][: 2 if bias[0] else 1])
            n_in = first
    return found


class _Configured:
    def __init__(self, **options: Any) -> None:
        self.options = options

    def get_config(self) -> dict[str, Any]:
        return self.options


class _Layer(_Configured):
    name, output, weights = "layer", None, ()

    def get_weights(self) -> Any:
        return list(self.weights)


class _Optimizer(_Configured):
    iterations = 0


def made(name: str, base: type = _Layer, **options: Any) -> Any:
    """An object of a class of Keras with this name, and what its `get_config` gives."""
    return type(name, (base,), {"__module__": "keras.src"})(**options)


def dense(weights: Any = (), activation: Any = "linear", **options: Any) -> Any:
    layer = made("Dense", activation=activation, **{"trainable": True, **options})
    layer.weights = weights
    return layer


def loss(name: str, **options: Any) -> Any:
    defaults = {"reduction": "sum_over_batch_size", "from_logits": False, "label_smoothing": 0.0}
    return made(name, _Configured, **{**defaults, **options})


def optimizer(name: str, **options: Any) -> Any:
    own = {
        "SGD": {"learning_rate": 0.01, "momentum": 0.0, "nesterov": False},
        "Adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False},
    }.get(name, {})
    shared = {"learning_rate": 0.001, "weight_decay": None, "clipnorm": None, "use_ema": False}
    return made(name, _Optimizer, **{**shared, **own, **options})


def model(*layers: Any, loss: Any = "mse", optimizer: Any = None, kind: str = "Sequential") -> Any:
    found = type(kind, (), {"__module__": "keras.src.models"})()
    found.layers, found.loss = [made("InputLayer"), *layers], loss
    found.optimizer, found.outputs = optimizer, [None]
    return found


def stand_in(number: int) -> Any:
    """The model of a case."""
    layers, (kind, options), rule, rates = CASES[number]
    weights = iter(starts(number))
    steps = [
        dense(next(weights), activation=second) if isinstance(first, int) else made(first, **second)
        for first, second, *_ in layers
    ]
    return model(*steps, loss=loss(kind, **options), optimizer=optimizer(rule, **rates))
