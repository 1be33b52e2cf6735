"""The arithmetics of the reader of printed pages agree where they know a value."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from tracer.reread.arithmetic import Arithmetic, ExactArithmetic, Float64, RationalArithmetic
from tracer.reread.evaluate import Evaluator
from tracer.reread.exact import InexactError
from tracer.reread.grammar import Call, Node, Number, Product, Quotient, Raised, Sum
from tracer.reread.tokens import Literal

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


RATIONAL, EXACT = RationalArithmetic(), ExactArithmetic()
DIGITS = st.integers(-300, 300).map(lambda n: Number(Literal(str(n / 100).replace("-", "−"))))
FORMULAS = st.recursive(
    DIGITS,
    lambda inner: st.one_of(
        st.builds(Product, inner, inner, st.just("⋅")),
        st.builds(Quotient, inner, inner),
        st.builds(lambda base, n: Raised(base, Number(Literal(str(n)))), inner, st.integers(0, 3)),
        st.lists(st.tuples(st.sampled_from([1, -1]), inner), min_size=1, max_size=3).map(
            lambda terms: Sum(tuple(terms))
        ),
        st.builds(lambda a, b: Call("max", (a, b)), inner, inner),
        st.builds(lambda a: Call("ReLU", (a,)), inner),
    ),
    max_leaves=6,
)


@examples(40)
@given(FORMULAS)
def test_rational_numbers_are_exact_ones(formula: Node) -> None:
    try:
        found = Evaluator(EXACT).value(formula)
    except ZeroDivisionError:
        with pytest.raises(ZeroDivisionError):
            Evaluator(RATIONAL).value(formula)
        return
    assert found.as_rational == Evaluator(RATIONAL).value(formula)


@pytest.mark.parametrize("name", ["σ", "tanh", "erf", "ln", "softplus", "cos"])
def test_a_function_is_left_to_another_arithmetic(name: str) -> None:
    with pytest.raises(InexactError):
        Evaluator(RATIONAL).value(Call(name, (Number(Literal("0.5")),)))


@pytest.mark.parametrize("arithmetic", [RATIONAL, EXACT])
def test_a_power_that_is_too_long_is_left_to_many_digits(arithmetic: Arithmetic) -> None:
    large = Raised(Number(Literal("1.5")), Number(Literal("999999")))
    with pytest.raises(InexactError):
        Evaluator(arithmetic).value(large)
