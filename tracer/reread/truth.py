"""Is a printed equation true? Its result against the value of its printed numbers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from tracer.reread.arithmetic import (
    DIGITS,
    Arithmetic,
    ExactArithmetic,
    Float64,
    ManyDigits,
    RationalArithmetic,
)
from tracer.reread.evaluate import (
    Definitions,
    Evaluator,
    calls,
    digits_for,
    flat,
    literals,
)
from tracer.reread.exact import GUARD, SURE, Exact, InexactError, context, real
from tracer.reread.grammar import Node
from tracer.reread.reason import Reason, because
from tracer.reread.tokens import REMEMBERED, Literal, UnreadableError

# the contract of printed numbers, stated here a second time on purpose: this reader trusts nobody
SIGNIFICANT = 3
# likewise the contract's bounds of plain writing
SMALL, LARGE = Fraction(1, 10**6), Fraction(10**6)
FLOAT_MAX = Fraction(sys.float_info.max)
FAR = 10_000  # a power of 2 beyond any float64 (2^±1075) and small enough to be written out
# the smallest float64 is 2^−1074: what is at most half of it is 0 there
HALF_OF_FLOAT_MIN = Fraction(1, 2**1075)
REPORTED = 40  # digits: twice those of float64, so that a message shows where two numbers part


@dataclass(frozen=True)
class Entry:
    """One number of a result, against the value it should show.

    ``error`` says what is wrong with it; None if nothing is. ``same`` says whether it is exactly
    the value; nan, which float64 computes and nothing rounds, counts as such.
    """

    value: Decimal | None
    same: bool
    error: Reason | None = None


@dataclass(frozen=True)
class Judge:
    """Judges results. ``decimals`` is how many digits stand after the point at least.

    ``noise`` says that the page declares the result to be rounding noise, shown as 0.
    ``defined`` are the functions that only these pages know.
    """

    decimals: int = 0
    noise: bool = False
    defined: Definitions = field(default_factory=dict)

    def entries(self, node: Node, results: Sequence[Literal]) -> list[Entry]:
        """An entry for each result, in the order of the value's numbers."""
        if self.defined:
            return self.evaluated(node, results)
        return [*_known_entries(self.decimals, self.noise, node, tuple(results))]

    def evaluated(self, node: Node, results: Sequence[Literal]) -> list[Entry]:
        """The same, whether or not it was asked before."""
        try:
            return self._evaluated(node, results)
        except ZeroDivisionError:
            if not any(result.text == "nan" for result in results):
                raise
            values = _in_float64(node, self.defined, absorbing=False)
            return [self._extended(v, r) for v, r in _pairs(values, results)]

    def _evaluated(self, node: Node, results: Sequence[Literal]) -> list[Entry]:
        if not all(literal.is_finite for literal in literals(node)):
            return self._with_infinities(node, results)
        with suppress(InexactError):
            values = self._values(RationalArithmetic(), node)
            return [self._rational(v, r, node) for v, r in _pairs(values, results)]
        with suppress(InexactError):
            values = self._values(ExactArithmetic(), node)
            return [self._exact(v, r, node) for v, r in _pairs(values, results)]
        return self._many_digits(node, results)

    def _values(self, arithmetic: Arithmetic, node: Node) -> list[Any]:
        return flat(Evaluator(arithmetic, defined=self.defined).value(node))

    def _many_digits(self, node: Node, results: Sequence[Literal]) -> list[Entry]:
        with context.workdps(digits_for(node)):
            found = self._values(ManyDigits(), node)
            values = [_fraction(v) for v in found]
        if calls(node, "erf") or calls(node, "GELU"):
            same = [_are_zeros(v, r) for v, r in _pairs(found, results)]
        else:
            same = _are_same(node, results, self.defined)
        return [
            self._finite(v, r, is_same, node)
            for (v, r), is_same in zip(_pairs(values, results), same, strict=True)
        ]

    def _rational(self, value: Fraction, result: Literal, node: Node) -> Entry:
        return self._finite(value, result, result.is_finite and value == result.value, node)

    def _exact(self, value: Exact, result: Literal, node: Node) -> Entry:
        if value.as_rational is not None:
            return self._rational(value.as_rational, result, node)
        same = result.is_finite and value.equals(result.value)
        return self._finite(_fraction(value.number(DIGITS)), result, same, node)

    def _finite(self, value: Fraction, result: Literal, same: bool, node: Node) -> Entry:
        shown = _decimal(value)
        if not result.is_finite:
            is_nan = result.text == "nan"
            return Entry(
                shown, same=is_nan, error=_overflow_error(value, result, node, self.defined)
            )
        if same:
            return Entry(shown, same=True)
        if not result.value:
            return Entry(shown, same=False, error=self._zero_error(value))
        error = self._rounding_error(value, result)
        return Entry(shown, same=False, error=error)

    def _zero_error(self, value: Fraction) -> Reason | None:
        if abs(value) <= HALF_OF_FLOAT_MIN:
            return None
        limit = Fraction(1, 2 * 10**self.decimals)
        if self.noise and abs(value) <= limit:
            return None
        return because("zero_for", value=_decimal(value))

    def _rounding_error(self, value: Fraction, result: Literal) -> Reason | None:
        if abs(value - result.value) > result.unit / 2:
            return because("no_rounding", result=result, value=_decimal(value))
        if result.significant < SIGNIFICANT:
            return because("few_significant", result=result, least=SIGNIFICANT)
        if not result.scientific and result.places < self.decimals:
            return because("few_decimals", result=result, least=self.decimals)
        return None

    def _with_infinities(self, node: Node, results: Sequence[Literal]) -> list[Entry]:
        """Where ∞ and nan take part; 0 · ∞ may count as nan or as 0, the same in all entries.

        A finite step may outgrow float64 too, and then meets an ∞ of the other sign.
        """
        kinds = (False, True)
        with context.workdps(DIGITS):
            ways = [_beyond_float64(node, self.defined, absorbing=absorbing) for absorbing in kinds]
            ways += [_in_float64(node, self.defined, absorbing=absorbing) for absorbing in kinds]
        found = [[self._extended(v, r) for v, r in _pairs(way, results)] for way in ways]
        good = [entries for entries in found if not any(entry.error for entry in entries)]
        return (good or found)[0]

    def _extended(self, value: Any, result: Literal) -> Entry:
        if context.isfinite(value):
            fraction = _fraction(value)
            shown, same = _decimal(fraction), result.is_finite and fraction == result.value
            if not result.is_finite:
                return Entry(shown, same=False, error=_other_value(result, shown))
            error = None if same else self._rounding_error(fraction, result)
            return Entry(shown, same=same, error=error)
        text = "nan" if context.isnan(value) else "∞" if value > 0 else "−∞"
        same = result.text == text
        return Entry(None, same=same, error=None if same else _other_value(result, text))


