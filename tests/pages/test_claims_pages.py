"""Sentences of all other pages, with experiments that would make each of them false."""

from __future__ import annotations

import re
from typing import Any

import pytest

from claims import told, traced, words
from rendering import unexplored
from tracer.pages.verdicts import Repeat, repeats
from tracer.studies.run import study
from tracer.writing.site import render_pages

PLANE: dict[str, Any] = {
    "columns": ["u", "v", "t"],
    "rows": [[0, 1, 0], [1, 0.5, 1], [2, -1, 1], [1, 0.5, 0]],
}
NET = [{"units": 2, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}]


def plane(layers=NET, init=None, training=None, **data):
    return {
        "data": {**PLANE, **data},
        "layers": layers,
        "init": {"seed": 3, **(init or {})},
        "training": {"epochs": 2, **(training or {})},
    }


# Rows that are there twice


@pytest.mark.parametrize(
    ("train", "rows", "found"),
    [
        (3, PLANE["rows"], [Repeat(4, (2,), agrees=False)]),
        ([1, 4], PLANE["rows"], [Repeat(2, (4,), agrees=False)]),
        (2, [[0, 1, 1], [0, 1, 1], [0, 1, 1], [1, 0, 0]], [Repeat(3, (1, 2), agrees=True)]),
        (2, [[0, 1, 1], [0, 1, 0], [-0.0, 1, 1]], [Repeat(3, (1, 2), agrees=False)]),
        (2, [[0, 1, 1], [1, 0, 0], [0, 1.0000001, 1]], []),
        (4, PLANE["rows"], []),
    ],
)
def test_repeats(train, rows, found):
    data = traced(plane(train=train, rows=rows)).experiment.dataset
    assert list(repeats(data)) == found


REPEATING = plane(train=3)


@pytest.mark.parametrize("slug", ["", "task", "epochs", "trained", "predictions", "glossary"])
def test_a_repeated_row_is_said_to_be_one(slug):
    text = told(REPEATING, slug)
    assert "Row 4 is nothing new to it, though: its inputs are those of training row 2" in text
    assert "though the answer in the table is not the same" in text
    assert "nothing new" not in told(plane(train=3, rows=[*PLANE["rows"][:3], [5, 5, 1]]), slug)


def test_a_repeated_row_is_said_to_be_one_on_its_own_page_and_in_the_table():
    text = told(REPEATING, "predictions/row-4")
    assert "Its inputs are those of training row 2, so for the network it is no new row" in text
    assert "test (inputs as in row 2)" in told(REPEATING, "task")


# Batches and epochs


@pytest.mark.parametrize(
    ("size", "epoch"),
    [
        (1, "Then the weights are updated"),
        (2, "After every 2 rows the weights are updated"),
        (3, "After every 3 rows, and after the last, the weights are updated"),
        (4, "When all rows are through, the weights are updated"),
        ("all", "When all rows are through, the weights are updated"),
    ],
)
def test_when_the_update_comes(size, epoch):
    document = plane(training={"batch_size": size})
    assert epoch in told(document, "epoch-1")
    text = told(document, "epochs")
    assert ("forward, loss, backward, update, row after row" in text) == (size == 1)
    assert ("just before its own update" in text) == (size == 1)


def test_the_last_batch_of_an_epoch_may_be_smaller():
    document = plane(training={"batch_size": 3})
    assert "3 rows for each update, and 1 for the last of an epoch" in told(document, "glossary")
    assert "has 3 rows, and the last of an epoch has what is left over" in told(
        document, "batches", compared=True
    )
    even = plane(training={"batch_size": 2})
    assert "left over" not in told(even, "batches", compared=True)


def test_the_lowest_loss_may_be_that_of_several_epochs():
    same = plane(training={"learning_rate": 1e-300, "epochs": 3})
    assert "It was the same in every epoch." in told(same, "epochs")
    assert "The lowest was" in told(plane(), "epochs")


# Derivatives


def test_only_letters_that_occur_are_announced():
    text = told(plane(), "tools")
    assert "In them c is a fixed number" in text
    assert "n are fixed" not in text
    squared = plane(
        [{"units": 1, "activation": "identity"}],
        task="regression",
        training={"loss": "squared_error"},
    )
    assert "c and n are fixed numbers" in told(squared, "tools")
    assert "That depends on how you look at it" not in text
    assert "The loss depends on 9 weights and biases." in text
    assert "each of these lines" not in text


def test_quotients_that_do_not_settle_are_not_said_to():
    huge = {
        "data": {"columns": ["u", "t"], "rows": [[1, 1e9]], "task": "regression"},
        "layers": [{"units": 1, "activation": "identity"}],
        "init": {"scheme": "given", "weights": [[[1e9 - 1e-4]]]},
        "training": {"epochs": 1, "loss": "half_squared_error"},
    }
    assert "They do not settle down within these steps." in told(huge, "tools")
    assert "They settle down." in told(plane(), "tools")


