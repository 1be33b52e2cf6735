"""Numbers that many lines will ask for, rounded all at once as each would be when it is asked for.

One by one they take twice the time, and again half of it where other work lies in between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache

import numpy as np
import numpy.typing as npt

from tracer.formula import FloatArray
from tracer.numerals import SOON_APART, SOON_DIGITS, SOON_STEPS, bands

FEW = 32
"""Fewer numbers are made one by one: NumPy takes as long for its dozen steps."""
TENS = 10.0 ** np.arange(SOON_DIGITS + 1)
"""Exact in float64, as all powers of ten up to 10^22 are."""


def rounded_at_once(
    values: Collection[float], decimals: int, extra: int = 0
) -> Iterator[tuple[float, float, float, int]]:
    """(value, size, float64 next to what is shown of it, digits behind the point).

    Of those that :func:`tracer.numerals.soon_steps` tells, which decides the same of one. With
    ``extra`` digits it also tells what may have become a tie.
    """
    given = np.fromiter(values, float, len(values))
    size, (floors, tops, all_digits) = np.abs(given), _bands(decimals)
    with np.errstate(all="ignore"):
        band = np.maximum(np.searchsorted(floors, size, side="right") - 1, 0)
        digits = all_digits[band] + extra
        scaled = size * TENS[digits]
        steps = np.rint(scaled)
        part = np.abs(scaled - steps)
        is_sized = (size >= floors[band]) & (size <= tops[band]) & (scaled <= SOON_STEPS)
        is_plain = is_sized & (part > SOON_APART) & (part < 0.5 - SOON_APART)
        if extra:
            is_plain &= (steps < scaled) | (steps % 5 != 0)
        near = np.copysign(steps / TENS[digits], given)
    columns = (given, size, near, digits)
    return zip(*[column[is_plain].tolist() for column in columns], strict=True)


@cache
def _bands(decimals: int) -> tuple[FloatArray, FloatArray, npt.NDArray[np.int64]]:
    floors, tops, digits = zip(*reversed(bands(decimals)), strict=True)
    return np.array(floors), np.array(tops), np.array(digits)
