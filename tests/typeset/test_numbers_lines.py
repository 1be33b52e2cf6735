"""Lines of random numbers over many magnitudes hold when they are worked out from their digits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st

from examples import examples
from printed_numbers import assert_holds, half_up, line, read
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.explain import forms
from tracer.explain.trials import _quotient
from tracer.formula import Form
from tracer.numerals import numeral
from tracer.typeset.truth import settle

SIGNS = st.sampled_from([1.0, -1.0])
ANY_SIZE = st.builds(
    lambda sign, digits, power: sign * digits * 10.0**power,
    SIGNS,
    st.floats(1.0, 10.0),
    st.integers(-150, 120),
)
USUAL = st.builds(lambda sign, size: sign * size, SIGNS, st.floats(1e-9, 1e7))
SHORT = st.integers(-(10**4), 10**4).map(lambda n: n / 1000)
NUMBERS = st.one_of(USUAL, SHORT, ANY_SIZE)
DECIMALS = st.integers(1, 12)


def numbers(data: st.DataObject, count: int) -> list[float]:
    return data.draw(st.lists(NUMBERS, min_size=count, max_size=count))


def assert_line(form: Form, values: Sequence[float], value: float, decimals: int) -> None:
    settled = settle(line(form, values, value), decimals)
    assert_holds(settled)
    if settled.remarks & {"kept", "noise", "underflow"}:
        return
    shown, usual = read(settled.result.text), read(numeral(value, decimals).text)
    assert half_up(shown.value, max(usual.unit, shown.unit)) == usual.value, "two values for one"


@given(st.data(), st.integers(1, 4), DECIMALS)
@examples(300)
def test_a_sum_of_products_holds(data, units, decimals):
    values = numbers(data, 2 * units + 1)
    signal, weights = np.array(values[:units]), np.array(values[units:-1])
    value = float(np.sum(signal * weights) + values[-1])
    assume(math.isfinite(value))
    assert_line(forms.weighted_sum(units), values, value, decimals)


@given(st.data(), DECIMALS)
@examples(300)
def test_a_step_holds_however_small_it_is(data, decimals):
    w, g = numbers(data, 2)
    eta = data.draw(st.sampled_from([0.05, 0.1, 1.0, 1e-17, 1e-300]))
    (step,) = OPTIMIZERS["sgd"].program({}).assignments
    form = forms.assignment(step.expression)
    known = {"w": w, "g": g, "eta": eta}
    value = w - eta * g
    assume(math.isfinite(value))
    assert_line(form, [known[str(symbol)] for symbol in form.symbols], value, decimals)


@given(st.data(), DECIMALS)
@examples(150)
def test_a_step_over_a_root_holds_however_small_it_is(data, decimals):
    w = data.draw(USUAL)
    m, v = data.draw(ANY_SIZE), abs(data.draw(ANY_SIZE))
    symbols = sp.symbols("w m v e eta", real=True)
    a, b, c, e, eta = symbols
    form = Form(a - eta * b / (sp.sqrt(c) + e), symbols)
    value = w - 0.05 * m / (math.sqrt(v) + 1e-8)
    assume(math.isfinite(value))
    assert_line(form, [w, m, v, 1e-8, 0.05], value, decimals)


@pytest.mark.parametrize("power", [-20, -56, -80, -150, -290])
def test_a_tiny_step_over_a_root_is_no_equality(power):
    w, m, v, e, eta = symbols = sp.symbols("w m v e eta", real=True)
    form = Form(w - eta * m / (sp.sqrt(v) + e), symbols)
    values = [-0.3133351, 1.97 * 10.0**power, 0.25, 1e-8, 0.05]
    found = settle(line(form, values, -0.3133351, [True] * 5), 7)
    assert (found.relation, found.result.text) == ("≈", "−0.3133351")
    assert_holds(found)
    values[1] = 0.0
    assert settle(line(form, values, -0.3133351, [True] * 5), 7).relation == "="


@given(st.data(), DECIMALS)
@examples(200)
def test_a_measured_slope_holds(data, decimals):
    size = data.draw(st.floats(1e-3, 1e4))
    slope = data.draw(st.floats(-10.0, 10.0))
    step = data.draw(st.sampled_from([0.1, 0.01, 0.001, 1e-5]))
    before, moved = size, size + slope * step
    value = (moved - before) / step
    settled = settle(
        line(_quotient(), [moved, before, step], value, [False, False, True]), decimals
    )
    assert_holds(settled)


@pytest.mark.parametrize("name", ["half_squared_error", "squared_error", "mean_squared_error"])
@given(data=st.data(), units=st.integers(1, 3), decimals=DECIMALS)
@examples(100)
def test_a_squared_error_holds_and_leftovers_are_0(name, data, units, decimals):
    targets = data.draw(st.lists(st.one_of(SHORT, USUAL), min_size=units, max_size=units))
    ulps = data.draw(st.lists(st.integers(-3, 3), min_size=units, max_size=units))
    answers = [t + n * math.ulp(t) for t, n in zip(targets, ulps, strict=True)]
    y, h = np.array(targets), np.array(answers)
    value = float(LOSSES[name].kernel(y, h, h))
    settled = settle(line(forms.loss(name, units), [*targets, *answers], value), decimals)
    assert_holds(settled)


def test_what_rounding_leaves_under_a_square_is_shown_as_0():
    y, h = 0.3, 0.1 + 0.2
    value = 0.5 * (h - y) ** 2
    found = settle(line(forms.loss("half_squared_error", 1), [y, h], value), 4)
    assert value > 0
    assert (found.result.text, found.relation, found.remarks) == ("0", "=", frozenset(["noise"]))


def test_a_small_error_under_a_square_is_none_of_rounding():
    value = 0.5 * (0.3 + 1e-9 - 0.3) ** 2
    found = settle(line(forms.loss("half_squared_error", 1), [0.3, 0.3 + 1e-9], value), 4)
    assert found.result.text == "5.00 × 10⁻¹⁹"
    assert_holds(found)


def test_a_tie_that_float64_decides_the_other_way_is_shown_with_more_digits():
    """Two thirds of a tie, each off by a unit of rounding: the page shows one number, not two."""
    value = 0.5000043249999
    form = Form(sum(symbols := sp.symbols("p q", real=True)), symbols)
    found = settle(line(form, [0.25, 0.2500043249999], value), 8)
    assert half_up(read(found.result.text).value, Fraction(1, 10**8)) == Fraction(50000432, 10**8)


@pytest.mark.parametrize("margin", [0.0, 1.0, 28.0, 30.0, 36.0, 100.0, 700.0])
@pytest.mark.parametrize("target", [0, 1, 2])
def test_a_cross_entropy_holds_at_any_margin(margin, target):
    z, y = np.array([0.5, margin, -1.25]), np.eye(3)[target]
    value = float(LOSSES["cross_entropy"].kernel(y, z, z))
    form = forms.loss_from_logits("cross_entropy", 3, int(np.argmax(z)))
    assert form is not None
    known = {f"{n}{k + 1}": v[k] for n, v in (("y", y), ("z", z)) for k in range(3)}
    operands = [known[str(symbol)] for symbol in form.symbols]
    assert_holds(settle(line(form, operands, value), 4))
