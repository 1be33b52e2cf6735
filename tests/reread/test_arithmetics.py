"""The arithmetics of the reader of printed pages agree where they know a value."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

from tracer.reread.arithmetic import Float64

FLOAT = Float64()
NUMBERS = [-2.5, -1.0, 0.0, 0.25, 1.0, 3.0]


@pytest.mark.parametrize("x", NUMBERS)
def test_float64_is_the_arithmetic_of_the_training(x: float) -> None:
    assert FLOAT.exp(x) == pytest.approx(math.exp(x), rel=1e-15)
    assert FLOAT.tanh(x) == pytest.approx(math.tanh(x), rel=1e-15)
    assert FLOAT.erf(x) == math.erf(x)
    assert FLOAT.sign(x) == math.copysign(1, x) * (x != 0)
    if x > 0:
        assert FLOAT.log(x) == pytest.approx(math.log(x), rel=1e-15)
        assert FLOAT.sqrt(x) == math.sqrt(x)
        assert FLOAT.root(x, Fraction(1, 3)) == pytest.approx(x ** (1 / 3), rel=1e-15)
    assert FLOAT.pi() == math.pi


@pytest.mark.parametrize(("name", "x"), [("log", -1.0), ("acos", 2.0), ("acosh", 0.0)])
def test_what_has_no_real_value_is_no_number(name: str, x: Any) -> None:
    assert math.isnan(FLOAT.apply(name, x))
