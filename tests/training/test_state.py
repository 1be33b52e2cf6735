"""The state of an optimizer, with one made up here: from the program into trace, JSON and file."""

from __future__ import annotations

import io
import json
from types import MappingProxyType

import numpy as np
import pytest
import sympy as sp

from networks import experiment
from tracer.catalog.optimizer import ETA, Assignment, G, Optimizer, Program, T, W
from tracer.trace import Trace
from tracer.trace.json import write_json
from tracer.training import run
from traces import same

V, STEP = sp.symbols("v step")
#: v ← v/2 + g, step ← η·v/t, w ← w − step: `v` is state, `step` only a name on the way.
HALVING = Optimizer(
    name="sgd",
    title="half of the past",
    programs={
        "": Program(
            (
                Assignment("v", V / 2 + G),
                Assignment("step", ETA * V / T),
                Assignment("w", W - STEP),
            )
        )
    },
    source="made up",
)


@pytest.fixture(autouse=True)
def _the_only_optimizer(monkeypatch):
    table = MappingProxyType({"sgd": HALVING})
    monkeypatch.setattr("tracer.training.step.OPTIMIZERS", table)
    monkeypatch.setattr("tracer.trace.layout.OPTIMIZERS", table)


@pytest.fixture(params=[True, False], ids=["trained biases", "fixed biases"])
def trace(request):
    return run(experiment(batch_size=3, l2=0.1, train_biases=request.param))


def kinds(trace):
    """("W" or "b", the histories by layer, the gradients by layer) of what is trained."""
    yield "W", trace.W, trace.grad_W
    if trace.experiment.training.train_biases:
        yield "b", trace.b, trace.grad_b


def test_state_is_recorded_before_and_after_every_update(trace):
    assert set(trace.state) == {"v", "step"}
    for kind, history, gradients in kinds(trace):
        for k, values in enumerate(history):
            v, step = trace.state["v"][kind][k], trace.state["step"][kind][k]
            assert v.shape == step.shape == values.shape
            assert not v[0].any()
            assert not step[0].any()
            for u, gradient in enumerate(gradients[k]):
                np.testing.assert_allclose(v[u + 1], v[u] / 2 + gradient, rtol=1e-15)
                np.testing.assert_allclose(step[u + 1], 0.1 * v[u + 1] / (u + 1), rtol=1e-15)
                np.testing.assert_allclose(values[u + 1], values[u] - step[u + 1], rtol=1e-15)


def test_fixed_biases_have_no_state():
    trace = run(experiment(train_biases=False))
    for rows in (*trace.state["v"]["b"], *trace.state["step"]["b"]):
        assert not rows.any()


def test_the_json_shows_the_state_after_its_update(trace):
    stream = io.StringIO()
    write_json(trace, stream)
    for u, update in enumerate(json.loads(stream.getvalue())["updates"]):
        assert set(update["state"]) == {"v", "step"}
        for name, by_kind in update["state"].items():
            assert list(by_kind) == ["W", "b"]
            for kind, layers in by_kind.items():
                for found, rows in zip(layers, trace.state[name][kind], strict=True):
                    np.testing.assert_array_equal(found, rows[u + 1])


def test_the_file_keeps_the_state(trace, tmp_path):
    trace.save(tmp_path / "trace.npz")
    assert same(Trace.load(tmp_path / "trace.npz"), trace)
