"""Every optimizer against its recurrence as the literature writes it, in plain numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.experiment import Experiment
from tracer.training import run

ETA = 0.05


def momentum(gradients, w, mu=0.9):
    velocity = 0.0
    for g in gradients:
        velocity = mu * velocity + g
        w = w - ETA * velocity
        yield w


def momentum_step(gradients, w, mu=0.9):
    velocity = 0.0
    for g in gradients:
        velocity = mu * velocity - ETA * g
        w = w + velocity
        yield w


def nesterov(gradients, w, mu=0.9):
    velocity = 0.0
    for g in gradients:
        velocity = mu * velocity + g
        w = w - ETA * (g + mu * velocity)
        yield w


def nesterov_step(gradients, w, mu=0.9):
    velocity = 0.0
    for g in gradients:
        velocity = mu * velocity - ETA * g
        w = w + mu * velocity - ETA * g
        yield w


def rmsprop(gradients, w, rho=0.99, epsilon=1e-8, mu=0.5):
    square = buffer = 0.0
    for g in gradients:
        square = rho * square + (1 - rho) * g * g
        buffer = mu * buffer + g / (np.sqrt(square) + epsilon)
        w = w - ETA * buffer
        yield w


def adagrad(gradients, w, epsilon=1e-10):
    total = 0.0
    for g in gradients:
        total = total + g * g
        w = w - ETA * g / (np.sqrt(total) + epsilon)
        yield w


def adam(gradients, w, *, b1=0.9, b2=0.999, epsilon=1e-8, decay=0.0, corrected=True):
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        w = w - ETA * decay * w
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        root, share = np.sqrt(1 - b2**t), 1 - b1**t
        bottom = np.sqrt(v) / root + epsilon if corrected else (np.sqrt(v) + epsilon) / root
        w = w - ETA * (m / share) / bottom
        yield w


def adamw(gradients, w):
    return adam(gradients, w, decay=0.2)


def adam_uncorrected(gradients, w):
    return adam(gradients, w, epsilon=1e-3, corrected=False)


CASES: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "momentum": (momentum, {}),
    "momentum step": (momentum_step, {"velocity": "step"}),
    "nesterov": (nesterov, {}),
    "nesterov step": (nesterov_step, {"velocity": "step"}),
    "rmsprop": (rmsprop, {"momentum": 0.5}),
    "adagrad": (adagrad, {}),
    "adam": (adam, {}),
    "adam uncorrected": (adam_uncorrected, {"epsilon_placement": "uncorrected", "epsilon": 1e-3}),
    "adamw": (adamw, {"weight_decay": 0.2}),
}


def trace_of(name, options):
    return run(
        Experiment.from_mapping(
            {
                "data": {"columns": ["a", "b", "y"], "rows": [[1, 2, 0], [-1, 0.5, 1], [3, -1, 1]]},
                "layers": [
                    {"units": 3, "activation": "tanh"},
                    {"units": 1, "activation": "sigmoid"},
                ],
                "training": {
                    "optimizer": name.split()[0],
                    "learning_rate": ETA,
                    "epochs": 6,
                    "batch_size": 2,
                    "l2": 0.01,
                    **options,
                },
            }
        )
    )


def test_every_optimizer_that_carries_something_has_a_recurrence():
    carrying = {name for name, row in OPTIMIZERS.items() if row.program(row.options).carried}
    assert {name.split()[0] for name in CASES} >= carrying


@pytest.mark.parametrize("name", CASES)
def test_updates_follow_the_recurrence(name):
    rule, options = CASES[name]
    trace = trace_of(name, options)
    assert trace.updates == 12
    pairs = [*zip(trace.W, trace.grad_W, strict=True), *zip(trace.b, trace.grad_b, strict=True)]
    for history, gradients in pairs:
        expected = np.array(list(rule(iter(gradients), history[0])))
        np.testing.assert_allclose(history[1:], expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_what_is_carried_starts_at_zero_and_moves(name):
    _, options = CASES[name]
    trace = trace_of(name, options)
    row = OPTIMIZERS[name.split()[0]]
    program = row.program({**row.options, **options})
    assert program.carried <= set(trace.state) == set(program.variables)
    for variable in program.carried:
        for layer in (*trace.state[variable]["W"], *trace.state[variable]["b"]):
            assert not layer[0].any()
            assert layer[1:].any()
