"""scikit-learn's MLPClassifier and MLPRegressor as experiments and traces.

The trace is that of the very fit scikit-learn would do: its draw of the starting values, its
shuffling, its penalty (``alpha`` over the batch size), its optimizers, schedules and stop rule.

Where the two report another loss. scikit-learn takes logarithms of probabilities that are kept
away from 0 and 1 by 2.2e-16, and averages the squared errors of several outputs while it descends
their sum. The trace holds the exact loss that is descended. The stop rule watches scikit-learn's
number (``measure = "sklearn"``), so that both stop in the same epoch, and :func:`loss_curve` gives
scikit-learn's ``loss_curve_`` from a trace.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from numbers import Integral
from typing import Any

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.errors import Problem, TracerError
from tracer.experiment import Experiment
from tracer.extras import install_hint
from tracer.formula import FloatArray
from tracer.interop.sklearn_data import NetworkData, read_table
from tracer.trace import Trace, epoch_losses
from tracer.training import run

_AUTO_BATCH = 200  # scikit-learn's own: batch_size="auto" is min(200, rows)
_SEEDS = 2**32  # numpy's RandomState takes 32 bits


def trace_fit(estimator: Any, X: Any, y: Any, sample_weight: None = None) -> Trace:
    """The trace of exactly what ``estimator.fit(X, y)`` would do; the estimator is not changed.

    ``estimator`` is an unfitted MLPClassifier or MLPRegressor whose ``random_state`` is a whole
    number. ``X`` (rows, inputs) and ``y`` (rows,) or (rows, outputs) are arrays or data frames,
    whose names are kept. ``W[ℓ][-1]``, ``b[ℓ][-1]`` of the trace are ``coefs_`` and
    ``intercepts_``, ``epochs`` is ``n_iter_``; ``loss_curve`` of this module is ``loss_curve_``.

    Raises:
        TracerError: names what cannot be expressed: solver="lbfgs", early_stopping, warm_start,
            loss="poisson", sparse or float32 input, sample weights, a random_state that is no
            whole number, an estimator that has been fitted, even in part.
    """
    _check(estimator)
    if sample_weight is not None:
        raise _refused("sample_weight", "given", "every sample counts the same here")
    if estimator.warm_start:
        raise _refused("warm_start", True, "a trace begins with fresh starting values")
    if hasattr(estimator, "coefs_"):
        hint = "sklearn.base.clone gives an unfitted one; from_fitted starts where this one stands"
        raise _refused("estimator", "one that has been fitted", hint)
    table = read_table(estimator, X, y)
    return run(_experiment(estimator, table, {"scheme": "sklearn", "seed": _seed(estimator)}))


def from_fitted(estimator: Any, X: Any, y: Any) -> Experiment:
    """An experiment that starts with the weights of a fitted estimator, with its settings.

    The data are arrays or data frames as for :func:`trace_fit`. Rows are shuffled by tracer's own
    generator, seeded with ``random_state`` where it is a whole number, and momentum starts anew.

    Raises:
        TracerError: names what cannot be expressed, as in :func:`trace_fit`, and an estimator that
            is not fitted or was fitted to other inputs, outputs or classes.
    """
    _check(estimator)
    if not hasattr(estimator, "coefs_"):
        raise _refused("estimator", "one that has not been fitted", "call fit, or use trace_fit")
    table = read_table(estimator, X, y)
    init = {
        "scheme": "given",
        "weights": [W.astype(np.float64).tolist() for W in estimator.coefs_],
        "biases": [b.astype(np.float64).tolist() for b in estimator.intercepts_],
    }
    whole = _is_whole(estimator.random_state)
    return _experiment(estimator, table, init | ({"seed": _seed(estimator)} if whole else {}))


def loss_curve(trace: Trace) -> FloatArray:
    """What scikit-learn's ``loss_curve_`` would be, (epochs,): see the module's own words."""
    training = trace.experiment.training
    y_hat, z = trace.a[-1], trace.z[-1]
    with np.errstate(all="ignore"):
        loss = LOSSES[training.loss].sklearn_loss(trace.y[trace.row], y_hat, z)
    mean = training.reduction == "mean"
    return epoch_losses(loss, trace.penalty, trace.update_of, trace.epoch_of, mean=mean)


def _check(estimator: Any) -> None:
    """Refuse what no experiment can express."""
    try:
        from sklearn.neural_network import MLPClassifier, MLPRegressor
    except ImportError:
        hint = install_hint("sklearn")
        raise TracerError(Problem("scikit-learn is not installed", hint=hint)) from None
    if not isinstance(estimator, (MLPClassifier, MLPRegressor)):
        found = type(estimator).__name__
        raise TracerError(Problem(f"expected an MLPClassifier or MLPRegressor, found {found}"))
    for is_refused, what, found, hint in _refusals(estimator):
        if is_refused:
            raise _refused(what, found, hint)


def _activations() -> Mapping[str, str]:
    """tracer's name of each of scikit-learn's activations."""
    return {row.sklearn: row.name for row in ACTIVATIONS.values() if row.sklearn}


def _refusals(estimator: Any) -> Iterator[tuple[bool, str, Any, str]]:
    """(whether it is refused, the parameter, its value, what to do instead)."""
    solver, activation = estimator.solver, estimator.activation
    loss = getattr(estimator, "loss", "squared_error")
    stochastic = solver in ("sgd", "adam")
    hint = 'use "sgd" or "adam", which go step by step'
    yield not stochastic, "solver", solver, hint
    yield estimator.early_stopping, "early_stopping", True, "there is no validation split here"
    yield loss == "poisson", "loss", loss, 'use "squared_error"'
    full = solver == "sgd" and estimator.momentum == 1
    yield full, "momentum", estimator.momentum, "a velocity that never slows; stay below 1"
    names = _activations()
    known = activation in names
    yield not known, "activation", activation, f"use one of {', '.join(names)}"
    alone = activation == "logistic" and not _hidden(estimator)
    hint = "without hidden layers it only changes the draw; use another activation"
    yield alone, "activation", activation, hint


def _refused(what: str, found: Any, hint: str) -> TracerError:
    return TracerError(Problem(f"{what} = {found!r} cannot be expressed", key=what, hint=hint))


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _seed(estimator: Any) -> int:
    seed = estimator.random_state
    if not _is_whole(seed) or not 0 <= seed < _SEEDS:
        found = seed if seed is None or _is_whole(seed) else type(seed).__name__
        hint = "give a whole number from 0 to 4294967295, so that the run can be repeated"
        raise _refused("random_state", found, hint)
    return int(seed)


def _hidden(estimator: Any) -> list[int]:
    sizes = estimator.hidden_layer_sizes
    return [int(n) for n in (sizes if hasattr(sizes, "__iter__") else [sizes])]


def _experiment(estimator: Any, table: NetworkData, init: Mapping[str, Any]) -> Experiment:
    hidden = _hidden(estimator)
    name = type(estimator).__name__
    layers = [{"units": n, "activation": _activations()[estimator.activation]} for n in hidden]
    output = {"units": table.outputs, "activation": table.output_activation}
    return Experiment.from_mapping(
        {
            "title": f"A fit of {name}",
            "name": name.lower(),
            "data": table.mapping,
            "layers": [*layers, output],
            "init": dict(init),
            "training": _training(estimator, table),
        }
    )


def _training(estimator: Any, table: NetworkData) -> dict[str, Any]:
    rows, size = len(table.mapping["rows"]), estimator.batch_size
    training: dict[str, Any] = {
        "loss": table.loss,
        "reduction": "mean",
        "learning_rate": float(estimator.learning_rate_init),
        "epochs": int(estimator.max_iter),
        "batch_size": min(_AUTO_BATCH if size == "auto" else int(size), rows),
        "shuffle": bool(estimator.shuffle),
        "l2": float(estimator.alpha),
        "l2_per_batch": True,
    }
    return training | _optimizer(estimator) | _stop(estimator) | _schedule(estimator)


def _optimizer(estimator: Any) -> dict[str, Any]:
    if estimator.solver == "adam":
        return {
            "optimizer": "adam",
            "beta1": float(estimator.beta_1),
            "beta2": float(estimator.beta_2),
            "epsilon": float(estimator.epsilon),
            "epsilon_placement": "uncorrected",
        }
    if estimator.momentum == 0:
        return {"optimizer": "sgd"}
    name = "nesterov" if estimator.nesterovs_momentum else "momentum"
    return {"optimizer": name, "momentum": float(estimator.momentum), "velocity": "step"}


def _stop(estimator: Any) -> dict[str, Any]:
    patience = estimator.n_iter_no_change
    if math.isinf(patience):
        return {}
    tolerance = float(estimator.tol)
    return {"stop": {"tolerance": tolerance, "patience": int(patience), "measure": "sklearn"}}


def _schedule(estimator: Any) -> dict[str, Any]:
    """Only sgd looks at ``learning_rate``; with endless patience an adaptive one never changes."""
    if estimator.solver == "adam":
        return {}
    if estimator.learning_rate == "invscaling":
        return {"schedule": "invscaling", "power_t": float(estimator.power_t)}
    if estimator.learning_rate == "adaptive" and not math.isinf(estimator.n_iter_no_change):
        return {"schedule": "adaptive"}
    return {}
