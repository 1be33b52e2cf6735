"""Fits of scikit-learn: the trace gives their weights, loss curve and number of epochs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from examples import SHARE
from tracer.errors import TracerError
from tracer.experiment import Experiment
from tracer.interop.sklearn import from_fitted, loss_curve, trace_fit
from tracer.training import run

ROOM = 1e-12
ROWS = 23
rng = np.random.default_rng(0)
X = rng.normal(size=(ROWS, 3))
TASKS: dict[str, Any] = {
    "binary": np.where(X[:, 0] * X[:, 1] > 0, "yes", "no"),
    "multiclass": np.digitize(X[:, 0] + 0.3 * rng.normal(size=ROWS), [-0.5, 0.5]) * 10 - 5,
    "multilabel": (X[:, :2] + 0.2 * rng.normal(size=(ROWS, 2)) > 0).astype(int),
    "regression": X[:, 0] ** 2 - X[:, 1],
    "regressions": np.c_[X[:, 0] ** 2, X.sum(axis=1)],
}
SOLVERS: dict[str, dict[str, Any]] = {
    "constant": {"solver": "sgd", "momentum": 0},
    "adaptive": {
        "solver": "sgd",
        "learning_rate": "adaptive",
        "n_iter_no_change": 2,
        "tol": 1e-3,
        "momentum": 0.5,
    },
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.3},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False},
    "nesterov": {"solver": "sgd"},
    "adam": {"solver": "adam"},
}
ACTIVATIONS = ("relu", "tanh", "logistic", "identity")
BATCHES: list[dict[str, Any]] = [{"batch_size": 5}, {"shuffle": False, "batch_size": 8}, {}]


def estimator(task="binary", **options):
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPRegressor if task.startswith("regression") else MLPClassifier
    named = {
        "hidden_layer_sizes": (4, 3),
        "learning_rate_init": 0.02,
        "alpha": 0.01,
        "max_iter": 25,
        "random_state": 3,
    }
    return kind(**named | options)


def fitted(model, x, y):
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(x, y)


def assert_same(trace, model):
    """The trace ends where the fitted estimator stands, and went the same way."""
    assert trace.epochs == model.n_iter_
    np.testing.assert_allclose(loss_curve(trace), model.loss_curve_, rtol=ROOM, atol=ROOM)
    for found, known in ((trace.W, model.coefs_), (trace.b, model.intercepts_)):
        for history, final in zip(found, known, strict=True):
            np.testing.assert_allclose(history[-1], final, rtol=ROOM, atol=ROOM)


def followed(solver, activation, batches):
    """The tasks whose fits are followed: where less is tried, any three of the four ways meet."""
    place = [*SOLVERS].index(solver) + ACTIVATIONS.index(activation) + BATCHES.index(batches)
    return [task for at, task in enumerate(TASKS) if SHARE == 1 or (place + at) % 2 == 0]


@pytest.mark.parametrize("batches", BATCHES)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_fit_is_reproduced(solver, activation, batches):
    for task in followed(solver, activation, batches):
        y = TASKS[task]
        model = estimator(task, activation=activation, **SOLVERS[solver], **batches)
        trace = trace_fit(model, X, y)
        assert not hasattr(model, "coefs_"), "the estimator is left as it was"
        assert_same(trace, fitted(model, X, y))


def test_the_predictions_are_the_estimator_s():
    for task in ("binary", "multiclass"):
        model, y = estimator(task), TASKS[task]
        trace = trace_fit(model, X, y)
        fitted(model, X, y)
        answers = trace.forward(X)[1][-1]
        decoded = [trace.experiment.dataset.decode(row) for row in answers]
        assert decoded == model.predict(X).tolist()
        assert trace.experiment.dataset.classes == tuple(model.classes_.tolist())
        np.testing.assert_allclose(answers[:, -1], model.predict_proba(X)[:, -1], rtol=1e-12)


def test_an_adaptive_rate_falls_until_it_is_too_small():
    options = SOLVERS["adaptive"] | {"max_iter": 400, "tol": 0.01}
    model = estimator(**options)
    trace = trace_fit(model, X, TASKS["binary"])
    assert_same(trace, fitted(model, X, TASKS["binary"]))
    assert trace.epochs < 400
    rates = list(dict.fromkeys(trace.learning_rate.tolist()))
    assert rates[-2] > 1e-6 >= rates[-1]
    assert rates[1] == 0.02 / 5


def test_the_rate_of_inverse_scaling_is_scikit_learn_s_to_the_last_bit():
    model = estimator(**SOLVERS["invscaling"], max_iter=50)
    trace = trace_fit(model, X, TASKS["binary"])
    expected = [0.02] + [0.02 / (ROWS * epoch + 1) ** 0.3 for epoch in range(1, 50)]
    assert trace.learning_rate[:: trace.updates // 50].tolist() == expected


# Where the reported loss differs


def test_a_saturated_loss_is_clipped_for_the_stop_rule_only():
    x, y = np.array([[0.0], [1.0], [2.0], [3.0]]) * 400, np.array([0, 1, 0, 1])
    options = {"solver": "sgd", "alpha": 0.0, "learning_rate_init": 0.5, "tol": 1e-4}
    model = estimator(hidden_layer_sizes=(), max_iter=60, n_iter_no_change=3, **options)
    trace = trace_fit(model, x, y)
    assert_same(trace, fitted(model, x, y))
    assert trace.loss.max() > 1000
    assert loss_curve(trace).max() < 40


def test_several_outputs_are_averaged_for_the_stop_rule_only():
    model = estimator("regressions", alpha=0.0, solver="sgd", momentum=0, tol=0.01, max_iter=300)
    trace = trace_fit(model, X, TASKS["regressions"])
    assert_same(trace, fitted(model, X, TASKS["regressions"]))
    assert trace.epochs < 300
    np.testing.assert_allclose(trace.loss_curve, 2 * loss_curve(trace), rtol=1e-12)
    mapping = trace.experiment.to_mapping()
    mapping["training"]["stop"]["measure"] = "loss"
    assert run(Experiment.from_mapping(mapping)).epochs != trace.epochs


def test_the_experiment_of_a_trace_gives_the_trace_again():
    model = estimator("regressions", shuffle=True, batch_size=6)
    trace = trace_fit(model, X, TASKS["regressions"])
    mapping = json.loads(json.dumps(trace.experiment.to_mapping()))
    again = run(Experiment.from_mapping(mapping))
    for history, other in zip(trace.W, again.W, strict=True):
        np.testing.assert_array_equal(history, other)


# Data


class Frame:
    """As much of a data frame as is looked at."""

    columns: ClassVar[list[Any]] = ["size", " size ", 7]

    def __array__(self, dtype=None, copy=None):
        return X if dtype is None else X.astype(dtype)

    def __len__(self):
        return ROWS


def test_names_of_a_frame_are_kept_and_made_distinct():
    trace = trace_fit(estimator(), Frame(), TASKS["binary"])
    assert trace.experiment.dataset.input_names == ("size", "size (2)", "7")
    assert trace.experiment.dataset.target_names == ("y",)


def test_a_real_frame():
    from sklearn.datasets import load_iris

    pandas = pytest.importorskip("pandas")
    iris = load_iris()
    names = ["a", "b", "c", "d"]
    frame = pandas.DataFrame(iris.data, columns=names)
    answer = pandas.Series(iris.target_names[iris.target], name="kind")
    model = estimator("multiclass", max_iter=12, batch_size="auto")
    trace = trace_fit(model, frame, answer)
    assert trace.experiment.dataset.input_names == tuple(names)
    assert trace.experiment.dataset.target_names == ("kind",)
    assert trace.experiment.dataset.classes == ("setosa", "versicolor", "virginica")
    assert_same(trace, fitted(model, frame, answer))


@pytest.mark.parametrize(
    "y",
    [
        np.where(X[:, 0] > 0, True, False),
        np.where(X[:, 0] > 0, 2.0, 1.0),
        np.where(X[:, 0] > 0, "10", "9"),
        [["b", "a"][int(value > 0)] for value in X[:, 0]],
        np.where(X[:, 0] > 0, 1, -1).reshape(-1, 1),
    ],
    ids=["bool", "float", "digits as text", "list", "column"],
)
def test_labels_of_every_kind(y):
    model = estimator(max_iter=20)
    trace = trace_fit(model, X.tolist(), y)
    assert_same(trace, fitted(model, X, np.ravel(y)))


def test_whole_numbers_and_one_layer():
    whole = rng.integers(-3, 4, (ROWS, 2))
    for options in ({"hidden_layer_sizes": ()}, {"hidden_layer_sizes": 3}):
        model = estimator("regression", batch_size=500, **options)
        trace = trace_fit(model, whole, whole[:, 0])
        with pytest.warns(UserWarning, match="clipped"):
            fitted(model, whole, whole[:, 0])
        assert_same(trace, model)


# Refused


def of_another_kind():
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression()


BINARY = TASKS["binary"]
REFUSED: dict[str, tuple[Callable[[], Any], Any, Any, str]] = {
    "lbfgs": (lambda: estimator(solver="lbfgs"), X, BINARY, "solver = 'lbfgs'"),
    "early stopping": (lambda: estimator(early_stopping=True), X, BINARY, "early_stopping"),
    "warm start": (lambda: estimator(warm_start=True), X, BINARY, "warm_start"),
    "no seed": (lambda: estimator(random_state=None), X, BINARY, "random_state = None"),
    "a generator": (
        lambda: estimator(random_state=np.random.RandomState(0)),
        X,
        BINARY,
        "random_state = 'RandomState'",
    ),
    "full momentum": (lambda: estimator(solver="sgd", momentum=1), X, BINARY, "momentum = 1"),
    "poisson": (
        lambda: estimator("regression", loss="poisson"),
        X,
        TASKS["regression"] ** 2,
        "loss = 'poisson'",
    ),
    "logistic alone": (
        lambda: estimator(activation="logistic", hidden_layer_sizes=()),
        X,
        BINARY,
        "activation = 'logistic'",
    ),
    "another estimator": (of_another_kind, X, BINARY, "found LogisticRegression"),
    "float32": (estimator, X.astype(np.float32), BINARY, "X: float32"),
    "text": (estimator, np.full((ROWS, 2), "a"), BINARY, "X: expected numbers"),
    "nan": (estimator, np.where(X > 1, np.nan, X), BINARY, "expected a finite number"),
    "one class": (estimator, X, np.zeros(ROWS), "y: expected at least two classes"),
    "numbers for classes": (estimator, X, TASKS["regression"], "'continuous'"),
    "several classes": (
        estimator,
        X,
        np.c_[np.arange(ROWS) % 3, np.arange(ROWS) % 4],
        "'multiclass-multioutput'",
    ),
    "too few answers": (estimator, X, BINARY[:-1], "each of the 23 rows"),
    "one row": (estimator, X[0], BINARY, "a table of rows and inputs"),
}


@pytest.mark.parametrize(("made", "x", "y", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_expressed_is_refused_by_name(made, x, y, words):
    with pytest.raises(TracerError) as caught:
        trace_fit(made(), x, y)
    assert words in str(caught.value)


def test_sparse_matrices_are_refused_by_name():
    from scipy.sparse import csr_matrix

    with pytest.raises(TracerError, match="X: a sparse matrix"):
        trace_fit(estimator(), csr_matrix(X), BINARY)
    with pytest.raises(TracerError, match="y: a sparse matrix"):
        trace_fit(estimator(), X, csr_matrix(TASKS["multilabel"]))


def test_sample_weights_and_former_fits_are_refused():
    with pytest.raises(TracerError, match="sample_weight"):
        trace_fit(estimator(), X, BINARY, np.ones(ROWS))  # type: ignore[arg-type]
    begun = estimator()
    begun.partial_fit(X, BINARY, classes=["no", "yes"])
    with pytest.raises(TracerError, match="has been fitted"):
        trace_fit(begun, X, BINARY)


# Fitted estimators


@pytest.mark.parametrize("task", TASKS)
def test_a_fitted_estimator_gives_the_starting_values(task):
    model, y = fitted(estimator(task, shuffle=False), X, TASKS[task]), TASKS[task]
    experiment = from_fitted(model, X, y)
    trace = run(experiment)
    for history, weights in zip(trace.W, model.coefs_, strict=True):
        np.testing.assert_array_equal(history[0], weights)
    for history, biases in zip(trace.b, model.intercepts_, strict=True):
        np.testing.assert_array_equal(history[0], biases)
    answers = trace.forward(X, update=0)[1][-1]
    if task.startswith("regression"):
        np.testing.assert_allclose(answers.squeeze(), model.predict(X), rtol=1e-12, atol=1e-12)


def test_what_does_not_fit_the_fitted_estimator_is_refused():
    with pytest.raises(TracerError, match="has not been fitted"):
        from_fitted(estimator(), X, BINARY)
    model = fitted(estimator(random_state=None), X, BINARY)
    assert from_fitted(model, X, BINARY).init.seed == 0
    for x, y, words in (
        (X[:, :2], BINARY, "expected 3 inputs"),
        (X, np.where(X[:, 0] > 0, "a", "b"), "expected the classes"),
        (X, TASKS["multiclass"], "expected 1 outputs"),
    ):
        with pytest.raises(TracerError, match=words):
            from_fitted(model, x, y)


def test_scikit_learn_is_imported_only_when_asked():
    program = (
        "import sys, tracer, tracer.cli, tracer.interop, tracer.training\n"
        "print([name for name in sys.modules if name.startswith('sklearn')])"
    )
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_guide_s_example_prints_what_the_guide_says(capsys):
    guide = Path(__file__).parents[2] / "site" / "guide" / "from-scikit-learn.md"
    text = guide.read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (printed,) = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    exec(program, {})
    assert capsys.readouterr().out == printed