@lru_cache(maxsize=REMEMBERED)
def _known_entries(
    decimals: int, noise: bool, node: Node, results: tuple[Literal, ...]
) -> tuple[Entry, ...]:
    """What is printed on several pages, or in two notations, is evaluated once."""
    return tuple(Judge(decimals, noise).evaluated(node, results))


def _other_value(result: Literal, value: object) -> Reason:
    return because("other_value", result=result, value=value)


def relation_error(relation: str, entries: Sequence[Entry]) -> Reason | None:
    """What is wrong with the sign between numbers and result; None if nothing is."""
    same = all(entry.same for entry in entries)
    if relation == "=":
        return None if same else because("equals_though_rounded")
    if relation == "≈":
        return because("wavy_though_exact") if same else None
    return because("no_relation", sign=relation)


def form_error(result: Literal) -> Reason | None:
    """What is wrong with the way a result is written; None if nothing is."""
    if not result.is_finite or not result.value:
        return None
    size, whole = abs(result.value), result.text.strip("−").partition(".")[0]
    if not result.scientific:
        is_plain = SMALL <= size < LARGE
        return None if is_plain else because("needs_power_of_ten", result=result)
    if len(whole) != 1 or whole == "0":
        return because("not_one_digit_before_point", result=result)
    return because("needs_no_power_of_ten", result=result) if SMALL < size < LARGE else None


