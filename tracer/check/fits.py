"""scikit-learn's estimators for an experiment: its very fit, or one from the trace's start."""

from __future__ import annotations

import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

NUDGE = 8 * float(np.finfo(np.float64).eps)
"""Relative: what sums of a few terms differ by when they are taken in another order."""


def fitted(trace: Trace, epochs: int, trial: int = 0) -> Any:
    """scikit-learn's estimator after ``epochs``; in a trial the last bits of the rows differ.

    scikit-learn raises ValueError where weights are no longer finite; it keeps them.
    """
    x, target = _table(trace)
    if trial:
        x = x * (1 + NUDGE * np.random.RandomState(trial).choice((-1, 1), x.shape))
    estimator = _own(trace, epochs) if is_own(trace) else _started(trace, epochs, x, target)
    if trial:
        estimator.learning_rate_init *= 1 + NUDGE
    with _unwarned():
        estimator.fit(x, target)
    return estimator


@contextmanager
def _unwarned() -> Iterator[None]:
    with warnings.catch_warnings(), suppress(ValueError):
        warnings.simplefilter("ignore")
        yield


def is_own(trace: Trace) -> bool:
    """Whether the experiment is a fit of scikit-learn's own, from its draw on."""
    scheme: str = trace.experiment.init.scheme
    return scheme == "sklearn"


def _own(trace: Trace, epochs: int) -> Any:
    """scikit-learn's estimator for ``epochs`` of the fit that the experiment describes."""
    training, rule = trace.experiment.training, trace.experiment.training.plateau
    settings = _settings(trace) | {
        "random_state": trace.experiment.init.seed,
        "shuffle": training.shuffle,
        "learning_rate": training.schedule,
        "power_t": training.schedule_options.get("power_t", 0.5),
        "max_iter": epochs,
    }
    if rule is not None and rule.measure == "sklearn":
        settings |= {"max_iter": training.epochs if epochs == trace.epochs else epochs}
        settings |= {"tol": rule.tolerance, "n_iter_no_change": rule.patience}
    return _kind(trace)(**settings)


def _started(trace: Trace, epochs: int, x: Any, target: Any) -> Any:
    """scikit-learn's estimator for ``epochs`` from the trace's starting weights."""
    settings = _settings(trace) | {"shuffle": False, "warm_start": True, "random_state": 0}
    estimator = _kind(trace)(max_iter=1, **settings)
    with _unwarned():
        estimator.fit(x, target)
    estimator.coefs_ = [w[0].copy() for w in trace.W]
    estimator.intercepts_ = [b[0].copy() for b in trace.b]
    return estimator.set_params(max_iter=epochs)


def _kind(trace: Trace) -> Any:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    regression = trace.experiment.dataset.task == "regression"
    return MLPRegressor if regression else MLPClassifier


def _table(trace: Trace) -> tuple[Any, Any]:
    """The training rows as scikit-learn takes them: X, and y as one column where it is one."""
    rows, task = list(trace.experiment.dataset.train), trace.experiment.dataset.task
    y = trace.y[rows]
    target = y if task == "regression" else (y[:, 0] if task == "binary" else y.argmax(axis=1))
    one = target.ndim == 2 and target.shape[1] == 1
    return trace.x[rows], target[:, 0] if one else target


def _settings(trace: Trace) -> dict[str, Any]:
    experiment, training = trace.experiment, trace.experiment.training
    rows, options = len(experiment.dataset.train), training.options
    first, *later = (ACTIVATIONS[layer.activation] for layer in experiment.layers)
    settings: dict[str, Any] = {
        "hidden_layer_sizes": trace.layer_sizes[1:-1],
        **({"activation": first.sklearn} if later else {}),
        "solver": "adam" if training.optimizer == "adam" else "sgd",
        "alpha": training.l2,
        "batch_size": rows if training.batch_size == "all" else int(training.batch_size),
        "learning_rate_init": training.learning_rate,
        "tol": 0.0,
        "n_iter_no_change": np.inf,
        "momentum": options.get("momentum", 0.0),
        "nesterovs_momentum": training.optimizer == "nesterov",
    }
    if training.optimizer == "adam":
        settings |= {"beta_1": options["beta1"], "beta_2": options["beta2"]}
        settings["epsilon"] = options["epsilon"]
    return settings
