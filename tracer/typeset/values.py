"""The value of a formula for its printed operands, exact or to as many digits as it takes.

Whether it is exactly the printed result is decided from SymPy's expression and from digits. The
reader of printed pages decides it by algebra (tracer.reread.exact): he judges what is chosen here,
so neither uses the other.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

from tracer.numerals import Numeral, round_to
from tracer.typeset.absorbing import absorbed
from tracer.typeset.bounded import Verdict, relation_of
from tracer.typeset.calculation import DIGITS, arithmetic, high_precision
from tracer.typeset.compiled import Compiled, asks
from tracer.typeset.compiled import branch_at as branch_of
from tracer.typeset.line import Bound

SPARE = 15  # digits that an evaluation may lose to rounding before two values are called different
# twice the digits in use: a product of two such numbers is exact
WIDE = Context(prec=2 * DIGITS, rounding=ROUND_HALF_UP, Emax=10**6, Emin=-(10**6))
BEYOND, BEYOND_BITS = 10_000, 30_000
"""Far beyond float64, whose sizes end at 2^±1075, and still within what Decimal holds: 2^30,000 is
about 10^9,031, which 10^10,000 stands for."""
FLOAT_LEAST, FLOAT_LARGEST = Decimal("2.47e-324"), Decimal(sys.float_info.max)
_REAL = {"∞": "inf", "−∞": "-inf", "nan": "nan"}
_NO_VALUE = (ZeroDivisionError, ValueError, OverflowError)


@dataclass(frozen=True, eq=False)
class Evaluated:
    """What a bound form is for its printed operands: the branch that holds and its value.

    ``value`` is a Fraction, or a number of ``digits`` digits.
    """

    branch: Compiled
    operands: tuple[Fraction, ...]
    value: Any
    digits: int

    @property
    def is_exact(self) -> bool:
        """Whether the value is a rational number, known exactly."""
        return isinstance(self.value, Fraction | int)

    def is_within_noise(self) -> bool:
        """Whether the value is no larger than what float64 loses in the terms of the sum."""
        limit = 2 * noise_limit(self.branch, self.operands)
        return bool(self.value) and bool(abs(high_precision(self.value)) <= limit)

    def decimal(self) -> Decimal:
        """The value as a Decimal of many digits."""
        if self.is_exact:
            exact = Fraction(self.value)
            return WIDE.divide(Decimal(exact.numerator), Decimal(exact.denominator))
        return decimal_of(self.value)

    def relation(self, shown: Decimal, quantum: Decimal) -> str | None:
        """Return "=" if the value is ``shown``, "≈" if it rounds to it, None if it does neither."""
        same, far = self._closeness(shown, quantum)
        if same:
            return "="
        if far:
            return None
        return "≈" if self.rounded(quantum) == shown else None

    def rounded(self, quantum: Decimal) -> Decimal:
        """The value rounded half away from zero to a multiple of ``quantum``."""
        if not self.is_exact:
            return round_to(decimal_of(self.value, self.digits), quantum)
        steps = abs(Fraction(self.value)) / Fraction(quantum) + Fraction(1, 2)
        size = WIDE.multiply(Decimal(math.floor(steps)), quantum)
        return size if self.value >= 0 else size.copy_negate()

    def _closeness(self, shown: Decimal, quantum: Decimal) -> tuple[bool, bool]:
        """Whether the value is ``shown``, and whether it is far from it."""
        if self.is_exact:
            exact = abs(Fraction(shown) - self.value)
            return exact == 0, exact > Fraction(quantum)
        with arithmetic.workdps(self.digits):
            distance = abs(self.value - arithmetic.mpf(str(shown)))
            same = distance <= arithmetic.mpf(10) ** (SPARE - self.digits) * abs(self.value)
            if self.digits >= self.branch.most_digits:
                same = same and self.branch.is_exactly(Fraction(shown), self.operands)
            return bool(same), bool(distance > arithmetic.mpf(str(quantum)))


def decimal_of(value: Any, digits: int = DIGITS) -> Decimal:
    """A number of so many digits as a Decimal, less a few that its making may have lost.

    A size that even Decimal cannot hold (e^−z of a huge z) becomes one far beyond any float64.
    """
    if value != 0 and abs(arithmetic.mag(value)) > BEYOND_BITS:
        size = Decimal(1).scaleb(BEYOND if arithmetic.mag(value) > 0 else -BEYOND)
        return size if value > 0 else -size
    with arithmetic.workdps(digits):
        return Decimal(arithmetic.nstr(+value, digits - 5, strip_zeros=False))


def evaluate(bound: Bound, texts: Sequence[Numeral]) -> Evaluated | None:
    """The bound form for these printed operands; None where it has no finite value."""
    if any(text.value is None for text in texts):
        return None
    return evaluate_at(bound, [text.fraction for text in texts])


def quick_relation(
    bound: Bound, texts: Sequence[Numeral], shown: Decimal, quantum: Decimal
) -> tuple[Compiled, Verdict] | None:
    """The branch, and what :meth:`Evaluated.relation` would say, if that can be told sooner."""
    if any(text.value is None for text in texts):
        return None
    values = [text.fraction for text in texts] if asks(bound.form) else []
    branch = branch_at(bound, values)
    return branch, relation_of(branch.exactly, branch.bounded, texts, shown, quantum)


def evaluate_at(bound: Bound, values: Sequence[Fraction]) -> Evaluated | None:
    """The bound form for these operands; None where it has no finite value."""
    branch = branch_at(bound, values)
    digits = branch.digits(values)
    try:
        with nullcontext() if branch.evaluate.exact else arithmetic.workdps(digits):
            value = branch.evaluate(*values)
    except _NO_VALUE:
        return None
    found = Evaluated(branch, tuple(values), value, digits)
    return found if found.is_exact or arithmetic.isfinite(value) else None


def branch_at(bound: Bound, values: Sequence[Fraction]) -> Compiled:
    """The branch of the form whose condition these operands meet."""
    found = branch_of(bound.form, values)
    assert found is not None  # finite operands meet one condition
    return found


def beyond_float64(
    bound: Bound, texts: Sequence[Numeral], *, absorbing: bool = False
) -> tuple[Compiled, Any] | None:
    """(branch, value) where ∞ and nan are numbers too, as in float64; None where 0 divides.

    With ``absorbing`` a factor of exactly 0 makes a product 0, whatever stands beside it.
    """
    values = [arithmetic.mpf(_REAL.get(text.mantissa, str(text.value))) for text in texts]
    try:
        branch = branch_of(bound.form, values)
        if branch is None:
            return None
        return branch, high_precision(_extended(branch, values, absorbing))
    except _NO_VALUE:
        return None


def _extended(branch: Compiled, values: Sequence[Any], absorbing: bool) -> Any:
    if not absorbing:
        return branch.evaluate(*values)
    return absorbed(branch.expression, dict(zip(branch.slots, values, strict=True)))


def noise_limit(branch: Compiled, values: Sequence[Fraction]) -> Any:
    """How much float64 may lose in the sums of a formula; 0 for a formula without one."""
    if branch.noise is None:
        return 0
    try:
        return branch.noise(*values)
    except _NO_VALUE:
        return 0


def may_be_noise(bound: Bound, value: float) -> bool:
    """Whether a value is as small as what float64 may lose in the sums of a form.

    Where it says no, :func:`noise_limit` is smaller too.
    """
    operands = [operand.value for operand in bound.operands]
    values = [Fraction(repr(o)) for o in operands] if asks(bound.form) else []
    branch = branch_at(bound, values)
    if branch.noise is None:
        return False
    try:
        return not abs(value) > branch.noise_bound(*operands)
    except (ArithmeticError, ValueError):
        return True
