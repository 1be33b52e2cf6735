"""The same training in scikit-learn, where it is installed and can express the experiment.

An experiment that starts as scikit-learn does (``scheme = "sklearn"``) is a fit of scikit-learn's
own: that very fit is made, with its draw, its shuffling, its schedule and its stop. Any other
starts from tracer's values and is followed for some epochs.
"""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from typing import Any

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.check.proof import Proof, Tally, absent, skipped
from tracer.check.spot import Spot
from tracer.refs import Ref
from tracer.reread.reason import Reason, because
from tracer.trace import Trace

# two runs drift apart, as each sums in its own order: the built-in examples by up to 2.4e-14
KEY, TOLERANCE = "sklearn", 1e-9
FEW_EPOCHS, MOST_WORK = 25, 200_000_000
"""So many epochs are followed; a fit as a whole where rows · epochs · parameters stay below.

In 25 epochs every schedule and every carried variable has shown itself, while rounding has not yet
been magnified by a run that is sensitive to it; where it has, fewer are followed. A fit of 2 · 10⁸
takes scikit-learn some seconds.
"""
NUDGE = 8 * float(np.finfo(np.float64).eps)
"""Relative: what sums of a few terms differ by when they are taken in another order."""

_TASKS = {
    "binary": ("binary_cross_entropy", "sigmoid"),
    "multiclass": ("cross_entropy", "softmax"),
    "regression": ("half_squared_error", "identity"),
}


def by_sklearn(trace: Trace, _pages: object) -> Proof:
    """Compare the parameters after the run, or after some epochs of it, with scikit-learn's."""
    if find_spec("sklearn") is None:
        return skipped(KEY, TOLERANCE, because("not_installed", library="scikit-learn"))
    reason = _obstacle(trace)
    if reason is not None:
        return absent(KEY, TOLERANCE, reason)
    epochs = _epochs(trace)
    after = int(trace.epoch_ends[epochs])
    if not all(np.isfinite(array[after]).all() for array in (*trace.W, *trace.b)):
        return absent(KEY, TOLERANCE, because("run_leaves_float64"))
    proof = _compared(trace, epochs)
    while not proof.ok and not _is_own(trace) and epochs > 1 and _magnifies(trace, epochs):
        epochs //= 2
        proof = _compared(trace, epochs)
    return proof


def _compared(trace: Trace, epochs: int) -> Proof:
    """The parameters after so many epochs, held against scikit-learn's."""
    after = int(trace.epoch_ends[epochs])
    estimator = _own_fit(trace, epochs) if _is_own(trace) else _followed(trace, epochs)
    tally = Tally(KEY, TOLERANCE)
    tally.add(Spot.after_epoch(epochs), epochs, int(estimator.n_iter_))
    pairs = {"W": (trace.W, estimator.coefs_), "b": (trace.b, estimator.intercepts_)}
    for kind, (histories, expected) in pairs.items():
        for k, history in enumerate(histories):
            size = float(np.max(np.abs(expected[k])))
            for index in np.ndindex(*history.shape[1:]):
                ref = Ref(kind, k + 1, tuple(i + 1 for i in index))
                value = float(history[(after, *index)])
                tally.add(Spot.after_epoch(epochs, ref), value, float(expected[k][index]), size)
    return tally.proof(because("followed", epochs=epochs, ran=trace.epochs))


def _magnifies(trace: Trace, epochs: int) -> bool:
    """Whether the run itself makes a difference of rounding larger than what is allowed.

    scikit-learn goes its own way twice, from starting values that differ in their last bits.
    """
    one, other = (_followed(trace, epochs, scale) for scale in (1.0, 1 + NUDGE))
    pairs = zip(one.coefs_, other.coefs_, strict=True)
    return any(np.abs(a - b).max() > TOLERANCE * np.abs(a).max() for a, b in pairs)


def _is_own(trace: Trace) -> bool:
    return trace.experiment.init.scheme == "sklearn"


def _epochs(trace: Trace) -> int:
    """How many epochs scikit-learn follows."""
    parameters = sum(array[0].size for array in (*trace.W, *trace.b))
    work = trace.epochs * len(trace.experiment.dataset.train) * parameters
    whole = _is_own(trace) and work <= MOST_WORK
    return trace.epochs if whole else min(trace.epochs, FEW_EPOCHS)


def _obstacle(trace: Trace) -> Reason | None:
    """Why scikit-learn cannot express the experiment; None if it can."""
    experiment, task = trace.experiment, trace.experiment.dataset.task
    training, hidden = experiment.training, {e.activation for e in experiment.layers[:-1]}
    lacks = any(not ACTIVATIONS[name].sklearn for name in hidden)
    loss, output = _TASKS.get(task, ("", ""))
    uncorrected = training.options.get("epsilon_placement") == "uncorrected"
    own = _is_own(trace)
    stop_of_ours = training.plateau is not None and training.plateau.measure != "sklearn"
    obstacles = (
        (len(hidden) > 1 or lacks, because("sklearn_hidden_layers")),
        (
            training.loss != loss or experiment.layers[-1].activation != output,
            because("sklearn_output"),
        ),
        (not _has_classes(trace), because("sklearn_classes")),
        (training.reduction != "mean", because("sklearn_mean")),
        (not training.train_biases, because("sklearn_biases")),
        (training.l2 > 0 and not training.l2_per_batch, because("sklearn_penalty")),
        (training.shuffle and not own, because("sklearn_order")),
        (bool(training.order), because("sklearn_order")),
        (
            training.schedule not in ("constant", "invscaling", "adaptive")
            or (training.schedule != "constant" and (not own or training.optimizer == "adam"))
            or (training.schedule == "adaptive" and stop_of_ours),
            because("sklearn_schedule"),
        ),
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


def _own_fit(trace: Trace, epochs: int) -> Any:
    """scikit-learn's estimator after ``epochs`` of the fit that the experiment describes."""
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _kind(trace)(**settings).fit(*_table(trace))


def _followed(trace: Trace, epochs: int, scale: float = 1.0) -> Any:
    """scikit-learn's estimator after ``epochs`` from the trace's starting weights, scaled."""
    x, target = _table(trace)
    settings = _settings(trace) | {"shuffle": False, "warm_start": True, "random_state": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator = _kind(trace)(max_iter=1, **settings).fit(x, target)
        estimator.coefs_ = [w[0] * scale for w in trace.W]
        estimator.intercepts_ = [b[0].copy() for b in trace.b]
        return estimator.set_params(max_iter=epochs).fit(x, target)


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
