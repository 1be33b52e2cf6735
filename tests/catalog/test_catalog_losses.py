"""Laws over the table of losses: every row keeps what its definition says."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
import sympy as sp

from exact import close, exact_softmax, exactly
from networks import targets
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES

by_name: dict[str, Any] = {"ids": lambda row: row.name}
MADE_FOR = [row for row in LOSSES.values() if row.fused]


def symbols(units):
    names = ("y", "h", "z")
    return tuple(sp.symbols(f"{name}0:{units}") for name in names)


def sample(row, units, seed, spread=2.0):
    """y, ŷ, z of one sample, ŷ by the activation the loss is made for."""
    rng = np.random.default_rng((seed, units))
    z = rng.normal(0.0, spread, units)
    y = targets(rng, units, units, row.name)[seed % units]
    return y, ACTIVATIONS[row.output_activation or "identity"].kernel(z), z


def values_of(y, z, row):
    """Values for the symbols, ŷ exact from z."""
    if row.output_activation == "softmax":
        h = exact_softmax(z)
    else:
        rule = ACTIVATIONS[row.output_activation or "identity"].definition
        h = [exactly(rule, z=value) for value in z]
    named = {"y": y, "h": h, "z": z}
    return {f"{name}{k}": v for name, values in named.items() for k, v in enumerate(values)}


def samples(row, **options):
    units = (1, 2, 3) if row.output_activation != "softmax" else (2, 3, 4)
    for n, seed in product(units, range(4)):
        y, h, z = sample(row, n, seed, **options)
        yield n, y, h, z, values_of(y, z, row)


@pytest.mark.parametrize("row", LOSSES.values(), **by_name)
def test_loss_is_its_definition(row):
    for n, y, h, z, values in samples(row):
        ys, hs, _ = symbols(n)
        found = row.kernel(y, h, z)
        assert close(found, exactly(row.definition(ys, hs), **values), ab=1e-15)


@pytest.mark.parametrize("row", MADE_FOR, **by_name)
@pytest.mark.parametrize("spread", [2.0, 40.0, 300.0])
def test_loss_is_its_form_from_the_logits(row, spread):
    for n, y, h, z, values in samples(row, spread=spread):
        ys, _, zs = symbols(n)
        assert close(row.kernel(y, h, z), exactly(row.from_logits(ys, zs), **values), ab=1e-15)


@pytest.mark.parametrize("row", LOSSES.values(), **by_name)
def test_loss_slope_is_its_derivative(row):
    for n, y, h, z, values in samples(row):
        ys, hs, _ = symbols(n)
        found = row.slope(y, h, z)
        assert found.shape == y.shape
        for unit in range(n):
            true = exactly(row.derivative(ys, hs, unit), **values)
            assert close(found[unit], true, ab=1e-15)
            assert close(exactly(row.written_slope(ys, hs, unit), **values), true, rel=1e-30)


@pytest.mark.parametrize("row", MADE_FOR, **by_name)
def test_prediction_minus_target_is_the_chain_rule(row):
    for n, y, h, z, values in samples(row):
        ys, _, zs = symbols(n)
        for unit in range(n):
            true = exactly(sp.diff(row.from_logits(ys, zs), zs[unit]), **values)
            assert close((h - y)[unit], true, ab=1e-15)
        last = ACTIVATIONS[row.output_activation]
        np.testing.assert_allclose(
            last.backward(z, h, row.slope(y, h, z)), h - y, rtol=1e-12, atol=1e-14
        )


@pytest.mark.parametrize("row", LOSSES.values(), **by_name)
def test_losses_of_a_batch_are_those_of_its_samples(row):
    batch = [sample(row, 3, seed) for seed in range(5)]
    y, h, z = (np.array(part) for part in zip(*batch, strict=True))
    assert row.kernel(y, h, z).shape == (5,)
    # a power of an array and of one number may end in another last digit
    alone = [(row.kernel(*parts), row.slope(*parts)) for parts in batch]
    for together, each in zip((row.kernel, row.slope), zip(*alone, strict=True), strict=True):
        np.testing.assert_allclose(together(y, h, z), each, rtol=4e-16, atol=0)


@pytest.mark.parametrize(
    ("name", "y", "z", "loss", "error"),
    [
        ("binary_cross_entropy", [1.0], [1000.0], 0.0, [0.0]),
        ("binary_cross_entropy", [0.0], [-1000.0], 0.0, [0.0]),
        ("binary_cross_entropy", [1.0], [-1000.0], 1000.0, [-1.0]),
        ("binary_cross_entropy", [0.0], [1000.0], 1000.0, [1.0]),
        ("binary_cross_entropy", [0.25], [1000.0], 750.0, [0.75]),
        ("binary_cross_entropy", [1.0, 0.0], [-1000.0, 1000.0], 2000.0, [-1.0, 1.0]),
        ("cross_entropy", [1.0, 0.0], [1000.0, 0.0], 0.0, [0.0, 0.0]),
        ("cross_entropy", [0.0, 1.0], [1000.0, 0.0], 1000.0, [1.0, -1.0]),
        ("cross_entropy", [0.0, 1.0], [-1000.0, 1000.0], 0.0, [0.0, 0.0]),
        ("cross_entropy", [1.0, 0.0, 0.0], [-1000.0, 0.0, 1000.0], 2000.0, [-1.0, 0.0, 1.0]),
    ],
)
def test_exact_where_the_prediction_is_zero_or_one(name, y, z, loss, error):
    row, y, z = LOSSES[name], np.array(y), np.array(z)
    with np.errstate(all="raise", under="ignore"):
        h = ACTIVATIONS[str(row.output_activation)].kernel(z)
        assert row.kernel(y, h, z) == loss
    np.testing.assert_array_equal(h - y, error)
    with np.errstate(all="ignore"):
        slope = row.slope(y, h, z)
    assert not np.isnan(slope).any()
    assert (slope[y == 0.0] >= 0).all(), "a share of 0 counts nothing against an infinite amount"


def test_a_diverged_logit_makes_no_nan_where_its_target_says_nothing():
    row = LOSSES["binary_cross_entropy"]
    with np.errstate(all="ignore"):
        assert row.kernel(np.array([1.0]), np.array([1.0]), np.array([np.inf])) == 0.0
        assert np.isnan(row.kernel(np.array([1.0]), np.array([np.nan]), np.array([np.nan])))
