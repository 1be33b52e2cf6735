"""One quantity, one number: more digits extend the same digits, wherever it stands."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from examples import examples
from printed_numbers import half_up, read
from tracer.numerals import numeral

FINITE = st.floats(allow_nan=False, allow_infinity=False)
USUAL = st.floats(-1e7, 1e7)
#: Numbers whose digits go 4999… or 5000… somewhere, where rounding twice goes wrong.
TIES = st.builds(
    lambda whole, nines, end: float(f"{whole}.{nines}{end}"),
    st.integers(-999, 999),
    st.integers(0, 9999).map(str),
    st.sampled_from(["4999", "49999999", "4445", "5", "50000001", "95", "9949", "4999995"]),
)
VALUES = st.one_of(USUAL, TIES, TIES.map(lambda x: x * 1e-9), FINITE)
DECIMALS = st.integers(1, 12)
EXTRA = st.integers(0, 17)


@given(VALUES, DECIMALS, EXTRA, EXTRA, st.booleans())
@examples(1000)
@example(0.5000043249999, 8, 0, 3, False)
@example(0.43249, 3, 0, 1, False)
@example(999999.99996, 4, 0, 2, False)
def test_more_digits_round_to_fewer(value, decimals, few, many, binary):
    few, many = (0, many) if binary else sorted([few, many])
    less = numeral(value, decimals, few)
    more = numeral(value, decimals, many, binary=binary)
    short, long = read(less.text), read(more.text)
    unit = max(short.unit, Fraction(less.quantum))
    if long.unit > unit:
        return
    assert half_up(long.value, unit) == short.value, (less.text, more.text)


@given(VALUES, DECIMALS, EXTRA)
@examples(500)
def test_digits_are_a_rounding_of_the_value(value, decimals, extra):
    for binary in (False, True):
        shown = numeral(value, decimals, extra, binary=binary)
        apart = abs(read(shown.text).value - Fraction(value))
        assert apart <= Fraction(shown.quantum) / 2 + 16 * Fraction(math.ulp(value))
        assert shown.text not in ("−0", "-0")


@given(st.floats(1e-3, 1e5))
def test_as_exactly_the_float64_that_it_is(value):
    shown = numeral(value, 1, 80, binary=True)
    assert shown.value == Decimal(value)


@pytest.mark.parametrize(
    ("value", "decimals", "extra", "text"),
    [
        (0.43249, 3, 0, "0.432"),
        (0.43249, 3, 1, "0.43249"),
        (0.43251, 3, 1, "0.4325"),
        (0.432499, 3, 1, "0.432499"),
        (0.5000043249999, 8, 0, "0.50000432"),
        (0.5000043249999, 8, 1, "0.5000043249999"),
        (-0.43249, 3, 1, "−0.43249"),
    ],
)
def test_no_digit_that_would_be_rounded_up_again(value, decimals, extra, text):
    assert numeral(value, decimals, extra).text == text
