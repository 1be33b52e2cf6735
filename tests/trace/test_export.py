"""The JSON of a run: the contract's keys in its order, strict, every digit there."""

from __future__ import annotations

import io
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracer
from networks import experiment, mapping
from tracer.errors import TracerError
from tracer.experiment import Experiment
from tracer.trace.json import chosen_updates, update_document, write_json
from tracer.training import run

DOCUMENT = [
    "tracer",
    "title",
    "layer_sizes",
    "activations",
    "experiment",
    "updates",
    "epochs",
    "final",
    "predictions",
]
UPDATE = [
    "update",
    "epoch",
    "batch",
    "rows",
    "learning_rate",
    "W",
    "b",
    "visits",
    "loss",
    "penalty",
    "grad_W",
    "grad_b",
    "state",
    "W_after",
    "b_after",
]
VISIT = ["row", "x", "y", "z", "a", "loss", "dL_da", "dL_dz", "dL_dW", "dL_db"]
PREDICTION = ["row", "x", "a", "y_hat", "predicted", "actual"]


def text_of(trace, **chosen):
    stream = io.StringIO()
    write_json(trace, stream, **chosen)
    return stream.getvalue()


def document_of(trace, **chosen):
    """The JSON read by a reader that takes no NaN and no Infinity."""
    return json.loads(text_of(trace, **chosen), parse_constant=pytest.fail)


@pytest.fixture(scope="module")
def trace():
    """Seven rows, five of them to train on in batches of two: three updates an epoch."""
    options = {"train": [7, 2, 5, 3, 1], "batch_size": 2, "l2": 0.1, "epochs": 4}
    return run(experiment((2, 3, 3), ("tanh", "softmax"), "cross_entropy", **options))


@pytest.fixture(scope="module")
def diverged():
    return run(experiment(learning_rate=1e160, epochs=3, train=5))


# The contract


def test_keys_stand_in_the_order_of_the_contract(trace):
    document = document_of(trace)
    assert list(document) == DOCUMENT
    assert {tuple(update) for update in document["updates"]} == {tuple(UPDATE)}
    visits = [visit for update in document["updates"] for visit in update["visits"]]
    assert {tuple(visit) for visit in visits} == {tuple(VISIT)}
    assert {tuple(epoch) for epoch in document["epochs"]} == {("epoch", "loss")}
    assert list(document["final"]) == ["W", "b"]
    assert {tuple(row) for row in document["predictions"]} == {tuple(PREDICTION)}


def test_the_head_says_what_network_it_was(trace):
    document = document_of(trace)
    assert document["tracer"] == tracer.__version__
    assert document["title"] == "A small network"
    assert document["layer_sizes"] == [2, 3, 3]
    assert document["activations"] == ["tanh", "softmax"]


def test_numbers_count_from_one(trace):
    updates = document_of(trace)["updates"]
    assert [update["update"] for update in updates] == list(range(1, 13))
    assert [update["epoch"] for update in updates] == [e for e in (1, 2, 3, 4) for _ in range(3)]
    assert [update["batch"] for update in updates] == [1, 2, 3] * 4
    assert [update["rows"] for update in updates] == [[1, 2], [3, 5], [7]] * 4
    for update in updates:
        assert [visit["row"] for visit in update["visits"]] == update["rows"]


def test_every_number_is_the_trace_s(trace):
    document = document_of(trace)
    for u, update in enumerate(document["updates"]):
        assert update["loss"] == trace.batch_loss[u]
        assert update["penalty"] == trace.penalty[u]
        for k in range(trace.layers):
            for name in ("W", "b"):
                history = getattr(trace, name)[k]
                np.testing.assert_array_equal(update[name][k], history[u])
                np.testing.assert_array_equal(update[f"{name}_after"][k], history[u + 1])
                gradient = getattr(trace, f"grad_{name}")[k][u]
                np.testing.assert_array_equal(update[f"grad_{name}"][k], gradient)
    assert [epoch["epoch"] for epoch in document["epochs"]] == [1, 2, 3, 4]
    assert [epoch["loss"] for epoch in document["epochs"]] == trace.loss_curve.tolist()
    for name in ("W", "b"):
        for found, history in zip(document["final"][name], getattr(trace, name), strict=True):
            np.testing.assert_array_equal(found, history[-1])


def test_every_number_of_a_visit_is_its_cycle_s(trace):
    for update in document_of(trace)["updates"]:
        for visit in update["visits"]:
            cycle = trace.cycle(update["epoch"], visit["row"])
            for name in ("x", "y", "loss"):
                np.testing.assert_array_equal(visit[name], getattr(cycle, name))
            for name in ("z", "a", "dL_da", "dL_dz", "dL_dW", "dL_db"):
                for found, array in zip(visit[name], getattr(cycle, name), strict=True):
                    np.testing.assert_array_equal(found, array)


def test_gradients_of_the_visits_add_up_to_what_the_optimizer_received(trace):
    for update in document_of(trace)["updates"]:
        for k, weights in enumerate(update["W"]):
            mean = np.mean([visit["dL_dW"][k] for visit in update["visits"]], axis=0)
            np.testing.assert_allclose(update["grad_W"][k], mean + 0.1 * np.array(weights))
            mean = np.mean([visit["dL_db"][k] for visit in update["visits"]], axis=0)
            np.testing.assert_allclose(update["grad_b"][k], mean)


def test_sgd_has_no_state(trace):
    assert all(update["state"] == {} for update in document_of(trace)["updates"])


