"""The same network in PyTorch and in scikit-learn, where they are installed and can express it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

from tracer.check.proof import Proof, Tally, absent, nothing_finite, place, proved_visits
from tracer.check.reason import Reason, because
from tracer.trace import Cycle, Trace

TORCH, SKLEARN, TOLERANCE = "torch", "sklearn", 1e-9
MOST_EPOCHS = 25

_TORCH_ACTIVATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "identity": lambda _, z: z,
    "relu": lambda torch, z: torch.relu(z),
    "leaky_relu": lambda torch, z: torch.nn.functional.leaky_relu(z, 0.01),
    "elu": lambda torch, z: torch.nn.functional.elu(z),
    "softplus": lambda torch, z: torch.nn.functional.softplus(z, threshold=1e9),
    "sigmoid": lambda torch, z: torch.sigmoid(z),
    "tanh": lambda torch, z: torch.tanh(z),
    "silu": lambda torch, z: torch.nn.functional.silu(z),
    "gelu": lambda torch, z: torch.nn.functional.gelu(z),
    "softmax": lambda torch, z: torch.softmax(z, dim=-1),
}
_TORCH_LOSSES: Mapping[str, Callable[[Any, Any, Any, Any], Any]] = {
    "binary_cross_entropy": lambda torch, y, _, z: (
        torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="sum")
    ),
    "cross_entropy": lambda torch, y, _, z: -(y * torch.log_softmax(z, dim=-1)).sum(),
    "half_squared_error": lambda _, y, h, __: ((h - y) ** 2).sum() / 2,
    "squared_error": lambda _, y, h, __: ((h - y) ** 2).sum(),
    "mean_squared_error": lambda _, y, h, __: ((h - y) ** 2).mean(),
}


_SKLEARN_ACTIVATIONS = frozenset(["identity", "relu", "tanh", "sigmoid"])
_SKLEARN_TASKS = {
    "binary": ("binary_cross_entropy", "sigmoid"),
    "multiclass": ("cross_entropy", "softmax"),
    "regression": ("half_squared_error", "identity"),
}


def by_torch(trace: Trace, _pages: object) -> Proof:
    """Compare z, a, L and all derivatives of the proved visits with autograd in float64."""
    if find_spec("torch") is None:
        return absent(TORCH, TOLERANCE, because("not_installed", library="PyTorch"))
    names = {layer.activation for layer in trace.experiment.layers}
    if not names <= set(_TORCH_ACTIVATIONS):
        return absent(TORCH, TOLERANCE, because("torch_lacks_activation"))
    tally, visits = Tally(TORCH, TOLERANCE), proved_visits(trace)
    for cycle in visits:
        _compare_with_torch(tally, cycle)
    return tally.proof() if visits else nothing_finite(TORCH, TOLERANCE)


def _compare_with_torch(tally: Tally, cycle: Cycle) -> None:
    import torch

    def leaf(values: Any) -> Any:
        return torch.tensor(np.array(values), dtype=torch.float64, requires_grad=True)

    experiment = cycle.trace.experiment
    W, b = [leaf(w) for w in cycle.W], [leaf(v) for v in cycle.b]
    signal, z, a = leaf(cycle.x), [], []
    for k, layer in enumerate(experiment.layers):
        z.append(signal @ W[k] + b[k])
        signal = _TORCH_ACTIVATIONS[layer.activation](torch, z[-1])
        a.append(signal)
        z[-1].retain_grad()
    y = torch.tensor(np.array(cycle.y), dtype=torch.float64)
    loss = _TORCH_LOSSES[experiment.training.loss](torch, y, a[-1], z[-1])
    loss.backward()
    tally.add(place(cycle, "loss"), cycle.loss, loss.item())
    for k in range(len(W)):
        arrays = {
            "z": (cycle.z[k], z[k].detach()),
            "a": (cycle.a[k], a[k].detach()),
            "dL_dz": (cycle.dL_dz[k], z[k].grad),
            "dL_dW": (cycle.dL_dW[k], W[k].grad),
            "dL_db": (cycle.dL_db[k], b[k].grad),
        }
        for name, (found, expected) in arrays.items():
            for index in np.ndindex(*found.shape):
                where = place(cycle, name, k + 1, [i + 1 for i in index])
                tally.add(where, float(found[index]), float(expected[index]))


def by_sklearn(trace: Trace, _pages: object) -> Proof:
    """Compare the parameters after some epochs with scikit-learn's fit from the same start."""
    if find_spec("sklearn") is None:
        return absent(SKLEARN, TOLERANCE, because("not_installed", library="scikit-learn"))
    reason = _not_for_sklearn(trace)
    if reason is not None:
        return absent(SKLEARN, TOLERANCE, reason)
    epochs = min(trace.epochs, MOST_EPOCHS)
    after = int(np.searchsorted(trace.epoch_of_update, epochs))
    if not all(np.isfinite(array[after]).all() for array in (*trace.W, *trace.b)):
        return absent(SKLEARN, TOLERANCE, because("run_leaves_float64"))
    estimator = _fitted(trace, epochs)
    tally = Tally(SKLEARN, TOLERANCE)
    pairs = {"W": (trace.W, estimator.coefs_), "b": (trace.b, estimator.intercepts_)}
    for kind, (histories, expected) in pairs.items():
        for k, history in enumerate(histories):
            for index in np.ndindex(*history.shape[1:]):
                where = f"after-epoch-{epochs}#{kind}-{k + 1}-" + "-".join(
                    str(i + 1) for i in index
                )
                tally.add(where, float(history[(after, *index)]), float(expected[k][index]))
    return tally.proof()


