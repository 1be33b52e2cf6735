"""Everything that is random in a run: the starting values, and the order of the rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.initializers import INITIALIZERS
from tracer.experiment import Experiment
from tracer.files.packs import worked_out
from tracer.formula import FloatArray
from tracer.network import Layers
from tracer.registry import outside

IntArray = npt.NDArray[np.int64]
MOST_KEPT = 1_000
"""So many weights are kept at most: 20 kilobytes, and to draw more is what takes the time then."""


def starting_values(experiment: Experiment) -> tuple[Layers, Layers]:
    """(W, b) before the first update: given, or drawn layer by layer, weights before biases."""
    init, sizes = experiment.init, experiment.layer_sizes
    pairs = list(pairwise(sizes))
    if init.scheme == "sklearn":
        return _sklearn_values(experiment, np.random.RandomState(init.seed))
    if init.scheme == "given":
        given = init.biases if not isinstance(init.biases, str) else [[0.0] * n for _, n in pairs]
        return tuple(np.array(w, dtype=float) for w in init.weights), tuple(
            np.array(b, dtype=float) for b in given
        )
    if outside() or sum(n_in * n_out for n_in, n_out in pairs) > MOST_KEPT:
        return _drawn(experiment)
    # NumPy's generators are imported when they are first asked for, which takes as long as a page.
    W, b = worked_out(partial(_listed, experiment), "drawn", init, sizes)
    return tuple(map(np.array, W)), tuple(map(np.array, b))


def _listed(experiment: Experiment) -> tuple[list[Any], list[Any]]:
    """The same as lists, which are kept from one run to the next."""
    W, b = _drawn(experiment)
    return [w.tolist() for w in W], [one.tolist() for one in b]


def _drawn(experiment: Experiment) -> tuple[Layers, Layers]:
    init = experiment.init
    rng, W, b = np.random.default_rng(init.seed), [], []
    for n_in, n_out in pairwise(experiment.layer_sizes):
        W.append(_draw(experiment, rng, (n_in, n_out), n_in, n_out))
        zeros = init.biases == "zeros"
        b.append(np.zeros(n_out) if zeros else _draw(experiment, rng, (n_out,), n_in, n_out))
    return tuple(W), tuple(b)


def _draw(
    experiment: Experiment, rng: np.random.Generator, shape: tuple[int, ...], n_in: int, n_out: int
) -> FloatArray:
    init = experiment.init
    drawn = INITIALIZERS[init.scheme].draw(rng, shape, init.values(n_in, n_out))
    return drawn if init.decimals is None else _on_grid(drawn, init.decimals)


def _on_grid(values: FloatArray, decimals: int) -> FloatArray:
    """Values rounded to so many decimals; from 2⁵² on they are whole, and would only overflow."""
    fine = np.abs(values) < 2.0**52
    return np.where(fine, np.round(np.where(fine, values, 0.0), decimals), values) + 0.0


def _sklearn_values(experiment: Experiment, rng: np.random.RandomState) -> tuple[Layers, Layers]:
    """scikit-learn's draw: each layer's W, then its b, even in ±√(6 / (n_in + n_out)).

    With hidden layers of its "logistic" function it is 2 instead of 6, for the output layer too.
    """
    hidden = {ACTIVATIONS[layer.activation].sklearn for layer in experiment.layers[:-1]}
    factor, W, b = 2.0 if hidden == {"logistic"} else 6.0, [], []
    for n_in, n_out in pairwise(experiment.layer_sizes):
        bound = math.sqrt(factor / (n_in + n_out))
        W.append(rng.uniform(-bound, bound, (n_in, n_out)))
        b.append(rng.uniform(-bound, bound, n_out))
    return tuple(W), tuple(b)


def epoch_orders(experiment: Experiment) -> Iterator[IntArray]:
    """The training rows (from 0) in the order of each epoch.

    With the scheme ``sklearn`` the generator of the starting values goes on, and every epoch
    re-orders the order of the epoch before.
    """
    training = experiment.training
    rows = np.array(experiment.dataset.train, dtype=np.int64)
    if training.order:
        yield from (np.array(order, dtype=np.int64) - 1 for order in training.order)
    elif not training.shuffle:
        yield from (rows for _ in range(training.epochs))
    elif experiment.init.scheme == "sklearn":
        yield from _sklearn_orders(experiment, rows)
    else:
        rng = np.random.default_rng((experiment.init.seed, 1))
        yield from (rng.permutation(rows) for _ in range(training.epochs))


def _sklearn_orders(experiment: Experiment, rows: IntArray) -> Iterator[IntArray]:
    rng = np.random.RandomState(experiment.init.seed)
    _sklearn_values(experiment, rng)
    for _ in range(experiment.training.epochs):
        places = np.arange(len(rows))
        rng.shuffle(places)
        rows = rows[places]
        yield rows
