"""Keras models as experiments: the network, its compiled loss and optimizer, and the data.

Only what tracer does in exactly the same way is taken; everything else is refused by name and
place. Nothing here imports Keras: a model is read through its public methods (``layers``,
``get_weights``, ``get_config``), and objects are known by their classes' names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from tracer.catalog.activations import ACTIVATIONS
from tracer.experiment import Experiment
from tracer.experiment.arguments import plain
from tracer.interop.stack import (
    Chain,
    Dense,
    binary_targets,
    class_name,
    class_targets,
    described,
    expect,
    has_names,
    refuse,
    target_list,
    train_biases,
)


def activations() -> Mapping[str, str]:
    """tracer's name of each of Keras' activations."""
    return {name: row.name for row in ACTIVATIONS.values() for name in row.keras}


LAYERS: Mapping[str, tuple[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "ReLU": ("relu", {"max_value": None, "negative_slope": 0.0, "threshold": 0.0}),
        "LeakyReLU": ("leaky_relu", {"negative_slope": 0.01}),
        "ELU": ("elu", {"alpha": 1.0}),
        "Softmax": ("softmax", {"axis": -1}),
    }
)
"""Layers that are an activation, and the options that they must have."""

DENSE: Mapping[str, Any] = MappingProxyType(
    {
        "trainable": True,
        "kernel_regularizer": None,
        "bias_regularizer": None,
        "kernel_constraint": None,
        "bias_constraint": None,
        "quantization_config": None,
    }
)
LOSS: Mapping[str, Any] = MappingProxyType(
    {"label_smoothing": 0.0, "axis": -1, "ignore_class": None}
)
OPTIMIZER: Mapping[str, Any] = MappingProxyType(
    {
        "weight_decay": (None, 0.0),
        "clipnorm": None,
        "global_clipnorm": None,
        "clipvalue": None,
        "use_ema": False,
        "loss_scale_factor": None,
        "gradient_accumulation_steps": None,
        "amsgrad": False,
    }
)
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "RMSprop": "Keras adds ε inside the root, tracer outside of it.",
        "Adagrad": "Keras adds ε inside the root, tracer outside of it.",
        "AdamW": "Keras adds ε to the uncorrected root, tracer's adamw to the corrected one.",
    }
)
MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight")


def from_model(
    model: Any,
    X: Any,
    y: Any,
    *,
    epochs: int,
    batch_size: int | str = 32,
    order: Sequence[Sequence[int]] = (),
    title: str | None = None,
) -> Experiment:
    """The experiment that trains a Keras model as ``model.fit`` would, in float64.

    The present weights become the starting values. Rows are visited in the order of X, as with
    ``shuffle=False``, unless ``order`` is given.

    Args:
        model: a ``Sequential``, or a functional model that is a chain, of ``Dense`` layers, built
            and compiled. Activations are names or functions of Keras in :func:`activations`, or
            layers of their own (``Activation``, ``ReLU``, ``LeakyReLU``, ``ELU``, ``Softmax``).
            The loss is mean squared error, binary cross-entropy (of a single output) or
            (sparse) categorical cross-entropy; the optimizer SGD, with or without momentum, or
            Adam.
        X: inputs (N, n_0): an array, a tensor, lists or a data frame.
        y: targets (N, n_L) or (N,); for a sparse categorical cross-entropy class numbers (N,).
        epochs: how often the rows are gone through.
        batch_size: rows an update, no more than there are, or "all".
        order: the rows from 1 in the order of training, one list an epoch.
        title: what the pages are called.

    Keras clips probabilities to [10⁻⁷, 1 − 10⁻⁷] before it takes logarithms, unless its loss works
    from logits. For predictions beyond these bounds its loss and gradient differ from tracer's.

    Raises:
        ExperimentError: something has no exact counterpart, or data and network do not fit.
    """
    chain, biases = _read_layers(model)
    training, targets = _read_loss(getattr(model, "loss", None), chain, target_list(y))
    rule = _read_optimizer(getattr(model, "optimizer", None))
    run = {"epochs": epochs, "batch_size": batch_size, "order": order}
    flags = {"train_biases": train_biases(biases)}
    return Experiment(
        data={"x": X, **targets, "y": y if has_names(y) else targets["y"]},
        training={**training, **rule, **run, **flags},
        title=title,
        **chain.sections(),
    )


def _read_layers(model: Any) -> tuple[Chain, dict[str, bool]]:
    """The dense layers, and whether each has a bias."""
    if class_name(model, "keras") not in ("Sequential", "Functional"):
        refuse("model", f"expected a Sequential or functional model, found {described(model)}")
    chain = Chain()
    biases: dict[str, bool] = {}
    steps = [step for step in model.layers if class_name(step, "keras") != "InputLayer"]
    for number, step in enumerate(steps, start=1):
        place, name = f"layer {number} ({step.name})", str(class_name(step, "keras"))
        _check_once(place, step, class_name(model, "keras"))
        if name == "Dense":
            chain.add(_dense(place, step))
            biases[place] = chain.output.bias is not None
        if name in ("Dense", "Activation"):
            _activate(chain, place, step.get_config()["activation"])
        elif name in LAYERS:
            ours, right = LAYERS[name]
            expect(place, name, step.get_config(), right)
            chain.activate(place, ours, name)
        else:
            known = ", ".join(("Dense", "Activation", *LAYERS))
            refuse(place, f"{type(step).__name__} is not supported", f"These are: {known}.")
    if not chain.layers:
        refuse("model", "expected at least one Dense layer, found none")
    _check_one_output(model)
    return chain, biases


def _check_once(place: str, step: Any, kind: str | None) -> None:
    # Keras gives a layer that is used several times no output of its own.
    if kind == "Functional" and not hasattr(step, "output"):
        refuse(place, "expected a layer that is used once, found one that is shared")


def _check_one_output(model: Any) -> None:
    for name in ("inputs", "outputs"):
        found = len(getattr(model, name, None) or [None])
        if found != 1:
            refuse("model", f"expected a chain of layers with one of {name}, found {found}")


def _dense(place: str, step: Any) -> Dense:
    expect(place, "Dense", step.get_config(), DENSE)
    if getattr(step, "activity_regularizer", None) is not None:
        refuse(place, "Dense with an activity_regularizer is not supported")
    weights = step.get_weights()
    if not weights:
        refuse(place, "expected weights, found none", "Build the model first: it needs an Input.")
    return Dense(place, plain(weights[0]), plain(weights[1]) if len(weights) > 1 else None)


def _activate(chain: Chain, place: str, activation: Any) -> None:
    name = activation
    if isinstance(activation, Mapping):  # a function or a layer of somebody's own
        config = activation.get("config")
        name = config if isinstance(config, str) else activation.get("class_name")
    if name == "leaky_relu":
        message = "the activation leaky_relu has the slope 0.2 in Keras, 0.01 here"
        refuse(place, message, "Take a layer LeakyReLU(negative_slope=0.01).")
    known = activations()
    if name not in known:
        names = ", ".join(known)
        refuse(place, f"the activation {name} is not supported", f"These are: {names}.")
    if not ACTIVATIONS[known[name]].is_identity:
        chain.activate(place, known[name], str(name))


_LOSS_NAMES = MappingProxyType(
    {
        "mse": "MeanSquaredError",
        "mean_squared_error": "MeanSquaredError",
        "binary_crossentropy": "BinaryCrossentropy",
        "categorical_crossentropy": "CategoricalCrossentropy",
        "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    }
)


def _read_loss(loss: Any, chain: Chain, y: Any) -> tuple[dict[str, str], dict[str, Any]]:
    """([training] keys, [data] keys); gives the chain the output that the loss stands for."""
    if loss is None:
        refuse("loss", "expected a compiled model, found none", "Call model.compile first.")
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", class_name(loss, "keras"))
    name = _LOSS_NAMES.get(str(name).lower(), name)
    if name not in _LOSS_NAMES.values():
        hint = f"These are: {', '.join(dict.fromkeys(_LOSS_NAMES.values()))}."
        refuse(
            "loss", f"{loss if isinstance(loss, str) else described(loss)} is not supported", hint
        )
    config = loss.get_config() if hasattr(loss, "get_config") else {}
    expect("loss", str(name), config, {**LOSS, "reduction": (*MEANS, "sum")})
    reduction = "sum" if config.get("reduction") == "sum" else "mean"
    logits = bool(config.get("from_logits", False))
    ours, targets = _loss(str(name), chain, y, logits=logits)
    return {"loss": ours, "reduction": reduction}, targets


def _loss(name: str, chain: Chain, y: Any, *, logits: bool) -> tuple[str, dict[str, Any]]:
    units = chain.output.units
    if name == "MeanSquaredError":
        return "mean_squared_error", {"y": y, "task": "regression"}
    if name == "BinaryCrossentropy":
        chain.end_with(name, "sigmoid", from_logits=logits)
        if units > 1:
            hint = "Keras divides by the outputs, tracer does not."
            refuse("loss", f"{name} over {units} outputs is not supported", hint)
        return "binary_cross_entropy", binary_targets(y, units)
    chain.end_with(name, "softmax", from_logits=logits)
    if name == "SparseCategoricalCrossentropy":
        return "cross_entropy", class_targets("y", y, units)
    return "cross_entropy", {"y": y, "task": "multiclass"}


def _read_optimizer(optimizer: Any) -> dict[str, Any]:
    name = class_name(optimizer, "keras")
    if name not in ("SGD", "Adam"):
        hint = REASONS.get(str(name), "These are: SGD, Adam.")
        refuse("optimizer", f"{described(optimizer)} is not supported", hint)
    config = optimizer.get_config()
    expect("optimizer", name, config, OPTIMIZER)
    if not isinstance(config["learning_rate"], int | float):
        refuse("optimizer", f"{name} with a schedule of the learning rate is not supported")
    if int(optimizer.iterations) > 0:
        message = "expected a fresh optimizer, found one that has made steps"
        refuse("optimizer", message, "Compile the model anew.")
    rate = {"learning_rate": float(config["learning_rate"])}
    return {**(_sgd if name == "SGD" else _adam)(config), **rate}


def _sgd(config: Mapping[str, Any]) -> dict[str, Any]:
    momentum = float(config["momentum"])
    if momentum == 0:
        return {"optimizer": "sgd"}
    ours = "nesterov" if config["nesterov"] else "momentum"
    return {"optimizer": ours, "momentum": momentum, "velocity": "step"}


def _adam(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "optimizer": "adam",
        "beta1": float(config["beta_1"]),
        "beta2": float(config["beta_2"]),
        "epsilon": float(config["epsilon"]),
        "epsilon_placement": "uncorrected",
    }
