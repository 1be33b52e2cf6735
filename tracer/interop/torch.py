"""PyTorch models as experiments: the network, its loss, its optimizer and the data.

Only what tracer does in exactly the same way is taken; everything else is refused by name and
place. Nothing here imports PyTorch: objects are known by their classes' names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
)
from tracer.interop.torch_optimizer import Parameter, read_optimizer

NEUTRAL: Mapping[str, Any] = MappingProxyType(
    {"weight": None, "pos_weight": None, "label_smoothing": 0.0, "ignore_index": -100}
)
"""PyTorch's own defaults of a loss: with them it does nothing that tracer does not."""


def from_module(
    module: Any,
    *,
    loss: Any,
    optimizer: Any,
    X: Any,
    y: Any,
    epochs: int,
    batch_size: int | str = "all",
    order: Sequence[Sequence[int]] = (),
    title: str | None = None,
) -> Experiment:
    """The experiment that trains a PyTorch model as PyTorch would, in float64.

    The present weights become the starting values: W[ℓ] is the transposed ``weight``. Rows are
    visited in the order of X, as by a ``DataLoader`` without shuffling, unless ``order`` is given.

    Args:
        module: an ``nn.Sequential`` of ``Linear`` layers, each followed by at most one of the
            activations in :func:`activations`. Where a layer has no bias, none may have one.
        loss: ``MSELoss``, ``BCELoss``, ``BCEWithLogitsLoss`` (a sigmoid is added to the output) or
            ``CrossEntropyLoss`` (a softmax is added), with the reduction "mean" or "sum". The mean
            of a binary cross-entropy runs over the outputs too, so it needs a single one.
        optimizer: a fresh ``SGD``, ``Adam``, ``AdamW``, ``RMSprop`` or ``Adagrad`` over the
            module's parameters. PyTorch's ``weight_decay`` is ``l2`` where biases are left out of
            it: in a parameter group of their own with ``weight_decay=0``.
        X: inputs (N, n_0): a tensor, an array, lists or a data frame.
        y: targets (N, n_L) or (N,), taken as a column; for ``CrossEntropyLoss`` class numbers (N,)
            or shares (N, n_L).
        epochs: how often the rows are gone through.
        batch_size: rows an update, or "all".
        order: the rows from 1 in the order of training, one list an epoch.
        title: what the pages are called.

    Example:
        >>> from torch import nn, optim  # doctest: +SKIP
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))  # doctest: +SKIP
        >>> experiment = from_module(  # doctest: +SKIP
        ...     model,
        ...     loss=nn.BCEWithLogitsLoss(),
        ...     optimizer=optim.Adam(model.parameters()),
        ...     X=X,
        ...     y=y,
        ...     epochs=10,
        ... )

    Two things differ at the far ends: ``Softplus`` of PyTorch is z itself above its threshold of 20
    (2·10⁻⁹ less), and ``BCELoss`` cuts ln off at −100.

    Raises:
        ExperimentError: something has no exact counterpart, or data and network do not fit.
    """
    chain, parameters = _read_module(module)
    training, targets = _read_loss(loss, chain, target_list(y))
    rule = read_optimizer(optimizer, parameters)
    run = {"epochs": epochs, "batch_size": batch_size, "order": order}
    return Experiment(
        data={"x": X, **targets, "y": y if has_names(y) else targets["y"]},
        training={**training, **rule, **run},
        title=title,
        **chain.sections(),
    )


def _steps(module: Any) -> Iterator[Any]:
    """The modules of a Sequential in order, those inside inner ones too."""
    name = class_name(module, "torch")
    if name == "Sequential":
        for inner in module.children():
            yield from _steps(inner)
    else:
        yield module


