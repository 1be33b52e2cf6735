"""Laws over the tables of the catalog: every row keeps what its definition says."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from each import each
from exact import DIGITS, close, exact_softmax, exactly, one
from networks import experiment
from tracer.catalog.activations import ACTIVATIONS, softmax_entry
from tracer.catalog.initializers import INITIALIZERS
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.formula import A, Z
from tracer.training.draws import starting_values

SCALAR = [row for row in ACTIVATIONS.values() if not row.vector]
VECTOR = [row for row in ACTIVATIONS.values() if row.vector]
SOFTMAX = ACTIVATIONS["softmax"]
NOT_MONOTONE = {"silu", "gelu"}
KINKS = {"relu": 0.0, "leaky_relu": 0.0}
#: Where every definition is looked at.
GRID = [0.0, -0.0, 1e-300, -1e-300, 1e-9, -1e-9, 0.3, -0.3, 0.5, 1.0, -1.0, -1.2784645, 2.5, -2.5]
GRID += [7.25, -7.25, 20.0, -20.0, 36.7, -36.7, 40.0, -40.0]
FAR = np.array([-1000.0, -745.2, -709.8, -100.0, 0.0, -0.0, 5e-324, 100.0, 709.8, 745.2, 1000.0])
by_name: dict[str, Any] = {"ids": lambda row: row.name}
numbers = st.floats(-50.0, 50.0)


# Activations


@each("row", SCALAR)
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


@each("row", SCALAR)
def test_slope_is_the_derivative(row):
    for z in GRID:
        found = one(row.slope, z, one(row.kernel, z))
        assert close(found, exactly(row.derivative, z=z), ab=1e-15), z


@pytest.mark.parametrize("row", SCALAR, **by_name)
@given(z=numbers)
def test_slope_is_the_derivative_anywhere(row, z):
    found = one(row.slope, z, one(row.kernel, z))
    assert close(found, exactly(row.derivative, z=z), ab=1e-15)


@each("row", SCALAR)
def test_slope_is_the_central_difference(row):
    z, h = np.linspace(-6.0, 6.0, 97) + 0.01, 1e-5
    rise = (row.kernel(z + h) - row.kernel(z - h)) / (2 * h)
    np.testing.assert_allclose(row.slope(z, row.kernel(z)), rise, rtol=1e-8, atol=1e-9)


@each("row", SCALAR)
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
    form = form.real
    assert set(form.symbols) <= {Z, A}
    assert form.expression.free_symbols <= set(form.symbols)
    chosen = [expr for expr, condition in form.branches if condition.subs({Z: sp.Float(z)})]
    assert len(chosen) == 1
    return exactly(chosen[0], **values)


@each("row", ACTIVATIONS.values())
def test_finite_and_silent_far_out(row):
    z = FAR if not row.vector else np.stack([FAR, FAR[::-1], np.roll(FAR, 3)], axis=1)
    with np.errstate(all="raise", under="ignore"):
        a = row.kernel(z)
        slope = row.slope(z, a)
        back = row.backward(z, a, np.ones_like(z))
    assert all(np.isfinite(values).all() for values in (a, slope, back))
    assert a.shape == slope.shape == back.shape == z.shape
    assert a.dtype == slope.dtype == np.float64


@each("row", SCALAR)
def test_monotone_but_for_two(row):
    z = np.unique(np.concatenate([FAR, np.linspace(-50.0, 50.0, 2001)]))
    rises = bool((np.diff(row.kernel(z)) >= 0).all())
    assert rises == (row.name not in NOT_MONOTONE)
    assert bool((row.slope(z, row.kernel(z)) >= 0).all()) == rises


@each("row", ACTIVATIONS.values())
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


@pytest.mark.parametrize("many", [1, 100])
@pytest.mark.parametrize("has_nan", [True, False])
@pytest.mark.parametrize("row", [row for row in SCALAR if row.rule], **by_name)
def test_a_stated_rule_gives_what_the_slope_gives_bit_for_bit(row, has_nan, many):
    odd = np.array([*FAR, 0.3, -0.3, np.inf, -np.inf, np.nan])
    z, dL_da = np.meshgrid(odd if has_nan else odd[:-1], odd)
    z, dL_da = np.tile(z, (many, 1)), np.tile(dL_da, (many, 1))
    with np.errstate(all="ignore"):
        a = row.kernel(z)
        stated, derived = row.backward(z, a, dL_da), replace(row, rule=None).backward(z, a, dL_da)
    unlike = stated.view(np.int64) != derived.view(np.int64)
    assert not (unlike & ~np.isnan(derived)).any()
    assert np.isnan(stated[np.isnan(derived)]).all()


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "softplus", "sigmoid", "tanh"])
def test_the_slope_of_nan_is_nan(name):
    assert np.isnan(one(ACTIVATIONS[name].slope, np.nan, np.nan))


@each("row", ACTIVATIONS.values())
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


# Optimizers


PROGRAMS = [
    pytest.param(row, program, id=f"{row.name} {variant}".strip())
    for row in OPTIMIZERS.values()
    for variant, program in row.programs.items()
]


@pytest.mark.parametrize(("row", "program"), PROGRAMS)
@given(data=st.data())
def test_an_optimizer_s_kernels_are_its_program(row, program, data):
    amount = st.floats(0.01, 10.0)
    options = {key: value for key, value in row.options.items() if not isinstance(value, str)}
    arrays = ("w", "g", *program.variables)
    values = {name: data.draw(amount, label=name) for name in (*arrays, "eta")} | options
    values["t"] = data.draw(st.integers(1, 100), label="t")
    shaped = {n: np.full((2, 3), v) if n in arrays else v for n, v in values.items()}
    found = program.apply(dict(row.options) | shaped)
    for step in program.assignments:
        values[step.target] = exactly(step.expression, **values)
    assert found.keys() == {*program.variables, "w"}
    for name, array in found.items():
        assert array.shape == (2, 3)
        # A step that nearly takes a parameter of up to 10 to 0 leaves what both have lost.
        assert close(array[0, 0], values[name], rel=1e-12, ab=1e-11 if name == "w" else 1e-14)
        assert (array == array[0, 0]).all()


@each("row", OPTIMIZERS.values())
def test_a_program_ends_with_the_parameter_and_knows_all_it_reads(row):
    assert row.program(row.options) in row.programs.values()
    for program in row.programs.values():
        assert program.assignments[-1].target == "w"
        known = {"w", "g", "eta", "t", *row.options, *program.variables}
        for step in program.assignments:
            assert {str(symbol) for symbol in step.expression.free_symbols} <= known


def test_sgd_is_one_multiplication_and_one_difference():
    w, g = np.array([0.3, -0.1]), np.array([0.7, 1.1])
    program = OPTIMIZERS["sgd"].program({})
    found = program.apply({"w": w, "g": g, "eta": 0.1, "t": 1})
    np.testing.assert_array_equal(found["w"], w - 0.1 * g)
    assert program.variables == ()


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
