"""Every check rejects what it is meant to catch, also where the numbers are tiny or huge."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest

from tracer.check import differences, recompute, updates
from tracer.check.differences import by_differences
from tracer.check.proof import NOWHERE, Tally, proved_visits
from tracer.check.recompute import recomputed
from tracer.check.rounding import sizes_of
from tracer.check.sklearn import by_sklearn
from tracer.check.spot import Spot
from tracer.check.symbolic import by_one_expression
from tracer.check.updates import by_program
from tracer.experiment import Experiment
from tracer.notation import Notation
from tracer.refs import Ref
from tracer.reread.exact import InexactError, PowerSum
from tracer.reread.grammar import Number, SquareRoot
from tracer.reread.tokens import Literal
from tracer.reread.truth import Judge, relation_error
from tracer.training import run

ROWS = [[0.2, 0.5, 0], [0.8, 0.6, 1], [0.9, 0.1, 0], [0.7, 0.5, 1]]
BASE = {
    "data": {"columns": ["a", "b", "y"], "rows": ROWS},
    "layers": [{"units": 2, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
    "init": {"seed": 3},
    "training": {"epochs": 2},
}
TINY = {
    "init": {
        "scheme": "given",
        "weights": [[[1e-6, 0.5], [2.0, 9.0]], [[1e-9], [3e-9]]],
        "biases": [[0.0, 1.0], [0.1]],
    },
    "training": {"epochs": 1, "learning_rate": 1e-12},
}
HUGE = {
    "data": {
        "columns": ["a", "b", "y"],
        "rows": [[1e5, -2e5, 0.6171], [3e5, 1e5, 10.0], [-1e5, 5e4, 1.5]],
        "task": "regression",
    },
    "init": {"low": -1e6, "high": 1e6, "seed": 1},
    "training": {"epochs": 1, "learning_rate": 0.01, "loss": "half_squared_error"},
}
GRADIENTS = (by_differences, by_one_expression)
ALL = (recomputed, *GRADIENTS, by_program)


def trace_of(**changed):
    return run(Experiment.from_mapping({**BASE, **changed}))


def huge(activation):
    layers = [{"units": 2, "activation": activation}, {"units": 1, "activation": "identity"}]
    return trace_of(**HUGE, layers=layers)


def scaled(trace, name, layer, by):
    arrays = [array.copy() for array in getattr(trace, name)]
    arrays[layer] *= by
    return dataclasses.replace(trace, **{name: tuple(arrays)})


@pytest.mark.parametrize(
    "activation", ["relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "tanh", "identity"]
)
@pytest.mark.parametrize("check", ALL)
def test_right_numbers_of_any_size_pass(activation, check):
    proof = check(huge(activation), {})
    assert proof.compared
    assert proof.largest < 1e-14


@pytest.mark.parametrize("check", GRADIENTS)
def test_a_share_of_a_millionth_of_a_tiny_gradient_is_noticed(check):
    trace = trace_of(**TINY)
    assert np.max(np.abs(trace.dL_dz[0])) < 1e-8
    assert check(trace, {}).ok
    assert not check(scaled(trace, "dL_dz", 0, 1 + 1e-6), {}).ok


@pytest.mark.parametrize("check", GRADIENTS)
def test_a_share_of_a_millionth_of_a_huge_gradient_is_noticed(check):
    assert not check(scaled(huge("relu"), "dL_dz", 0, 1 + 1e-6), {}).ok


SQUARED = {"epochs": 1, "learning_rate": 0.1, "loss": "squared_error"}
FAR = {
    "inputs of 1e-160": ("sigmoid", [[1e-160, 2e-160, 0], [0.0, 1e-160, 1]], {"epochs": 1}),
    "a mistake of 1e-160": ("identity", [[1.0, 0.0, 1e-160], [0.0, 1.0, -1e-160]], SQUARED),
    "targets of 1e150": ("softplus", [[1.0, -1.0, 1e150], [0.5, 1.0, -1e150]], SQUARED),
}


@pytest.mark.parametrize("name", FAR)
def test_differences_reach_from_the_largest_loss_to_the_smallest_slope(name):
    activation, rows, training = FAR[name]
    task = "binary" if activation == "sigmoid" else "regression"
    trace = trace_of(
        data={"columns": ["a", "b", "y"], "rows": rows, "task": task},
        layers=[{"units": 1, "activation": activation}],
        init={"scheme": "zeros"} if activation == "identity" else {"seed": 1, "decimals": 0},
        training=training,
    )
    proof = by_differences(trace, {})
    assert (proof.verdict, proof.largest < 1e-14) == ("passed", True)
    assert not by_differences(scaled(trace, "dL_dz", 0, 1 + 1e-6), {}).ok


@pytest.mark.parametrize("name", ["z", "a"])
def test_a_share_of_a_millionth_of_a_forward_pass_is_noticed(name):
    trace = trace_of(**TINY)
    assert recomputed(trace, {}).ok
    assert not recomputed(scaled(trace, name, 0, 1 + 1e-6), {}).ok


def test_a_tiny_loss_that_lost_its_digits_is_noticed():
    far = {"scheme": "given", "weights": [[[30.0]]], "biases": [[0.0]]}
    data = {"columns": ["a", "y"], "rows": [[1, 1], [-1, 0]]}
    layers = [{"units": 1, "activation": "sigmoid"}]
    trace = trace_of(data=data, layers=layers, init=far)
    assert trace.loss[0] < 1e-12
    assert recomputed(trace, {}).ok
    spoiled = dataclasses.replace(trace, loss=trace.loss * 1.002)
    assert not recomputed(spoiled, {}).ok


@pytest.mark.parametrize("name", ["grad_W", "grad_b"])
def test_a_share_of_a_millionth_of_a_batch_gradient_is_noticed(name):
    trace = trace_of(training={"epochs": 2, "batch_size": 2, "optimizer": "adam"})
    assert by_program(trace, {}).ok
    assert not by_program(scaled(trace, name, 0, 1 + 1e-6), {}).ok


def test_of_too_many_weighted_sums_each_visit_has_others_compared(monkeypatch):
    trace = trace_of(training={"epochs": 4})
    whole = recomputed(trace, {})
    monkeypatch.setattr(recompute, "MOST_WORK", 24)
    part = recomputed(trace, {})
    visits = len(proved_visits(trace))
    # of 6 products in each of 8 visits, every other: of 2 units one, and the one that is alone
    assert whole.compared - part.compared == visits
    assert (whole.reasons, [reason.key for reason in part.reasons]) == ((), ["thinned"])
    assert part.ok
    assert not recomputed(scaled(trace, "z", 1, 1 + 1e-6), {}).ok


def test_numbers_of_many_digits_take_longer_and_so_fewer_are_compared(monkeypatch):
    trace = huge("sigmoid")
    monkeypatch.setattr(differences, "MOST_WORK", 3000)
    part = by_differences(trace, {})
    monkeypatch.setattr(differences, "USUAL", 10_000)
    whole = by_differences(trace, {})
    assert 0 < part.compared < whole.compared
    assert [reason.key for reason in (*part.reasons, *whole.reasons)] == ["thinned"]


@pytest.mark.parametrize("name", ["grad_W", "W"])
def test_of_too_many_parameters_a_part_is_compared_and_this_is_said(name, monkeypatch):
    trace = trace_of(training={"epochs": 4, "batch_size": 2, "optimizer": "adam"})
    whole = by_program(trace, {})
    monkeypatch.setattr(updates, "MOST_WORK", 200)
    part = by_program(trace, {})
    assert 0 < part.compared < whole.compared / 2
    assert (whole.reasons, [reason.key for reason in part.reasons]) == ((), ["thinned"])
    assert part.ok
    assert not by_program(scaled(trace, name, 0, 1 + 1e-6), {}).ok


@pytest.mark.parametrize(
    ("check", "wrong"),
    [(by_program, "W"), (by_program, "b"), (by_differences, "dL_dz"), (recomputed, "z")],
)
@pytest.mark.parametrize("layer", [0, 1])
def test_of_however_many_numbers_each_array_has_one_compared(check, wrong, layer, monkeypatch):
    trace = trace_of(training={"epochs": 1, "batch_size": 2})
    for module in (updates, differences, recompute):
        monkeypatch.setattr(module, "MOST_WORK", 1)
    proof = check(trace, {})
    assert (proof.ok, [reason.key for reason in proof.reasons]) == (True, ["thinned"])
    assert not check(scaled(trace, wrong, layer, 1 + 1e-6), {}).ok


def test_overflow_on_both_sides_is_no_difference():
    tally = Tally("updates", 1e-9)
    tally.add(NOWHERE, np.inf, np.longdouble("1e400"))
    tally.add(NOWHERE, np.nan, np.nan)
    assert tally.proof().ok
    for found, expected in ((np.inf, 1.0), (-np.inf, np.inf), (np.nan, 1.0), (1.0, np.nan)):
        tally = Tally("updates", 1e-9)
        tally.add(NOWHERE, found, expected)
        assert not tally.proof().ok


def test_a_number_that_cannot_be_judged_is_counted():
    tally = Tally("one_expression", 1e-9)
    tally.add(NOWHERE, 1.0, 2.0, np.inf)
    assert (tally.compared, tally.passed) == (0, 1)


def test_sizes_are_at_least_the_numbers():
    cycle = trace_of().cycles(1)[0]
    sizes = sizes_of(cycle)
    for found, size in ((cycle.z, sizes.z), (cycle.a, sizes.a), (cycle.dL_dW, sizes.dL_dW)):
        assert all((s >= np.abs(f)).all() for f, s in zip(found, size, strict=True))


PIECES = {
    "relu 3-3-3-1": ((3, 3, 3, 1), ("relu", "relu", "relu")),
    "relu 2-4-4-1": ((2, 4, 4, 1), ("relu", "relu", "relu")),
    "elu 2-2-2-2-1": ((2, 2, 2, 2, 1), ("elu",) * 4),
    "relu, softmax, leaky": ((1, 4, 4, 2), ("relu", "softmax", "leaky_relu")),
    "softmax, softmax": ((1, 4, 4, 2), ("softmax", "softmax", "identity")),
}


@pytest.mark.parametrize("name", PIECES)
def test_networks_of_pieces_are_checked_within_a_budget(name):
    sizes, activations = PIECES[name]
    rows = [[0.1 * (i + k) - 0.2 for k in range(sizes[0] + sizes[-1])] for i in range(3)]
    columns = [f"c{k}" for k in range(sizes[0] + sizes[-1])]
    data = {"columns": columns, "rows": rows, "target": columns[sizes[0] :], "task": "regression"}
    layers = [{"units": n, "activation": a} for n, a in zip(sizes[1:], activations, strict=True)]
    training = {"epochs": 1, "loss": "half_squared_error"}
    proof = by_one_expression(trace_of(data=data, layers=layers, training=training), {})
    assert proof.ok
    assert proof.compared or (proof.verdict == "skipped" and proof.reasons)


def test_a_network_too_large_for_it_is_said_to_be():
    layers = [{"units": 20, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}]
    proof = by_one_expression(trace_of(layers=layers), {})
    assert (proof.verdict, proof.reasons[0].key) == ("skipped", "too_large")


def test_exact_sums_have_a_budget():
    long = PowerSum.of(*((Fraction(n), Fraction(n + 1)) for n in range(100)))
    with pytest.raises(InexactError):
        _ = long * long


@pytest.mark.parametrize(("sign", "holds"), [("=", False), ("≈", True)])
def test_a_sign_is_judged_by_more_than_forty_digits(sign, holds):
    node = SquareRoot(Number(Literal("1." + "0" * 44 + "1")))
    entries = Judge().entries(node, [Literal("1.000")])
    assert (relation_error(sign, entries) is None) is holds


OWN = {
    "init": {"scheme": "sklearn", "seed": 5},
    "training": {
        "epochs": 40,
        "shuffle": True,
        "batch_size": 2,
        "l2": 1e-4,
        "l2_per_batch": True,
        "stop": {"tolerance": 1e-3, "patience": 5, "measure": "sklearn"},
    },
}


def test_the_very_fit_of_scikit_learn_is_made():
    pytest.importorskip("sklearn")
    trace = trace_of(**OWN)
    proof = by_sklearn(trace, {})
    assert proof.verdict == "passed", proof.reasons
    assert proof.reasons[0].values == {"epochs": trace.epochs, "ran": trace.epochs}
    assert not by_sklearn(scaled(trace, "W", 0, 1 + 1e-6), {}).ok


def test_an_order_of_ours_is_not_scikit_learns():
    pytest.importorskip("sklearn")
    proof = by_sklearn(trace_of(training={"epochs": 2, "shuffle": True}), {})
    assert (proof.verdict, proof.reasons[0].key) == ("absent", "sklearn_order")


@pytest.mark.parametrize(
    ("found", "where", "symbol", "row", "layer"),
    [
        (Spot.on_page("epoch-3/row-2", "z-2-1"), "epoch-3/row-2#z-2-1", "z₁", 2, 2),
        (Spot.after_epoch(3, Ref("W", 1, (2, 1))), "after-epoch-3#W-1-2-1", "W₂,₁", 0, 1),
        (Spot.after_epoch(3), "after-epoch-3", "", 0, 0),
        (Spot.on_page("epoch-1/row-4", "loss"), "epoch-1/row-4#loss", "L", 4, 0),
        (Spot.on_page("trained", "the-answers"), "trained#the-answers", "", 0, 0),
        (NOWHERE, "", "", 0, 0),
    ],
)
def test_a_place_has_an_address_and_a_symbol(found, where, symbol, row, layer):
    assert (str(found), bool(found)) == (where, bool(where))
    assert found.symbol(Notation(3)) == symbol
    assert (found.row, found.layer) == (row, layer)


def test_a_place_of_a_cycle_is_that_of_its_page():
    cycle = trace_of().cycle(epoch=1, row=2)
    made = Spot.of_cycle(cycle, "W", 1, (1, 1), after=True)
    assert made == Spot.on_page("epoch-1/row-2", "W_after-1-1-1")


ADAM = {"optimizer": "adam", "epsilon_placement": "uncorrected"}


def three_classes(learning_rate, activation="tanh", seed=1, scheme="uniform", **training):
    rows = [[4, 3, "r"], [-3, 3, "g"], [5, 2, "b"], [2, 2, "r"], [-4, 3, "g"], [1, 0, "b"]]
    return trace_of(
        data={"columns": ["a", "b", "y"], "rows": rows},
        layers=[{"units": 3, "activation": activation}, {"units": 3, "activation": "softmax"}],
        init={"scheme": scheme, "seed": seed},
        training={"epochs": 25, "learning_rate": learning_rate, **training},
    )


SENSITIVE = {
    "a start of ours": (6, lambda: three_classes(1)),
    "a fit of scikit-learn's": (12, lambda: three_classes(1, "tanh", 2, "sklearn")),
    "units near their bounds": (12, lambda: three_classes(30, "sigmoid", 2, **ADAM)),
    "a layer of all sizes": (25, lambda: three_classes(30, "relu", 2, optimizer="momentum")),
}


@pytest.mark.parametrize("name", SENSITIVE)
def test_a_run_that_magnifies_rounding_is_followed_as_far_as_it_can_be(name):
    pytest.importorskip("sklearn")
    epochs, made = SENSITIVE[name]
    trace = made()
    proof = by_sklearn(trace, {})
    assert (proof.verdict, proof.reasons[0].values["epochs"]) == ("passed", epochs)
    wrong = scaled(trace, "b", 1, 1 + 1e-6)
    assert by_sklearn(wrong, {}).verdict == "failed"
    assert by_sklearn(scaled(wrong, "dL_da", 0, 1e12), {}).verdict == "failed"


def test_a_run_that_rounding_decides_from_the_first_epoch_on_is_not_judged():
    pytest.importorskip("sklearn")
    trace = three_classes(30, "sigmoid", 1, "sklearn", **ADAM)
    assert by_sklearn(trace, {}).verdict == "passed"
    proof = by_sklearn(scaled(trace, "b", 1, 1 + 1e-6), {})
    assert (proof.verdict, proof.reasons[0].key) == ("absent", "sklearn_sensitive")


@pytest.mark.parametrize("velocity", ["step", "gradient"])
def test_a_velocity_of_gradients_is_not_scikit_learns_where_the_rate_changes(velocity):
    pytest.importorskip("sklearn")
    changes = {"optimizer": "momentum", "velocity": velocity, "schedule": "invscaling"}
    proof = by_sklearn(three_classes(0.01, "tanh", 1, "sklearn", **changes), {})
    expected = ("passed", "followed") if velocity == "step" else ("absent", "sklearn_velocity")
    assert (proof.verdict, proof.reasons[0].key) == expected


def test_a_run_whose_squares_leave_float64_is_not_followed_by_a_loss_of_squares():
    pytest.importorskip("sklearn")
    rows = [[round(math.sin(7 * n), 1), round(math.sin(7 * n + 1), 1), n % 2] for n in range(6)]
    trace = trace_of(
        data={"columns": ["a", "b", "y"], "rows": rows},
        layers=[{"units": 4, "activation": "identity"}, {"units": 1, "activation": "sigmoid"}],
        init={"scheme": "sklearn"},
        training={
            "epochs": 60,
            "batch_size": 2,
            "learning_rate": 1e3,
            "schedule": "adaptive",
            "stop": {"measure": "sklearn"},
        },
    )
    assert np.isfinite(trace.W[0]).all()
    proof = by_sklearn(trace, {})
    assert (proof.verdict, proof.reasons[0].values["epochs"]) == ("passed", 30)


def test_a_run_that_magnifies_nothing_is_followed_to_its_end():
    pytest.importorskip("sklearn")
    trace = three_classes(0.01)
    assert by_sklearn(trace, {}).ok
    last = np.ones_like(trace.W[0])
    last[-1] += 1e-6
    assert not by_sklearn(scaled(trace, "W", 0, last), {}).ok
