"""Numbers as text: which digits are shown, and how they are written.

A computed value is shown with ``decimals`` digits after the point and never with fewer than
three significant ones; below 10⁻⁶ and from 10⁶ in scientific notation. A value that needs fewer
digits is exact and shown exactly. Rounding is half away from zero, as done by hand, on the
shortest decimal text that reads back to the same float64 or, where one of few digits is nearly
that float64, on that one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import cache, cached_property, lru_cache

DIGITS_APART = 17
"""So many more digits are shown at most to tell two numbers apart."""

SIGNIFICANT = 3  # a half per cent at worst: fewer could not be reckoned with any further
# five zeros after the point, seven digits before it: more is counted, not read
SMALL, LARGE = Decimal("1e-6"), Decimal("1e6")
EXACT_WITHIN_ULPS, SHORT_DIGITS = 16, 12
"""A sum of a dozen terms may miss the decimal number that was meant by as many units in the last
place. By chance 3 of 1,000 numbers are so near one of 12 digits: all that it decides is a tie."""
# the largest float64 has 309 digits before the point: 400 leave room for all after it
_CONTEXT = Context(prec=400, rounding=ROUND_HALF_UP, Emax=10**6, Emin=-(10**6))
REMEMBERED = 2**16
"""Numbers whose text is remembered, 30 MB at most: each stands in about ten places of a page."""
_SOON_FROM, _SOON_TO, _EDGE = 1.1e-6, 9e5, 2e-7
"""Between SMALL and LARGE, and no power of ten: within EDGE of one, what is nearly meant may be on
its other side, and has another number of digits."""
SOON_DIGITS, SOON_STEPS, SOON_APART = 20, 1e9, 1e-4
"""Below 10^9 steps float64 and what is nearly meant differ by 10^−5 of one at most, and 10^20 is
float64's own number, so the product loses no more: what lies 10^−4 apart is told for certain."""
PLAINLY = 1e-4  # Python writes smaller numbers with a power of ten sooner than pages do
_ONE = Decimal(1)
_TENS = tuple([10.0**digits for digits in range(SOON_DIGITS + 1)])
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, init=False)
class Numeral:
    """A number as it is printed: ``mantissa`` (true minus sign) and a power of ten if there is one.

    ``value`` is exactly what the text says; None for nan and ±∞. ``quantum`` is the unit of the
    last digit that rounding kept.
    """

    mantissa: str
    exponent: int | None
    value: Decimal | None
    quantum: Decimal
    needs_parentheses: bool = field(init=False, repr=False, compare=False)
    """Whether the number must be wrapped where an operator stands beside it."""

    def __init__(
        self,
        mantissa: str,
        exponent: int | None = None,
        value: Decimal | None = None,
        quantum: Decimal = _ONE,
    ) -> None:
        own = self.__dict__  # a third of the time that a frozen dataclass takes to set four fields
        own["mantissa"], own["exponent"] = mantissa, exponent
        own["value"], own["quantum"] = value, quantum
        own["needs_parentheses"] = exponent is not None or mantissa.startswith("−")

    @property
    def text(self) -> str:
        """Plain text, such as −0.1235 or 1.23 × 10⁻⁷."""
        if self.exponent is None:
            return self.mantissa
        return f"{self.mantissa} × {power_of_ten(self.exponent)}"

    @cached_property
    def fraction(self) -> Fraction:
        """The value as a quotient of whole numbers; ValueError for nan and ±∞."""
        if self.value is None:
            raise ValueError(self.mantissa)
        return Fraction(self.value)

    @cached_property
    def near(self) -> float:
        """The float64 next to the value; ValueError for nan and ±∞."""
        if self.value is None:
            raise ValueError(self.mantissa)
        return float(self.value)

    @property
    def is_negative(self) -> bool:
        """Whether the text starts with a minus sign."""
        return self.mantissa.startswith("−")


def power_of_ten(exponent: int) -> str:
    """Plain text such as 10⁻⁷."""
    return f"10{str(exponent).translate(_SUPERSCRIPTS)}"


def show(value: float, decimals: int) -> str:
    """The text of a computed value, for places where it stands alone."""
    return numeral(value, decimals).text


