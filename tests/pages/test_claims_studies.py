"""What the page of learning rates says is so: experiments made to break its sentences."""

from __future__ import annotations

import numpy as np
import pytest

from networks import experiment as network
from rendering import given, layers, line_through
from single import context_of, made, text_of, walk_of
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.studies.model import losses_after_epochs
from tracer.studies.plan import changed
from tracer.studies.rates import MOST_RATES
from tracer.training import run

SLUG = "learning-rate"
XOR = {"columns": ["a", "b", "y"], "rows": [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]}
ONE = layers((1, "sigmoid"))


def momentum_in_one_epoch(**keys):
    """Momentum replays the first row, so an epoch ends higher; a plain full step would not."""
    return {
        "data": {"columns": ["a", "b", "y"], "rows": [[1, 0, 1], [0, 1, 0]]},
        "layers": layers((1, "sigmoid"), (1, "sigmoid")),
        **given([[0.1], [0.1]], [[0.1]], biases=[[0.1], [0.1]]),
        "training": {
            "loss": "half_squared_error",
            "optimizer": "momentum",
            "velocity": "step",
            "learning_rate": 0.3,
            "epochs": 1,
            **keys,
        },
    }


YEARS = {
    "data": {"columns": ["year", "y"], "rows": [[2019, 1], [2020, 1], [2021, 0]]},
    "layers": ONE,
    **given([[-0.5]]),
    "training": {"epochs": 5, "learning_rate": 0.0001},
}
STOPPED = {
    "data": XOR,
    "layers": ONE,
    **given([[0.5], [-0.5]]),
    "training": {
        "epochs": 100,
        "learning_rate": 0.1,
        "stop": {"tolerance": 0.01, "patience": 2},
    },
}
TINY = {
    "data": {"columns": ["x", "y"], "rows": [[1, 0], [2, 1]]},
    "layers": ONE,
    **given([[0.5]]),
    "training": {"epochs": 1, "learning_rate": 1e-17},
}
DEAD = {
    "data": {"columns": ["x", "y"], "rows": [[1, 0], [2, 1], [3, 1]]},
    "layers": layers((1, "relu"), (1, "sigmoid")),
    **given([[-1.0]], [[1.0]]),
    "training": {"epochs": 20, "learning_rate": 0.5, "batch_size": "all"},
}
PERFECT = {
    "data": {"columns": ["x", "y"], "rows": [[1, 0.5], [2, 1.0]], "task": "regression"},
    "layers": layers((1, "identity")),
    **given([[0.5]]),
    "training": {"epochs": 3},
}


def rows_of(walk):
    """The table of rates: {rate: (row, verdict as it is said)}."""
    return {row.tried.rate: (row, row.says) for row in context_of(walk, SLUG)["tried"]}


def test_a_full_step_may_help_where_no_rate_does():
    walk = walk_of(momentum_in_one_epoch())
    text, rates = text_of(walk, SLUG), rows_of(walk)
    assert "in the direction of the gradient helps" not in text
    assert "each step is the gradient times" not in text
    assert "None of these rates makes the loss smaller in the digits that are shown here." in text
    assert "with η = 0.3 and nothing else, takes the loss from 0.125748 to 0.12571." in text
    assert "each update sees the gradient of 1 row, not of all 2" in text
    assert "what the optimizer keeps from earlier updates counts" in text
    assert "not the slope alone" in text
    assert len(rates) <= MOST_RATES
    assert min(rates) < 0.3 < max(rates)
    assert "right" not in {says for _, says in rates.values()}
    assert rates[0.3][0].own == "run"


def test_nothing_is_said_of_earlier_updates_where_there_are_none():
    text = text_of(walk_of(momentum_in_one_epoch(batch_size="all", learning_rate=1e-9)), SLUG)
    assert "keeps from earlier updates counts" not in text


@pytest.mark.parametrize(
    ("optimizer", "keys", "said", "unsaid"),
    [
        ("sgd", {}, ("In this run each step is the gradient times",), ("is made in another way",)),
        ("momentum", {}, ("not the slope alone",), ("step size", "In this run each step")),
        ("momentum", {"momentum": 0.0}, ("In this run each step",), ("not the slope alone",)),
        ("nesterov", {"velocity": "step"}, ("not the slope alone",), ("In this run each step",)),
        ("rmsprop", {}, ("a step size",), ("not the slope alone",)),
        ("adagrad", {}, ("a step size",), ("In this run each step",)),
        ("adam", {}, ("a step size", "With Adam"), ("In this run each step",)),
        ("adam", {"epsilon": 9.0}, ("not the slope alone",), ("a step size",)),
    ],
)
def test_the_step_is_told_in_words_of_the_optimizer(optimizer, keys, said, unsaid):
    training = {"optimizer": optimizer, "epochs": 2, **keys}
    text = text_of(walk_of({**TINY, "training": training}), SLUG)
    for words in said:
        assert words in text
    for words in unsaid:
        assert words not in text


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=lambda row: row.name)
def test_every_optimizer_says_what_it_keeps(optimizer):
    for program in optimizer.programs.values():
        assert set(program.carried) == set(optimizer.keeps)
        assert program.is_plain == (optimizer.name == "sgd")


