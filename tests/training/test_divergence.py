"""A run that diverges is no error: inf and nan are recorded, and the first place is named."""

from __future__ import annotations

import warnings

import numpy as np

from each import each
from networks import experiment, mapping
from tracer.experiment import Experiment
from tracer.training import run


def first_bad(trace):
    """(epoch, row, quantity, layer) of the first number that is not finite, sought one by one."""
    order = [(name, k) for k in range(trace.layers) for name in ("z", "a")]
    back = [(name, k) for k in reversed(range(trace.layers)) for name in ("dL_da", "dL_dz")]
    after = [
        (n, k) for n in ("grad_W", "grad_b", "W_after", "b_after") for k in range(trace.layers)
    ]
    for epoch in range(1, trace.epochs + 1):
        for cycle in trace.cycles(epoch):
            places = [*order, ("loss", -1), *back, *(after if cycle.is_last_of_batch else [])]
            for name, k in places:
                values = cycle.loss if k < 0 else getattr(cycle, name)[k]
                if not np.isfinite(values).all():
                    return epoch, cycle.row, name, k + 1
    return None


def place(trace):
    found = trace.first_nonfinite
    return None if found is None else (found.epoch, found.row, found.quantity, found.layer)


@each("rate", [0.01, 3.0, 1e3, 1e100, 1e300])
@each("batch_size", [1, 3])
@each("activation", ["relu", "softplus", "identity", "gelu"])
def test_a_run_that_diverges_is_recorded_and_its_first_place_named(rate, batch_size, activation):
    made = experiment(
        activations=(activation, "identity"), learning_rate=rate, batch_size=batch_size, epochs=40
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trace = run(made)
        assert place(trace) == first_bad(trace)
    assert trace.epochs == 40
    if rate > 1:
        assert not np.isfinite(trace.loss_curve[-1])


def test_the_place_says_which_number_it_is():
    trace = run(experiment(learning_rate=1e200, epochs=5))
    found = trace.first_nonfinite
    assert found is not None
    cycle = trace.cycle(found.epoch, found.row)
    if found.quantity == "loss":
        assert (found.layer, found.index) == (0, ())
    else:
        values = getattr(cycle, found.quantity)[found.layer - 1]
        index = tuple(number - 1 for number in found.index)
        assert not np.isfinite(values[index])
    assert not np.isfinite(found.value)


def test_a_last_step_into_infinity_is_named_too():
    init = {"low": 50.0, "high": 100.0}
    options = {"learning_rate": 1e308, "epochs": 1, "batch_size": "all"}
    trace = run(experiment((2, 2), ("identity",), init=init, **options))
    found = trace.first_nonfinite
    assert found is not None
    assert (found.quantity, found.epoch, found.row) == ("W_after", 1, 7)
    assert len(found.index) == 2
    assert np.isinf(found.value)
    assert np.isinf(trace.W[found.layer - 1][-1][found.index[0] - 1, found.index[1] - 1])


def test_a_gradient_that_overflows_alone_is_named():
    given = {"scheme": "given", "weights": [[[1e-50]]]}
    document = mapping((1, 1), ("identity",), rows=1, init=given, epochs=1)
    document["data"]["rows"] = [[1e200, 0.0]]
    found = run(Experiment.from_mapping(document)).first_nonfinite
    assert found is not None
    assert (found.quantity, found.layer, found.index, found.value) == ("grad_W", 1, (1, 1), np.inf)


def test_no_penalty_is_none_even_of_weights_whose_squares_overflow():
    weights = [[[1e200]], [[1e-200]]]
    made = experiment(
        (1, 1, 1), ("identity", "identity"), init={"scheme": "given", "weights": weights}
    )
    trace = run(made)
    assert trace.penalty[0] == 0.0
    assert np.isfinite(trace.loss[0])
