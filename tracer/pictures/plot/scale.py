"""Axes: which values get a tick, how the ticks are written, and where a value lies.

Ticks are counted in exact fractions, so that they neither drift nor overflow.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tracer.formula import FloatArray
from tracer.numerals import power_of_ten
from tracer.pictures.plot.geometry import tidy

_LARGEST = sys.float_info.max
# the steps that people count in; others make ticks that are hard to read between
_STEPS = (1, 2, 5)
_LONG_ZEROS = 4  # zeros that are still read at a glance; more become a power of ten
_FAR = 1e6  # times the plot's width: beyond, browsers lose the digits of a path


@dataclass(frozen=True)
class Tick:
    """A value of the axis and its text."""

    value: float
    text: str


@dataclass(frozen=True)
class Scale:
    """Maps values from [low, high] to positions from ``start`` to ``stop``; log₁₀ if ``log``."""

    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """The position of ``value``, which may lie outside the range a little, never far."""
        share = min(max(self.share(value), -0.5), 1.5)
        return tidy(self.start + share * (self.stop - self.start))

    def far(self, value: float) -> float:
        """The position of ``value``, however far outside: up to a million times the range."""
        share = min(max(self.share(value), -_FAR), _FAR)
        return self.start + share * (self.stop - self.start)

    def places(self, values: FloatArray) -> list[float]:
        """The positions of many values, each as it is alone."""
        return [
            round(self.start + share * (self.stop - self.start), 1) + 0.0
            for share in np.clip(self.shares(values), -0.5, 1.5).tolist()
        ]

    def far_places(self, values: FloatArray) -> list[float]:
        """The same, however far outside."""
        shares = np.clip(self.shares(values), -_FAR, _FAR)
        found: list[float] = (self.start + shares * (self.stop - self.start)).tolist()
        return found

    def shares(self, values: FloatArray) -> FloatArray:
        """The share of each value. The logarithm is Python's: NumPy's may have another last bit."""
        if self.log:
            return np.array([self.share(value) for value in values.tolist()])
        unit = max(abs(self.low), abs(self.high))
        low, high = self.low / unit, self.high / unit
        with np.errstate(all="ignore"):
            return (values / unit - low) / (high - low)

    def share(self, value: float) -> float:
        """0 at ``low``, 1 at ``high``."""
        if self.log:
            low, high, at = math.log10(self.low), math.log10(self.high), math.log10(value)
            return (at - low) / (high - low)
        unit = max(abs(self.low), abs(self.high))
        low, high = self.low / unit, self.high / unit
        return (value / unit - low) / (high - low)


def spread(values: Iterable[float], pad: float = 0.0) -> tuple[float, float]:
    """(low, high) around the finite ``values``, wider by the share ``pad`` on both sides.

    low < high always holds, with enough room between them for ticks; (0, 1) without any value.
    """
    given = np.fromiter(values, dtype=np.float64)
    finite = given[np.isfinite(given)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    largest = max(abs(low), abs(high))
    if largest < 1e-290:
        return -1.0, 1.0
    if high / 2 - low / 2 < 1e-6 * largest:
        return _clamp(low - 0.1 * largest), _clamp(high + 0.1 * largest)
    margin = 2 * pad * (high / 2 - low / 2)
    return _clamp(low - margin), _clamp(high + margin)


def nice_ticks(low: float, high: float, count: int = 5) -> tuple[Tick, ...]:
    """About ``count`` round values in [low, high], at least two.

    They are the multiples of a step of 1, 2 or 5 times a power of ten that lie in the range; the
    step is the smallest that gives no more than ``count`` + 1 of them, or a smaller one where
    that would leave a single tick. Needs finite low < high.
    """
    slack = (Fraction(high) - Fraction(low)) / 10**9
    bottom, top = Fraction(low) - slack, Fraction(high) + slack
    digit, exponent = _step(bottom, top, count)
    unit = Fraction(10) ** exponent
    multiples = [k * digit for k in _within(bottom, top, digit * unit)]
    values = [min(max(float(m * unit), low), high) for m in multiples]
    texts = _texts(multiples, exponent)
    return tuple(Tick(value, text) for value, text in zip(values, texts, strict=True))


def log_ticks(low: float, high: float, most: int = 6) -> tuple[Tick, ...]:
    """Powers of ten in [low, high], at most ``most``; needs 0 < low and three decades."""
    first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
    every = max(1, math.ceil((last - first) / (most - 1)))
    return tuple(Tick(float(f"1e{e}"), _power(e)) for e in range(first, last + 1, every))


def whole_ticks(low: int, high: int, count: int = 5) -> tuple[Tick, ...]:
    """Round whole numbers in [low, high], the ends among them, for an axis that counts.

    A multiple that would stand too close to the last is left out.
    """
    if high - low <= 1:
        return tuple(Tick(float(n), str(n)) for n in range(low, high + 1))
    step = max(1, int(_nice_at_least(Fraction(high - low, count))))
    inner = range((low // step + 1) * step, high, step)
    kept = [n for n in inner if n - low >= step * 0.6 and high - n >= step * 0.6]
    return tuple(Tick(float(n), str(n)) for n in (low, *kept, high))


def spans_decades(values: Sequence[float], decades: float = 3.0) -> bool:
    """Whether all values are positive and the largest is 10^decades times the smallest."""
    if not values or min(values) <= 0:
        return False
    return math.log10(max(values)) - math.log10(min(values)) > decades


def _clamp(value: float) -> float:
    return min(max(value, -_LARGEST), _LARGEST)


def _step(bottom: Fraction, top: Fraction, count: int) -> tuple[int, int]:
    """(digit, exponent) of the smallest nice step of which ``count`` cover the range.

    A smaller one where fewer than two multiples lie in it.
    """
    step = _nice_at_least((top - bottom) / count * (1 - Fraction(1, 10**8)))
    while len(_within(bottom, top, step)) < 2:
        step = _nice_below(step)
    exponent = _exponent(step)
    return int(step / Fraction(10) ** exponent), exponent


def _within(bottom: Fraction, top: Fraction, step: Fraction) -> range:
    """Which multiples of ``step`` lie in the range."""
    return range(math.ceil(bottom / step), math.floor(top / step) + 1)


def _nice_at_least(value: Fraction) -> Fraction:
    power = Fraction(10) ** _exponent(value)
    return next(power * d for d in (*_STEPS, 10) if power * d >= value)


def _nice_below(value: Fraction) -> Fraction:
    power = Fraction(10) ** _exponent(value)
    digit = int(value / power)
    return {1: power / 2, 2: power, 5: 2 * power}[digit]


def _exponent(value: Fraction) -> int:
    """The e with 10^e ≤ value < 10^(e+1)."""
    guess = len(str(value.numerator)) - len(str(value.denominator))
    return guess if Fraction(10) ** guess <= value else guess - 1


def _texts(multiples: list[int], exponent: int) -> list[str]:
    """``m · 10^exponent`` of every multiple, all in the same way."""
    longest = max((len(str(abs(m))) for m in multiples), default=1)
    if exponent >= _LONG_ZEROS + 1 or exponent < -_LONG_ZEROS - 1:
        return [_scientific(m, exponent) for m in multiples]
    if exponent >= 0:
        return [_sign(m) + str(abs(m) * 10**exponent) for m in multiples]
    width = max(longest, -exponent + 1)
    return [_sign(m) + _with_point(str(abs(m)).zfill(width), -exponent) for m in multiples]


def _with_point(digits: str, decimals: int) -> str:
    return f"{digits[:-decimals]}.{digits[-decimals:]}"


def _scientific(multiple: int, exponent: int) -> str:
    if multiple == 0:
        return "0"
    digits = str(abs(multiple))
    power = exponent + len(digits) - 1
    tail = digits[1:].rstrip("0")
    mantissa = digits[0] + (f".{tail}" if tail else "")
    if power == 0:
        return f"{_sign(multiple)}{mantissa}"
    return f"{_sign(multiple)}{mantissa} × {_power(power)}"


def _sign(multiple: int) -> str:
    return "−" if multiple < 0 else ""


def _power(exponent: int) -> str:
    return "1" if exponent == 0 else power_of_ten(exponent)