def test_a_verdict_looks_at_losses_alone():
    walk = walk_of(YEARS)
    text, rates = text_of(walk, SLUG), rows_of(walk)
    assert "float64" not in text
    row, says = rates[0.0001]
    assert (round(row.tried.first, 2), round(row.tried.last, 2), says) == (673.17, 130.46, "lower")
    assert rates[3e-5][1] == "lowest"
    assert len(rates) <= MOST_RATES
    assert "The loss ends higher than it began" in text


def test_the_run_is_the_run_where_it_stopped_early():
    walk = walk_of(STOPPED)
    row, _ = rows_of(walk)[0.1]
    assert row.own == "run"
    assert round(row.tried.last, 4) == 0.7057
    assert row.tried.last == float(losses_after_epochs(walk.trace)[-1])
    text = text_of(walk, SLUG)
    assert "0.1 (this run) | 0.7086 | 0.7057 |" in text
    assert "Each run had 4 epochs. That is as many as this run made" in text


def test_of_a_long_run_the_first_epochs_are_compared():
    walk = walk_of({**STOPPED, "training": {"epochs": 700, "learning_rate": 0.1}})
    row, _ = rows_of(walk)[0.1]
    assert row.own == "part"
    assert row.tried.last == float(losses_after_epochs(walk.trace)[500])
    text = text_of(walk, SLUG)
    assert "0.1 (this run, its first 500 epochs)" in text
    assert "This run goes on to epoch 700; here only its first 500 epochs count." in text
    assert "(this run)" not in text + text_of(walk, "batches")


@pytest.mark.parametrize("options", [{}, {"stop": {"tolerance": 0.02, "patience": 1}}])
def test_the_run_is_the_run_with_a_schedule_that_waits(options):
    keys = {"epochs": 40, "learning_rate": 0.5, "schedule": "adaptive", "least": 0.1}
    walk = walk_of({**STOPPED, "training": {**keys, **options}})
    again = run(changed(walk.trace.experiment, epochs=walk.trace.epochs))
    for mine, yours in zip(walk.trace.W, again.W, strict=True):
        np.testing.assert_array_equal(mine, yours)
    row, _ = rows_of(walk)[0.5]
    assert row.own == "run"
    assert row.tried.last == float(losses_after_epochs(walk.trace)[-1])
    text = text_of(walk, SLUG)
    assert "η = 0.5 at first, and a schedule changes it" in text
    assert "In each of them the schedule makes the learning rate smaller" in text


def test_a_rate_too_small_for_float64_is_not_right():
    walk = walk_of(TINY)
    rates = rows_of(walk)
    assert rates[1e-17][1] == "still"
    assert rates[0.1][1] == "lowest"
    assert len(rates) <= MOST_RATES
    text = text_of(walk, SLUG)
    assert "1 × 10⁻¹⁷ (this run) | 0.6437 | 0.6437 | does not move |" in text


def test_where_no_rate_makes_a_difference_that_is_shown_none_is_right():
    rows = [[1, 0], [1, 1]]
    near = {**PERFECT, "data": {**PERFECT["data"], "rows": rows}, **given([[0.501]])}
    walk = walk_of({**near, "training": {"epochs": 3, "batch_size": "all"}})
    text = text_of(walk, SLUG)
    assert "## None of them" in text
    assert "Right:" not in text
    assert "takes the loss from" in text


def test_a_perfect_start_gains_nothing():
    text = text_of(walk_of(PERFECT), SLUG)
    assert "It is 0 at the start already." in text
    assert "The gradient of the loss over all training rows is 0 there" in text
    assert len(rows_of(walk_of(PERFECT))) == 5


def test_units_that_were_dead_before_the_first_update_were_not_killed():
    text = text_of(walk_of(DEAD), SLUG)
    assert "threw" not in text
    assert "the only hidden unit gives nothing but zero" in text
    assert "It was so before the first update already" in text


