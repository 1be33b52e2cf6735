"""Exact numbers as far as they go: rational combinations of e to rational powers.

By the Lindemann–Weierstrass theorem the powers e^r of distinct rational r are linearly independent
over the rationals. So whether a quotient of sums Σ c e^r equals a rational number is decided by
comparing coefficients, however many digits the two agree in: 1 / (1 + e⁻⁸⁰⁰) is not 1.

Typesetting settles the same question in its own way, by as many digits as tell the two apart
(tracer.typeset.values): it chooses the sign that is judged here, and a judge that asked the accused
would pass every fault of his. A test holds the two ways to each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import mpmath

# e^−40,000 beside 1 needs 17,400; what cancels further is far below any float64
MOST_DIGITS = 20_000
# 40 digits are twice what float64 tells apart; what then still agrees is asked for in 1,000
GUARD, SURE = 40, 1_000
MOST_TERMS, MOST_BITS = 1_000, 200_000
"""What is longer is left to an arithmetic of many digits."""

context: Any = mpmath.mp.clone()
"""Arithmetic of its own, so that nobody else's precision matters."""


class InexactError(ArithmeticError):
    """A value that is no rational combination of powers of e, or too long a one."""


@dataclass(frozen=True)
class PowerSum:
    """Σ c e^r as {r: c}, without zero coefficients."""

    terms: Mapping[Fraction, Fraction]

    @classmethod
    def of(cls, *pairs: tuple[Fraction, Fraction]) -> PowerSum:
        """The sum of the (r, c) pairs."""
        terms: dict[Fraction, Fraction] = {}
        for power, coefficient in pairs:
            before = terms.get(power)
            terms[power] = coefficient if before is None else before + coefficient
        return cls({power: c for power, c in terms.items() if c})

    def __add__(self, other: PowerSum) -> PowerSum:
        return PowerSum.of(*self.terms.items(), *other.terms.items())

    def __mul__(self, other: PowerSum) -> PowerSum:
        if self is ONE or other is ONE:
            return other if self is ONE else self
        if len(self.terms) * len(other.terms) > MOST_TERMS:
            raise InexactError
        return PowerSum.of(
            *((p + q, c * d) for p, c in self.terms.items() for q, d in other.terms.items())
        )

    def times(self, factor: Fraction) -> PowerSum:
        """Every coefficient times ``factor``."""
        return PowerSum.of(*((power, c * factor) for power, c in self.terms.items()))

    @property
    def bits(self) -> int:
        """The bits of its longest numerator or denominator."""
        parts = [part for pair in self.terms.items() for part in pair]
        return max(
            (max(part.numerator.bit_length(), part.denominator.bit_length()) for part in parts),
            default=0,
        )

    def number(self, digits: int) -> Any:
        """The value to ``digits`` digits; terms that cancel cost more work, never digits."""
        if not self.terms:
            return context.mpf(0)
        working = digits + GUARD + max(len(str(abs(power) // 1)) for power in self.terms)
        while True:
            with context.workdps(working):
                parts = [real(c) * context.exp(real(r)) for r, c in self.terms.items()]
                total, largest = context.fsum(parts), max(abs(part) for part in parts)
                lost = context.mpf(10) ** (digits - working) * largest
                if abs(total) > lost or working > MOST_DIGITS:
                    return total
            working *= 4


PLAIN = Fraction(0)
"""The power of e that a rational number stands beside."""
ONE, ZERO = PowerSum.of((PLAIN, Fraction(1))), PowerSum.of()


@dataclass(frozen=True, eq=False)
class Exact:
    """``above`` / ``below`` + Σ c ln X over ``logs``, whose X are such quotients themselves."""

    above: PowerSum
    below: PowerSum = ONE
    logs: tuple[tuple[Fraction, Exact], ...] = field(default=())

    @classmethod
    def rational(cls, value: Fraction | int) -> Exact:
        """A rational number."""
        return cls(PowerSum.of((PLAIN, Fraction(value))))

    @cached_property
    def as_rational(self) -> Fraction | None:
        """The rational number that this is, if it is one and no logarithm is left."""
        if self.logs:
            return None
        if not self.above.terms:
            return Fraction(0)
        if self.below is ONE:
            return self.above.terms.get(PLAIN) if len(self.above.terms) == 1 else None
        power, coefficient = next(iter(self.below.terms.items()))
        factor = self.above.terms.get(power, Fraction(0)) / coefficient
        same = factor and self.below.times(factor).terms == self.above.terms
        return factor if same else None

    @property
    def constant(self) -> Fraction:
        """The rational number that this is; raises InexactError if it is none."""
        if self.as_rational is None:
            raise InexactError
        return self.as_rational

    def __neg__(self) -> Exact:
        return self._scaled(Fraction(-1))

    def __add__(self, other: Exact) -> Exact:
        if self.below is other.below:
            above = self.above + other.above
            return Exact(above, self.below, _gathered((*self.logs, *other.logs)))
        above = self.above * other.below + other.above * self.below
        return Exact(above, self.below * other.below, _gathered((*self.logs, *other.logs)))

    def __mul__(self, other: Exact) -> Exact:
        if self.logs or other.logs:
            plain, scaled = (self, other) if other.logs else (other, self)
            return scaled._scaled(plain.constant)
        return Exact(self.above * other.above, self.below * other.below)

    def __truediv__(self, other: Exact) -> Exact:
        if other.as_rational == 0:
            raise ZeroDivisionError
        if self.logs or other.logs:
            return self._scaled(1 / other.constant)
        if other.as_rational is not None:
            return self._scaled(1 / other.as_rational)
        return Exact(self.above * other.below, self.below * other.above)

    def __pow__(self, exponent: int) -> Exact:
        if max(self.above.bits, self.below.bits) * abs(exponent) > MOST_BITS:
            raise InexactError
        found, square, rest = Exact.rational(1), self, abs(exponent)
        while rest:
            found = found * square if rest % 2 else found
            square, rest = (square * square if rest > 1 else square), rest // 2
        return found if exponent >= 0 else Exact.rational(1) / found

    def exp(self) -> Exact:
        """e to this, if this is rational."""
        return Exact(PowerSum.of((self.constant, Fraction(1))))

    def log(self) -> Exact:
        """The natural logarithm of a positive number without logarithms.

        The largest power of e comes out of it, ln (e^r X) = r + ln X, so that it cancels exactly.
        """
        if self.logs:
            raise InexactError
        if self.sign() <= 0:
            raise ValueError("the logarithm of a number that is not positive")
        power = max(self.above.terms) - max(self.below.terms)
        rest = self * Exact(PowerSum.of((-power, Fraction(1))))
        logs = () if rest.as_rational == 1 else ((Fraction(1), rest),)
        return Exact(PowerSum.of((Fraction(0), power)), ONE, logs)

    def sqrt(self) -> Exact:
        """The root of the square of a rational number."""
        value = self.constant
        with context.workdps(GUARD):
            guess = Fraction(str(context.nstr(context.sqrt(real(value)), 17)))
        if guess**2 != value:
            raise InexactError
        return Exact.rational(guess)

    def equals(self, value: Fraction) -> bool:
        """Whether this is exactly ``value``; several logarithms are compared by their digits.

        One logarithm of a number that is no power of e makes the whole irrational.
        """
        if not self.logs:
            return (self.above + self.below.times(-value)).terms == {}
        if len(self.logs) == 1 and Exact(self.above, self.below).as_rational is not None:
            return False
        return all(self._is_near(value, digits) for digits in (GUARD, SURE))

    def _is_near(self, value: Fraction, digits: int) -> bool:
        with context.workdps(digits + GUARD):
            return bool(abs(self.number(digits) - real(value)) < context.mpf(10) ** -digits)

    def sign(self) -> int:
        """−1, 0 or 1."""
        if self.as_rational == 0:
            return 0
        return 1 if self.number(GUARD) > 0 else -1

    def number(self, digits: int) -> Any:
        """The value to ``digits`` digits, also where terms cancel."""
        working = digits
        while True:
            with context.workdps(working + GUARD):
                parts = [self.above.number(working) / self.below.number(working)]
                parts += [real(factor) * of.log_number(working) for factor, of in self.logs]
                total, largest = context.fsum(parts), max(abs(part) for part in parts)
                lost = largest * context.mpf(10) ** (digits - working - GUARD // 2)
                if abs(total) > lost or not largest or working > MOST_DIGITS:
                    return total
            working *= 4

    def log_number(self, digits: int) -> Any:
        """ln of this: from its distance to 1, which is exact also where it is tiny."""
        return context.log1p((self + Exact.rational(-1)).number(digits))

    def _scaled(self, factor: Fraction) -> Exact:
        logs = tuple((c * factor, of) for c, of in self.logs) if factor else ()
        return Exact(self.above.times(factor), self.below, logs)


def _gathered(logs: tuple[tuple[Fraction, Exact], ...]) -> tuple[tuple[Fraction, Exact], ...]:
    """Logarithms of the same number as one, so that they cancel exactly."""
    found: dict[object, tuple[Fraction, Exact]] = {}
    for factor, of in logs:
        key = frozenset(of.above.terms.items()), frozenset(of.below.terms.items())
        found[key] = found.get(key, (Fraction(0), of))[0] + factor, of
    return tuple((factor, of) for factor, of in found.values() if factor)


def real(value: Fraction) -> Any:
    """A rational number to the digits in use."""
    return context.mpf(value.numerator) / value.denominator
