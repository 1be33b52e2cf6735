"""Networks × losses × optimizers, as plain data that real and stand-in PyTorch build alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

Made = tuple[str, dict[str, Any]]

#: name: (hidden sizes, hidden activations, whether there are biases)
NETWORKS: dict[str, tuple[tuple[int, ...], tuple[Made, ...], bool]] = {
    "one layer": ((), (), True),
    "relu": ((3,), (("ReLU", {}),), True),
    "deep": ((3, 2), (("Tanh", {}), ("LeakyReLU", {"negative_slope": 0.01})), True),
    "smooth": ((2, 3), (("ELU", {"alpha": 1.0}), ("Softplus", {"beta": 1.0})), True),
    "gates": ((3, 3), (("SiLU", {}), ("GELU", {"approximate": "none"})), True),
    "softmax inside": ((4,), (("Softmax", {"dim": 1}),), True),
    "no biases": ((3, 2), (("Sigmoid", {}), ("Identity", {})), False),
}
#: name: (class, options, output units, output activation, targets)
LOSSES: dict[str, tuple[str, dict[str, Any], int, str | None, str]] = {
    "mse mean": ("MSELoss", {"reduction": "mean"}, 2, None, "numbers"),
    "mse sum": ("MSELoss", {"reduction": "sum"}, 3, "Sigmoid", "numbers"),
    "bce mean": ("BCELoss", {"reduction": "mean"}, 1, "Sigmoid", "bits"),
    "bce sum": ("BCELoss", {"reduction": "sum"}, 2, "Sigmoid", "bits"),
    "logits mean": ("BCEWithLogitsLoss", {"reduction": "mean"}, 1, None, "shares of one"),
    "logits sum": ("BCEWithLogitsLoss", {"reduction": "sum"}, 3, None, "bits"),
    "ce mean": ("CrossEntropyLoss", {"reduction": "mean"}, 3, None, "classes"),
    "ce sum": ("CrossEntropyLoss", {"reduction": "sum"}, 2, None, "classes"),
    "ce shares": ("CrossEntropyLoss", {"reduction": "mean"}, 3, None, "shares"),
}
#: name: (class, options, penalty of the weights alone)
OPTIMIZERS: dict[str, tuple[str, dict[str, Any], float]] = {
    "sgd": ("SGD", {"lr": 0.3}, 0.0),
    "sgd l2": ("SGD", {"lr": 0.3}, 0.05),
    "momentum": ("SGD", {"lr": 0.1, "momentum": 0.8}, 0.0),
    "nesterov l2": ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}, 0.01),
    "adam": ("Adam", {"lr": 0.05}, 0.0),
    "adam l2": ("Adam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-6}, 0.1),
    "adamw": ("AdamW", {"lr": 0.05, "weight_decay": 0.2}, 0.0),
    "rmsprop": ("RMSprop", {"lr": 0.02}, 0.0),
    "rmsprop momentum": ("RMSprop", {"lr": 0.02, "alpha": 0.9, "momentum": 0.5}, 0.03),
    "adagrad": ("Adagrad", {"lr": 0.1}, 0.02),
}


@dataclass(frozen=True)
class Case:
    """One network, loss and optimizer with data and starting values (W as tracer has it)."""

    network: str
    loss: str
    optimizer: str
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    W: tuple[np.ndarray, ...] = field(repr=False)
    b: tuple[np.ndarray | None, ...] = field(repr=False)
    epochs: int = 2
    batch_size: int = 3

    @property
    def name(self) -> str:
        return f"{self.network}, {self.loss}, {self.optimizer}"

    @property
    def batches(self) -> list[list[int]]:
        starts = range(0, len(self.x), self.batch_size)
        rows = [list(range(len(self.x)))[k : k + self.batch_size] for k in starts]
        return rows * self.epochs


def case(network: str, loss: str, optimizer: str, rows: int = 7) -> Case:
    hidden, _, biases = NETWORKS[network]
    units = LOSSES[loss][2]
    sizes = (2, *hidden, units)
    rng = np.random.default_rng((7, *sizes))
    W = tuple(rng.normal(0, 0.8, pair).round(3) for pair in pairwise(sizes))
    b = tuple(rng.normal(0, 0.5, n).round(3) if biases else None for n in sizes[1:])
    x = rng.normal(0, 1.2, (rows, 2)).round(3)
    return Case(network, loss, optimizer, x, _targets(rng, LOSSES[loss][4], rows, units), W, b)


def _targets(rng: np.random.Generator, kind: str, rows: int, units: int) -> np.ndarray:
    if kind == "classes":
        return np.arange(rows) % units
    if kind == "shares":
        return np.array([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]])[np.arange(rows) % 2]
    if kind == "shares of one":
        return np.array([0.25, 1.0, 0.0])[np.arange(rows) % 3][:, None]
    if kind == "bits":
        return ((np.arange(rows)[:, None] + np.arange(units)) % 2).astype(float)
    return rng.normal(0, 1, (rows, units)).round(3)


#: Every pair of a network, a loss and an optimizer occurs.
TABLE = [
    *(case(network, loss, "momentum") for network in NETWORKS for loss in LOSSES),
    *(case("deep", loss, optimizer) for loss in LOSSES for optimizer in OPTIMIZERS),
    *(case(network, "bce mean", optimizer) for network in NETWORKS for optimizer in OPTIMIZERS),
]
#: One of each, stored with the numbers that PyTorch gave.
STORED = [
    case(tuple(NETWORKS)[k % len(NETWORKS)], tuple(LOSSES)[k % len(LOSSES)], optimizer, rows=5)
    for k, optimizer in enumerate(OPTIMIZERS)
]


def build(case: Case, nn: Any, optim: Any, put: Any) -> tuple[Any, Any, Any]:
    """(module, loss, optimizer) from PyTorch's ``nn`` and ``optim``, or stand-ins for them.

    ``put(layer, W, b)`` sets a layer's parameters.
    """
    _, activations, biases = NETWORKS[case.network]
    kind, options, _, output, _ = LOSSES[case.loss]
    ends: list[Made | None] = [*activations, (output, {}) if output else None]
    steps = []
    for W, b, end in zip(case.W, case.b, ends, strict=True):
        steps.append(nn.Linear(*W.shape, bias=biases))
        put(steps[-1], W, b)
        if end:
            steps.append(getattr(nn, end[0])(**end[1]))
    module = nn.Sequential(*steps)
    rule, rates, decay = OPTIMIZERS[case.optimizer]
    weights = [step.weight for step in steps if hasattr(step, "weight")]
    others = [step.bias for step in steps if getattr(step, "bias", None) is not None]
    groups: list[dict[str, Any]] = [{"params": weights, "weight_decay": decay}, {"params": others}]
    parameters = [group for group in groups if group["params"]] if decay else weights + others
    return module, getattr(nn, kind)(**options), getattr(optim, rule)(parameters, **rates)
