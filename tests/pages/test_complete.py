"""Complete: every number of a cycle has one line, which holds the trace's value."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from rendering import walkthrough
from tracer.experiment import Experiment
from tracer.explain.cycle import explain_cycle
from tracer.explain.forward import forward
from tracer.explain.operands import row_pass
from tracer.training import run

ROWS = [[0.2, 0.5, 0], [0.8, 0.6, 1], [0.9, 0.1, 0], [0.7, 0.5, 1], [0.4, 0.4, 1]]
BASE: dict[str, Any] = {
    "data": {"columns": ["a", "b", "y"], "rows": ROWS, "train": 4},
    "layers": [
        {"units": 3, "activation": "relu"},
        {"units": 2, "activation": "tanh"},
        {"units": 1, "activation": "sigmoid"},
    ],
    "init": {"seed": 3, "decimals": 2},
    "training": {"epochs": 2},
}
CASES: dict[str, dict[str, Any]] = {
    "one sample an update": {},
    "batches with a penalty, in columns": {
        "training": {"epochs": 2, "batch_size": 3, "l2": 0.1},
        "notation": {"convention": "column"},
    },
    "momentum with fixed biases": {
        "training": {"epochs": 2, "optimizer": "momentum", "train_biases": False}
    },
    "adam": {"training": {"epochs": 2, "batch_size": 2, "optimizer": "adam"}},
    "softmax": {
        "data": {"columns": ["a", "b", "y"], "rows": [*ROWS, [0.1, 0.1, 2]], "task": "multiclass"},
        "layers": [{"units": 2, "activation": "gelu"}, {"units": 3, "activation": "softmax"}],
    },
}

#: One sample an update with fixed biases; batches with a penalty; columns; a velocity; Adam and the
#: explorer; softmax in both epochs.
LINKED = (
    *("l2, one sample", "l2 a batch", "column", "momentum", "adam, uncorrected", "multiclass"),
)


@pytest.fixture(scope="module", params=CASES)
def trace(request):
    return run(Experiment.from_mapping({**BASE, **CASES[request.param]}))


def entries(name, arrays):
    """(anchor, value) of every number of a quantity, one array a layer."""
    for layer, array in enumerate(arrays, start=1):
        for index in np.ndindex(*array.shape):
            anchor = "-".join(str(part) for part in (name, layer, *(k + 1 for k in index)))
            yield anchor, float(array[index])


def wanted(cycle):
    training = cycle.trace.experiment.training
    for name in ("z", "a", "dL_da", "dL_dz", "dL_dW", "dL_db"):
        yield from entries(name, getattr(cycle, name))
    yield "loss", cycle.loss
    if not cycle.is_last_of_batch:
        return
    yield from entries("W_after", cycle.W_after)
    if training.train_biases:
        yield from entries("b_after", cycle.b_after)
    if len(cycle.visits) > 1 or training.l2:
        yield from entries("grad_W", cycle.grad_W)


def test_every_number_of_a_cycle_has_one_line_with_its_value(trace):
    for epoch in (1, 2):
        for cycle in trace.cycles(epoch):
            lines = list(explain_cycle(cycle).lines)
            found = {line.target.anchor: line.value for line in lines}
            assert len(found) == len(lines)
            expected = dict(wanted(cycle))
            assert expected.keys() <= found.keys()
            for anchor, value in expected.items():
                assert found[anchor] == value


def test_every_state_of_an_optimizer_has_a_line(trace):
    names = set(trace.state)
    for cycle in trace.cycles(2):
        if cycle.is_last_of_batch:
            anchors = {line.target.anchor for line in explain_cycle(cycle).lines}
            for name in names:
                mark = "" if name.endswith("_hat") else "_after"
                assert f"{name}_W{mark}-1-1-1" in anchors


def test_a_prediction_has_every_number_of_its_forward_pass(trace):
    row = trace.experiment.dataset.test or trace.experiment.dataset.train
    view = row_pass(trace, row[0])
    lines = [line for layer in forward(view) for line in layer.lines]
    z, a = trace.forward(trace.x[row[0] : row[0] + 1])
    expected = dict(entries("z", [v[0] for v in z])) | dict(entries("a", [v[0] for v in a]))
    assert {line.target.anchor: line.value for line in lines} == expected


@pytest.mark.parametrize("name", LINKED)
def test_every_link_leads_to_an_anchor(name):
    pages = walkthrough(name)
    headed = re.compile(r"^#+ .*\{#([\w-]+)\}$", re.MULTILINE)
    anchors = {
        path: [*re.findall(r'\sid="([^"]+)"', text), *headed.findall(text)]
        for path, text in pages.items()
    }
    for path, names in anchors.items():
        assert len(names) == len(set(names)), path
    count, beside = 0, {"checks/index.md", "explore/explore.css"}
    for path, text in pages.items():
        for href in re.findall(r'href="([^"]+)"', text):
            target, _, anchor = href.partition("#")
            there = resolve(path, target)
            assert there in pages or there in beside, (path, href)
            if "=" in anchor:  # a moment of the run
                assert there == "explore/index.md"
            elif anchor:
                count += 1
                assert anchor in anchors[there], (path, href)
    assert count > 500


def resolve(path, target):
    if not target:
        return path
    parts = path.split("/")[:-1]
    for part in target.replace("index.html", "index.md").split("/"):
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
