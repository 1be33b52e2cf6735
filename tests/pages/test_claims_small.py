"""Sentences about one row, one unit and one weight, and about what was taken by default."""

from __future__ import annotations

import re

import pytest
import sympy as sp

from claims import markdown, told, traced
from each import each
from rendering import drawn, given, layers
from tracer.catalog.initializers import N_IN, STD, Initializer
from tracer.registry import registered

ROWS = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]
SLUG = "determinism"
HIDDEN = layers((2, "tanh"), (1, "sigmoid"))
LINE = {
    "data": {"columns": ["x", "y"], "rows": [[2, 1.5]], "task": "regression"},
    "layers": layers((1, "identity")),
    **given([[0.5]]),
    "training": {"epochs": 2},
}


def table(**keys):
    """Four rows of two inputs; ``data`` may say more of them."""
    return {
        "data": {"columns": ["a", "b", "y"], "rows": ROWS, **keys.pop("data", {})},
        "layers": HIDDEN,
        **drawn(2),
        "training": {"epochs": 3, **keys},
    }


@pytest.mark.parametrize(
    ("size", "says"),
    [({}, "1 row"), ({"batch_size": 3}, None), ({"batch_size": "all"}, None)],
)
def test_the_batch_size_that_was_taken_is_told_in_words(size, says):
    text = told(table(**size), "")
    assert "BatchSizes" not in text
    assert ("the batch size (1 row)" in text) == (says is not None)


def test_one_row_has_no_average():
    text = told(LINE, "epoch-1")
    assert "its 1 row" not in text
    assert "It has one row, so its loss is the one that this row had when its turn came." in text
    summed = {**LINE, "training": {"epochs": 1, "reduction": "sum"}}
    assert "Add up the losses" not in told(summed, "epoch-1")
    assert "Take the average over its 4 rows" in told(table(), "epoch-1")


def test_one_input_is_one():
    assert "The input: x1 = 2." in told(LINE, "epoch-1/row-1")
    assert "The inputs: x1 = 0, x2 = 0." in told(table(), "epoch-1/row-1")


def test_one_row_is_right_or_wrong():
    text = told(LINE, "trained")
    assert "How far off is it? By" in text
    assert "on the one training row." in text
    assert "on average" not in text
    kept = told(table(data={"train": 3}), "trained")
    assert "of the 1 test row" not in kept
    assert "on the one test row, which it did not learn from." in kept
    assert "of the 3 training rows." in kept


def test_one_row_is_not_called_rows():
    one = told(LINE, "predictions")
    assert "so here is the one training row once more." in one
    assert "the training rows" not in one
    assert "so here are the training rows once more." in told(table(), "predictions")


def test_the_slope_of_a_single_layer_leads_to_the_prediction():
    single = {"data": {"columns": ["a", "b", "y"], "rows": ROWS}, **drawn(2)}
    page = markdown(
        traced({**single, "layers": layers((1, "sigmoid")), "training": {"epochs": 1}}),
        "tools/derivatives",
    )
    assert "glossary/index.html#y_hat" in page
    assert 'glossary/index.html#a"' not in page


def test_one_weight_shares_no_path():
    text = told(LINE, "tools/chain-rule")
    assert "Many weights share" not in text
    assert "Each layer's errors come from those of the layer after it" not in text
    several = told(table(), "tools/chain-rule")
    assert "Many weights share" in several
    assert "Each layer's errors come from those of the layer after it" in several


def test_one_unit_has_no_other():
    text = told(LINE, "tools/matrices")
    assert "leads to another unit" not in text
    assert "All weights at once" not in text
    assert "With a single sum the table of these slopes is just a one" in text
    both = told(table(), "tools/matrices")
    assert both.count("A weight that leads to another unit has no say.") == 1
    assert both.count("All weights at once") == 2


def test_compared_epochs_are_read_out():
    assert "what the network said of it in epochs 1, 2 and 3, and" in told(table(), "epochs")
    assert "in epochs 1 and 2, and" in told(LINE, "epochs")


def test_biases_that_stay_are_no_each():
    text = told(table(train_biases=False, batch_size=3), "batches", compared=True)
    assert "For each weight, but for no bias, since biases are not trained here, add up" in text
    assert "For each weight and each bias, add up" in told(
        table(batch_size=3), "batches", compared=True
    )


def test_another_seed_that_changes_nothing_is_no_but():
    rows = [[1, 0, "r"], [0, 1, "g"]]
    shuffled = {
        "data": {"columns": ["a", "b", "y"], "rows": rows},
        "layers": layers((2, "softmax")),
        "init": {"scheme": "zeros", "seed": 0},
        "training": {"epochs": 1, "shuffle": True, "batch_size": "all"},
    }
    found = {
        told({**shuffled, "init": {"scheme": "zeros", "seed": k}}, SLUG, compared=True)
        for k in range(3)
    }
    same = [
        text for text in found if "the very same" in text.split("fixed, everything is")[0][-160:]
    ]
    assert same
    assert not any("bit for bit. But once" in text for text in found)
    drawn_anew = told(table(), SLUG, compared=True)
    assert "another network in the end. But once the seed is fixed, everything is." in drawn_anew


def test_a_loss_that_changes_in_no_digit_shown_is_not_said_to_fall():
    hidden = told(table(learning_rate=1e-9), "learning")
    assert "in the digits shown the loss ended where it began, at" in hidden
    assert "fell from" not in hidden
    assert "the loss fell from" in told(table(learning_rate=0.5, epochs=50), "learning")


def test_half_of_no_loss_is_not_asked_for():
    perfect = {**LINE, "data": {**LINE["data"], "rows": [[2, 1]]}}
    assert "How often was the loss" in told(perfect, "epochs")
    assert "down to half of that" not in told(perfect, "epochs")
    assert "down to half of that" in told(LINE, "epochs")