def _overflow_error(
    value: Fraction, result: Literal, node: Node, defined: Definitions
) -> Reason | None:
    """Why ∞ or nan may not stand for a finite value: neither it nor a step to it overflows."""
    beyond = {"∞": value > FLOAT_MAX, "−∞": value < -FLOAT_MAX}
    if beyond.get(result.text):
        return None
    steps = _float64_steps(node, defined)
    if result.text == "nan":
        overflows = not all(np.isfinite(step) for step in steps)
    else:
        overflows = np.float64(result.text.replace("−", "-").replace("∞", "inf")) in steps
    return None if overflows else _other_value(result, _decimal(value))


def _float64_steps(node: Node, defined: Definitions) -> list[Any]:
    with np.errstate(all="ignore"):
        evaluator = Evaluator(Float64(), defined=defined)
        evaluator.value(node)
    return evaluator.steps


def _beyond_float64(node: Node, defined: Definitions, *, absorbing: bool) -> list[Any]:
    try:
        many = Evaluator(ManyDigits(), absorbing=absorbing, defined=defined)
        return flat(many.value(node))
    except ZeroDivisionError:
        return _in_float64(node, defined, absorbing=absorbing)


def _in_float64(node: Node, defined: Definitions, *, absorbing: bool) -> list[Any]:
    with np.errstate(all="ignore"):
        evaluator = Evaluator(Float64(), absorbing=absorbing, defined=defined)
        values = flat(evaluator.value(node))
    return [context.mpf(float(value)) for value in values]


def _are_same(node: Node, results: Sequence[Literal], defined: Definitions) -> list[bool]:
    """Whether each value is its result exactly: to so many digits, and to as many more.

    Two numbers that agree in 40 digits may still differ.
    """
    same = [True] * len(results)
    for digits, spare in ((REPORTED, DIGITS - REPORTED), (SURE, GUARD)):
        with context.workdps(max(digits_for(node), digits + spare)):
            values = flat(Evaluator(ManyDigits(), defined=defined).value(node))
            pairs = _pairs(values, results)
            same = [_is_same(v, r, digits) for v, r in pairs]
        if not any(same):
            break
    return same


def _are_zeros(value: Any, result: Literal) -> bool:
    """Whether both are 0: values of erf are no printed number wherever they are not 0."""
    return result.is_finite and not value and not result.value


def _is_same(value: Any, result: Literal, digits: int) -> bool:
    if not result.is_finite:
        return False
    if not value:
        return not value and not result.value
    close = context.mpf(10) ** -digits * abs(value)
    return bool(abs(value - real(result.value)) <= close)


def _pairs(values: list[Any], results: Sequence[Literal]) -> list[tuple[Any, Literal]]:
    if len(values) != len(results):
        raise UnreadableError(f"{len(results)} results for {len(values)} values")
    return list(zip(values, results, strict=True))


def _fraction(value: Any) -> Fraction:
    """A finite number of many digits; one far beyond float64 is replaced by another such."""
    if not value:
        return Fraction(0)
    size = context.mag(value)
    if abs(size) > FAR:
        return Fraction(2) ** (FAR if size > 0 else -FAR) * (1 if value > 0 else -1)
    return Fraction(context.nstr(value, DIGITS))


def _decimal(value: Fraction) -> Decimal:
    with context.workdps(DIGITS):
        return Decimal(context.nstr(real(value), REPORTED))
