"""A chain of dense layers, read from another library's model step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from tracer.errors import ExperimentError, Problem
from tracer.experiment.arguments import plain


@dataclass
class Dense:
    """One dense layer: W has n_in rows of n_out; ``bias`` is None where the layer has none."""

    place: str
    weights: list[list[float]]
    bias: list[float] | None
    activation: str | None = None

    @property
    def units(self) -> int:
        """How many units the layer has."""
        return len(self.weights[0])


@dataclass
class Chain:
    """Dense layers, each with at most one activation after it."""

    layers: list[Dense] = field(default_factory=list)

    def add(self, layer: Dense) -> None:
        """Put a dense layer at the end; refuses one that does not fit to the one before."""
        inputs = len(layer.weights)
        if self.layers and self.layers[-1].units != inputs:
            refuse(
                layer.place,
                f"expected {self.layers[-1].units} inputs, one a unit of the layer before, "
                f"found {inputs}",
            )
        self.layers.append(layer)

    def activate(self, place: str, activation: str, found: str) -> None:
        """Put an activation after the last dense layer; refuses it where there is one already."""
        if not self.layers:
            refuse(place, f"expected a dense layer first, found {found}")
        if self.layers[-1].activation not in (None, "identity"):
            before = self.layers[-1].activation
            refuse(place, f"{found} directly after {before} is not supported: one activation each")
        self.layers[-1].activation = activation

    @property
    def output(self) -> Dense:
        """The last layer."""
        return self.layers[-1]

    def end_with(self, loss: str, activation: str, *, from_logits: bool) -> None:
        """Give the output the activation that the loss needs, or check that it has it."""
        present = self.output.activation or "identity"
        needed = "identity" if from_logits else activation
        if present != needed:
            taken = "takes logits" if from_logits else f"takes the output of {activation}"
            message = f"{loss} {taken}: expected {needed} in the last layer, found {present}"
            refuse(self.output.place, message)
        self.output.activation = activation

    def sections(self) -> dict[str, Any]:
        """The layers and the starting values, as an experiment takes them."""
        biases = [layer.bias or [0.0] * layer.units for layer in self.layers]
        weights = [layer.weights for layer in self.layers]
        return {
            "layers": [(layer.units, layer.activation or "identity") for layer in self.layers],
            "init": {"scheme": "given", "weights": weights, "biases": biases},
        }


def train_biases(trained: Mapping[str, bool]) -> bool:
    """Whether all biases are trained, by layer; a layer without a bias counts as not trained.

    A bias that is missing, or kept as it is, is only the same thing where no bias is trained.
    """
    if all(trained.values()) or not any(trained.values()):
        return any(trained.values())
    place = next(place for place, flag in trained.items() if not flag)
    return refuse(
        place,
        "expected a bias that is trained, as other layers have one, found none",
        "A missing bias is a bias of 0 that stays 0; tracer trains all biases or none.",
    )


def class_name(value: Any, library: str) -> str | None:
    """The name of a library's own class, None for anything else (and for classes derived)."""
    kind = type(value)
    return kind.__name__ if kind.__module__.split(".")[0] == library else None


def expect(place: str, name: str, values: Mapping[str, Any], right: Mapping[str, Any]) -> None:
    """Refuse an option that has not the one value (or one of a tuple) that can be expressed."""
    for key, wanted in right.items():
        allowed = wanted if isinstance(wanted, tuple) else (wanted,)
        if key in values and not any(_same(values[key], value) for value in allowed):
            found = f"{name} with {key} = {short(values[key])} is not supported"
            refuse(place, f"{found}, only {key} = {' or '.join(map(str, allowed))}")


def _same(value: Any, wanted: Any) -> bool:
    if value is None or wanted is None:
        return value is wanted
    return bool(type(value) in (bool, int, float, str) and value == wanted)


def short(value: Any) -> str:
    """A value in a message: plain ones as they are, others by their class."""
    plain = value is None or isinstance(value, bool | int | float | str)
    return str(value) if plain else f"a {type(value).__name__}"


def described(value: Any) -> str:
    """What was passed, by its class; a class that was not called is told so."""
    if isinstance(value, type):
        return f"the class {value.__name__} (pass an instance: {value.__name__}())"
    return repr(value) if isinstance(value, str) else type(value).__name__


def target_list(y: Any) -> list[Any]:
    """Targets in an array, a tensor, a series or a frame as plain numbers; refuses no rows."""
    listed = plain(y.to_numpy() if hasattr(y, "to_numpy") else y)
    if not isinstance(listed, list) or not listed:
        refuse("y", f"expected an array of targets, found {short(y)}")
    return listed


def has_names(values: Any) -> bool:
    """Whether values are a frame or a series that names its columns."""
    return hasattr(values, "columns") or isinstance(getattr(values, "name", None), str)


def zero_or_one(values: Any) -> bool:
    """Whether nested lists hold nothing but 0 and 1."""
    if isinstance(values, Sequence) and not isinstance(values, str):
        return all(zero_or_one(value) for value in values)
    return bool(values in (0, 1))


def class_targets(place: str, y: Any, units: int) -> dict[str, Any]:
    """The keys of [data] for class numbers from 0; refuses others.

    ``y`` are plain numbers, (N,) or (N, 1).
    """
    flat = [row[0] if isinstance(row, list) and len(row) == 1 else row for row in y]
    for row, value in enumerate(flat, start=1):
        if isinstance(value, list) or value not in range(units):
            found = f"found {short(value)} in row {row}"
            refuse(place, f"expected classes from 0 to {units - 1}, {found}")
    return {
        "y": [int(value) for value in flat],
        "task": "multiclass",
        "classes": list(range(units)),
    }


def binary_targets(y: Any, units: int) -> dict[str, Any]:
    """The keys of [data] for yes-or-no outputs; shares between 0 and 1 are a regression."""
    if units > 1:
        return {"y": y, "task": "multilabel"}
    if zero_or_one(y):
        return {"y": y, "task": "binary", "classes": [0, 1]}
    return {"y": y, "task": "regression"}


def refuse(place: str, message: str, hint: str | None = None) -> NoReturn:
    """Raise the error that names what cannot be expressed, and where it is."""
    raise ExperimentError(Problem(message, key=place, hint=hint))
