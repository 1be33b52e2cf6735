"""The same training in scikit-learn, where it is installed and can express the experiment.

An experiment that starts as scikit-learn does (``scheme = "sklearn"``) is a fit of scikit-learn's
own: that very fit is made, with its draw, its shuffling, its schedule and its stop. Any other
starts from tracer's values and is followed for some epochs.

A run that magnifies rounding is not judged beyond the epoch up to which it does not: there
scikit-learn itself, given the rows with their last bits changed, arrives elsewhere.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.check.drift import TOLERANCE, Drift, drift_of
from tracer.check.fits import fitted, is_own
from tracer.check.proof import Proof, Tally, absent, skipped
from tracer.check.spot import Spot
from tracer.refs import Ref
from tracer.reread.reason import Reason, because
from tracer.trace import Trace

KEY = "sklearn"
FEW_EPOCHS, MOST_WORK = 25, 200_000_000
"""So many epochs are followed; a fit as a whole where rows · epochs · parameters stay below.

In 25 epochs every schedule and every carried variable has shown itself. A fit of 2 · 10⁸ takes
scikit-learn some seconds.
"""
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
    while epochs:
        fit = fitted(trace, epochs)
        proof = _compared(trace, epochs, fit)
        if proof.ok:
            return proof
        drift = drift_of(trace, epochs, fit)
        if drift is not None:
            return _compared(trace, epochs, fit, drift)
        epochs //= 2
    return absent(KEY, TOLERANCE, because("sklearn_sensitive"))


def _compared(trace: Trace, epochs: int, fit: Any, drift: Drift | None = None) -> Proof:
    """The parameters after so many epochs, held against scikit-learn's.

    Where rounding is known to move an array, no difference is measured against less than that.
    """
    after, tally = int(trace.epoch_ends[epochs]), Tally(KEY, TOLERANCE)
    tally.add(Spot.after_epoch(epochs), epochs, int(fit.n_iter_))
    for kind, arrays in (("W", fit.coefs_), ("b", fit.intercepts_)):
        for k, expected in enumerate(arrays):
            found = getattr(trace, kind)[k][after]
            moved = drift[kind][k] / TOLERANCE if drift else 0.0
            size = max(float(np.max(np.abs(expected))), moved)
            for index in np.ndindex(*found.shape):
                spot = Spot.after_epoch(epochs, Ref(kind, k + 1, tuple(i + 1 for i in index)))
                tally.add(spot, float(found[index]), float(expected[index]), size)
    return tally.proof(because("followed", epochs=epochs, ran=trace.epochs))


def _epochs(trace: Trace) -> int:
    """How many epochs scikit-learn follows."""
    parameters = sum(array[0].size for array in (*trace.W, *trace.b))
    work = trace.epochs * len(trace.experiment.dataset.train) * parameters
    whole = is_own(trace) and work <= MOST_WORK
    return trace.epochs if whole else min(trace.epochs, FEW_EPOCHS)


def _obstacle(trace: Trace) -> Reason | None:
    """Why scikit-learn cannot express the experiment; None if it can."""
    experiment, task = trace.experiment, trace.experiment.dataset.task
    training, hidden = experiment.training, {e.activation for e in experiment.layers[:-1]}
    lacks = any(not ACTIVATIONS[name].sklearn for name in hidden)
    loss, output = _TASKS.get(task, ("", ""))
    uncorrected = training.options.get("epsilon_placement") == "uncorrected"
    own = is_own(trace)
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
        (_carries_gradients(trace), because("sklearn_velocity")),
    )
    return next((reason for stands, reason in obstacles if stands), None)


def _carries_gradients(trace: Trace) -> bool:
    """Whether the velocity is made of gradients, and a rate that changes makes that another run."""
    training = trace.experiment.training
    gradients = training.options.get("velocity") == "gradient"
    return gradients and float(training.options["momentum"]) > 0 and training.schedule != "constant"


def _has_classes(trace: Trace) -> bool:
    """Whether scikit-learn would build the same output layer from the training rows."""
    data = trace.experiment.dataset
    if data.task == "regression":
        return True
    found = len({data.labels[row] for row in data.train})
    return found == (2 if data.task == "binary" else max(3, trace.layer_sizes[-1]))
