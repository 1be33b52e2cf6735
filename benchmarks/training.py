"""Training with every intermediate recorded, against loops that record nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.example import experiment
from benchmarks.measure import Comparison, Row, Way, at_most, timed
from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.training import run
from tracer.training.code import code_for
from tracer.training.draws import starting_values
from tracer.training.step import UpdateStep

EPOCHS = 200


def rows(repeat: int) -> Iterator[Row]:
    """The rows of the comparisons."""
    return timed(comparisons(), repeat)


def comparisons() -> list[Comparison]:
    """The built-in example for some epochs, one sample an update."""
    built_in = experiment()
    training = built_in.training.model_copy(update={"epochs": EPOCHS})
    chosen = replace(built_in, training=training)
    _check(chosen)
    return [
        Comparison(
            f"train {EPOCHS} epochs",
            Way("recorded", lambda: run(chosen)),
            Way("plain numpy", lambda: untraced(chosen)),
        ),
        Comparison(
            f"train {EPOCHS} epochs",
            Way("recorded", lambda: run(chosen)),
            Way("the same code, unrecorded", lambda: unrecorded(chosen)),
            at_most(2.2),
        ),
    ]


def unrecorded(chosen: Experiment) -> tuple[float, ...]:
    """The updates of the written code alone; the parameters that they leave."""
    code = code_for(chosen, recorded=False)
    assert code is not None
    data, eta = chosen.dataset, chosen.training.learning_rate
    rows = list(map(tuple, np.hstack([data.x, data.y])[list(data.train)].tolist()))
    start = UpdateStep.of(chosen).flat.join(*starting_values(chosen))
    kept: tuple[float, ...] = tuple(start.tolist())
    for epoch in range(chosen.training.epochs):
        kept = code.fast(rows, kept, eta, epoch * len(rows))
    return kept


def untraced(chosen: Experiment) -> list[FloatArray]:
    """The same network and the same updates (ReLU, ReLU, sigmoid; SGD) as a textbook loop."""
    x, y = chosen.dataset.x, chosen.dataset.y
    eta, (W, b) = chosen.training.learning_rate, starting_values(chosen)
    (W1, W2, W3), (b1, b2, b3) = ([v.copy() for v in values] for values in (W, b))
    for _ in range(chosen.training.epochs):
        for row in chosen.dataset.train:
            x0 = x[row : row + 1]
            z1 = x0 @ W1 + b1
            a1 = np.maximum(z1, 0.0)
            z2 = a1 @ W2 + b2
            a2 = np.maximum(z2, 0.0)
            a3 = 1.0 / (1.0 + np.exp(-(a2 @ W3 + b3)))
            e3 = a3 - y[row : row + 1]
            e2 = (e3 @ W3.T) * (z2 > 0)
            e1 = (e2 @ W2.T) * (z1 > 0)
            W3 -= eta * (a2.T @ e3)
            b3 -= eta * e3[0]
            W2 -= eta * (a1.T @ e2)
            b2 -= eta * e2[0]
            W1 -= eta * (x0.T @ e1)
            b1 -= eta * e1[0]
    return [W1, b1, W2, b2, W3, b3]


def _check(chosen: Experiment) -> None:
    """Both loops must end with the same network, or the comparison says nothing."""
    trace, plain = run(chosen), untraced(chosen)
    ends = [array[-1] for pair in zip(trace.W, trace.b, strict=True) for array in pair]
    for ours, other in zip(ends, plain, strict=True):
        np.testing.assert_allclose(ours, other, rtol=1e-9)
    flat = UpdateStep.of(chosen).flat
    last = flat.join([w[-1] for w in trace.W], [b[-1] for b in trace.b])
    np.testing.assert_array_equal(unrecorded(chosen), last)
