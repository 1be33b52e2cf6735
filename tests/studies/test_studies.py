"""The runs beside the main one: other batch sizes, other learning rates, the same once more."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rendering import EXPERIMENTS, studies_of, trace_of
from tracer.catalog.losses import LOSSES
from tracer.experiment import Experiment
from tracer.numerals import show
from tracer.studies.model import SLOW, Run, fingerprint, losses_after_epochs
from tracer.studies.plan import batch_sizes, changed, other_seed, rates_above, rates_below, short
from tracer.studies.rates import MOST_RATES, own_run, search
from tracer.studies.run import study, study_later
from tracer.training import run
from traces import EXPERIMENTS as KINDS
from traces import trace_of as kind_of

TABLE = {
    "columns": ["a", "b", "y"],
    "rows": [[0.2, 0.5, 0], [0.8, 0.6, 1], [0.9, 0.1, 0], [0.7, 0.5, 1], [0.4, 0.4, 1], [0, 1, 0]],
}
BASE: dict[str, Any] = {
    "data": TABLE,
    "layers": [{"units": 3, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
    "init": {"seed": 3, "decimals": 2},
    "training": {"epochs": 40, "learning_rate": 0.1},
}
LINE = [{"units": 1, "activation": "identity"}]


def experiment(**changes):
    return Experiment.from_mapping({**BASE, **changes})


def training(**keys):
    return experiment(training={**BASE["training"], **keys})


@pytest.mark.parametrize("name", KINDS)
def test_losses_after_epochs_are_those_of_the_parameters_then(name):
    trace = kind_of(name)
    rows, loss = list(trace.experiment.dataset.train), trace.experiment.training.loss
    found = losses_after_epochs(trace)
    assert len(found) == trace.epochs + 1
    for epoch, update in enumerate(trace.epoch_ends):
        z, a = trace.forward(trace.x[rows], int(update))
        with np.errstate(all="ignore"):
            each = LOSSES[loss].kernel(trace.y[rows], a[-1], z[-1])
            wanted = each.mean() if trace.experiment.training.reduction == "mean" else each.sum()
        np.testing.assert_allclose(found[epoch], wanted, rtol=1e-12)


def test_the_ends_of_epochs_count_updates():
    trace = run(training(batch_size=4, epochs=3))
    assert trace.epoch_ends.tolist() == [0, 2, 4, 6]


@pytest.mark.parametrize(
    ("rows", "own", "wanted"),
    [
        (1, 1, (1,)),
        (2, 1, (1, "all")),
        (3, 1, (1, 2, "all")),
        (8, 1, (1, 2, "all")),
        (9, 1, (1, 3, "all")),
        (13, 1, (1, 4, "all")),
        (8, 5, (1, 5, "all")),
        (8, 8, (1, 2, "all")),
        (8, "all", (1, 2, "all")),
    ],
)
def test_batch_sizes_are_one_some_and_all(rows, own, wanted):
    data = {"columns": ["a", "y"], "rows": [[k, k % 2] for k in range(rows)]}
    made = experiment(data=data | {"task": "regression"}, layers=LINE)
    assert batch_sizes(changed(made, batch_size=own)) == wanted


@given(st.floats(1e-12, 1e12))
def test_rates_are_round_numbers_on_both_sides(rate):
    above, below = list(islice(rates_above(rate), 5)), list(islice(rates_below(rate), 5))
    assert above == sorted(above)
    assert below == sorted(below, reverse=True)
    assert below[0] < rate < above[0] <= 12 * below[0]
    for value in (*above, *below):
        assert f"{value:.6e}"[:8] in ("1.000000", "3.000000")


def test_a_run_of_a_study_is_the_experiments_with_one_thing_changed():
    made = training(batch_size=2, stop={"tolerance": 1e9, "patience": 1})
    found = changed(made, learning_rate=7.0, epochs=5)
    assert (found.training.learning_rate, found.training.epochs) == (7.0, 5)
    assert found.training.stop is None
    assert found.training.batch_size == 2
    assert found.dataset == made.dataset
    trace = run(changed(training(order=[[1, 2, 3, 4, 5, 6]] * 40), epochs=5))
    assert trace.epochs == 5


def test_every_batch_size_starts_from_the_same_place_and_counts_its_updates():
    runs = study(run(experiment())).batches
    assert [one.batch for one in runs] == [1, 2, 6]
    assert len({float(one.losses[0]) for one in runs}) == 1
    assert [int(one.updates[-1]) for one in runs] == [240, 120, 40]


def test_the_search_finds_three_rates_that_differ():
    found = search(run(experiment()))
    assert found.small is not None
    assert found.right is not None
    assert found.big is not None
    assert found.small.rate < found.right.rate < found.big.rate
    assert found.right.text == show(min(t.last for t in found.tried), 4)
    best = found.right.progress
    assert 0 < found.small.progress < SLOW * best
    assert not found.big.progress >= SLOW * best
    assert [t.rate for t in found.tried] == sorted(t.rate for t in found.tried)
    assert len(found.tried) <= MOST_RATES


@pytest.mark.parametrize("name", ["diverging", "diverging relu", "diverging classes"])
def test_a_run_that_diverges_has_a_rate_that_does_not(name):
    rates = studies_of(name).rates
    assert rates.right is not None
    assert rates.right.moved
    assert rates.right.progress > 0
    assert rates.right.rate < trace_of(name).experiment.training.learning_rate


def test_the_epoch_at_which_the_big_rate_goes_wrong_is_the_first_of_the_rest():
    for name in EXPERIMENTS:
        rates = studies_of(name).rates
        if rates.gone_wrong is None:
            continue
        epoch, value = rates.gone_wrong
        assert rates.big is not None
        losses = rates.big.losses
        assert losses[epoch] == value or np.isnan(value)
        assert not (losses[epoch:] <= rates.limit).any(), name
        assert epoch == 0 or losses[epoch - 1] <= rates.limit, name


def test_nothing_to_learn_gives_no_rates():
    idle = {"scheme": "given", "weights": [[[0, 0], [0, 0]], [[0], [0]]], "biases": [[-1, -1], [0]]}
    layers = [{"units": 2, "activation": "relu"}, {"units": 1, "activation": "identity"}]
    data = {**TABLE, "task": "regression", "rows": [[0, 0, 0], [1, 1, 0]]}
    found = search(run(experiment(init=idle, data=data, layers=layers, training={"epochs": 3})))
    assert (found.small, found.right, found.big) == (None, None, None)
    assert {one.verdict for one in found.tried} == {"still"}
    assert [step.flat for step in found.full] == [True]
    assert found.gone_wrong is None


def test_the_same_run_has_the_same_fingerprint_and_another_has_not():
    trace = run(experiment())
    found = study(trace)
    assert found.again == fingerprint(trace)
    assert found.other is not None
    assert fingerprint(found.other) != found.again
    assert fingerprint(run(training(learning_rate=0.1 + 2**-53))) != found.again


def test_a_fingerprint_sees_every_number():
    trace = run(training(optimizer="momentum", epochs=2))
    plain = fingerprint(trace)
    for name in ("W", "b", "z", "a", "dL_da", "dL_dz", "grad_W", "grad_b"):
        arrays = getattr(trace, name)
        spoiled = arrays[-1].copy()
        spoiled.flat[-1] = np.nextafter(spoiled.flat[-1], 9.0)
        values = {f: getattr(trace, f) for f in trace.__dataclass_fields__}
        assert fingerprint(type(trace)(**values | {name: (*arrays[:-1], spoiled)})) != plain, name
    state = {"v": {"W": trace.state["v"]["W"], "b": tuple(-b for b in trace.state["v"]["b"])}}
    values = {f: getattr(trace, f) for f in trace.__dataclass_fields__}
    assert fingerprint(type(trace)(**values | {"state": state})) != plain


def test_another_seed_is_tried_only_where_something_is_drawn():
    given_weights = {"scheme": "given", "weights": [[[1, 2, 3], [4, 5, 6]], [[1], [2], [3]]]}
    assert other_seed(experiment(init=given_weights)) is None
    assert other_seed(experiment(init={"scheme": "zeros"})) is None
    shuffled = experiment(init=given_weights, training={**BASE["training"], "shuffle": True})
    assert other_seed(shuffled) is not None
    other = other_seed(experiment())
    assert other is not None
    assert other.init.seed == 4


def test_long_runs_are_cut_for_studies():
    assert short(run(training(epochs=400))) == 333
    assert short(run(training(epochs=7))) == 7


LONGER: dict[str, dict[str, Any]] = {
    "plain": {},
    "shuffled": {"shuffle": True, "batch_size": 4},
    "adam": {"optimizer": "adam", "schedule": "invscaling", "reduction": "sum", "l2": 0.1},
    "stopped": {"stop": {"tolerance": 1e-9, "patience": 30}},
    "plateaus": {"schedule": "adaptive"},
}


@pytest.mark.parametrize("engine", ["scalar", "numpy"])
@pytest.mark.parametrize("name", LONGER)
def test_the_first_epochs_of_a_long_run_are_a_shorter_run(monkeypatch, name, engine):
    """Bit for bit, and without running it where that is certain."""
    monkeypatch.setattr("tracer.studies.plan.MOST_VISITS", 18)
    trace = run(training(epochs=5, **LONGER[name]), engine=engine)
    cut = run(changed(trace.experiment, epochs=short(trace)), engine=engine)
    asked = []

    def ran(wanted):
        asked.append(wanted)
        return cut

    monkeypatch.setattr("tracer.studies.rates.run_beside", ran)
    found, wanted = own_run(trace), Run.of(cut)
    assert bool(asked) == (name in ("stopped", "plateaus"))
    assert found.losses.tobytes() == wanted.losses.tobytes()
    assert found.updates.tolist() == wanted.updates.tolist()
    assert found.experiment == cut.experiment
    assert found.trace is cut


def test_the_meter_is_told():
    told = []
    study(run(training(epochs=2)), lambda done, total: told.append((done, total)))
    assert told == [(k, 4) for k in range(5)]


def test_a_run_counts_its_way():
    one = Run.of(run(training(epochs=2, batch_size=4)))
    assert one.updates.tolist() == [0, 2, 4]
    assert one.progress == pytest.approx(one.losses[0] - one.losses[2])


def test_what_is_asked_later_is_what_is_found_at_once(monkeypatch):
    trace = run(training(epochs=4))
    found, later = study(trace), study_later(trace)
    with monkeypatch.context() as patched:
        patched.setattr("tracer.studies.run.run_beside", lambda _: pytest.fail("it runs"))
        assert [one.batch for one in later.batches] == [one.batch for one in found.batches]
        assert [one.rate for one in later.batches] == [one.rate for one in found.batches]
    for mine, yours in zip(later.batches, found.batches, strict=True):
        assert mine.losses.tobytes() == yours.losses.tobytes()
        assert fingerprint(mine.trace) == fingerprint(yours.trace)
