"""Forward and backward, held to sums written out and to central finite differences."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from each import each
from examples import examples
from networks import OUTPUTS, targets
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.network import backward, forward, gradients

SHAPES = [(2, 3), (3, 2, 2), (2, 3, 4, 3)]
STEP = 1e-6
#: So far a unit stays from a kink, that both sides of a difference see the same branch.
MARGIN = 5e-5


class Network:
    """A network with drawn parameters, and its whole loss as a function of them."""

    def __init__(self, sizes, hidden, output, loss, rows=3):
        rng = np.random.default_rng(sizes)
        pairs = list(pairwise(sizes))
        self.W = [rng.normal(0.0, 0.8, pair) for pair in pairs]
        self.b = [rng.normal(0.0, 0.8, n_out) for _, n_out in pairs]
        self.x = rng.normal(0.0, 1.0, (rows, sizes[0]))
        self.y = targets(rng, rows, sizes[-1], loss)
        self.rows = [ACTIVATIONS[hidden]] * (len(pairs) - 1) + [ACTIVATIONS[output]]
        self.loss = LOSSES[loss]

    def forward(self):
        return self._forward(self.x, self.W, self.b)

    def _forward(self, x, W, b):
        return forward(x, W, b, [row.kernel for row in self.rows])

    def backward(self):
        z, a = self.forward()
        slope = self.loss.slope(self.y, a[-1], z[-1])
        fused = self.loss.fused
        last = self.rows[-1]
        error = np.asarray(a[-1] - self.y if fused else last.backward(z[-1], a[-1], slope))
        dL_da, dL_dz = backward(z, a, self.W, error, [row.backward for row in self.rows])
        return (*dL_da, slope), dL_dz

    def rises(self, array):
        """∂L/∂ of each entry of a parameter, for each sample: many networks at once."""
        steps = STEP * np.eye(array.size).reshape(-1, *array.shape)
        both = np.concatenate([array + steps, array - steps])
        W = [both if each is array else each for each in self.W]
        b = [both[:, None] if each is array else each for each in self.b]
        z, a = self._forward(np.broadcast_to(self.x, (len(both), *self.x.shape)), W, b)
        y = np.broadcast_to(self.y, z[-1].shape)
        above, below = np.split(self.loss.kernel(y, a[-1], z[-1]), 2)
        return (above - below) / (2 * STEP)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@each(("output", "loss"), OUTPUTS)
def test_every_gradient_is_a_central_difference(hidden, output, loss):
    for sizes in SHAPES:
        network = Network(sizes, hidden, output, loss)
        z, a = network.forward()
        assert min(float(np.min(np.abs(layer))) for layer in z) > MARGIN
        _, dL_dz = network.backward()
        summed = gradients(network.x, a, dL_dz)
        for found, parameters in zip(summed, (network.W, network.b), strict=True):
            for gradient, array in zip(found, parameters, strict=True):
                assert gradient.shape == array.shape
                rises = network.rises(array).sum(axis=-1)
                np.testing.assert_allclose(gradient.ravel(), rises, rtol=1e-6, atol=1e-7)


@each(("output", "loss"), OUTPUTS)
def test_each_sample_has_its_own_errors(output, loss):
    network = Network((2, 3, 3), "tanh", output, loss)
    _, dL_dz = network.backward()
    for layer, errors in enumerate(dL_dz):
        # A bias moves z of its unit as such.
        rises = network.rises(network.b[layer])
        np.testing.assert_allclose(errors, rises.T, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_forward_is_the_sum_written_out(activation):
    network = Network((3, 4, 2), activation, activation, "squared_error")
    z, a = network.forward()
    before = network.x
    for layer, row in enumerate(network.rows):
        for sample, unit in np.ndindex(z[layer].shape):
            terms = [before[sample, i] * w for i, w in enumerate(network.W[layer][:, unit])]
            assert z[layer][sample, unit] == pytest.approx(
                sum(terms) + network.b[layer][unit], rel=1e-14, abs=1e-15
            )
        np.testing.assert_array_equal(a[layer], row.kernel(z[layer]))
        before = a[layer]


def test_backward_is_the_chain_rule_written_out():
    network = Network((2, 3, 2), "sigmoid", "identity", "half_squared_error")
    _, a = network.forward()
    dL_da, dL_dz = network.backward()
    np.testing.assert_array_equal(dL_da[1], a[1] - network.y)
    np.testing.assert_array_equal(dL_dz[1], dL_da[1])
    for sample, unit in np.ndindex(dL_da[0].shape):
        terms = [e * w for e, w in zip(dL_dz[1][sample], network.W[1][unit], strict=True)]
        assert dL_da[0][sample, unit] == pytest.approx(sum(terms), rel=1e-14)
        slope = a[0][sample, unit] * (1 - a[0][sample, unit])
        assert dL_dz[0][sample, unit] == pytest.approx(sum(terms) * slope, rel=1e-12)
    W, b = gradients(network.x, a, dL_dz)
    np.testing.assert_allclose(W[0][1, 2], np.sum(network.x[:, 1] * dL_dz[0][:, 2]), rtol=1e-14)
    np.testing.assert_allclose(b[0][2], np.sum(dL_dz[0][:, 2]), rtol=1e-14)


def test_nothing_given_is_changed():
    network = Network((2, 3, 3), "relu", "softmax", "cross_entropy")
    given = [network.x, network.y, *network.W, *network.b]
    kept = [array.copy() for array in given]
    for array in given:
        array.setflags(write=False)
    _, a = network.forward()
    _, dL_dz = network.backward()
    gradients(network.x, a, dL_dz)
    for array, copy in zip(given, kept, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_one_sample_alone_is_that_sample_of_a_batch():
    network = Network((3, 4, 2), "gelu", "softmax", "cross_entropy", rows=5)
    z, a = network.forward()
    dL_da, dL_dz = network.backward()
    whole, x, y = (z, a, dL_da, dL_dz), network.x, network.y
    for row in range(5):
        network.x, network.y = x[row : row + 1], y[row : row + 1]
        alone = (*network.forward(), *network.backward())
        for batch, single in zip(whole, alone, strict=True):
            for many, one in zip(batch, single, strict=True):
                np.testing.assert_allclose(many[row], one[0], rtol=1e-13, atol=1e-15)


NUMBERS = st.one_of(
    st.sampled_from([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 1e-160, -1e-160, 1e200]),
    st.floats(-4, 4),
)


@given(
    st.lists(NUMBERS, min_size=1, max_size=40),
    st.lists(NUMBERS, min_size=1, max_size=40),
    st.booleans(),
)
@examples(200)
def test_the_gradient_of_one_row_is_the_product_to_the_bit(x, error, placed):
    """Also the sign of 0; of what is no number, only that it is none."""
    rows = np.array([x]), np.array([error])
    into = (np.full((len(x), len(error)), 7.0),), (np.full(len(error), 7.0),)
    with np.errstate(all="ignore"):
        (found,), _ = gradients(rows[0], (rows[1],), (rows[1],), into if placed else None)
        wanted = np.matmul(rows[0].T, rows[1])
    assert found is into[0][0] or not placed
    same = found.view(np.int64) == wanted.view(np.int64)
    assert (same | np.isnan(found) & np.isnan(wanted)).all()
