"""The training loop: batches, reductions, penalties, orders, the early stop, divergence."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from each import each
from examples import examples
from networks import OUTPUTS, experiment, mapping
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.experiment import Experiment
from tracer.network import forward
from tracer.trace import Cycle
from tracer.training import run
from tracer.training.draws import _drawn, starting_values

STEP = 1e-6


def objective(made, rows, W, b):
    """What an update descends: the batch's loss and its penalty, written out."""
    kernels = [ACTIVATIONS[layer.activation].kernel for layer in made.layers]
    x, y = made.dataset.x[rows], made.dataset.y[rows]
    z, a = forward(x, W, b, kernels)
    losses, t = LOSSES[made.training.loss].kernel(y, a[-1], z[-1]), made.training
    reduced = np.mean(losses) if t.reduction == "mean" else np.sum(losses)
    decay = t.l2 / (len(rows) if t.l2_per_batch else 1)
    return reduced, decay / 2 * sum(np.sum(w * w) for w in W)


def rises(made, rows, W, b, array):
    """The central difference of the objective by every entry of `array`, one of W and b."""
    found = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + STEP
        above = sum(objective(made, rows, W, b))
        array[index] = kept - STEP
        found[index] = (above - sum(objective(made, rows, W, b))) / (2 * STEP)
        array[index] = kept
    return found


@pytest.mark.parametrize("batch_size", [1, 3, 7, "all"])
@each("reduction", ["mean", "sum"])
@each("l2", [{}, {"l2": 0.3}, {"l2": 0.3, "l2_per_batch": True}])
@each(("output", "loss"), [OUTPUTS[0], OUTPUTS[1], ("tanh", "squared_error")])
def test_every_batch_gradient_is_a_central_difference(batch_size, reduction, l2, output, loss):
    options = {"reduction": reduction, "batch_size": batch_size, "learning_rate": 0.05} | l2
    made = experiment(activations=("softplus", output), loss=loss, epochs=1, **options)
    trace = run(made)
    for u in range(trace.updates):
        rows = trace.row[list(trace.visits_of(u))]
        W, b = ([array[u].copy() for array in arrays] for arrays in (trace.W, trace.b))
        reduced, penalty = objective(made, rows, W, b)
        assert trace.batch_loss[u] == pytest.approx(reduced, rel=1e-12)
        assert trace.penalty[u] == pytest.approx(penalty, rel=1e-12, abs=0)
        for k in range(trace.layers):
            for array, gradient in ((W[k], trace.grad_W[k][u]), (b[k], trace.grad_b[k][u])):
                np.testing.assert_allclose(
                    gradient, rises(made, rows, W, b, array), rtol=1e-6, atol=1e-7
                )


@each(("output", "loss"), OUTPUTS)
def test_an_update_of_sgd_is_what_it_says(output, loss):
    trace = run(experiment(activations=("tanh", output), loss=loss, learning_rate=0.2))
    for history, gradients in ((trace.W, trace.grad_W), (trace.b, trace.grad_b)):
        for values, gradient in zip(history, gradients, strict=True):
            np.testing.assert_array_equal(values[1:], values[:-1] - 0.2 * gradient)


@examples(60)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    rows=st.integers(1, 9),
    batch=st.integers(1, 9),
    seed=st.integers(0, 99),
    options=st.fixed_dictionaries(
        {
            "reduction": st.sampled_from(["mean", "sum"]),
            "l2": st.sampled_from([0.0, 0.25]),
            "l2_per_batch": st.booleans(),
        }
    ),
)
def test_gradients_of_visits_make_the_batch_s(sizes, rows, batch, seed, options):
    batch, names = min(batch, rows), ["tanh"] * (len(sizes) - 1)
    made = experiment(sizes, names, rows=rows, seed=seed, batch_size=batch, epochs=2, **options)
    trace = run(made)
    reduction, l2, per_batch = (options[key] for key in ("reduction", "l2", "l2_per_batch"))
    for cycle in (cycle for epoch in (1, 2) for cycle in trace.cycles(epoch)):
        size = len(cycle.visits)
        share = size if reduction == "mean" else 1
        decay = l2 / size if per_batch else l2
        members = [Cycle(trace, visit) for visit in cycle.visits]
        for k in range(trace.layers):
            W = sum(member.dL_dW[k] for member in members) / share + decay * cycle.W[k]
            b = sum(member.dL_db[k] for member in members) / share
            np.testing.assert_allclose(cycle.grad_W[k], W, rtol=1e-12, atol=1e-14)
            np.testing.assert_allclose(cycle.grad_b[k], b, rtol=1e-12, atol=1e-14)


