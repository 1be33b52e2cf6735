"""The trace: its shapes, its views, its numbers in the order they were made."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from itertools import pairwise

import numpy as np
import pytest

from networks import experiment
from tracer.errors import TracerError
from tracer.training import run
from traces import arrays_of, every, trace_of

# Arrays


@every
def test_shapes_are_those_of_the_contract(name):
    trace = trace_of(name)
    data, sizes = trace.experiment.dataset, trace.layer_sizes
    rows, visits, updates = len(data.labels), len(trace.loss), trace.updates
    batch = trace.experiment.training.batch_size
    per_epoch = -(-len(data.train) // (len(data.train) if batch == "all" else batch))
    assert (visits, updates) == (trace.epochs * len(data.train), trace.epochs * per_epoch)
    assert trace.x.shape == (rows, sizes[0])
    assert trace.y.shape == (rows, sizes[-1])
    assert trace.layers == len(trace.W) == len(sizes) - 1
    for k, (n_in, n_out) in enumerate(pairwise(sizes)):
        assert trace.W[k].shape == (updates + 1, n_in, n_out)
        assert trace.b[k].shape == (updates + 1, n_out)
        assert trace.grad_W[k].shape == (updates, n_in, n_out)
        assert trace.grad_b[k].shape == (updates, n_out)
        for array in (trace.z, trace.a, trace.dL_da, trace.dL_dz):
            assert array[k].shape == (visits, n_out)
    for array in (trace.loss, trace.row, trace.update_of, trace.epoch_of):
        assert array.shape == (visits,)
    for array in (trace.penalty, trace.batch_loss, trace.batch_sizes, trace.epoch_of_update):
        assert array.shape == (updates,)
    assert trace.loss_curve.shape == (trace.epochs,)


@every
def test_arrays_are_float64_or_int64_and_read_only(name):
    trace = trace_of(name)
    for which, array in arrays_of(trace).items():
        kind = np.int64 if which in {"row", "update_of", "epoch_of"} else np.float64
        assert array.dtype == kind, which
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    for field in fields(trace):
        with pytest.raises(FrozenInstanceError):
            setattr(trace, field.name, None)


@every
def test_epochs_losses_are_made_of_the_visits(name):
    trace = trace_of(name)
    for epoch in range(trace.epochs):
        losses = trace.loss[trace.epoch_of == epoch]
        penalties = trace.penalty[trace.update_of[trace.epoch_of == epoch]]
        with np.errstate(all="ignore"):
            expected = np.mean(losses + penalties)
        np.testing.assert_allclose(trace.loss_curve[epoch], expected, rtol=1e-14)


def test_a_sum_is_summed_over_the_epoch():
    trace = run(experiment(reduction="sum", l2=0.1, batch_size=3))
    np.testing.assert_allclose(trace.batch_loss[0], np.sum(trace.loss[:3]))
    for epoch in range(3):
        parts = (trace.loss[trace.epoch_of == epoch], trace.penalty[trace.epoch_of_update == epoch])
        np.testing.assert_allclose(trace.loss_curve[epoch], sum(map(np.sum, parts)))


def test_it_introduces_itself_in_one_line():
    start = "<Trace 'A small network': 3-4-2-3, 3 epochs, 9 updates, loss "
    assert repr(trace_of("batches")).startswith(start)


# Views


@every
def test_a_cycle_is_a_view_of_everything(name):
    trace = trace_of(name)
    for visit, (epoch, row) in enumerate(zip(trace.epoch_of, trace.row, strict=True)):
        cycle = trace.cycle(epoch=int(epoch) + 1, row=int(row) + 1)
        update = trace.update_of[visit]
        assert (cycle.visit, cycle.epoch, cycle.row) == (visit, epoch + 1, row + 1)
        assert cycle.update == update
        assert [trace.update_of[v] for v in cycle.visits] == [update] * trace.batch_sizes[update]
        assert cycle.is_last_of_batch == (visit == cycle.visits[-1])
        np.testing.assert_array_equal(cycle.x, trace.x[row])
        np.testing.assert_array_equal(cycle.y, trace.y[row])
        assert cycle.loss == trace.loss[visit] or np.isnan(cycle.loss)
        for k in range(trace.layers):
            for which in ("z", "a", "dL_da", "dL_dz"):
                values = getattr(cycle, which)[k]
                assert np.shares_memory(values, getattr(trace, which)[k])
                np.testing.assert_array_equal(values, getattr(trace, which)[k][visit])
            for which in ("W", "b"):
                history = getattr(trace, which)[k]
                np.testing.assert_array_equal(getattr(cycle, which)[k], history[update])
                after = getattr(cycle, f"{which}_after")[k]
                np.testing.assert_array_equal(after, history[update + 1])
                gradient = getattr(cycle, f"grad_{which}")[k]
                np.testing.assert_array_equal(gradient, getattr(trace, f"grad_{which}")[k][update])


@every
def test_a_sample_s_own_gradients(name):
    cycle = trace_of(name).cycle(1, int(trace_of(name).row[-1]) + 1)
    before = (cycle.x, *cycle.a)
    for k, gradient in enumerate(cycle.dL_dW):
        assert gradient.shape == cycle.W[k].shape
        for i, j in np.ndindex(gradient.shape):
            np.testing.assert_array_equal(gradient[i, j], before[k][i] * cycle.dL_dz[k][j])
        np.testing.assert_array_equal(cycle.dL_db[k], cycle.dL_dz[k])


@every
def test_cycles_of_an_epoch_come_in_the_order_of_training(name):
    trace = trace_of(name)
    seen = [(cycle.epoch, cycle.row) for e in range(trace.epochs) for cycle in trace.cycles(e + 1)]
    visits = zip(trace.epoch_of, trace.row, strict=True)
    assert seen == [(epoch + 1, row + 1) for epoch, row in visits]
    assert trace.cycles(trace.epochs + 1) == ()


@pytest.mark.parametrize(("epoch", "row"), [(0, 1), (4, 1), (1, 0), (1, 2), (1, 8), (-1, 3)])
def test_a_cycle_that_is_not_there(epoch, row):
    with pytest.raises(TracerError) as caught:
        trace_of("a test").cycle(epoch, row)
    assert str(caught.value) == (
        f"row {row} has no cycle in epoch {epoch}. "
        "epochs run from 1 to 3; training rows are 1, 3, 6"
    )


@every
def test_forward_repeats_what_was_recorded(name):
    trace = trace_of(name)
    for visit in range(len(trace.loss)):
        row = trace.row[visit]
        z, a = trace.forward(trace.x[row : row + 1], int(trace.update_of[visit]))
        for k in range(trace.layers):
            np.testing.assert_allclose(z[k][0], trace.z[k][visit], rtol=1e-13, atol=1e-15)
            np.testing.assert_allclose(a[k][0], trace.a[k][visit], rtol=1e-13, atol=1e-15)
    z, a = trace.forward(trace.x)
    assert [layer.shape for layer in z] == [(7, n) for n in trace.layer_sizes[1:]]
    np.testing.assert_array_equal(z[0], trace.forward(trace.x, trace.updates)[0][0])