def apart(values: Sequence[float], decimals: int) -> tuple[str, ...]:
    """The texts of several numbers, with as many digits as tell different ones apart."""
    for extra in range(DIGITS_APART + 1):
        texts = tuple(numeral(value, decimals, extra).text for value in values)
        if len(set(texts)) == len(set(values)):
            break
    return texts


@lru_cache(maxsize=REMEMBERED)
def numeral(value: float, decimals: int, extra: int = 0, *, binary: bool = False) -> Numeral:
    """A computed value with ``decimals`` digits after the point and ``extra`` more.

    What is shown with more digits rounds to what is shown with fewer: 0.43249 is not shown as
    0.4325 where it is 0.432 elsewhere, but with a digit more. ``binary`` takes the float64 for
    exactly the number that it is, and not for its shortest text, unless that is shown otherwise.
    """
    quick = None if binary else _soon(value, decimals, extra)
    return _slowly(value, decimals, extra, binary=binary) if quick is None else quick


def _soon(value: float, decimals: int, extra: int) -> Numeral | None:
    """The same for a number of the usual size that is far from a tie and from having few digits."""
    found = soon_text(value, decimals, extra)
    if found is None:
        return None
    text, digits = found
    return Numeral(_minus(text), None, Decimal(text), _unit(digits))


def soon_text(value: float, decimals: int, extra: int) -> tuple[str, int] | None:
    """The text of such a number as Python writes it, and how many digits it has behind the point.

    The digits that Python rounds to are the right ones then, whatever it does with a tie.
    """
    found = soon_steps(abs(value), decimals, extra)
    return found and (f"{value:.{found[1]}f}", found[1])


def soon_steps(size: float, decimals: int, extra: int) -> tuple[int, int] | None:
    """How many steps of the last digit such a number has, and how many digits behind the point."""
    for least, most, usual in bands(decimals):
        if size < least:
            continue
        digits = usual + extra
        scaled = size * _TENS[digits] if digits <= SOON_DIGITS and size <= most else math.inf
        if scaled > SOON_STEPS:
            return None
        steps = round(scaled)
        part = abs(scaled - steps)
        if not SOON_APART < part < 0.5 - SOON_APART:
            return None
        if extra and steps > scaled and not steps % 5 and _is_tie_of(steps, extra):
            return soon_steps(size, decimals, extra + 1)
        return steps, digits
    return None


def usual_digits(size: float, decimals: int) -> int | None:
    """How many digits behind the point such a number has, whether or not it is rounded soon."""
    known = ((most, digits) for least, most, digits in bands(decimals) if size >= least)
    most, digits = next(known, (0.0, 0))
    return digits if size <= most else None


def _is_tie_of(steps: int, more: int) -> bool:
    """Whether the last digit but zeros is a 5 that stands behind the usual digits: it misleads."""
    text = str(steps)
    shorter = text.rstrip("0")
    return shorter.endswith("5") and len(text) - len(shorter) < more


@cache
def bands(decimals: int) -> tuple[tuple[float, float, int], ...]:
    """(least, most, digits behind the point) of numbers with so many, the largest first."""
    first = SIGNIFICANT - 1 - decimals
    powers = [first, *range(first - 1, SMALL.adjusted() - 1, -1)]
    tops = [_SOON_TO, *[10.0 ** (power + 1) * (1 - _EDGE) for power in powers[1:]]]
    floors = [max(10.0**power * (1 + _EDGE), _SOON_FROM) for power in powers]
    rows = zip(floors, tops, powers, strict=True)
    return tuple([(low, high, SIGNIFICANT - 1 - power) for low, high, power in rows])


@cache
def _unit(digits: int) -> Decimal:
    """The unit of the last of so many digits after the point."""
    return _ONE.scaleb(-digits)


def _slowly(value: float, decimals: int, extra: int, *, binary: bool) -> Numeral:
    if not math.isfinite(value):
        return _not_finite(value)
    exact = _meant(value)
    usual = last_digit(exact, decimals)
    as_it_is = binary and round_to(Decimal(value), usual) == round_to(exact, usual)
    if as_it_is:
        exact = Decimal(value)
    quantum = last_digit(exact, decimals, extra)
    rounded = round_to(exact, quantum)
    if abs(rounded) >= LARGE > abs(exact):
        quantum = last_digit(rounded, decimals, extra)
        rounded = round_to(rounded, quantum)
    if extra and _misleads(rounded, exact, usual):
        return numeral(value, decimals, extra + 1, binary=binary)
    reach = 0 if as_it_is else EXACT_WITHIN_ULPS
    if abs(exact - rounded) <= reach * Decimal(math.ulp(value)):
        return written(rounded.normalize(_CONTEXT), quantum)
    return written(rounded, quantum)


