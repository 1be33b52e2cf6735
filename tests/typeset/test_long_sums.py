"""Sums of any length are settled: a batch of thousands has lines of as many terms."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sympy as sp

from tracer.typeset.bounded import bounded_function, exact_function
from tracer.typeset.bounding import FLAT, bounded_source, exact_source


@pytest.mark.parametrize("terms", [1, 2, FLAT, FLAT + 1, 1000, 5000])
def test_a_sum_of_any_length_has_its_two_functions(terms: int) -> None:
    symbols = sp.symbols(f"x0:{terms}")
    total = sp.Add(*symbols, evaluate=False)
    exactly = exact_function(exact_source(symbols, total))
    bounded = bounded_function(bounded_source(symbols, total))
    assert exactly is not None
    assert bounded is not None
    assert exactly(*[Decimal("0.1")] * terms) == Decimal(terms) / 10
    value, lost = bounded(*[0.1] * terms)
    assert abs(value - terms / 10) <= lost < 1e-9 * terms
