"""Laws over the tables of the catalog: every row keeps what its definition says."""

from __future__ import annotations

import math
from itertools import product

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from networks import experiment, targets
from tracer.catalog.activations import ACTIVATIONS, softmax_entry
from tracer.catalog.initializers import INITIALIZERS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.formula import A, Z
from tracer.training import starting_values

#: Digits of exact values: 50 and as many more as a difference can lose above float64's smallest.
DIGITS = 50 + 308
SCALAR = [row for row in ACTIVATIONS.values() if not row.vector]
VECTOR = [row for row in ACTIVATIONS.values() if row.vector]
SOFTMAX = ACTIVATIONS["softmax"]
NOT_MONOTONE = {"silu", "gelu"}
KINKS = {"relu": 0.0, "leaky_relu": 0.0}
#: Where every definition is looked at.
GRID = [0.0, -0.0, 1e-300, -1e-300, 1e-9, -1e-9, 0.3, -0.3, 0.5, 1.0, -1.0, -1.2784645, 2.5, -2.5]
GRID += [7.25, -7.25, 20.0, -20.0, 36.7, -36.7, 40.0, -40.0]
FAR = np.array([-1000.0, -745.2, -709.8, -100.0, 0.0, -0.0, 5e-324, 100.0, 709.8, 745.2, 1000.0])
#: Enough for numbers with a point; equal everywhere else.
SMALLEST = 1e-300

by_name = {"ids": lambda row: row.name}
numbers = st.floats(-50.0, 50.0)


def exactly(expression, **values):
    """The value of a SymPy expression at these values, to fifty digits at least."""
    names = sorted(expression.free_symbols, key=str)
    with mpmath.workdps(DIGITS):
        function = sp.lambdify(names, expression, "mpmath")
        return mpmath.mpf(function(*(mpmath.mpf(values[str(name)]) for name in names)))


def close(found, true, rel=1e-12, ab=SMALLEST):
    """Whether a number is the true value, up to rounding."""
    with mpmath.workdps(DIGITS):
        exact = found if isinstance(found, mpmath.mpf) else mpmath.mpf(float(found))
        return abs(exact - true) <= rel * abs(true) + ab


def one(kernel, *values):
    """A kernel's answer for single numbers."""
    return kernel(*(np.array([value], dtype=np.float64) for value in values))[0]


# Activations


@pytest.mark.parametrize("row", SCALAR, **by_name)
def test_kernel_is_the_definition(row):
    for z in GRID:
        assert close(one(row.kernel, z), exactly(row.definition, z=z)), z


@pytest.mark.parametrize("row", SCALAR, **by_name)
@given(z=numbers)
def test_kernel_is_the_definition_anywhere(row, z):
    assert close(one(row.kernel, z), exactly(row.definition, z=z))


@pytest.mark.parametrize("row", SCALAR, **by_name)
def test_derivative_is_the_definition_s(row):
    derived = sp.diff(row.definition, Z)
    for z in GRID:
        if z != KINKS.get(row.name):
            assert close(exactly(row.derivative, z=z), exactly(derived, z=z), rel=1e-30), z


@pytest.mark.parametrize("row", SCALAR, **by_name)
def test_slope_is_the_derivative(row):
    for z in GRID:
        found = one(row.slope, z, one(row.kernel, z))
        assert close(found, exactly(row.derivative, z=z), ab=1e-15), z


@pytest.mark.parametrize("row", SCALAR, **by_name)
@given(z=numbers)
def test_slope_is_the_derivative_anywhere(row, z):
    found = one(row.slope, z, one(row.kernel, z))
    assert close(found, exactly(row.derivative, z=z), ab=1e-15)