def _misleads(rounded: Decimal, exact: Decimal, quantum: Decimal) -> bool:
    """Whether rounding made a tie that would be rounded up again, to a multiple of ``quantum``."""
    if abs(rounded) <= abs(exact):
        return False
    _, digits, exponent = rounded.normalize(_CONTEXT).as_tuple()
    return digits[-1] == 5 and int(exponent) < quantum.adjusted()


def _meant(value: float) -> Decimal:
    """The decimal number that a computed value stands for.

    A sum such as 0.1 + 0.2 misses its decimal value by a few units in the last place. A number
    with few digits that is so near is what was meant: it decides how a tie is rounded.
    """
    exact = Decimal(repr(float(value)))
    if exact == 0:
        return exact
    short = round_to(exact, Decimal(1).scaleb(exact.adjusted() + 1 - SHORT_DIGITS))
    near = abs(exact - short) <= EXACT_WITHIN_ULPS * Decimal(math.ulp(value))
    return short.normalize(_CONTEXT) if near else exact


@lru_cache(maxsize=REMEMBERED)
def exact_numeral(value: float) -> Numeral:
    """A value that is exact as it stands (data, weights on a grid, settings)."""
    if not math.isfinite(value):
        return _not_finite(value)
    return written(Decimal(repr(float(value))).normalize(_CONTEXT), Decimal(0))


@lru_cache(maxsize=REMEMBERED)
def exact_text(value: float) -> str:
    """The text of a value with all its digits."""
    text = plain_text(value)
    return exact_numeral(value).text if text is None else _minus(text)


def plain_text(value: float) -> str | None:
    """The same with Python's own minus; None for 0 and for sizes that need powers of ten."""
    if PLAINLY <= abs(value) < _SOON_TO:  # as Python writes it, but for a point without digits
        return float.__repr__(value).removesuffix(".0")
    if _SOON_FROM <= abs(value) < PLAINLY:
        digits, _, power = float.__repr__(value).partition("e-")
        sign = "-" if value < 0 else ""
        return f"{sign}0.{'0' * (int(power) - 1)}{digits.lstrip('-').replace('.', '')}"
    return None


def label_text(label: float | str, words: Callable[[str], str]) -> str:
    """A label of the data: a number with a true minus sign, any other text as ``words`` has it."""
    return words(label) if isinstance(label, str) else exact_numeral(float(label)).text


def last_digit(value: Decimal, decimals: int, extra: int = 0) -> Decimal:
    """The unit of the last digit that a value of this size is shown with."""
    if value == 0:
        return Decimal(1).scaleb(-decimals)
    leading = value.adjusted()
    if not SMALL <= abs(value) < LARGE:
        return Decimal(1).scaleb(leading - (SIGNIFICANT - 1) - extra)
    return Decimal(1).scaleb(-(max(decimals, SIGNIFICANT - 1 - leading) + extra))


def round_to(value: Decimal, quantum: Decimal) -> Decimal:
    """``value`` rounded half away from zero to a multiple of ``quantum`` (a power of ten)."""
    return value.quantize(quantum, context=_CONTEXT)


def written(value: Decimal, quantum: Decimal) -> Numeral:
    """The numeral that writes exactly the digits of ``value``."""
    if value == 0:
        return Numeral("0", None, Decimal(0), quantum)
    whole = value == value.to_integral_value() and abs(value) < 10**15 and quantum == 0
    if SMALL <= abs(value) < LARGE or whole:
        return Numeral(_minus(format(value, "f")), None, value, quantum)
    exponent = value.adjusted()
    mantissa = value.scaleb(-exponent, context=_CONTEXT)
    return Numeral(_minus(format(mantissa, "f")), exponent, value, quantum)


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _not_finite(value: float) -> Numeral:
    if math.isnan(value):
        return Numeral("nan")
    return Numeral("∞" if value > 0 else "−∞")
