"""What the lesson adds to a cycle: slopes measured, paths, matrix rules, predicted changes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from each import each
from rendering import EXPERIMENTS, trace_of
from tracer.catalog.losses import LOSSES
from tracer.experiment import Experiment
from tracer.explain.jacobians import layer_rules, softmax_jacobian
from tracer.explain.operands import cycle_pass
from tracer.explain.paths import MOST_PATHS, paths_to, telling_weight, work
from tracer.explain.predicted import predict
from tracer.explain.trials import activation_trial, loss_over, weight_trials
from tracer.training import run

USUAL = ["mini2d", "column", "multiclass", "softmax inside", "squared error", "adam", "l2 a batch"]
#: ReLU, tanh, ELU, GELU and softplus.
KINDS = ["mini2d", "momentum", "momentum by steps", "adam, uncorrected", "two decimals"]
#: An output without a hidden layer, and a network with many ways back.
FLAT = {"layers": [{"units": 1, "activation": "sigmoid"}]}
WIDE = {
    "layers": [
        {"units": 8, "activation": "tanh"},
        {"units": 8, "activation": "tanh"},
        {"units": 1, "activation": "sigmoid"},
    ]
}
TABLE = {"columns": ["a", "b", "y"], "rows": [[0.2, 0.5, 0], [0.8, 0.6, 1], [0.9, 0.1, 0]]}


def small(**changes):
    base = {"data": TABLE, "init": {"seed": 3}, "training": {"epochs": 2, "learning_rate": 0.05}}
    return run(Experiment.from_mapping({**base, **changes}))


def cycles(name):
    return trace_of(name).cycles(1)


@pytest.mark.parametrize("name", USUAL)
def test_a_measured_slope_comes_near_the_gradient(name):
    for cycle in cycles(name):
        found = weight_trials(cycle)
        if found is None:
            assert not np.any(np.abs(cycle.dL_dW[-1]) > 1e-9)
            continue
        gradient = found.gradient.value
        distances = [abs(trial.slope.value - gradient) for trial in found.trials]
        assert distances[-1] < 0.02 * max(1.0, abs(gradient))
        assert distances[-1] <= distances[0] + 1e-9


@pytest.mark.parametrize("name", USUAL)
def test_the_lines_of_a_trial_are_the_network_with_that_weight_changed(name):
    cycle = max(cycles(name), key=lambda c: float(np.abs(c.dL_dW[-1]).max()))
    found = weight_trials(cycle)
    assert found is not None
    for trial in found.trials:
        moved = trial.lines[-1]
        value = found.weight.value + trial.step.value
        (loss,) = loss_over(cycle, "W", found.layer, found.index, np.array([value]))
        assert moved.value == pytest.approx(loss, rel=1e-12)
        assert trial.slope.value == pytest.approx((loss - cycle.loss) / trial.step.value, rel=1e-6)


def test_the_loss_over_a_bias_passes_through_the_samples_own():
    (cycle, *_) = cycles("mini2d")
    at = float(cycle.b[1][0])
    losses = loss_over(cycle, "b", 2, (1,), np.array([at - 0.1, at, at + 0.1]))
    assert losses[1] == cycle.loss


@pytest.mark.parametrize("name", KINDS)
def test_the_slope_of_an_activation_can_be_measured(name):
    (cycle, *_) = cycles(name)
    for layer in range(1, cycle.trace.layers + 1):
        found = activation_trial(cycle, layer, 1)
        entry = cycle.dL_dz[layer - 1][0], cycle.dL_da[layer - 1][0]
        if found is not None and entry[1]:
            slope = float(entry[0] / entry[1])
            assert found.slope.value == pytest.approx(slope, abs=2e-3)


def test_softmax_has_no_single_slope():
    (cycle, *_) = cycles("multiclass")
    assert activation_trial(cycle, cycle.trace.layers, 1) is None


@pytest.mark.parametrize("name", USUAL)
def test_the_shares_of_all_paths_are_the_gradient(name):
    for cycle in cycles(name):
        for index in np.ndindex(*cycle.dL_dW[0].shape):
            found = paths_to(cycle, (index[0] + 1, index[1] + 1))
            if found.paths and found.count == len(found.paths):
                total = math.fsum(path.line.value for path in found.paths)
                wanted = float(cycle.dL_dW[0][index])
                assert total == pytest.approx(wanted, rel=1e-9, abs=1e-12)
                assert found.count == math.prod(cycle.trace.layer_sizes[2:])


def test_every_path_goes_another_way():
    (cycle, *_) = small(**WIDE).cycles(1)
    found = paths_to(cycle, (1, 1))
    assert found.count == 8
    assert len({path.units for path in found.paths}) == 8
    assert all(path.units[0] == 1 for path in found.paths)


def test_a_network_without_hidden_layers_has_one_path():
    (cycle, *_) = small(**FLAT).cycles(1)
    found = paths_to(cycle, (2, 1))
    assert (found.count, found.total) == (1, None)
    assert found.paths[0].line.value == pytest.approx(float(cycle.dL_dW[0][1, 0]), rel=1e-12)


def test_too_many_paths_are_not_written_out():
    layers = [*WIDE["layers"][:1], *WIDE["layers"][:2], WIDE["layers"][2]]
    (cycle, *_) = small(layers=layers).cycles(1)
    found = paths_to(cycle, (1, 1))
    assert (found.count, len(found.paths), found.total) == (64, MOST_PATHS, None)


def test_the_telling_weight_has_the_largest_gradient():
    cycle = trace_of("mini2d").cycle(1, 3)
    i, j = telling_weight(cycle)
    assert abs(cycle.dL_dW[0][i - 1, j - 1]) == np.abs(cycle.dL_dW[0]).max() > 0


def test_the_work_is_counted():
    found = work(trace_of("mini2d"))  # 2-3-2-1
    assert found.weights == 6 + 6 + 2
    assert found.paths == 6 * 2 + 6 * 1 + 2 * 1
    assert found.by_paths == 12 * 6 + 6 * 4 + 2 * 2
    assert found.by_errors == (3 + 2 + 1) + (6 + 2) + 14


@pytest.mark.parametrize("name", USUAL)
def test_the_matrix_rules_are_the_numbers_of_the_network(name):
    (cycle, *_) = cycles(name)
    view = cycle_pass(cycle)
    for layer in range(1, cycle.trace.layers + 1):
        found = layer_rules(view, layer)
        n_in, n_out = cycle.trace.layer_sizes[layer - 1 : layer + 1]
        signal = cycle.x if layer == 1 else cycle.a[layer - 2]
        numbers = [
            [[e.operand.value if e.operand else e.constant for e in row] for row in table.entries]
            for table in (found.by_inputs, found.by_weights, found.by_biases)
        ]
        np.testing.assert_array_equal(numbers[0], cycle.W[layer - 1].T)
        np.testing.assert_array_equal(numbers[2], np.eye(n_out))
        wanted = np.zeros((n_out, n_in, n_out))
        for unit in range(n_out):
            wanted[unit, :, unit] = signal
        np.testing.assert_array_equal(numbers[1], wanted.reshape(n_out, -1))


def test_the_slopes_of_softmax_are_its_jacobian():
    (cycle, *_) = cycles("multiclass")
    layer = cycle.trace.layers
    lines = softmax_jacobian(cycle_pass(cycle), layer)
    a = cycle.a[-1]
    wanted = np.diag(a) - np.outer(a, a)
    found = np.array([line.value for line in lines]).reshape(wanted.shape)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@each("name", [n for n in EXPERIMENTS if "diverging" not in n])
def test_the_predicted_change_is_slope_times_step(name):
    for cycle in cycles(name):
        if not cycle.is_last_of_batch:
            continue
        found = predict(cycle, cycle_pass(cycle))
        if found is None:
            continue
        steps = [
            float(np.sum(g * (after - before)))
            for g, before, after in zip(
                (*cycle.dL_dW, *cycle.dL_db),
                (*cycle.W, *cycle.b),
                (*cycle.W_after, *cycle.b_after),
                strict=True,
            )
        ]
        wanted = math.fsum(steps)
        size = math.fsum(map(abs, steps))
        assert found.change.value == pytest.approx(wanted, rel=1e-6, abs=1e-9 * max(size, 1e-3))


def test_a_short_step_does_what_was_predicted():
    trace = small(**WIDE, training={"epochs": 1, "learning_rate": 1e-4})
    for cycle in trace.cycles(1):
        found = predict(cycle, cycle_pass(cycle))
        assert found is not None
        assert found.plain
        z, a = trace.forward(cycle.x[None], cycle.update + 1)
        kernel = LOSSES[trace.experiment.training.loss].kernel
        real = float(kernel(cycle.y, a[-1][0], z[-1][0])) - cycle.loss
        assert real == pytest.approx(found.change.value, rel=1e-2)
        assert found.change.value < 0


@pytest.mark.parametrize("rate", [0.6, 1e3, 1e30, 1e150])
def test_a_run_that_diverges_has_its_lesson_all_the_same(rate):
    data = {
        "columns": ["a", "b", "c", "d", "y"],
        "rows": [[3, 1, -2, 5, 2], [-2, 4, 6, 1, -3], [5, -7, 2, 2, 8]],
        "task": "regression",
    }
    layers = [{"units": 2, "activation": "identity"}, {"units": 1, "activation": "identity"}]
    trace = small(data=data, layers=layers, training={"epochs": 6, "learning_rate": rate})
    for epoch in range(1, 7):
        for cycle in trace.cycles(epoch):
            found = predict(cycle, cycle_pass(cycle))
            assert found is None or math.isfinite(found.change.value)
            trials = weight_trials(cycle)
            assert trials is None or len(trials.trials) == 3
            assert paths_to(cycle, telling_weight(cycle)).paths
