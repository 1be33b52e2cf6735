"""The page of the optimizer: what it says of a step is decided from the trace."""

from __future__ import annotations

import math

import numpy as np
import pytest

from claims import told, traced
from outside_rows import LION
from rendering import line_through, optimized
from tracer.catalog.optimizer import Optimizer
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.experiment import Experiment
from tracer.explain.cycle import explain_cycle
from tracer.explain.stepping import compare, role_of, stepping
from tracer.registry import registered

SLUG = "optimizer"
ROLES = {"sgd": "plain", "momentum": "factor", "nesterov": "factor"}
SAID = {
    "plain": "what a slope is multiplied by.",
    "size": "is a step size",
    "factor": "not the slope alone",
}


def role(document):
    return role_of(Experiment.from_mapping({"title": "claims", **document}))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_has_its_page(name):
    row, document = OPTIMIZERS[name], optimized(name)
    text = told(document, SLUG)
    expected = ROLES.get(name, "size")
    assert role(document) == expected
    assert [key for key, words in SAID.items() if words in text] == [expected]
    kept = row.program(row.options).remembered(row.options)
    many = f"keeps {len(kept)} numbers" if len(kept) > 1 else "keeps a number"
    assert (many in text) == bool(kept)
    assert ("Nothing is kept" in text) == row.is_plain


def test_a_row_from_outside_has_its_page_too():
    with registered(LION):
        document = optimized("lion")
        text = told(document, SLUG)
        # The sign of a mixture is as long for small slopes as for large ones.
        assert role(document) == "size"
    assert "So Lion keeps a number for every weight and every bias" in text


def test_a_row_from_outside_needs_no_words(monkeypatch):
    row = OPTIMIZERS["adagrad"]
    bare = Optimizer(row.name, "Another", row.programs, row.source, row.options)
    monkeypatch.setattr("tracer.pages.optimizer.OPTIMIZERS", {"adagrad": bare})
    assert "goes from each update to the next." in told(optimized("adagrad"), SLUG)


def test_a_momentum_of_zero_is_no_momentum():
    for name in ("momentum", "nesterov"):
        document = optimized(name, momentum=0.0)
        assert role(document) == "plain"
        text = told(document, SLUG)
        assert "Nothing is kept from one update to the next." in text
        assert "not the slope alone" not in text
        cycle = told(document, "epoch-2/row-1")
        assert "the learning rate η times its slope" in cycle


def test_a_large_number_beside_the_root_makes_steps_follow_the_slopes():
    assert role(optimized("adam", epsilon=10.0)) == "factor"


@pytest.mark.parametrize(
    ("step", "plain", "says"),
    [
        (math.nan, 1.0, "lost"),
        (1.0, math.inf, "lost"),
        (0.0, 0.0, "still"),
        (0.0, 1.0, "still"),
        (0.5, 0.0, "alone"),
        (0.5, 0.5, "same"),
        (0.5 + 1e-17, 0.5, "same"),
        (1e-17, -1e-17, "same"),
        (0.5, -0.25, "uphill"),
        (0.5, 0.25, "longer"),
        (-0.25, -0.5, "shorter"),
    ],
)
def test_a_step_is_compared_with_a_plain_one(step, plain, says):
    assert compare(step, plain, 1e-16) == says


def test_steps_of_a_run_are_told_as_they_are():
    trace = traced(optimized("momentum", learning_rate=0.5))
    found = [stepping(cycle) for cycle in trace.cycles(1) + trace.cycles(2)]
    assert found[0].verdict == "same"  # nothing was kept before the first update
    assert len({one.verdict for one in found}) > 1
    for one in found:
        i, j = (k - 1 for k in one.index)
        u, layer = one.cycle.update, one.layer - 1
        slopes = np.concatenate([np.abs(g).ravel() for g in one.cycle.grad_W])
        slope = float(one.cycle.grad_W[layer][i, j])
        assert abs(slope) == slopes.max()
        way = float(trace.W[layer][u + 1, i, j] - trace.W[layer][u, i, j])
        assert (one.verdict == "uphill") == (way * slope > 0)


def test_the_first_update_remembers_nothing():
    first = {**optimized("adam"), "pages": {"epochs": [1]}}
    first["data"] = {**first["data"], "train": 1}
    assert "It is the first update, so nothing was kept before it." in told(first, SLUG)
    assert "It is the first update" not in told(optimized("adam"), SLUG)


def test_biases_that_stay_get_nothing_kept():
    text = told(optimized("adam", train_biases=False), SLUG)
    assert "keeps 2 numbers for every weight, zero at the start" in text


def test_one_share_of_zero_is_not_kept():
    assert "keeps a number for" in told(optimized("rmsprop"), SLUG)
    assert "keeps 2 numbers for" in told(optimized("rmsprop", momentum=0.5), SLUG)


def test_what_is_kept_and_its_constants_stand_in_known():
    (cycle, *_) = traced(optimized("adam")).cycles(1)
    layer = explain_cycle(cycle).update[0]
    names = [ref.name for ref in layer.known]
    assert names[-4:] == ["eta", "beta1", "beta2", "epsilon"]
    assert {"m_W", "v_W", "m_b", "v_b"} <= set(names)
    assert {ref.layer for ref in (*layer.carried, *layer.wanted)} == {layer.layer}
    assert {ref.name for ref in layer.wanted if ref.after} == {"m_W", "v_W", "m_b", "v_b", "W", "b"}


def test_a_run_that_overflows_is_told():
    lost = line_through([[3, 1], [-2, 4]], 2.0, epochs=9, learning_rate=1e60, optimizer="momentum")
    text = told(lost | {"pages": {"epochs": [9]}}, SLUG)
    assert "The step is no finite number" in text
    assert "larger after its step" not in text
