"""Objects that look like PyTorch's to somebody who reads them, for machines without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np


class Tensor:
    """An array with the few methods of a tensor that are read."""

    def __init__(self, values: Any, *, requires_grad: bool = True) -> None:
        self.values, self.requires_grad = np.asarray(values), requires_grad

    @property
    def T(self) -> Tensor:
        return Tensor(self.values.T)

    @property
    def dtype(self) -> Any:
        return self.values.dtype

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def tolist(self) -> Any:
        return self.values.tolist()


def _module(name: str, place: str = "torch.nn.modules", **defaults: Any) -> type:
    def start(self: Any, **options: Any) -> None:
        vars(self).update({**defaults, **options})

    return type(name, (), {"__init__": start, "__module__": place})


class _Linear:
    def __init__(self, n_in: int, n_out: int, bias: bool = True) -> None:
        self.weight = Tensor(np.zeros((n_out, n_in)))
        self.bias = Tensor(np.zeros(n_out)) if bias else None


class _Sequential:
    def __init__(self, *steps: Any) -> None:
        self.steps = steps

    def children(self) -> Iterator[Any]:
        return iter(self.steps)

    def parameters(self) -> list[Tensor]:
        found = [getattr(step, name, None) for step in self.steps for name in ("weight", "bias")]
        return [parameter for parameter in found if parameter is not None]


Linear = type("Linear", (_Linear,), {"__module__": "torch.nn.modules.linear"})
Sequential = type("Sequential", (_Sequential,), {"__module__": "torch.nn.modules.container"})


def put(layer: Any, W: Any, b: Any) -> None:
    layer.weight = Tensor(np.asarray(W).T)
    layer.bias = None if b is None else Tensor(b)


nn = SimpleNamespace(
    Linear=Linear,
    Sequential=Sequential,
    Dropout=_module("Dropout", p=0.5),
    LeakyReLU=_module("LeakyReLU", negative_slope=0.01),
    ELU=_module("ELU", alpha=1.0),
    Softplus=_module("Softplus", beta=1.0, threshold=20.0),
    GELU=_module("GELU", approximate="none"),
    Softmax=_module("Softmax", dim=None),
    L1Loss=_module("L1Loss", reduction="mean"),
    MSELoss=_module("MSELoss", reduction="mean"),
    BCELoss=_module("BCELoss", reduction="mean", weight=None),
    BCEWithLogitsLoss=_module("BCEWithLogitsLoss", reduction="mean", weight=None, pos_weight=None),
    CrossEntropyLoss=_module(
        "CrossEntropyLoss",
        reduction="mean",
        weight=None,
        ignore_index=-100,
        label_smoothing=0.0,
    ),
    **{name: _module(name) for name in ("ReLU", "Sigmoid", "Tanh", "SiLU", "Identity")},
)


class _Optimizer:
    defaults: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, parameters: Any, **options: Any) -> None:
        groups = list(parameters)
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        self.param_groups = [{**self.defaults, **options, **group} for group in groups]
        self.state: dict[Any, Any] = {}


def _rule(name: str, **defaults: Any) -> type:
    defaults = {"weight_decay": 0, "maximize": False, "foreach": None, **defaults}
    return type(name, (_Optimizer,), {"__module__": "torch.optim", "defaults": defaults})


_ADAM = {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8, "amsgrad": False}
optim = SimpleNamespace(
    SGD=_rule("SGD", lr=0.001, momentum=0, dampening=0, nesterov=False),
    Adam=_rule("Adam", **_ADAM, decoupled_weight_decay=False),
    AdamW=_rule("AdamW", **{**_ADAM, "weight_decay": 0.01}, decoupled_weight_decay=True),
    RMSprop=_rule("RMSprop", lr=0.01, alpha=0.99, eps=1e-8, momentum=0, centered=False),
    Adagrad=_rule("Adagrad", lr=0.01, lr_decay=0, initial_accumulator_value=0, eps=1e-10),
    Adadelta=_rule("Adadelta", lr=1.0),
)
