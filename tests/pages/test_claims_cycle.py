"""What a cycle's page says of the answer and of the update holds for that very cycle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from claims import SETTINGS, TAG, markdown, told, traced
from each import each
from one_row import STILL, line, small, softmax
from rendering import given


@pytest.mark.parametrize("name", STILL)
def test_why_a_loss_did_not_change(name):
    document, why = STILL[name]
    epoch = document.get("pages", {}).get("epochs", [1])[0]
    last = len(document["data"]["rows"])
    text = told(document, f"epoch-{epoch}/row-{last}")
    assert "It did not change" in text
    assert why in text
    assert "Every gradient" not in text


def test_what_float64_cannot_add_is_not_called_a_curve():
    for document in (small(learning_rate=1e-17), small(learning_rate=1e-17, train_biases=False)):
        text = told(document, "epoch-1/row-1")
        assert "lost in the rounding of float64" in text
        assert "is a curve" not in text


def test_a_loss_that_overflows_is_not_laid_to_its_digits():
    grown = line([(10, 1), (20, 5), (-30, 2)], 0.5, optimizer="sgd", learning_rate=1e154)
    text = told(grown, "epoch-1/row-1")
    assert "and really ∞" in text
    assert "about sixteen digits, and what lies" not in text


def test_a_fall_that_no_digit_shows_is_said_to_be_one():
    text = told(small(learning_rate=1e-9), "epoch-1/row-1")
    assert "It fell, though not in the digits shown." in text
    text = told(small(learning_rate=0.5), "epoch-1/row-1")
    assert "It fell. On this row" in text


def test_why_a_loss_may_rise():
    assert "A step can be too long." in told(line([(1, 0)], 0.5, learning_rate=3), "epoch-1/row-1")
    turned = line([(1, 0), (1, 1)], 0.5, optimizer="momentum", learning_rate=0.01, momentum=0.99)
    turned["training"]["epochs"] = 2
    batch = line([(1, 0), (1, 5)], 0.5, batch_size=2)
    assert "other rows of the batch" not in told(turned, "epoch-1/row-2")
    assert "Row 1 takes three steps" in told(batch, "epoch-1/row-1")
    batch["data"]["rows"].reverse()
    text = told(batch, "epoch-1/row-2")
    assert "It rose. A step can be too long, or serve the other rows of the batch." in text


@pytest.mark.parametrize("optimizer", ["momentum", "nesterov", "rmsprop", "adagrad", "adam"])
def test_a_step_is_not_said_to_go_against_the_gradient_where_it_need_not(optimizer):
    text = told(small(optimizer=optimizer), "epoch-1/row-1")
    assert "times its slope" not in text.split("## Update")[1].split("###")[0]
    assert "and of what is kept of the slopes before" in text


def test_a_batch_waits_and_says_so_once():
    document = small(rows=[(1, 0), (2, 1), (3, 1)], batch_size=2)
    first, second, third = (told(document, f"epoch-1/row-{row}") for row in (1, 2, 3))
    assert "nothing is changed yet" in first
    assert "The update waits" in first
    assert "then the update" not in first
    assert "then the update, for all 2 rows of the batch at once" in second
    assert "then the update." in third


RECEIVED: list[tuple[dict[str, Any], str, str]] = [
    ({}, "one row for each update", "its gradient."),
    (
        {"batch_size": 2},
        "2 rows for each update, and 1 for the last",
        "the mean of their gradients.",
    ),
    ({"batch_size": 2, "reduction": "sum"}, "and 1 for the last of", "the sum of their gradients."),
    ({"batch_size": "all"}, "all training rows together", "the mean of their gradients."),
    ({"l2": 0.5}, "one row for each update", "its gradient."),
    (
        {"batch_size": 2, "l2": 0.5, "l2_per_batch": True},
        "and 1 for",
        "the mean of their gradients.",
    ),
    ({"batch_size": "all", "l2": 0.5, "reduction": "sum"}, "all", "the sum of their gradients."),
]
"""How a run is trained, and what the box says of its batches and of what the optimizer receives."""


@each("training, rows, received", RECEIVED)
def test_the_box_says_what_the_optimizer_receives(
    training: dict[str, Any], rows: str, received: str
) -> None:
    trace = traced(small(rows=[(1, 0), (2, 1), (3, 1)], **training))
    last = trace.cycles(1)[-1]
    page = markdown(trace, "epoch-1/row-3")
    box = " ".join(TAG.sub("", "".join(SETTINGS.findall(page))).split())
    assert f"{rows}" in box.partition("Batch: ")[2]
    assert f"the optimizer receives {received}" in box
    of_rows = np.sum([trace.cycle(1, trace.row[v] + 1).dL_dW[0] for v in last.visits], axis=0)
    shares = len(last.visits) if "mean" in received else 1
    penalty = 0.5 * trace.W[0][last.update] / (len(last.visits) if "divided" in box else 1)
    is_added = "Its slope is added to the gradient that the optimizer receives." in box
    assert is_added == ("l2" in training)
    np.testing.assert_allclose(
        trace.grad_W[0][last.update], of_rows / shares + penalty * is_added, rtol=1e-12
    )
    text = told(small(rows=[(1, 0), (2, 1), (3, 1)], **training), "epoch-1/row-3")
    said = "averaged for the optimizer" if "mean" in received else "added up for the optimizer"
    assert (said in text) == (len(last.visits) > 1)
    assert ("∂J" in text) == (len(last.visits) > 1 or is_added)  # J is of more than one row's L


# Ties


def test_one_half_is_a_tie_and_the_rule_is_named():
    for slug in ("epoch-1/row-1", "predictions/row-1"):
        text = told(small(0.0, learning_rate=1e-300), slug)
        assert "exactly one half, no more and no less" in text
        assert "so the answer is class 0" in text
    network = told(small(0.0), "network")
    assert "the rule then takes class 0" in network
    assert "cannot say" not in network


def test_what_only_reads_as_one_half_is_none():
    for weight, word in ((1e-9, "more"), (-1e-9, "less")):
        text = told(small(weight), "epoch-1/row-1")
        assert f"That is {word} than one half, if only by digits that are not shown here" in text


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([0, 0, 0], "The classes a, b and c share the largest."),
        ([0, 1, 1], "The classes b and c share the largest."),
        ([0, 1, 2], "The largest of these belongs to class c, so"),
        ([0, 1, 1 + 1e-9], "class c, if only by digits that are not shown here"),
    ],
)
def test_shares_that_are_equal_have_no_largest(weights, said):
    for slug in ("epoch-1/row-1", "predictions/row-1"):
        text = told(softmax(weights), slug)
        assert said in text
        assert ("Of equals the first" in text) == ("share" in said)
    assert "in the order a, b and c" in told(softmax(weights), "network")


def test_labels_at_one_half():
    document = {
        "data": {
            "columns": ["x", "p", "q"],
            "rows": [[1, 0, 1]],
            "target": ["p", "q"],
            "task": "multilabel",
        },
        "layers": [{"units": 2, "activation": "sigmoid"}],
        **given([[0, 1]]),
        "training": {"epochs": 1, "learning_rate": 1e-300},
    }
    for slug in ("epoch-1/row-1", "predictions/row-1"):
        assert "and so does exactly one half" in told(document, slug)


def test_what_is_not_finite_points_to_no_class():
    document = line([(1, 0.5), (2, 1)], 1e200, learning_rate=1e300)
    assert "can't be compared" in told(document, "epoch-1/row-1")


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([[0.5]], "none of the 2 slopes by weights is zero, and none is farther from it than"),
        ([[0.0]], "slopes by weights that are zero: 1 of 2. None is farther from zero than"),
        ([[1e200]], "of the 2 slopes by weights not all are finite numbers."),
    ],
)
def test_the_slopes_are_told_whatever_they_are(weights, said):
    document = line([(1, 0)], 0.0, learning_rate=0.1)
    document["layers"] = [{"units": 1, "activation": "identity"}] * 2
    document |= given(weights, weights, biases=[[1], [1]])
    text = told(document, "epoch-1/row-1")
    assert f"Backward: {said}" in text
    assert "largest is" not in text


def test_slopes_that_are_all_zero_are_called_so():
    text = told(line([(1, 0.5)], 0.5), "epoch-1/row-1")
    assert "Backward: the only slope by a weight is zero." in text


def test_one_parameter_that_stays_has_no_plural_reason():
    document = small(learning_rate=1e-17)
    assert "1 weight stays, because the step is zero, or smaller than" in told(
        document
        | {"data": {"columns": ["a", "b", "y"], "rows": [[1, 1, 0]]}}
        | given([[0.5], [0.5]]),
        "epoch-1/row-1",
    )
