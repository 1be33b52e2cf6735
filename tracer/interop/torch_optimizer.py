"""PyTorch's optimizers as keys of [training]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tracer.interop.stack import class_name, described, expect, refuse, short, train_biases

NEUTRAL: Mapping[str, Any] = MappingProxyType(
    {
        "maximize": False,
        "amsgrad": False,
        "centered": False,
        "dampening": 0,
        "lr_decay": 0,
        "initial_accumulator_value": 0,
    }
)
"""Options that must have these values."""

#: Options of how, not of what, is computed.
_TECHNICAL = frozenset(["params", "foreach", "fused", "capturable", "differentiable"])


@dataclass(frozen=True)
class Parameter:
    """A weight or bias of a layer; ``value`` is None for a bias that the layer does not have."""

    place: str
    kind: str
    value: Any

    @property
    def is_trained(self) -> bool:
        """Whether PyTorch computes its gradient."""
        return self.value is not None and bool(self.value.requires_grad)


def read_optimizer(optimizer: Any, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """The keys of [training] that do what ``optimizer`` does to the parameters.

    Raises:
        ExperimentError: an option has no exact counterpart, or the optimizer is not fresh, or it
            does not hold the module's parameters.
    """
    name = class_name(optimizer, "torch")
    if name not in _RULES:
        hint = f"These are: {', '.join(_RULES)}."
        refuse("optimizer", f"{described(optimizer)} is not supported", hint)
    _check_fresh(optimizer)
    groups = {id(p): group for group in optimizer.param_groups for p in group["params"]}
    trained = [p for p in parameters if p.is_trained and id(p.value) in groups]
    _check_held(groups, trained, parameters)
    biases = {p.place: p in trained for p in parameters if p.kind == "bias"}
    used = [groups[id(p.value)] for p in trained]
    for group in used:
        _check_group(str(name), group, used[0])
    ours = _RULES[str(name)](used[0])
    decay = _decay(ours["optimizer"], str(name), trained, groups)
    rate = {"learning_rate": float(used[0]["lr"])}
    return {**ours, **rate, **decay, "train_biases": train_biases(biases)}


def _check_fresh(optimizer: Any) -> None:
    for state in optimizer.state.values():
        if float(state.get("step", 0)) > 0 or state.get("momentum_buffer") is not None:
            message = "expected a fresh optimizer, found one that has made steps"
            refuse("optimizer", message, "tracer starts with an empty state. Make it anew.")


def _check_held(
    groups: Mapping[int, Any], trained: Sequence[Parameter], parameters: Sequence[Parameter]
) -> None:
    foreign = groups.keys() - {id(p.value) for p in parameters}
    if foreign:
        refuse("optimizer", f"{len(foreign)} of its parameters do not belong to the module")
    for parameter in parameters:
        if parameter.kind == "weight" and parameter not in trained:
            message = "its weight is not trained (it is frozen, or the optimizer does not hold it)"
            refuse(parameter.place, f"{message}, which is not supported")


def _check_group(name: str, group: Mapping[str, Any], first: Mapping[str, Any]) -> None:
    expect("optimizer", name, group, NEUTRAL)
    if "initial_lr" in group:
        refuse("optimizer", f"{name} with a learning-rate scheduler is not supported")
    for key in group.keys() - _TECHNICAL - {"weight_decay"}:
        if group[key] != first[key]:
            values = f"{short(first[key])} and {short(group[key])}"
            refuse("optimizer", f"{name} with different {key} ({values}) is not supported")


def _decay(
    ours: str, name: str, trained: Sequence[Parameter], groups: Mapping[int, Any]
) -> dict[str, float]:
    """AdamW's decay is of all parameters, the penalty of all others of the weights alone."""
    found: dict[str, set[float]] = {"weight": set(), "bias": set()}
    for parameter in trained:
        found[parameter.kind].add(float(groups[id(parameter.value)]["weight_decay"]))
    of_weights = found["weight"].pop()
    if found["weight"]:
        refuse("optimizer", f"{name} with different weight_decay of weights is not supported")
    wanted = of_weights if ours == "adamw" else 0.0
    if found["bias"] - {wanted}:
        message = f"{name} with weight_decay = {max(found['bias'])} of biases is not supported"
        hint = "Give the biases a parameter group with weight_decay=0."
        if ours == "adamw":
            message = f"{name} with different weight_decay of weights and biases is not supported"
            hint = "Give all parameters the same."
        refuse("optimizer", message, hint)
    return {"weight_decay" if ours == "adamw" else "l2": of_weights}


def _sgd(group: Mapping[str, Any]) -> dict[str, Any]:
    momentum = float(group["momentum"])
    if momentum == 0:
        return {"optimizer": "sgd"}
    ours = "nesterov" if group["nesterov"] else "momentum"
    return {"optimizer": ours, "momentum": momentum, "velocity": "gradient"}


def _adam(group: Mapping[str, Any]) -> dict[str, Any]:
    beta1, beta2 = (float(beta) for beta in group["betas"])
    shared = {"beta1": beta1, "beta2": beta2, "epsilon": float(group["eps"])}
    if group.get("decoupled_weight_decay"):
        return {"optimizer": "adamw", **shared}
    return {"optimizer": "adam", **shared, "epsilon_placement": "corrected"}


def _rmsprop(group: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "optimizer": "rmsprop",
        "rho": float(group["alpha"]),
        "epsilon": float(group["eps"]),
        "momentum": float(group["momentum"]),
    }


def _adagrad(group: Mapping[str, Any]) -> dict[str, Any]:
    return {"optimizer": "adagrad", "epsilon": float(group["eps"])}


_RULES = {
    "SGD": _sgd,
    "Adam": _adam,
    "AdamW": lambda group: {**_adam({**group, "decoupled_weight_decay": True})},
    "RMSprop": _rmsprop,
    "Adagrad": _adagrad,
}