@pytest.mark.parametrize("row", SCALAR, **by_name)
def test_slope_is_the_central_difference(row):
    z, h = np.linspace(-6.0, 6.0, 97) + 0.01, 1e-5
    rise = (row.kernel(z + h) - row.kernel(z - h)) / (2 * h)
    np.testing.assert_allclose(row.slope(z, row.kernel(z)), rise, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("row", SCALAR, **by_name)
def test_written_forms_are_the_definition(row):
    for form, z in product(row.written, GRID):
        assert close(branch_at(row, form, z), exactly(row.definition, z=z), rel=1e-30), z


@pytest.mark.parametrize("row", SCALAR, **by_name)
def test_written_slopes_are_the_derivative(row):
    for form, z in product(row.slope_written, GRID):
        assert close(branch_at(row, form, z), exactly(row.derivative, z=z), rel=1e-30), z


def branch_at(row, form, z):
    """The value of a form, by the one branch whose condition holds."""
    with mpmath.workdps(DIGITS):
        values = {"z": z, "a": exactly(row.definition, z=z)}
    assert set(form.symbols) <= {Z, A}
    assert form.expression.free_symbols <= set(form.symbols)
    chosen = [expr for expr, condition in form.branches if condition.subs({Z: sp.Float(z)})]
    assert len(chosen) == 1
    return exactly(chosen[0], **values)


@pytest.mark.parametrize("row", ACTIVATIONS.values(), **by_name)
def test_finite_and_silent_far_out(row):
    z = FAR if not row.vector else np.stack([FAR, FAR[::-1], np.roll(FAR, 3)], axis=1)
    with np.errstate(all="raise", under="ignore"):
        a = row.kernel(z)
        slope = row.slope(z, a)
        back = row.backward(z, a, np.ones_like(z))
    assert all(np.isfinite(values).all() for values in (a, slope, back))
    assert a.shape == slope.shape == back.shape == z.shape
    assert a.dtype == slope.dtype == np.float64


@pytest.mark.parametrize("row", SCALAR, **by_name)
def test_monotone_but_for_two(row):
    z = np.unique(np.concatenate([FAR, np.linspace(-50.0, 50.0, 2001)]))
    rises = bool((np.diff(row.kernel(z)) >= 0).all())
    assert rises == (row.name not in NOT_MONOTONE)
    assert bool((row.slope(z, row.kernel(z)) >= 0).all()) == rises


@pytest.mark.parametrize("row", ACTIVATIONS.values(), **by_name)
def test_what_is_no_number_stays_none(row):
    z = np.array([[np.nan, 1.0]])
    with np.errstate(all="ignore"):
        assert np.isnan(row.kernel(z)[0, 0])


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_relu_at_its_kink_is_exactly_zero_and_flat(zero):
    row = ACTIVATIONS["relu"]
    assert one(row.kernel, zero) == 0.0
    assert one(row.slope, zero, 0.0) == 0.0
    assert one(row.backward, zero, 0.0, 5.0) == 0.0
    assert exactly(row.derivative, z=zero) == 0


def test_relu_s_slope_of_nan_is_nan():
    assert np.isnan(one(ACTIVATIONS["relu"].slope, np.nan, np.nan))


@pytest.mark.parametrize("row", ACTIVATIONS.values(), **by_name)
def test_rows_say_who_they_are(row):
    assert ACTIVATIONS[row.name] is row
    assert row.title
    assert row.latex
    assert row.source
    assert row.written
    assert row.slope_written
    assert str(row.function(Z)) == f"{row.name}(z)"


# Softmax

vectors = arrays(np.float64, st.integers(2, 5), elements=numbers)


def exact_softmax(z):
    """Softmax to fifty digits at least, from its written form."""
    names = sp.symbols(f"z0:{len(z)}")
    values = dict(zip(map(str, names), z, strict=True))
    return [exactly(softmax_entry(names, unit), **values) for unit in range(len(z))]


def test_the_only_vector_activation_is_softmax():
    assert VECTOR == [SOFTMAX]


@given(z=vectors)
def test_softmax_is_its_written_form(z):
    for found, true in zip(SOFTMAX.kernel(z), exact_softmax(z), strict=True):
        assert close(found, true)


@given(z=vectors, shift=numbers)
def test_softmax_is_its_written_form_shifted(z, shift):
    names, s = sp.symbols(f"z0:{len(z)}"), sp.Symbol("s")
    values = dict(zip(map(str, names), z, strict=True)) | {"s": shift}
    for unit, true in enumerate(exact_softmax(z)):
        assert close(exactly(softmax_entry(names, unit, s), **values), true, rel=1e-50)


@given(z=arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(2, 5)), elements=numbers))
def test_softmax_rows_sum_to_one(z):
    a = SOFTMAX.kernel(z)
    np.testing.assert_allclose(a.sum(axis=-1), 1.0, rtol=0, atol=1e-15)
    assert ((a >= 0) & (a <= 1)).all()


@given(z=vectors.map(np.round), shift=st.integers(-1000, 1000))
def test_softmax_does_not_see_a_shift(z, shift):
    np.testing.assert_array_equal(SOFTMAX.kernel(z), SOFTMAX.kernel(z + shift))


@given(z=vectors, data=st.data())
def test_softmax_backward_is_the_jacobian_times_the_vector(z, data):
    v = data.draw(arrays(np.float64, z.shape, elements=st.floats(-3.0, 3.0)))
    found, a = SOFTMAX.backward(z, SOFTMAX.kernel(z), v), exact_softmax(z)
    for k in range(len(z)):
        with mpmath.workdps(DIGITS):
            jacobian = [a[j] * ((j == k) - a[k]) for j in range(len(z))]
            true = sum(part * mpmath.mpf(float(x)) for part, x in zip(jacobian, v, strict=True))
            assert abs(mpmath.mpf(float(found[k])) - true) <= 1e-15 * 3 * len(z)


def test_softmax_backward_is_the_central_difference():
    rng, h = np.random.default_rng(1), 1e-6
    z, v = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    for k in range(4):
        step = h * np.eye(4)[k]
        rise = np.sum((SOFTMAX.kernel(z + step) - SOFTMAX.kernel(z - step)) * v, axis=1) / (2 * h)
        found = SOFTMAX.backward(z, SOFTMAX.kernel(z), v)[:, k]
        np.testing.assert_allclose(found, rise, rtol=0, atol=1e-9)
    a = SOFTMAX.kernel(z)
    np.testing.assert_allclose(SOFTMAX.slope(z, a), a * (1 - a), rtol=0, atol=0)


