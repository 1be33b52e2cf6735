"""A line whose digits are settled, and how its operands are printed."""

from __future__ import annotations

import math
from typing import NamedTuple

from tracer.numerals import Numeral, exact_numeral, numeral
from tracer.typeset.compiled import Compiled
from tracer.typeset.line import Bound, Operand


class Digits(NamedTuple):
    """How operands are printed: with ``extra`` digits; ``binary`` as exactly their float64."""

    extra: int = 0
    binary: bool = False


PLAIN = Digits()


class Settled(NamedTuple):
    """A form whose digits are settled: the compiled branch, its operands' texts, the result.

    ``relation`` is "=" or "≈". ``remarks`` say what is to be told: "noise" (0 is shown for what
    rounding left of a sum), "kept" (float64 keeps another number than the printed operands give),
    "overflow" (the value lies beyond float64), "step" (a number on the way to it does),
    "division" (by 0), "absorbed" (a factor of exactly 0 against one that is not finite),
    "underflow" (the value is closer to 0 than float64 can tell).
    """

    bound: Bound
    branch: Compiled
    operands: tuple[Numeral, ...]
    result: Numeral
    relation: str
    remarks: frozenset[str] = frozenset()


def operand_numeral(operand: Operand, decimals: int, digits: Digits = PLAIN) -> Numeral:
    """How an operand is printed."""
    if operand.exact:
        return exact_numeral(operand.value)
    return numeral(operand.value, decimals, digits.extra, binary=digits.binary)


def printed(bound: Bound, decimals: int, digits: Digits = PLAIN) -> tuple[Numeral, ...]:
    """The operands of a form as they are printed."""
    return tuple(operand_numeral(operand, decimals, digits) for operand in bound.operands)


def is_finite(bound: Bound) -> bool:
    """Whether no operand is ∞ or nan."""
    return all(math.isfinite(operand.value) for operand in bound.operands)
