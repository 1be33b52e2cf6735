"""What learning is, and why the loss is what it is: both told with numbers of this run."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest

from claims import told, traced
from outside_rows import HUBER, TOLERANT
from rendering import CLASSES, PLANE, drawn, given, layers, line_through, optimized, training
from tracer.explain.operands import cycle_pass
from tracer.explain.trials import loss_over
from tracer.pages.learning import _turned, ending
from tracer.pages.loss import judged
from tracer.registry import registered

PAIR = layers((2, "relu"), (1, "sigmoid"))
DEAD = {
    "data": PLANE,
    "layers": PAIR,
    **given([[-9, -9], [-9, -9]], [[0], [0]], biases=[[-50, -50], [0]]),
    **training(),
}


def test_the_second_setting_is_really_better():
    (cycle, *_) = traced(optimized("sgd")).cycles(1)
    ref, value, loss = _turned(cycle)
    again = loss_over(cycle, "W", ref.layer, ref.index, np.array([value]))
    assert loss == again[0] < cycle.loss
    slopes = np.concatenate([np.abs(g).ravel() for g in cycle.dL_dW])
    place = tuple(k - 1 for k in ref.index)
    assert abs(cycle.dL_dW[ref.layer - 1][place]) == slopes.max()
    start = cycle_pass(cycle).weight(ref.layer, *ref.index).value
    assert (value - start) * cycle.dL_dW[ref.layer - 1][place] < 0  # downhill


def test_two_settings_are_told_where_there_are_two():
    text = told(optimized("sgd"), "learning")
    assert "On this row the network is less wrong than before." in text
    nothing = told(DEAD, "learning")
    assert "One dial, two settings" not in nothing
    assert "loss of" in nothing


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        (1.0, 0.5, "fell"),
        (0.5, 1.0, "rose"),
        (0.5, 0.5, "same"),
        (0.5, 0.5 + 1e-16, "same"),
        (0.0, 0.0, "same"),
        (1.0, float("nan"), "lost"),
        (1.0, float("inf"), "lost"),
    ],
)
def test_the_end_of_a_run_is_judged(first, last, says):
    assert ending(first, last) == says


def test_a_run_that_went_wrong_is_told():
    lost = line_through([[3, 1], [-2, 4], [5, -7]], 2.0, epochs=40, learning_rate=40.0)
    assert "Here that went wrong" in told(lost, "learning")


def test_biases_that_stay_are_no_dials():
    text = told(optimized("sgd", train_biases=False), "learning")
    assert "Think of the weights as dials, 6 of them" in text
    assert "Think of the weights and biases as dials, 9 of them" in told(
        optimized("sgd"), "learning"
    )


@pytest.mark.parametrize(
    ("share", "says"),
    [
        (0.5, "tied"),
        (0.55, "unsure"),
        (0.4, "unsure"),
        (0.3, "wrong"),
        (0.25, "sure"),
        (0.9, "right"),
    ],
)
def test_a_share_is_judged_against_an_even_one(share, says):
    for y, y_hat in ((1.0, share), (0.0, 1 - share)):
        assert judged(SimpleNamespace(y=np.array([y]), a=(np.array([y_hat]),))) == says


def test_a_tie_is_told_as_one():
    even = {"data": PLANE, "layers": layers((1, "sigmoid")), "init": {"scheme": "zeros"}}
    text = told({**even, **training()}, "loss")
    assert "got just an even share, 0.5: the network was not sure at all" in text


def test_one_of_two_terms_is_off():
    text = told(optimized("sgd"), "loss")
    assert "Why two terms?" in text
    for row, term in re.findall(r"For row (\d) the target is one, and the (\w+) term", text):
        assert (PLANE["rows"][int(row) - 1][-1], term) == (1, "second")
    for row, term in re.findall(r"For row (\d) the target is zero, and the (\w+) term", text):
        assert (PLANE["rows"][int(row) - 1][-1], term) == (0, "first")


def test_classes_have_one_term():
    document = {"data": CLASSES, "layers": layers((2, "relu"), (3, "softmax")), **drawn(2)}
    text = told({**document, **training()}, "loss")
    assert "Why only the right class?" in text
    assert "Why two terms?" not in text


def test_only_a_square_is_called_one():
    rows = [[0.5, 0.2], [1.5, 1.1], [-0.25, 0.4]]
    assert "four times as much" in told(line_through(rows, 0.75), "loss")
    for row in (HUBER, TOLERANT):
        with registered(row):
            document = line_through(rows, 0.75) | training(row.name)
            text = told(document, "loss")
        assert "four times as much" not in text
        assert "zero only for a perfect answer" not in text


def test_one_row_is_not_compared():
    text = told(line_through([[0.5, 0.2]], 0.75), "loss")
    assert "This is the loss of row 1:" in text
    assert "The larger one" not in text


def test_a_loss_that_is_not_finite_is_not_shown():
    lost = line_through([[3, 1], [-2, 4]], 2.0, epochs=400, learning_rate=1e9)
    assert "is that of" not in told(lost | {"pages": {"epochs": [400]}}, "loss")