def _read_module(module: Any) -> tuple[Chain, list[Parameter]]:
    if class_name(module, "torch") not in ("Sequential", "Linear"):
        refuse("module", f"expected an nn.Sequential, found {described(module)}")
    chain = Chain()
    parameters: list[Parameter] = []
    for number, step in enumerate(_steps(module), start=1):
        place, name = f"layer {number}", class_name(step, "torch")
        if name == "Linear":
            chain.add(Dense(place, plain(step.weight.T), plain(step.bias)))
            parameters += _parameters(place, step)
        elif name in activations():
            _activate(chain, place, str(name), step)
        else:
            known = ", ".join(("Linear", *activations()))
            hint = f"These are: {known}."
            refuse(place, f"{type(step).__name__} is not supported", hint)
    if not chain.layers:
        refuse("module", "expected at least one Linear layer, found none")
    _refuse_shared(parameters)
    return chain, parameters


def activations() -> Mapping[str, tuple[str, Mapping[str, Any]]]:
    """tracer's name of each activation module, and the options that it must have."""
    rows = [(row.name, row.module) for row in ACTIVATIONS.values()]
    return {module[0]: (name, module[1]) for name, module in rows if module is not None}


def _activate(chain: Chain, place: str, name: str, step: Any) -> None:
    ours, right = activations()[name]
    expect(place, name, {key: getattr(step, key) for key in right}, right)
    if not ACTIVATIONS[ours].is_identity:
        chain.activate(place, ours, name)


def _parameters(place: str, step: Any) -> list[Parameter]:
    bias = () if step.bias is None else (Parameter(place, "bias", step.bias),)
    missing = () if step.bias is not None else (Parameter(place, "bias", None),)
    return [Parameter(place, "weight", step.weight), *bias, *missing]


def _refuse_shared(parameters: Sequence[Parameter]) -> None:
    seen: dict[int, str] = {}
    for parameter in parameters:
        if parameter.value is not None:
            first = seen.setdefault(id(parameter.value), parameter.place)
            if first != parameter.place:
                message = f"its {parameter.kind} is shared with {first}, which is not supported"
                refuse(parameter.place, message)


def _read_loss(loss: Any, chain: Chain, y: Any) -> tuple[dict[str, str], dict[str, Any]]:
    """([training] keys, [data] keys); gives the chain the output that the loss stands for."""
    name, readers = class_name(loss, "torch"), _LOSSES
    if name not in readers:
        found = described(loss)
        refuse("loss", f"{found} is not supported", f"These are: {', '.join(readers)}.")
    present = {key: getattr(loss, key) for key in NEUTRAL if hasattr(loss, key)}
    expect("loss", str(name), present, NEUTRAL)
    expect("loss", str(name), {"reduction": loss.reduction}, {"reduction": ("mean", "sum")})
    ours, targets = readers[str(name)](str(name), str(loss.reduction), chain, y)
    return {"loss": ours, "reduction": str(loss.reduction)}, targets


Read = tuple[str, dict[str, Any]]


def _mean_square(_name: str, reduction: str, _chain: Chain, y: Any) -> Read:
    # PyTorch's mean divides by the outputs as well, its sum by nothing.
    ours = "mean_squared_error" if reduction == "mean" else "squared_error"
    return ours, {"y": y, "task": "regression"}


def _binary(name: str, reduction: str, chain: Chain, y: Any) -> Read:
    chain.end_with(name, "sigmoid", from_logits=name == "BCEWithLogitsLoss")
    units = chain.output.units
    if reduction == "mean" and units > 1:
        message = f"{name} with reduction = mean over {units} outputs is not supported"
        hint = 'PyTorch divides by the outputs too, tracer does not. Take reduction="sum".'
        refuse("loss", message, hint)
    return "binary_cross_entropy", binary_targets(y, units)


def _classes(name: str, _reduction: str, chain: Chain, y: Any) -> Read:
    chain.end_with(name, "softmax", from_logits=True)
    if isinstance(y[0], list):
        return "cross_entropy", {"y": y, "task": "multiclass"}
    return "cross_entropy", class_targets("y", y, chain.output.units)


_LOSSES = {
    "MSELoss": _mean_square,
    "BCELoss": _binary,
    "BCEWithLogitsLoss": _binary,
    "CrossEntropyLoss": _classes,
}