# Digits


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_reads_back_as_itself(value):
    weights = [[[value, -value]]]
    init = {"scheme": "given", "weights": weights, "biases": [[value, 0.0]]}
    made = run(experiment((1, 2), ("identity",), init=init, epochs=1, rows=1))
    (update,) = document_of(made)["updates"]
    assert update["W"] == weights
    assert math.copysign(1.0, update["b"][0][0]) == math.copysign(1.0, value)
    assert repr(value) in text_of(made) or repr(-value) in text_of(made)


def test_what_is_not_finite_is_a_string(diverged):
    document = document_of(diverged)
    words = {item for item in leaves(document) if isinstance(item, str)}
    assert {"nan", "inf", "-inf"} & words
    for update in document["updates"]:
        for visit in update["visits"]:
            cycle = diverged.cycle(update["epoch"], visit["row"])
            for name in ("z", "a", "dL_da", "dL_dz", "dL_dW"):
                for found, array in zip(visit[name], getattr(cycle, name), strict=True):
                    np.testing.assert_array_equal(np.array(found, dtype=float), array)
    assert document["epochs"][-1]["loss"] in {"nan", "inf"}
    assert document["predictions"][0]["predicted"] == ["nan", "nan"]


def leaves(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def test_it_is_one_line_of_text_in_any_script(trace):
    document = mapping((2, 1), ("sigmoid",), "binary_cross_entropy", rows=4, train=2, epochs=1)
    document["title"] = 'Ein "kleines" Netz 🌞 — сеть'
    document["data"]["classes"] = ["ні", "так"]
    document["data"]["rows"] = [[0, 1, "так"], [1, 0, "ні"], [2, 2, "так"], [3, 0, "ні"]]
    made = run(Experiment.from_mapping(document))
    text = text_of(made)
    assert text.count("\n") == 1
    assert text.endswith("}\n")
    assert "🌞" in text
    assert document_of(made)["title"] == document["title"]
    assert [row["actual"] for row in document_of(made)["predictions"]] == ["так", "ні"]


# What is chosen


def numbers(trace, **chosen):
    return [update["update"] for update in document_of(trace, **chosen)["updates"]]


@pytest.mark.parametrize(
    ("updates", "epochs", "expected"),
    [
        (None, None, list(range(1, 13))),
        (range(1, 4), None, [1, 2, 3]),
        (range(12, 13), None, [12]),
        ([5, 2], None, [5, 2]),
        ([], None, []),
        (None, [1], [1, 2, 3]),
        (None, {4, 2}, [4, 5, 6, 10, 11, 12]),
        (range(3, 8), {2}, [4, 5, 6]),
        (range(1, 4), {4}, []),
    ],
)
def test_updates_and_epochs_choose(trace, updates, epochs, expected):
    assert numbers(trace, updates=updates, epochs=epochs) == expected
    assert chosen_updates(trace, updates, epochs) == tuple(n - 1 for n in expected)


def test_what_is_left_out_changes_nothing_else(trace):
    whole, part = document_of(trace), document_of(trace, updates=[5])
    assert part["updates"] == [whole["updates"][4]]
    assert part["updates"][0] == json.loads(json.dumps(update_document(trace, 4)))
    for key in (key for key in DOCUMENT if key != "updates"):
        assert part[key] == whole[key]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"updates": [0]}, "there is no update 0: this run has the updates 1 to 12"),
        ({"updates": range(10, 14)}, "there is no update 13: this run has the updates 1 to 12"),
        ({"updates": [-1]}, "there is no update -1: this run has the updates 1 to 12"),
        ({"epochs": [5]}, "there is no epoch 5: this run has the epochs 1 to 4"),
        ({"epochs": [0, 1]}, "there is no epoch 0: this run has the epochs 1 to 4"),
    ],
)
def test_what_is_not_there_is_refused_before_anything_is_written(trace, chosen, message):
    stream = io.StringIO()
    with pytest.raises(TracerError) as caught:
        write_json(trace, stream, **chosen)
    assert str(caught.value) == message
    assert not stream.getvalue()


# Predictions


def test_predictions_are_those_of_the_test_rows(trace):
    data, rows = trace.experiment.dataset, document_of(trace)["predictions"]
    assert [row["row"] for row in rows] == [4, 6]
    assert not {row["row"] for row in rows} & {n + 1 for n in data.train}
    for row in rows:
        _, a = trace.forward(data.x[row["row"] - 1 : row["row"]])
        np.testing.assert_array_equal(row["x"], data.x[row["row"] - 1])
        assert [len(layer) for layer in row["a"]] == [3, 3]
        assert row["y_hat"] == row["a"][-1] == a[-1][0].tolist()
        assert row["predicted"] == data.decode(a[-1][0])
        assert row["actual"] == data.labels[row["row"] - 1]
        assert row["predicted"] == data.output_names[int(np.argmax(row["y_hat"]))]


@pytest.mark.parametrize(
    ("sizes", "output", "loss", "kinds"),
    [
        ((2, 1), "sigmoid", "binary_cross_entropy", int),
        ((2, 2), "sigmoid", "binary_cross_entropy", list),
        ((2, 1), "identity", "half_squared_error", float),
        ((2, 3), "identity", "half_squared_error", list),
        ((2, 3), "softmax", "cross_entropy", str),
    ],
    ids=["binary", "multilabel", "regression", "regressions", "multiclass"],
)
def test_predictions_are_in_the_words_of_the_task(sizes, output, loss, kinds):
    made = run(experiment(sizes, (output,), loss, train=5))
    rows = document_of(made)["predictions"]
    assert [row["row"] for row in rows] == [6, 7]
    for row in rows:
        assert isinstance(row["predicted"], kinds)
        assert isinstance(row["actual"], kinds)
        if kinds is list:
            assert len(row["predicted"]) == len(row["actual"]) == sizes[-1]


def test_without_test_rows_there_is_nothing_to_predict():
    assert document_of(run(experiment()))["predictions"] == []