def _not_for_sklearn(trace: Trace) -> Reason | None:
    """Why scikit-learn cannot express the experiment; None if it can."""
    experiment, task = trace.experiment, trace.experiment.dataset.task
    training, hidden = experiment.training, {e.activation for e in experiment.layers[:-1]}
    loss, output = _SKLEARN_TASKS.get(task, ("", ""))
    uncorrected = training.options.get("epsilon_placement") == "uncorrected"
    obstacles = (
        (len(hidden) != 1 or not hidden <= _SKLEARN_ACTIVATIONS, because("sklearn_hidden_layers")),
        (
            training.loss != loss or experiment.layers[-1].activation != output,
            because("sklearn_output"),
        ),
        (not _has_classes(trace), because("sklearn_classes")),
        (training.reduction != "mean", because("sklearn_mean")),
        (not training.train_biases, because("sklearn_biases")),
        (training.l2 > 0 and not training.l2_per_batch, because("sklearn_penalty")),
        (training.shuffle or bool(training.order), because("sklearn_order")),
        (training.schedule != "constant", because("sklearn_schedule")),
        (
            training.optimizer not in ("sgd", "momentum", "nesterov")
            and not (training.optimizer == "adam" and uncorrected),
            because("sklearn_optimizer"),
        ),
    )
    return next((reason for stands, reason in obstacles if stands), None)


def _has_classes(trace: Trace) -> bool:
    """Whether scikit-learn would build the same output layer from the training rows."""
    data = trace.experiment.dataset
    if data.task == "regression":
        return True
    found = len({data.labels[row] for row in data.train})
    return found == (2 if data.task == "binary" else max(3, trace.layer_sizes[-1]))


def _fitted(trace: Trace, epochs: int) -> Any:
    """scikit-learn's estimator after ``epochs`` from the trace's starting values."""
    import warnings

    from sklearn.neural_network import MLPClassifier, MLPRegressor

    experiment, rows = trace.experiment, list(trace.experiment.dataset.train)
    training, task = experiment.training, experiment.dataset.task
    options = training.options
    batch = len(rows) if training.batch_size == "all" else int(training.batch_size)
    names = {"sigmoid": "logistic"}
    hidden = experiment.layers[0].activation
    settings: dict[str, Any] = {
        "hidden_layer_sizes": trace.layer_sizes[1:-1],
        "activation": names.get(hidden, hidden),
        "solver": "adam" if training.optimizer == "adam" else "sgd",
        "alpha": training.l2,
        "batch_size": batch,
        "learning_rate_init": training.learning_rate,
        "shuffle": False,
        "tol": 0.0,
        "n_iter_no_change": 10 * MOST_EPOCHS,
        "momentum": options.get("momentum", 0.0),
        "nesterovs_momentum": training.optimizer == "nesterov",
        "warm_start": True,
        "random_state": 0,
    }
    if training.optimizer == "adam":
        settings |= {"beta_1": options["beta1"], "beta_2": options["beta2"]}
        settings["epsilon"] = options["epsilon"]
    kind = MLPRegressor if task == "regression" else MLPClassifier
    x, y = trace.x[rows], trace.y[rows]
    target = y if task == "regression" else (y[:, 0] if task == "binary" else y.argmax(axis=1))
    target = target[:, 0] if target.ndim == 2 and target.shape[1] == 1 else target
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator = kind(max_iter=1, **settings).fit(x, target)
        estimator.coefs_ = [w[0].copy() for w in trace.W]
        estimator.intercepts_ = [b[0].copy() for b in trace.b]
        return estimator.set_params(max_iter=epochs).fit(x, target)