def test_backward_uses_the_weights_from_before_the_update():
    trace = run(experiment((2, 3, 4, 2), ("tanh", "tanh", "identity"), learning_rate=0.5))
    for visit, update in enumerate(trace.update_of):
        for k in range(trace.layers - 1):
            error, found = trace.dL_dz[k + 1][visit], trace.dL_da[k][visit]
            before, after = trace.W[k + 1][update], trace.W[k + 1][update + 1]
            np.testing.assert_allclose(found, before @ error, rtol=1e-13, atol=1e-15)
            assert not np.allclose(found, after @ error, rtol=1e-6, atol=0)


# Batches and orders


@pytest.mark.parametrize(
    ("batch_size", "sizes"),
    [(1, [1] * 7), (2, [2, 2, 2, 1]), (3, [3, 3, 1]), (7, [7]), ("all", [7])],
)
def test_the_last_batch_of_an_epoch_may_be_smaller(batch_size, sizes):
    trace = run(experiment(batch_size=batch_size, epochs=2))
    assert trace.batch_sizes.tolist() == sizes * 2
    assert trace.epoch_of.tolist() == [0] * 7 + [1] * 7
    assert trace.row.tolist() == list(range(7)) * 2
    assert trace.updates == 2 * len(sizes)


def test_only_training_rows_are_visited_in_the_order_of_the_file():
    trace = run(experiment(rows=8, train=[7, 2, 5], epochs=2))
    assert trace.row.tolist() == [1, 4, 6, 1, 4, 6]


def test_a_shuffle_is_a_new_permutation_every_epoch_by_the_seed():
    first, again, other = (
        run(experiment(seed=1, init={"seed": seed}, shuffle=True, epochs=20, batch_size=3))
        for seed in (4, 4, 5)
    )
    orders = first.row.reshape(20, 7)
    assert (np.sort(orders, axis=1) == np.arange(7)).all()
    assert len({tuple(order) for order in orders}) > 15
    np.testing.assert_array_equal(first.row, again.row)
    np.testing.assert_array_equal(first.W[0], again.W[0])
    assert not np.array_equal(first.row, other.row)


