"""Kernels and slopes of the catalog keep their digits over the whole range, for every row."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from each import each
from exact import DIGITS, exactly, one
from examples import examples
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.formula import Z

SCALAR = [row for row in ACTIVATIONS.values() if not row.vector]
KINKS = {"relu", "leaky_relu"}
SMALLEST = 2.3e-308
#: Units of rounding that a kernel may lose, and those that its argument may seem to be moved by.
ROUNDINGS = 8 * 2.0**-52
CROSS, BINARY = LOSSES["cross_entropy"], LOSSES["binary_cross_entropy"]
by_name: dict[str, Any] = {"ids": lambda row: row.name}
sizes = st.floats(1e-300, 745.0)
signs = st.sampled_from([1.0, -1.0])
anywhere = st.one_of(
    st.builds(lambda s, z: s * z, signs, sizes),
    st.floats(-40.0, 40.0),
    st.integers(-18, 2).map(lambda power: 10.0**power),
    st.just(0.0),
)


def assert_accurate(found, true, slope, z):
    """Right to a few roundings of the value and of z: nothing can do better near a zero."""
    with mpmath.workdps(DIGITS):
        spread = abs(true) + abs(mpmath.mpf(z) * slope)
        assert abs(mpmath.mpf(float(found)) - true) <= ROUNDINGS * spread + SMALLEST, (z, found)


@pytest.mark.parametrize("row", SCALAR, **by_name)
@given(z=anywhere)
@examples(60)
def test_an_activation_keeps_its_digits(row, z):
    true, slope = (exactly(rule, z=z) for rule in (row.definition, row.derivative))
    assert_accurate(one(row.kernel, z), true, slope, z)


@pytest.mark.parametrize("row", SCALAR, **by_name)
@given(z=anywhere)
@examples(60)
def test_a_slope_keeps_its_digits(row, z):
    bend = 0 if row.name in KINKS else exactly(sp.diff(row.derivative, Z), z=z)
    found = one(row.slope, z, one(row.kernel, z))
    assert_accurate(found, exactly(row.derivative, z=z), bend, z)


# Losses from the logits

logits = st.lists(st.one_of(st.floats(-745.0, 745.0), st.floats(-3.0, 3.0)), min_size=2, max_size=5)


def exact_surprise(z, target):
    """ln Σ e^(z_j − z_target) to many digits."""
    with mpmath.workdps(1000):
        others = (mpmath.mpf(v) - mpmath.mpf(z[target]) for v in z)
        return mpmath.log(mpmath.fsum(mpmath.exp(v) for v in others))


def relative(found, true):
    with mpmath.workdps(1000):
        return float(abs(mpmath.mpf(float(found)) - true) / true) if true else float(found)


@given(z=logits, data=st.data())
@examples(200)
def test_cross_entropy_keeps_its_digits_at_any_margin(z, data):
    target = data.draw(st.integers(0, len(z) - 1))
    y, true = np.eye(len(z))[target], exact_surprise(z, target)
    found = CROSS.kernel(y, np.zeros(len(z)), np.array(z))
    assert true < 1e-300 or relative(found, true) < 1e-15


@each("margin", [0.0, 1e-9, 1.0, 28.0, 30.0, 33.0, 35.0, 37.0, 200.0, 700.0])
@each("others", [1, 2, 7])
def test_cross_entropy_is_the_logarithm_of_one_and_the_others(margin, others):
    z = np.array([margin, *[0.0] * others])
    y = np.eye(len(z))[0]
    with mpmath.workdps(400):
        true = mpmath.log1p(others * mpmath.exp(-mpmath.mpf(margin)))
    assert relative(CROSS.kernel(y, y, z), true) < 1e-15


@given(z=logits, data=st.data())
@examples(100)
def test_the_slope_of_cross_entropy_keeps_its_digits(z, data):
    target = data.draw(st.integers(0, len(z) - 1))
    y = np.eye(len(z))[target]
    with np.errstate(over="ignore", invalid="ignore"):
        found = -CROSS.slope(y, np.zeros(len(z)), np.array(z))[target]
    with mpmath.workdps(1000):
        true = mpmath.exp(exact_surprise(z, target))
    assert relative(found, true) < 1e-15 if np.isfinite(found) else true > 1.79e308


def test_soft_targets_and_several_rows():
    z = np.array([[30.0, 0.0, -5.0], [0.0, 0.0, 0.0], [-700.0, 20.0, 1.0]])
    y = np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0], [0.0, 0.75, 0.25]])
    found = CROSS.kernel(y, y, z)
    for k in range(3):
        with mpmath.workdps(1000):
            true = mpmath.fsum(mpmath.mpf(y[k, j]) * exact_surprise(z[k], j) for j in range(3))
        assert relative(found[k], true) < 1e-15


@pytest.mark.parametrize(
    ("z", "target", "loss"),
    [
        ([1e308, -1e308], 0, 0.0),
        ([1e308, -1e308], 1, np.inf),
        ([1e160, 1e160], 0, np.log(2.0)),
        ([0.0, -np.inf], 0, 0.0),
        ([0.0, -np.inf], 1, np.inf),
        ([np.inf, 0.0], 0, np.nan),
        ([np.nan, 0.0], 1, np.nan),
        ([-np.inf, -np.inf], 0, np.nan),
    ],
)
def test_cross_entropy_of_extreme_logits(z, target, loss):
    y = np.eye(2)[target]
    with np.errstate(all="ignore"):
        found = float(CROSS.kernel(y, y, np.array(z)))
        slope = CROSS.slope(y, y, np.array(z))[target]
    assert found == pytest.approx(loss, rel=1e-15, nan_ok=True)
    assert np.isnan(slope) or slope <= -1.0, "∂L/∂ŷ of the true class is −1/ŷ"


@given(z=st.floats(-745.0, 745.0), y=st.sampled_from([0.0, 1.0]))
@examples(150)
def test_binary_cross_entropy_keeps_its_digits_at_any_margin(z, y):
    with mpmath.workdps(1000):
        true = mpmath.log1p(mpmath.exp(-mpmath.mpf(z) if y else mpmath.mpf(z)))
    found = BINARY.kernel(np.array([y]), np.array([0.5]), np.array([z]))
    assert true < 1e-300 or relative(found, true) < 1e-15