def test_runs_that_are_lost_are_not_said_to_end_alike():
    lost = {**LINE, **drawn(2), "training": {"epochs": 900, "learning_rate": 100}}
    text = told(lost, SLUG, compared=True)
    assert "Both runs leave the numbers that float64 can hold" in text
    assert "bit for bit." not in text


REGRESSION = {
    "data": {"columns": ["x", "u", "v"], "rows": [[2, 1, 3], [1, 0, 2]], "target": ["u", "v"]},
    "layers": layers((2, "identity")),
    **given([[0.5, 1]]),
    "training": {"epochs": 2},
}
LABELS = {
    **REGRESSION,
    "data": {**REGRESSION["data"], "rows": [[2, 1, 0], [1, 0, 1]]},
    "layers": layers((2, "sigmoid")),
}


@each(
    ("document", "slug", "says"),
    [
        (LINE, "task", "has x, and with it the answer: y."),
        (table(), "task", "has a and b, and with them the answer: y."),
        (LINE, "task", "1.5: that is its target."),
        (REGRESSION, "task", "0, 2: those are its targets."),
        (LINE, "predictions", "It is the prediction, as it is."),
        (REGRESSION, "predictions", "They are the predictions, as they are."),
        (LABELS, "loss", "where both outputs are one half?"),
        (LINE, "notation", "leads from input 1 to unit 1?"),
        (table(), "notation", "leads from unit 2 to unit 1?"),
        (table(), "glossary", "Above one half it means 1, else 0. At exactly one half"),
        (LABELS, "glossary", "Above one half it means yes, else no."),
        (table(), "tools", "Some lines end in the slope of what is inside: "),
    ],
)
def test_one_is_one_and_several_are_several(document, slug, says):
    assert says in told(document, slug)


@each("slug", ["", "learning", "epochs"])
def test_a_loss_with_a_penalty_in_it_says_so(slug):
    says = "The penalty on large weights is part of it."
    assert says in told(table(l2=0.1), slug)
    assert says not in told(table(), slug)


def test_a_loss_that_is_lost_from_the_first_epoch_has_no_curve():
    lost = {**LINE, "training": {"epochs": 3, "learning_rate": 1e200}}
    lost["data"] = {**LINE["data"], "rows": [[1e155, 1.5]]}
    text = told(lost, "epochs")
    assert "There is no curve to see, for already in epoch 1 the loss is ∞." in text
    assert "The curve shows" not in text
    assert "It ends before" not in text
    drawing = markdown(traced(lost), "epochs")
    assert "Already in epoch 1 there is no finite loss: it is ∞" in drawing
    assert "the curve ends before it" not in drawing
    lost["training"]["l2"] = 0.1
    assert "The penalty on large weights" not in told(lost, "learning") + told(lost, "")


def test_what_stands_above_is_no_exercise():
    latex = markdown(traced(table()), "epoch-1/row-1", math="latex")
    assert latex.count("Your turn") == 1
    assert latex.index("Your turn") > latex.index("## Update")
    assert markdown(traced(table()), "epoch-1/row-1").count("Your turn") == 2


@each(
    ("scheme", "says"),
    [
        ("he_normal", "is the square root of 2/n_in: about"),
        ("glorot_uniform", "is the square root of 6/(n_in + n_out)."),
        ("he_normal", "1 2 2 1 2 2 1 1 "),
        ("glorot_uniform", "1 2 2 −1.2247 1.2247 2 2 1 −1.4142 1.4142"),
    ],
)
def test_a_rule_that_looks_at_layers_says_what_it_makes_of_them(scheme, says):
    document = {**table(), "init": {"scheme": scheme, "seed": 1}}
    assert says in told(document, "start")
    assert "n_in" not in told(table(), "start")


def test_a_rule_from_outside_may_ask_for_a_number_of_the_file_too():
    scaled = Initializer("scaled", "a test", spread=STD * sp.sqrt(2 / N_IN))
    with registered(scaled):
        document = {**table(), "init": {"scheme": "scaled", "seed": 1}}
        assert "1 2 2 1 2 2 1 1 " in told(document, "start")


LOSSES = r"how wrong it is, goes from ([\d.]+) the first time to ([\d.]+) the last time"


@pytest.mark.parametrize("rate", [0.1, 1e-3, 1e-6])
def test_a_loss_that_goes_goes_to_another_number(rate):
    ((first, last),) = re.findall(LOSSES, told(table(learning_rate=rate), ""))
    assert float(first) > float(last)


@pytest.mark.parametrize(("rate", "says"), [(1e-18, "and"), (1e-15, "and, but for rounding,")])
def test_a_loss_that_goes_nowhere_is_not_said_to_go(rate, says):
    text = told(table(learning_rate=rate), "")
    assert re.search(rf"how wrong it is, is 0\.\d{{4}} the first time {says} the last time\.", text)


def test_so_is_one_with_zeros_after_the_point():
    missed = {**table(learning_rate=1e-16), "layers": layers((1, "identity")), **given([[0], [0]])}
    missed["data"] = {"rows": [[0.2, 0.5, 1e-4], [0.8, 0.6, -1e-4]], "task": "regression"}
    missed["data"]["columns"] = ["a", "b", "y"]
    text = told(missed, "")
    assert "is 5 × 10⁻⁹ the first time and, but for rounding, the last time." in text


def test_a_comma_stays_beside_the_symbol_that_it_follows():
    page = markdown(traced(table()), "epoch-1/row-1")
    said = re.findall('<p class="tr-known".*?</p>', page)
    assert any("\N{WORD JOINER}, " in one for one in said)
    assert not [one for one in said if re.search("</math>[,.]", one)]