def test_units_that_die_on_the_way_are_told_with_their_epoch():
    dying = {
        "data": {**PERFECT["data"], "rows": [[1, -1], [2, 0], [3, 1]]},
        "layers": layers((2, "relu"), (1, "identity")),
        **given([[0.5, -1.0]], [[0.2], [1.0]]),
        "training": {"epochs": 30, "learning_rate": 0.05, "batch_size": "all"},
    }
    walk = walk_of(dying)
    idle = context_of(walk, SLUG)["idle"]
    assert (idle.hidden, idle.total, idle.always) == (2, 2, 1)
    assert idle.became[0] >= 1
    text = text_of(walk, SLUG)
    assert "2 of the 2 hidden units give nothing but zero" in text
    assert "Before the first update 1 of them was so already; the rest became so in epoch" in text


@pytest.mark.parametrize("cause", ["rate", "start"])
def test_runs_that_leave_float64_are_called_so(cause):
    weight = 2.0 if cause == "rate" else 1e200
    many = [[3, 1], [-2, 4], [5, -7]]
    walk = walk_of(line_through(many, weight, epochs=12, learning_rate=1e30))
    text, context = text_of(walk, SLUG), context_of(walk, SLUG)
    assert "leaves float64" in text
    if cause == "start":
        assert "With each of these rates the loss ends as no finite number." in text
        assert "None of these rates makes the loss smaller" not in text
    else:
        assert context["right"].last < context["right"].first
    big, lost = walk.studies.rates.big, context["lost"]
    if big is not None and not np.isfinite(big.last) and lost is not None:
        assert (
            f"in epoch {lost.epoch}, at row {lost.row}, it becomes {context['lost_number']}" in text
        )


def test_a_division_by_zero_is_not_laid_to_the_batch_or_the_past():
    undivided = {"optimizer": "adagrad", "epsilon": 0, "epochs": 2}
    data = {"columns": ["a", "b", "y"], "rows": [[1, 0, 0], [1, 0, 1]]}
    text = text_of(
        walk_of({**STOPPED, "data": data, "training": {**undivided, "batch_size": 1}}), SLUG
    )
    assert "With each of these rates the loss ends as no finite number." in text
    assert "The run goes another way" not in text


def test_a_rise_in_the_last_epoch_is_not_said_to_last():
    late = {
        "data": {
            "columns": ["a", "b", "y"],
            "rows": [[0.1, 0.3, 0], [-0.3, -0.1, 1], [1.9, 0.1, 0], [1.9, 1.7, 1]],
        },
        "layers": layers((2, "relu"), (1, "sigmoid")),
        "init": {"seed": 5, "decimals": 1},
        "training": {"epochs": 4, "l2": 3.0, "learning_rate": 0.9, "batch_size": "all"},
    }
    text = text_of(walk_of(late), SLUG)
    assert "After epoch 4, the last one, it is" in text
    assert "and from there on it does not come down" not in text


def test_rates_that_tie_are_said_to_tie():
    walk = walk_of(DEAD)
    tied = [row.rate for row, says in rows_of(walk).values() if says == "tied"]
    assert tied == ["1", "3"]
    text = text_of(walk, SLUG)
    assert "None of the others ends lower, but with 1 it ends at the same value" in text
    assert "lower than with any other" not in text


def test_the_page_says_what_its_losses_leave_out():
    keys = {**STOPPED["training"], "l2": 0.1}
    assert "without the penalty" in text_of(walk_of({**STOPPED, "training": keys}), SLUG)
    assert "penalty" not in text_of(walk_of(STOPPED), SLUG)


def test_biases_that_are_kept_take_no_step():
    keys = {**STOPPED["training"], "train_biases": False}
    text = text_of(walk_of({**STOPPED, "training": keys}), SLUG)
    assert "taken away from the weights. " in text


def test_rates_at_the_ends_of_float64_are_tried_without_a_warning():
    for rate in (5e-324, 1e308):
        walk = walk_of({**TINY, "training": {"epochs": 1, "learning_rate": rate}})
        assert rate in rows_of(walk)
        assert len(rows_of(walk)) <= MOST_RATES


def test_one_row_and_a_plane_start_are_compared_too():
    one = made({**PERFECT, "data": {**PERFECT["data"], "rows": [[1, 2.5]]}})
    text = text_of(walk_of(run(one)), SLUG)
    assert "Right:" in text
    wide = network((2, 3, 2), ("relu", "softmax"), "cross_entropy", rows=5, shuffle=True)
    assert "Right:" in text_of(walk_of(run(wide)), SLUG)
