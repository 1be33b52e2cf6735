"""A step of exactly 0 leaves a number exactly as it is, whatever root stands below it."""

from __future__ import annotations

import pytest
import sympy as sp

from each import each
from printed_numbers import line
from tracer.formula import Form
from tracer.typeset.truth import settle

W, G, S, EPSILON = SYMBOLS = sp.symbols("w g s epsilon", real=True)
ADAGRAD = Form(W - G * sp.Rational(1, 10) / (sp.sqrt(S) + EPSILON), SYMBOLS)


@each("size", [0.0003, 3.7, 9356.84772, 4.6e7, 1e12, 1e100])
@each("w", [0.29898512, -1.25, 3e-9])
def test_a_step_of_zero_is_exact(size, w):
    settled = settle(line(ADAGRAD, [w, 0.0, size, 1e-10], w), 4)
    assert settled.relation == "="


@pytest.mark.parametrize("size", [9356.84772, 4.6e7, 1e12])
def test_a_step_that_is_not_zero_is_rounded(size):
    settled = settle(line(ADAGRAD, [-0.3133351, 1e-56, size, 1e-10], -0.3133351), 4)
    assert settled.relation == "≈"


def test_what_is_left_must_be_the_result():
    power = Form(W + G * S + sp.exp(-S), SYMBOLS[:3])
    settled = settle(line(power, [0.5, 0.0, 9000.0], 0.5), 4)
    assert settled.relation == "≈"
