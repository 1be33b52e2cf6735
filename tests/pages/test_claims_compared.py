"""What pages say of the runs beside the main one: batch sizes, seeds, idle units, any run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from examples import examples
from networks import experiment as network
from rendering import PLANE, layers
from rendering import given as start_at
from single import context_of, text_of, walk_of
from test_claims_studies import DEAD, ONE, PERFECT, STOPPED
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.numerals import show
from tracer.pages.results import idle_units
from tracer.studies.model import fingerprint, losses_after_epochs
from tracer.studies.plan import other_seed
from tracer.studies.rates import MOST_RATES
from tracer.training import run

SHUFFLED = {"epochs": 3, "shuffle": True, "learning_rate": 0.5}


# Batch sizes


def test_sizes_that_tie_in_print_are_said_to_tie():
    walk = walk_of(PERFECT)
    text = text_of(walk, "batches")
    assert "ends lowest" not in text
    assert "all of them end at the same loss" in text
    assert context_of(walk, "batches")["tie"]


def test_two_sizes_that_tie_are_both_named():
    walk = walk_of({**STOPPED, "training": {"epochs": 1, "learning_rate": 0.018}})
    context = context_of(walk, "batches")
    ends = {row.size: show(row.last, 4) for row in context["batch_rows"]}
    assert ends[1] == ends[2] < ends[4]
    assert context["lowest"] == [1, 2]
    text = text_of(walk, "batches")
    assert "Here the sizes 1 and 2 end lowest, with no difference between them" in text


def test_sizes_that_all_overflow_have_no_best():
    keys = {"epochs": 9, "learning_rate": 1e200}
    data = {**PERFECT["data"], "rows": [[1, 2.5], [2, 1.0]]}
    text = text_of(walk_of({**PERFECT, "data": data, "training": keys}), "batches")
    assert "No loss ends as a finite number." in text


def test_the_lowest_may_still_have_risen():
    keys = {"epochs": 2, "learning_rate": 50.0}
    text = text_of(walk_of({**STOPPED, "training": keys}), "batches")
    assert "though higher than it began" in text


def test_the_row_of_this_run_is_this_run():
    walk = walk_of(STOPPED)
    own = next(row for row in context_of(walk, "batches")["batch_rows"] if row.own)
    assert (own.own, own.updates, round(own.last, 4)) == ("run", walk.trace.updates, 0.7057)
    assert walk.trace.updates == 16
    text = text_of(walk, "batches")
    assert "1 (this run) | 4 | 16 | 0.7086 | 0.7057 |" in text
    assert "4 epochs each. That is as many as this run made before its rule ended it." in text
    assert "None of the others is ended early by the stop rule." in text


def test_of_a_long_run_the_first_epochs_are_compared():
    walk = walk_of({**STOPPED, "training": {"epochs": 600, "batch_size": "all"}})
    own = next(row for row in context_of(walk, "batches")["batch_rows"] if row.own)
    assert (own.own, own.updates, own.whole) == ("part", 500, True)
    assert own.last == float(losses_after_epochs(walk.trace)[500])
    assert "4 (all rows) (this run, its first 500 epochs)" in text_of(walk, "batches")


def test_one_epoch_is_one():
    text = text_of(walk_of({**STOPPED, "training": {"epochs": 1}}), "batches")
    assert "Batch sizes on this data, after 1 epoch" in text
    assert "1 epochs" not in text


def test_no_size_is_said_to_know_more_and_a_sum_is_no_average():
    for reduction, said, unsaid in (("sum", "the sum over", "average"), ("mean", "average", "sum")):
        keys = {"epochs": 2, "reduction": reduction, "l2": 0.1, "l2_per_batch": True}
        text = text_of(walk_of({**STOPPED, "training": keys}), "batches")
        compared = text[text.index("Try it on this data.") :]
        assert said in compared
        assert unsaid not in compared
        assert "knows more" not in compared
        assert "and with it the penalty, which is divided by that size" in compared


# Idle units


def test_idle_units_know_since_when():
    (unit,) = idle_units(walk_of(DEAD).trace)
    assert (unit.layer, unit.unit, unit.dead, unit.since) == (1, 1, True, 0)
    assert "unit 1 of layer 1, a^{[1]}_{1}, already before the first update" in text_of(
        walk_of(DEAD), "trained"
    )


def test_units_that_fall_silent_on_the_way_are_told_with_their_epoch():
    keys = {"epochs": 30, "learning_rate": 1.0, "batch_size": "all"}
    falls = {
        "data": {**PERFECT["data"], "rows": [[1, -1], [2, 0], [3, 1]]},
        "layers": layers((2, "relu"), (1, "identity")),
        **start_at([[0.5, -1.0]], [[0.2], [1.0]]),
        "training": keys,
    }
    walk = walk_of(falls)
    since = {unit.unit: unit.since for unit in idle_units(walk.trace)}
    rows = list(walk.trace.experiment.dataset.train)
    for unit, epoch in since.items():
        ends = walk.trace.epoch_ends[max(epoch - 1, 0) :]
        outputs = [walk.trace.forward(walk.trace.x[rows], int(u))[1][0][:, unit - 1] for u in ends]
        assert (epoch == 0) == (not outputs[0].any())
        assert not np.any(outputs[1:])
    assert since == {1: 5, 2: 0}
    assert "since epoch 5" in text_of(walk, "trained")


# The same again


def fixed(**training):
    return {
        "data": {**PLANE, "train": 4},
        "layers": ONE,
        **start_at([[0.5], [-0.5]]),
        "training": {**SHUFFLED, **training},
    }


def test_a_start_that_is_given_is_not_drawn():
    text = text_of(walk_of(fixed()), "determinism")
    assert "There is chance in it at one place: the rows are shuffled." in text
    assert "starting values are drawn" not in text
    assert "The start is the same." in text
    assert "Another seed gives other numbers" not in text


def test_a_shuffled_row_alone_is_no_chance():
    data = {**PERFECT["data"], "train": 1}
    walk = walk_of({**PERFECT, "data": data, "training": {"epochs": 2, "shuffle": True}})
    assert walk.studies.other is None
    assert "There is none here." in text_of(walk, "determinism")


def test_another_seed_that_changes_nothing_is_said_to_change_nothing():
    walk = walk_of({**PERFECT, "training": {"epochs": 1, "shuffle": True, "batch_size": "all"}})
    other = walk.studies.other
    assert other is not None
    text = text_of(walk, "determinism")
    if fingerprint(other) == fingerprint(walk.trace):
        assert "the very same run, bit for bit" in text
    else:
        assert "leads to the very same weights and biases in the end" in text
    assert "another network" not in text
    assert "another way" not in text


def test_a_drawn_start_and_shuffled_rows_are_two_places():
    drawn = {key: value for key, value in fixed().items() if key != "init"}
    text = text_of(walk_of(drawn), "determinism")
    assert "at two places: the starting values are drawn, and the rows are shuffled" in text
    text = text_of(walk_of({**drawn, "training": {"epochs": 2}}), "determinism")
    assert "at one place: the starting values are drawn" in text
    assert "shuffled" not in text


@pytest.mark.parametrize("scheme", ["zeros", "uniform"])
def test_what_is_not_drawn_is_called_fixed(scheme):
    made = {**fixed(shuffle=False), "init": {"scheme": scheme}}
    found = "There is none here." in text_of(walk_of(made), "determinism")
    assert found == (scheme == "zeros")


@pytest.mark.parametrize(("scheme", "seed"), [("sklearn", 2**32 - 1), ("uniform", 2**63 - 1)])
def test_the_last_seed_has_a_neighbour_too(scheme, seed):
    made = {**fixed(shuffle=False), "init": {"scheme": scheme, "seed": seed}}
    walk = walk_of(made)
    other = walk.studies.other
    assert other is not None
    assert other.experiment.init.seed == seed - 1
    another = other_seed(other.experiment)
    assert another is not None
    assert another.init.seed == seed
    assert f"With {seed - 1}:" in text_of(walk, "determinism")


def test_digits_are_compared_before_they_are_called_equal(monkeypatch):
    walk = walk_of(PERFECT)
    assert "Is any digit different? No." in text_of(walk, "determinism")
    trace = run(walk.trace.experiment)
    assert fingerprint(trace) == walk.studies.again
    context = dict(context_of(walk, "determinism"))
    assert context["alike"]
    assert context["same"]
    monkeypatch.setattr("tracer.pages.comparisons.fingerprint", lambda _: "0")
    assert "The first two differ." in text_of(walk, "determinism")


# Any run

kinds = st.sampled_from(["tanh", "relu", "sigmoid", "identity"])
rates = st.floats(-8, 4).map(lambda power: float(f"{10**power:.2g}"))


@st.composite
def runs(draw):
    """Small runs of every optimizer and schedule, some of which stop early or diverge."""
    keys = {
        "learning_rate": draw(rates),
        "epochs": draw(st.integers(1, 6)),
        "optimizer": draw(st.sampled_from(sorted(OPTIMIZERS))),
        "schedule": draw(st.sampled_from(sorted(SCHEDULES))),
        "batch_size": draw(st.sampled_from([1, 2, "all"])),
        "l2": draw(st.sampled_from([0.0, 0.1])),
        "shuffle": draw(st.booleans()),
        "train_biases": draw(st.booleans()),
    }
    if draw(st.booleans()):
        keys["stop"] = {"tolerance": 0.1, "patience": 1}
    output = draw(
        st.sampled_from([("identity", "half_squared_error"), ("softmax", "cross_entropy")])
    )
    sizes, names = (2, 2, 2), (draw(kinds), output[0])
    return network(sizes, names, output[1], rows=draw(st.integers(2, 5)), **keys)


@given(runs())
@examples(25)
@example(network((2, 2, 2), ("relu", "identity"), "half_squared_error", learning_rate=1e9))
def test_what_is_said_of_rates_agrees_with_the_table_on_the_page(made):
    walk = walk_of(run(made))
    text, study = text_of(walk, "learning-rate"), walk.studies.rates
    cells = text[text.index("what became of it | ") :].split(" | ")[1:-1]
    ends = {
        name.strip().split(" (")[0]: end for name, end in zip(cells[::4], cells[2::4], strict=True)
    }
    assert len(study.tried) == len(ends) <= MOST_RATES
    own = next(
        row for row in study.tried if row.rate == walk.trace.experiment.training.learning_rate
    )
    assert own.last == pytest.approx(
        losses_after_epochs(walk.trace)[study.epochs], nan_ok=True, rel=0
    )
    if study.right is None:
        assert "## None of them" in text
        assert all(t.verdict not in ("lower", "little") for t in study.tried)
        return
    best = study.right
    assert best.text != show(best.first, 4)
    lowest = min(t.last for t in study.tried if np.isfinite(t.last))
    assert best.text == show(lowest, 4)
    ties = sum(end == best.text for end in ends.values())
    assert ("lower than with any other rate that was tried" in text) == (ties == 1)
    assert ("ends at the same value in these digits" in text) == (ties > 1)
    for run_, below in ((study.small, True), (study.big, False)):
        if run_ is not None:
            beyond = [
                t for t in study.tried if (t.rate <= run_.rate) == below or t.rate == run_.rate
            ]
            assert "lower" not in {t.verdict for t in beyond}
