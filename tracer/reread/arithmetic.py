"""Four arithmetics for the same expressions: rational, exact, of many digits, and float64."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any, NoReturn, Protocol

import numpy as np

from tracer.reread.exact import MOST_BITS, Exact, InexactError, context, real
from tracer.reread.tokens import REMEMBERED, Literal, UnreadableError

DIGITS, SPARE = 60, 5  # float64's 17 three times over; the last five may hold what rounding left


class Arithmetic(Protocol):
    """Numbers with + − · / of their own, and the functions that have no operator."""

    def number(self, literal: Literal) -> Any:
        """A printed number."""

    def pi(self) -> Any:
        """π."""

    def exp(self, x: Any) -> Any:
        """e^x."""

    def log(self, x: Any) -> Any:
        """ln x."""

    def tanh(self, x: Any) -> Any:
        """tanh x."""

    def erf(self, x: Any) -> Any:
        """The error function."""

    def apply(self, name: str, x: Any) -> Any:
        """Any other function of one number, by its usual name, such as cos."""

    def sqrt(self, x: Any) -> Any:
        """√x."""

    def root(self, x: Any, power: Fraction) -> Any:
        """x to a power that is no whole number."""

    def power(self, x: Any, exponent: int) -> Any:
        """x to a whole power."""

    def sign(self, x: Any) -> float:
        """Negative, 0 or positive as x is."""


class ExactArithmetic:
    """Quotients of sums of powers of e, and logarithms of them; raises InexactError elsewhere."""

    def number(self, literal: Literal) -> Exact:
        """The digits as they stand."""
        if not literal.is_finite:
            raise InexactError
        return Exact.rational(literal.value)

    def pi(self) -> Exact:
        """Not within reach."""
        raise InexactError

    def exp(self, x: Exact) -> Exact:
        """e^x of a rational x."""
        return x.exp()

    def log(self, x: Exact) -> Exact:
        """ln x of a positive x."""
        return x.log()

    def tanh(self, x: Exact) -> Exact:
        """(e²ˣ − 1) / (e²ˣ + 1)."""
        square, one = (x + x).exp(), Exact.rational(1)
        return (square + -one) / (square + one)

    def erf(self, x: Exact) -> Exact:
        """Only erf 0."""
        if x.as_rational != 0:
            raise InexactError
        return x

    def apply(self, name: str, x: Exact) -> Exact:
        """Not within reach; raises UnreadableError for what no arithmetic knows."""
        function_of(name)
        raise InexactError

    def sqrt(self, x: Exact) -> Exact:
        """The root of a square."""
        return x.sqrt()

    def root(self, x: Exact, power: Fraction) -> Exact:
        """1 and square roots."""
        if x.as_rational == 1:
            return x
        return self.sqrt(x) ** int(2 * power) if power.denominator == 2 else _out_of_reach()

    def power(self, x: Exact, exponent: int) -> Exact:
        """A whole power."""
        return x**exponent

    def sign(self, x: Exact) -> float:
        """Decided exactly."""
        return x.sign()


class RationalArithmetic:
    """Rational numbers alone, which most lines need; raises InexactError elsewhere."""

    def number(self, literal: Literal) -> Fraction:
        """The digits as they stand."""
        return literal.value if literal.is_finite else _out_of_reach()

    def pi(self) -> Fraction:
        """Not within reach."""
        return _out_of_reach()

    def exp(self, x: Fraction) -> Fraction:
        """Not within reach, even of 0: then other numbers are met soon."""
        return _out_of_reach()

    log = tanh = erf = sqrt = exp

    def apply(self, name: str, x: Fraction) -> Fraction:
        """Not within reach."""
        return _out_of_reach()

    def root(self, x: Fraction, power: Fraction) -> Fraction:
        """Not within reach."""
        return _out_of_reach()

    def power(self, x: Fraction, exponent: int) -> Fraction:
        """A whole power, unless it is too long."""
        bits = max(x.numerator.bit_length(), x.denominator.bit_length())
        return x**exponent if bits * abs(exponent) <= MOST_BITS else _out_of_reach()

    def sign(self, x: Fraction) -> float:
        """Decided exactly."""
        return (x > 0) - (x < 0)


class ManyDigits:
    """Numbers of the precision that :data:`tracer.reread.exact.context` is set to, ±∞ and nan."""

    def number(self, literal: Literal) -> Any:
        """The digits as they stand, or ±∞ or nan."""
        if not literal.is_finite:
            return context.mpf({"∞": "inf", "−∞": "-inf"}.get(literal.text, "nan"))
        return real(literal.value)

    def pi(self) -> Any:
        """π to the precision in use."""
        return +context.pi

    def exp(self, x: Any) -> Any:
        """e^x."""
        return context.exp(x)

    def log(self, x: Any) -> Any:
        """ln x, −∞ at 0."""
        return context.log(x) if x else context.mpf("-inf")

    def tanh(self, x: Any) -> Any:
        """tanh x."""
        return context.tanh(x)

    def erf(self, x: Any) -> Any:
        """The error function, short of ±1 also where the digits in use do not show it."""
        found = _erf(x, context.prec)
        if abs(found) < 1 or not context.isfinite(x):
            return found
        return found * (1 - context.mpf(10) ** (SPARE - context.dps))

    def apply(self, name: str, x: Any) -> Any:
        """Any other function of one number, as mpmath knows it."""
        return function_of(name)(x)

    def sqrt(self, x: Any) -> Any:
        """√x."""
        return context.sqrt(x)

    def root(self, x: Any, power: Fraction) -> Any:
        """x to a power that is no whole number."""
        return context.power(x, real(power))

    def power(self, x: Any, exponent: int) -> Any:
        """x to a whole power."""
        return x**exponent

    def sign(self, x: Any) -> float:
        """The sign; nan for nan."""
        return math.nan if context.isnan(x) else float(context.sign(x))


@lru_cache(maxsize=REMEMBERED)
def _erf(x: Any, _precision: int) -> Any:
    """The error function, worked out once for the lines that share a number: it takes long."""
    return context.erf(x)


class Float64:
    """The arithmetic of the training itself, with its ∞ and nan."""

    def number(self, literal: Literal) -> Any:
        """The nearest float64."""
        text = literal.text.replace("−", "-").replace("∞", "inf")
        return np.float64(f"{text}e{literal.exponent}" if literal.is_finite else text)

    def pi(self) -> Any:
        """π."""
        return np.float64(math.pi)

    def exp(self, x: Any) -> Any:
        """e^x."""
        return np.exp(x)

    def log(self, x: Any) -> Any:
        """ln x."""
        return np.log(x)

    def tanh(self, x: Any) -> Any:
        """tanh x."""
        return np.tanh(x)

    def erf(self, x: Any) -> Any:
        """The error function."""
        return np.float64(math.erf(x))

    def apply(self, name: str, x: Any) -> Any:
        """Any other function of one number; nan where it has no real value."""
        try:
            found = function_of(name)(float(x))
            return np.float64(found) if context.isfinite(found) else np.float64(math.nan)
        except (TypeError, ValueError, ZeroDivisionError):
            return np.float64(math.nan)

    def sqrt(self, x: Any) -> Any:
        """√x."""
        return np.sqrt(x)

    def root(self, x: Any, power: Fraction) -> Any:
        """x to a power that is no whole number."""
        return np.float64(x) ** float(power)

    def power(self, x: Any, exponent: int) -> Any:
        """x to a whole power."""
        return x**exponent

    def sign(self, x: Any) -> float:
        """The sign; nan for nan."""
        return float(np.sign(x))


#: Functions of one number that formulas may hold beside those that have a method here.
GENERAL = frozenset(
    ["sin", "cos", "tan", "sinh", "cosh", "asin", "acos", "atan", "asinh", "acosh", "atanh", "erfc"]
)


def function_of(name: str) -> Any:
    """A function of many digits by its name. Raises UnreadableError for an unknown one."""
    if name not in GENERAL:
        raise UnreadableError(f"the function {name!r}")
    return getattr(context, name)


def _out_of_reach() -> NoReturn:
    raise InexactError
