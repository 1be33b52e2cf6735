"""Numbers as text: the digits that are shown, and what they never are."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from each import each
from examples import examples
from tracer.numerals import (
    EXACT_WITHIN_ULPS,
    exact_numeral,
    label_text,
    last_digit,
    numeral,
    power_of_ten,
    round_to,
    show,
)

FINITE = st.floats(allow_nan=False, allow_infinity=False)
USUAL = st.floats(min_value=-1e8, max_value=1e8, allow_nan=False)
DECIMALS = st.integers(min_value=1, max_value=12)
EXTRA = st.integers(min_value=0, max_value=9)
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
TEXT = re.compile(r"(−?)(\d+)(?:\.(\d+))?(?: × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?")

SHOWN = [
    (0.12344, 4, "0.1234"),
    (0.12345, 4, "0.1235"),
    (-0.12345, 4, "−0.1235"),
    (0.00034213, 4, "0.000342"),
    (0.00034253, 2, "0.000343"),
    (0.034213, 2, "0.0342"),
    (12.345, 2, "12.35"),
    (2.675, 2, "2.68"),
    (1.005, 2, "1.01"),
    (123456.789, 4, "123456.789"),
    (123456.78912, 4, "123456.7891"),
    (0.5, 4, "0.5"),
    (-2.0, 4, "−2"),
    (0.1 + 0.2, 4, "0.3"),
    (0.1 + 0.2, 12, "0.3"),
    (1 / 3, 12, "0.333333333333"),
    (0.99996, 4, "1.0000"),
    (1875.0812499999998, 4, "1875.0813"),
    (-202.27724999999998, 4, "−202.2773"),
    (0.0, 4, "0"),
    (-0.0, 4, "0"),
    (1e-6, 4, "0.000001"),
    (1.2345e-6, 4, "0.00000123"),
    (9.994e-7, 4, "9.99 × 10⁻⁷"),
    (1.2345e-7, 4, "1.23 × 10⁻⁷"),
    (-1.235e-7, 4, "−1.24 × 10⁻⁷"),
    (5e-324, 4, "5 × 10⁻³²⁴"),
    (999999.0, 4, "999999"),
    (999999.99996, 4, "1.00 × 10⁶"),
    (1e6, 4, "1 × 10⁶"),
    (1234567.0, 4, "1.23 × 10⁶"),
    (-1.7976931348623157e308, 4, "−1.80 × 10³⁰⁸"),
    (math.inf, 4, "∞"),
    (-math.inf, 4, "−∞"),
    (math.nan, 4, "nan"),
]
EXACT = [
    (0.1 + 0.2, "0.30000000000000004"),
    (0.25, "0.25"),
    (-0.0, "0"),
    (10_000_000.0, "10000000"),
    (0.000001, "0.000001"),
    (1e-7, "1 × 10⁻⁷"),
    (1.5e300, "1.5 × 10³⁰⁰"),
    (12345678.5, "1.23456785 × 10⁷"),
    (-math.inf, "−∞"),
]


@each(("value", "decimals", "text"), SHOWN)
def test_what_is_shown(value: float, decimals: int, text: str) -> None:
    assert show(value, decimals) == text


@each(("value", "text"), EXACT)
def test_what_is_exact_has_all_its_digits(value: float, text: str) -> None:
    assert exact_numeral(value).text == text


@each(
    ("value", "extra", "text"),
    [(1 / 3, 2, "0.333333"), (1 / 3e4, 1, "0.00003333"), (1 / 3e8, 3, "3.33333 × 10⁻⁹")],
)
def test_extra_digits(value: float, extra: int, text: str) -> None:
    assert numeral(value, 4, extra).text == text


@each(("value", "wrapped"), [(0.5, False), (-0.5, True), (1e-9, True), (0.0, False), (-0.0, False)])
def test_what_needs_parentheses(value: float, wrapped: bool) -> None:
    assert numeral(value, 4).needs_parentheses is wrapped


def read(text: str) -> tuple[Fraction, Fraction, int]:
    """(value, weight of the last digit, significant digits) of a text, by the text alone."""
    found = TEXT.fullmatch(text)
    assert found, text
    minus, whole, behind, power = found[1], found[2], found[3] or "", found[4]
    scale = Fraction(10) ** int((power or "0").translate(SUPERSCRIPTS))
    unit = scale / 10 ** len(behind)
    value = int(whole + behind) * unit
    return (-value if minus else value), unit, len((whole + behind).lstrip("0"))


def ulps(value: float, count: int) -> Fraction:
    return count * Fraction(math.ulp(value))


@given(st.one_of(FINITE, USUAL), DECIMALS, EXTRA)
@example(999999.9999999999, 4, 0)
@example(524288.9299338013, 8, 0)
@example(9.995e-7, 1, 0)
@example(0.00099999999, 4, 0)
@examples(400)
def test_the_text_reads_back_within_half_a_unit(value: float, decimals: int, extra: int) -> None:
    shown, unit, significant = read(numeral(value, decimals, extra).text)
    difference = abs(shown - Fraction(value))
    assert difference <= unit / 2 + ulps(value, 4)
    is_exact = difference <= ulps(value, EXACT_WITHIN_ULPS + 1)
    assert is_exact or significant >= 3 + extra * (abs(shown) < 1)
    assert is_exact or unit <= Fraction(1, 10**decimals) or "×" in numeral(value, decimals).text


@given(st.one_of(FINITE, USUAL), DECIMALS)
@examples(300)
def test_the_form_follows_from_the_size(value: float, decimals: int) -> None:
    found = numeral(value, decimals)
    size = abs(read(found.text)[0])
    assert (found.exponent is not None) == (size != 0 and not Fraction(1, 10**6) <= size < 10**6)
    if found.exponent is not None:
        assert 1 <= abs(read(found.mantissa)[0]) < 10
    assert found.value is not None
    assert Fraction(found.value) == read(found.text)[0]


@given(st.one_of(FINITE, USUAL), DECIMALS)
def test_never_a_negative_zero_and_always_the_mirror_image(value: float, decimals: int) -> None:
    text, mirrored = show(value, decimals), show(-value, decimals)
    assert "-" not in text + mirrored
    if read(text)[0] == 0:
        assert text == mirrored == "0"
    else:
        assert {text, mirrored} == {text.lstrip("−"), "−" + text.lstrip("−")}


@given(st.integers(-(10**9), 10**9), st.integers(1, 6))
def test_a_tie_goes_away_from_zero(number: int, decimals: int) -> None:
    """Of decimal numbers that end in 5, on which float64 and hand must not disagree."""
    exact = Decimal(number * 10 + 5).scaleb(-decimals - 1)
    if not Decimal("0.01") <= abs(exact) < Decimal(10) ** 6:
        return
    expected = exact.quantize(Decimal(1).scaleb(-max(decimals, 4)), rounding=ROUND_HALF_UP)
    shown = read(show(float(exact), max(decimals, 4)))[0]
    assert shown == Fraction(expected)
    assert read(show(float(exact), decimals))[0] == Fraction(
        exact.quantize(last_digit(exact, decimals), rounding=ROUND_HALF_UP)
    )


@given(st.integers(-(10**7), 10**7), st.integers(0, 6))
def test_what_needs_fewer_digits_is_shown_exactly(number: int, places: int) -> None:
    exact = Decimal(number).scaleb(-places)
    if abs(exact) >= 10**6 or 0 < abs(exact) < Decimal("1e-6"):
        return
    shown = exact_numeral(float(exact)).text
    assert read(shown)[0] == Fraction(exact)
    assert show(float(exact), max(places, 4)) == shown


@given(FINITE)
def test_an_exact_number_reads_back_to_the_same_float(value: float) -> None:
    shown = read(exact_numeral(value).text)[0]
    assert float(shown) == value


@pytest.mark.parametrize(
    ("value", "quantum", "rounded"),
    [("0.5", "1", "1"), ("-0.5", "1", "-1"), ("1.49", "1", "1"), ("123", "1E+1", "1.2E+2")],
)
def test_rounding_to_a_unit(value: str, quantum: str, rounded: str) -> None:
    assert round_to(Decimal(value), Decimal(quantum)) == Decimal(rounded)


@given(st.integers(-400, 400))
def test_a_power_of_ten_reads_back(exponent: int) -> None:
    ordinary = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    assert int(power_of_ten(exponent).removeprefix("10").translate(ordinary)) == exponent


def test_a_label_is_a_number_or_a_text() -> None:
    assert [label_text(label, str.upper) for label in (-1, 0.5, "yes", "-1")] == [
        *("−1", "0.5"),
        *("YES", "-1"),
    ]