def test_shuffling_leaves_the_starting_values_alone():
    plain, shuffled = (experiment(shuffle=shuffle) for shuffle in (False, True))
    for kept, drawn in zip(starting_values(plain), starting_values(shuffled), strict=True):
        for one, other in zip(kept, drawn, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("sizes", [(2, 3, 2), (2, 400, 2)])
@pytest.mark.parametrize("scheme", ["uniform", "he_normal", "zeros"])
def test_what_was_drawn_before_is_drawn_alike(scheme, sizes):
    for init in ({"seed": 5}, {"seed": 6, "decimals": 2}, {"seed": 5, "biases": "zeros"}):
        made = experiment(sizes, init={"scheme": scheme, **init})
        wanted = np.concatenate([one.ravel() for part in _drawn(made) for one in part])
        for _ in range(2):
            W, b = starting_values(made)
            assert [w.shape for w in W] == [(n, m) for n, m in pairwise(sizes)]
            assert [one.shape for one in b] == [(m,) for m in sizes[1:]]
            assert np.concatenate([x.ravel() for x in (*W, *b)]).tobytes() == wanted.tobytes()


def test_an_order_is_honoured():
    order = [[3, 1, 2, 4, 7, 6, 5], [7, 6, 5, 4, 3, 2, 1]]
    trace = run(experiment(order=order, epochs=2, batch_size=4))
    assert (trace.row.reshape(2, 7) + 1).tolist() == order
    assert [cycle.row for cycle in trace.cycles(2)] == order[1]
    assert trace.cycle(2, 7).visit == 7


def test_one_big_batch_in_any_order_takes_the_same_step():
    plain, turned = (
        run(experiment(order=[order], epochs=1, batch_size="all"))
        for order in (list(range(1, 8)), list(range(7, 0, -1)))
    )
    np.testing.assert_allclose(plain.W[0][-1], turned.W[0][-1], rtol=1e-13)


# Biases, starting values


def test_fixed_biases_stay_and_their_gradient_is_still_told():
    trace = run(experiment(train_biases=False, learning_rate=0.5))
    for biases, gradients, weights in zip(trace.b, trace.grad_b, trace.W, strict=True):
        assert (biases == biases[0]).all()
        assert np.abs(gradients).min() > 0
        assert not (weights[-1] == weights[0]).all()


def test_biases_are_drawn_too_or_zero():
    drawn, zero = (
        starting_values(experiment(init={"biases": biases})) for biases in ("same", "zeros")
    )
    assert all(np.abs(b).min() > 0 for b in drawn[1])
    assert all((b == 0).all() for b in zero[1])


def test_values_are_drawn_layer_by_layer_weights_before_biases():
    W, b = starting_values(experiment((2, 3, 2), init={"seed": 9, "low": -0.5, "high": 2.0}))
    rng = np.random.default_rng(9)
    for weights, biases in zip(W, b, strict=True):
        np.testing.assert_array_equal(weights, rng.uniform(-0.5, 2.0, weights.shape))
        np.testing.assert_array_equal(biases, rng.uniform(-0.5, 2.0, biases.shape))


def test_given_values_are_taken_as_they_stand():
    W = [[[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], [[1.0, -1.0], [2.0, -2.0], [3.0, -3.0]]]
    b = [[0.5, 0.25, 0.125], [-1.0, 0.0]]
    trace = run(experiment(init={"scheme": "given", "weights": W, "biases": b}))
    for k in range(2):
        np.testing.assert_array_equal(trace.W[k][0], W[k])
        np.testing.assert_array_equal(trace.b[k][0], b[k])
    without = starting_values(experiment(init={"scheme": "given", "weights": W}))
    assert [biases.tolist() for biases in without[1]] == [[0.0] * 3, [0.0] * 2]


@pytest.mark.parametrize("scheme", ["glorot_uniform", "he_normal"])
def test_each_layer_is_drawn_for_its_own_size(scheme):
    wide = starting_values(experiment((2, 400, 2), init={"scheme": scheme, "seed": 3}))[0]
    spread = {"glorot_uniform": [2 / 402, 2 / 402], "he_normal": [2 / 2, 2 / 400]}[scheme]
    for weights, variance in zip(wide, spread, strict=True):
        assert float(np.var(weights)) == pytest.approx(variance, rel=0.15)


# The early stop


def sklearn_stop(curve, tolerance, patience):
    """After how many epochs scikit-learn's stochastic solvers stop, given the losses."""
    best, count = np.inf, 0
    for epoch, loss in enumerate(curve, start=1):
        count = count + 1 if loss > best - tolerance else 0
        best = min(best, loss)
        if count > patience:
            return epoch
    return len(curve)


@each("tolerance", [0.0, 1e-4, 1e-2, 0.1])
@each("patience", [1, 3, 10])
@each("rate", [0.02, 0.3, 1.2])
def test_it_stops_where_sklearn_does(tolerance, patience, rate):
    options = {"epochs": 60, "learning_rate": rate, "shuffle": True, "batch_size": 2}
    whole = run(experiment(**options))
    stopped = run(experiment(stop={"tolerance": tolerance, "patience": patience}, **options))
    epochs = sklearn_stop(whole.loss_curve, tolerance, patience)
    assert stopped.epochs == len(stopped.loss_curve) == epochs
    np.testing.assert_array_equal(stopped.loss_curve, whole.loss_curve[:epochs])
    assert stopped.updates == epochs * 4
    assert len(stopped.W[0]) == stopped.updates + 1
    assert len(stopped.loss) == len(stopped.z[0]) == len(stopped.row) == epochs * 7
    np.testing.assert_array_equal(stopped.W[0], whole.W[0][: stopped.updates + 1])


def test_a_curve_that_stands_still_is_borne_as_long_as_patience_says():
    trace = run(experiment(epochs=50, stop={"tolerance": 1e9, "patience": 3}))
    assert trace.epochs == 1 + 3 + 1


def test_standing_still_is_not_getting_worse():
    made = experiment(
        activations=("relu", "identity"),
        init={"scheme": "zeros"},
        train_biases=False,
        epochs=20,
        stop={"tolerance": 0.0, "patience": 1},
    )
    trace = run(made)
    assert len(set(trace.loss_curve.tolist())) == 1
    assert trace.epochs == 20, "scikit-learn counts an epoch only if its loss is above best − tol"


def test_the_meter_is_told_every_epoch_and_of_no_more():
    told = []
    stop = {"tolerance": 1e9, "patience": 2}
    run(experiment(epochs=9, stop=stop), lambda done, total: told.append((done, total)))
    assert told == [(1, 9), (2, 9), (3, 9), (4, 9)]


# Determinism


def digest(trace):
    arrays = (*trace.W, *trace.b, *trace.z, *trace.dL_dz, trace.loss, trace.loss_curve)
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def test_the_same_run_twice_is_the_same_byte_for_byte(tmp_path):
    made = experiment((2, 4, 3), ("gelu", "softmax"), "cross_entropy", shuffle=True, epochs=30)
    for name in ("first", "second"):
        run(made).save(tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_another_process_gives_the_same_bytes():
    program = (
        "from test_training import digest, experiment, run\n"
        "print(digest(run(experiment(shuffle=True, epochs=30))))"
    )
    command = [sys.executable, "-c", program]
    paths = {"PYTHONPATH": ":".join(path for path in sys.path if path), "PYTHONHASHSEED": "12"}
    answer = subprocess.run(command, env=paths, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == digest(run(experiment(shuffle=True, epochs=30)))


def test_a_run_changes_nothing_of_its_experiment():
    document = mapping(loss="half_squared_error", shuffle=True)
    made = Experiment.from_mapping(document)
    run(made)
    assert made == Experiment.from_mapping(document)


# Learning


@each(
    ("sizes", "output", "loss"),
    [
        ((2, 4, 1), "sigmoid", "binary_cross_entropy"),
        ((2, 4, 3), "sigmoid", "binary_cross_entropy"),
        ((2, 4, 3), "softmax", "cross_entropy"),
        ((2, 4, 1), "identity", "half_squared_error"),
        ((2, 4, 2), "identity", "mean_squared_error"),
    ],
)
@each("hidden", [name for name, row in ACTIVATIONS.items() if not row.vector])
def test_every_task_is_learned_a_little(sizes, output, loss, hidden):
    trace = run(experiment(sizes, (hidden, output), loss, epochs=60, learning_rate=0.05))
    assert trace.loss_curve[-1] < 0.95 * trace.loss_curve[0]
    assert trace.first_nonfinite is None


def test_sizes_follow_each_other():
    trace = run(experiment((3, 5, 4, 2), ("relu", "relu", "softmax"), "cross_entropy"))
    assert [w.shape[1:] for w in trace.W] == list(pairwise((3, 5, 4, 2)))