def test_why_there_is_nothing_to_try():
    fitted = {
        "data": {"columns": ["u", "t"], "rows": [[1, 1]], "task": "regression"},
        "layers": [{"units": 1, "activation": "identity"}],
        "init": {"scheme": "given", "weights": [[[1]]]},
        "training": {"epochs": 1, "loss": "half_squared_error"},
    }
    text = told(fitted, "tools")
    assert "no slope by any weight of the output layer that would be large enough" in text
    assert "the loss stays the same" not in text
    lost = {**fitted, "init": {"scheme": "given", "weights": [[[1e200]]]}}
    assert "not all numbers are finite" in told(lost, "tools")


@pytest.mark.parametrize(("name", "kink"), [("relu", True), ("leaky_relu", True), ("elu", False)])
def test_a_kink_is_one_only_where_the_slopes_differ(name, kink):
    document = plane([{"units": 2, "activation": name}, NET[1]])
    text = told(document, "tools/derivatives")
    assert ("there is a kink and no slope" in text) is kink
    assert ("both have the same slope" in text) is not kink


# Start, pieces, the chain


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ([NET[1]], "With a single layer that is a fair start."),
        (NET, "All units of a hidden layer compute the same"),
        ([{"units": 1, "activation": "tanh"}, NET[1]], "through a weight that is zero"),
    ],
)
def test_zeros(layers, said):
    text = told(plane(layers, {"scheme": "zeros"}), "start")
    assert said in text


def test_how_the_seed_was_chosen_is_quoted_where_it_is_told():
    text = told(plane(init={"chosen": "By <em>lot</em>."}), "start")
    assert "is said in the experiment: “By <em>lot</em>.”" in text
    assert "How they were chosen" not in told(plane(), "start")


def test_what_is_saved_is_decided_by_the_counts():
    alone = told(plane([NET[1]]), "tools/chain-rule")
    assert "far from the loss" not in alone
    assert "they share their beginnings" not in alone
    wide = [{"units": 4, "activation": "tanh"}] * 2
    text = told(plane([*wide, NET[1]]), "tools/chain-rule")
    assert "small as this" not in text
    assert "tiny" not in text


def test_probabilities_are_named_only_where_they_are_some():
    document = plane(
        [{"units": 1, "activation": "tanh"}], training={"loss": "half_squared_error"}, task="binary"
    )
    for slug in ("task", "predictions", "glossary", "network"):
        assert "probability" not in told(document, slug).lower()
    for slug in ("task", "predictions", "glossary", "network"):
        assert "probability" in told(plane(), slug).lower()


def test_biases_that_stay_are_not_said_to_move():
    document = plane(training={"train_biases": False, "epochs": 1})
    text = told(document, "glossary")
    assert "The biases are not trained." in text
    assert "The moment at which the weights change" in text


# Plurals


ONE: dict[str, Any] = {
    "data": {"columns": ["u", "t"], "rows": [[1, 0]], "task": "binary", "classes": [0, 1]},
    "layers": [{"units": 1, "activation": "sigmoid"}],
    "init": {"seed": 1},
    "training": {"epochs": 1},
}
TEST = {**ONE, "data": {**ONE["data"], "rows": [[1, 0], [2, 1]], "train": 1}}
NUMBER = {
    **TEST,
    "data": {"columns": ["u", "t"], "rows": [[1, 0], [2, 1]], "train": 1, "task": "regression"},
    "layers": [{"units": 1, "activation": "relu"}, {"units": 1, "activation": "identity"}],
}
THINGS = "updates|epochs|rows|weights|biases|units|layers|inputs|numbers|cycles|outputs|classes"
THINGS += "|samples|paths|multiplications|slopes|products|sums|sizes|nodes|hidden units|test rows"
WRONG = re.compile(
    r"(?<![\d.,/−-])(?<!, )(?<!and )(?<!epoch )(?<!× )"
    rf"\b1 (?:training rows|{THINGS}|\w+ are)\b(?! ×)"
)


@pytest.mark.parametrize("document", [ONE, TEST, NUMBER], ids=["one", "test", "number"])
def test_one_thing_is_told_from_many(document):
    trace = traced(document)
    # The explorer of the last speaks for all.
    trace = trace if document is NUMBER else unexplored(trace)
    for path, text in render_pages(trace, study(trace), proofs=False).items():
        if path.endswith(".md") and not path.startswith(("learning-rate", "determinism")):
            found = WRONG.search(words(text))
            assert not found, (path, words(text)[found.start() - 60 : found.end() + 30])
