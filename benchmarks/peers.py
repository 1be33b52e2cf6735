"""Training with every intermediate recorded, against scikit-learn, which records nothing."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.example import experiment
from benchmarks.measure import Comparison, Row, Way, at_least, at_most, timed
from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.training import run

EPOCHS, FEW = 200, 3
WIDE = (2_000, 784)  # rows and inputs of the array that becomes an experiment
ARRAY = 0.2  # seconds that such an array may take
ROWS = 400  # of the wide network: all its updates together stay well below a gigabyte


def rows(repeat: int) -> Iterator[Row]:
    """The rows of the comparisons."""
    return timed(comparisons(), repeat)


def comparisons() -> list[Comparison]:
    """The built-in example with one row and all rows an update, a wide network, a large array."""
    wide, x = wide_network(), np.random.default_rng(1).normal(size=WIDE)
    small = [
        (with_batch(experiment(), EPOCHS, 1), 20),
        (with_batch(experiment(), EPOCHS, "all"), 3.5),
    ]
    return [
        *(
            versus(f"train {EPOCHS} epochs, batch size {one.training.batch_size}", one, goal)
            for one, goal in small
        ),
        versus(f"train 784-128-10, {FEW} epochs", wide, 1.2),
        Comparison(
            f"{WIDE[0]} rows of {WIDE[1]} numbers",
            Way("as an experiment", lambda: from_array(x)),
            Way("copied", x.copy),
        ),
        Comparison(
            f"{WIDE[0]} rows of {WIDE[1]} numbers",
            Way("as an experiment", lambda: from_array(x)),
            Way("allowed", lambda: time.sleep(ARRAY)),
            at_most(1),
        ),
    ]


def with_batch(chosen: Experiment, epochs: int, size: Any) -> Experiment:
    """The same for so many epochs, with another batch size."""
    update = {"epochs": epochs, "batch_size": size}
    return replace(chosen, training=chosen.training.model_copy(update=update))


def wide_network() -> Experiment:
    """784-128-10 for a few epochs, kept whole."""
    return made_up(ROWS, {"epochs": FEW, "batch_size": 100, "learning_rate": 0.01})


def made_up(count: int, training: dict[str, Any], record: Any = None) -> Experiment:
    """784-128-10 on so many made-up images."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(count, WIDE[1])), np.arange(count) % 10
    layers = [(128, "relu"), (10, "softmax")]
    return Experiment((x, y), layers, training=training, record=record, insist=True)


def from_array(x: FloatArray) -> Experiment:
    """An experiment of a large array."""
    y = np.arange(len(x)) % 10
    return Experiment(data=(x, y), layers=[(10, "softmax")], training={"epochs": 1}, insist=True)


def versus(task: str, chosen: Experiment, goal: float) -> Comparison:
    """The same training by scikit-learn, from arrays and without shuffling."""
    fit = by_sklearn(chosen)
    ours, other = Way("traced", lambda: run(chosen)), Way("scikit-learn, untraced", fit)
    return Comparison(task, ours, other, at_least(goal))


def by_sklearn(chosen: Experiment) -> Any:
    """A function that trains the network of an experiment with scikit-learn; starts are its own."""
    from sklearn.neural_network import MLPClassifier

    data, training = chosen.dataset, chosen.training
    rows = list(data.train)
    x, y = data.x[rows], [data.labels[row] for row in rows]
    size = len(rows) if training.batch_size == "all" else training.batch_size

    def fit() -> None:
        model = MLPClassifier(
            chosen.layer_sizes[1:-1],
            activation=chosen.layers[0].activation,
            solver="sgd",
            alpha=0.0,
            batch_size=size,
            learning_rate_init=training.learning_rate,
            max_iter=training.epochs,
            shuffle=False,
            momentum=0.0,
            tol=0.0,
            n_iter_no_change=training.epochs + 1,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            model.fit(x, y)

    return fit