# Losses

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
    np.testing.assert_array_equal(row.kernel(y, h, z), [row.kernel(*parts) for parts in batch])
    np.testing.assert_array_equal(row.slope(y, h, z), [row.slope(*parts) for parts in batch])


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
        h = ACTIVATIONS[row.output_activation].kernel(z)
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


# Optimizers


@pytest.mark.parametrize("row", OPTIMIZERS.values(), **by_name)
@given(data=st.data())
def test_an_optimizer_s_kernels_are_its_program(row, data):
    amount = st.floats(0.01, 10.0)
    options = {key: value for key, value in row.options.items() if not isinstance(value, str)}
    names = ("w", "g", "eta", *row.variables)
    values = {name: data.draw(amount, label=name) for name in names} | options
    values["t"] = data.draw(st.integers(1, 100), label="t")
    shaped = {
        n: np.full((2, 3), v) if n in ("w", "g", *row.variables) else v for n, v in values.items()
    }
    found = row.apply(dict(row.options) | shaped)
    for step in row.program:
        values[step.target] = exactly(step.expression, **values)
    assert found.keys() == {*row.variables, "w"}
    for name, array in found.items():
        assert array.shape == (2, 3)
        assert close(array[0, 0], values[name], rel=1e-12, ab=1e-14)
        assert (array == array[0, 0]).all()


@pytest.mark.parametrize("row", OPTIMIZERS.values(), **by_name)
def test_a_program_ends_with_the_parameter_and_knows_all_it_reads(row):
    assert row.program[-1].target == "w"
    known = {"w", "g", "eta", "t", *row.options, *row.variables}
    for step in row.program:
        assert {str(symbol) for symbol in step.expression.free_symbols} <= known


def test_sgd_is_one_multiplication_and_one_difference():
    w, g = np.array([0.3, -0.1]), np.array([0.7, 1.1])
    found = OPTIMIZERS["sgd"].apply({"w": w, "g": g, "eta": 0.1, "t": 1})
    np.testing.assert_array_equal(found["w"], w - 0.1 * g)
    assert OPTIMIZERS["sgd"].variables == ()


# Initializers

N_IN, N_OUT, DRAWS = 6, 4, 40_000
#: scheme: (largest magnitude or None, standard deviation), of a layer of N_IN × N_OUT.
SPREADS = {
    "uniform": (0.8, 0.8 / math.sqrt(3)),
    "normal": (None, 0.5),
    "glorot_uniform": (math.sqrt(6 / 10), math.sqrt(2 / 10)),
    "glorot_normal": (None, math.sqrt(2 / 10)),
    "he_uniform": (1.0, math.sqrt(2 / 6)),
    "he_normal": (None, math.sqrt(2 / 6)),
    "zeros": (0.0, 0.0),
}
GIVEN = {"n_in": N_IN, "n_out": N_OUT, "low": -0.8, "high": 0.8, "std": 0.5}


def test_every_initializer_has_its_spread():
    assert SPREADS.keys() == INITIALIZERS.keys()


@pytest.mark.parametrize("row", INITIALIZERS.values(), **by_name)
def test_drawn_values_have_their_bounds_and_spread(row):
    limit, spread = SPREADS[row.name]
    drawn = row.draw(np.random.default_rng(5), (DRAWS,), GIVEN)
    assert drawn.shape == (DRAWS,)
    assert abs(float(np.mean(drawn))) <= 4 * spread / math.sqrt(DRAWS)
    assert float(np.std(drawn)) == pytest.approx(spread, rel=0.02)
    if limit is not None:
        assert float(np.max(np.abs(drawn))) <= limit
        assert float(np.max(np.abs(drawn))) >= 0.999 * limit


@pytest.mark.parametrize("row", INITIALIZERS.values(), **by_name)
def test_the_same_seed_draws_the_same(row):
    first, second, other = (row.draw(np.random.default_rng(s), (3, 2), GIVEN) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert row.name == "zeros" or not np.array_equal(first, other)


@given(st.sampled_from(sorted(INITIALIZERS)), st.integers(0, 6), st.integers(0, 2**32))
def test_drawn_on_a_grid(scheme, decimals, seed):
    coarse, fine = (
        starting_values(experiment(init={"scheme": scheme, "seed": seed} | grid))
        for grid in ({"decimals": decimals}, {})
    )
    for grid, full in zip((*coarse[0], *coarse[1]), (*fine[0], *fine[1]), strict=True):
        for value, drawn in zip(grid.flat, full.flat, strict=True):
            assert float(f"{value:.{decimals}f}") == value
            assert abs(value - drawn) <= 0.5 * 10.0**-decimals * (1 + 1e-9)
            assert not (value == 0 and math.copysign(1.0, value) < 0), "no −0 on a page"
