"""What computes formulas to many digits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from tracer.typeset.calculation import FEW_BITS, arithmetic, exponential

DIGITS = 250  # from 182 on mpmath takes its slow way to e^z

#: Whole numbers and others, on both sides of the size from which e^z is made in another way.
WHOLE = st.integers(-(2 ** (3 * FEW_BITS)), 2 ** (3 * FEW_BITS))


@examples(60)
@given(WHOLE, st.integers(0, 3), st.booleans())
def test_e_to_any_power_has_all_its_digits(whole: int, halvings: int, small: bool) -> None:
    with arithmetic.workdps(DIGITS):
        z = arithmetic.ldexp(whole % 10_000 if small else whole, -halvings)
        found = exponential(z)
        with arithmetic.workdps(DIGITS + 20):
            wanted = arithmetic.exp(z)
        assert abs(found - wanted) <= arithmetic.ldexp(abs(wanted), 2 - arithmetic.prec)


def test_e_to_nothing_and_to_infinity() -> None:
    infinity = arithmetic.inf
    assert (exponential(arithmetic.mpf(0)), exponential(infinity), exponential(-infinity)) == (
        1,
        infinity,
        0,
    )
    assert arithmetic.isnan(exponential(arithmetic.nan))


def test_a_huge_whole_power_is_not_made_by_squaring(monkeypatch) -> None:
    def slow(*_: object) -> None:
        raise AssertionError("e is squared bit by bit")

    monkeypatch.setattr("mpmath.libmp.libelefun.mpf_pow_int", slow)
    with arithmetic.workdps(DIGITS):
        assert exponential(arithmetic.mpf(10) ** 80) > 10**9
