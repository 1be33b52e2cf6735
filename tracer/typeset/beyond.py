"""Lines in which ∞, nan or a division by 0 take part: the trace's value, and why it is that."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

from tracer.formula import Form
from tracer.numerals import Numeral, numeral
from tracer.typeset.calculation import arithmetic
from tracer.typeset.compiled import Compiled, first_branch
from tracer.typeset.line import Bound, Line
from tracer.typeset.settled import Settled, is_finite, printed
from tracer.typeset.values import beyond_float64, decimal_of, evaluate


def beyond(line: Line, decimals: int) -> Settled:
    """The line whose formula gives the trace's value with ∞ and nan, else the value as it is."""
    for absorbing in (False, True):
        for bound in line.bounds:
            found = _by_rules(line, bound, decimals, absorbing)
            if found is not None:
                return found
    return _stated(line, line.bounds[0], decimals)


def _by_rules(line: Line, bound: Bound, decimals: int, absorbing: bool) -> Settled | None:
    texts = printed(bound, decimals)
    found = beyond_float64(bound, texts, absorbing=absorbing)
    if found is None:
        return None
    branch, value = found
    result = numeral(line.value, decimals)
    overflows = is_finite(bound) and bool(abs(value) > sys.float_info.max)
    kept = math.copysign(math.inf, value) if overflows else value
    relation = "≈" if overflows and kept == line.value else _relation(kept, result)
    if relation is None:
        return None
    names = {"overflow": overflows, "absorbed": absorbing}
    remarks = frozenset(name for name, is_so in names.items() if is_so)
    return Settled(bound, branch, texts, result, relation, remarks)


def _relation(value: Any, result: Numeral) -> str | None:
    """The sign between a value and the result that is shown; None where it is another number."""
    if result.value is None:
        return "=" if numeral(float(value), 1) == result else None
    if not arithmetic.isfinite(value):
        return None
    apart = abs(Fraction(decimal_of(value)) - Fraction(result.value))
    if apart == 0:
        return "="
    return "≈" if apart <= Fraction(result.quantum) / 2 else None


def _stated(line: Line, bound: Bound, decimals: int) -> Settled:
    """The trace's value beside a formula that does not give it outside float64's own rules."""
    branch = _unconditioned(bound.form)
    result, texts = numeral(line.value, decimals), printed(bound, decimals)
    if not is_finite(bound) or math.isnan(line.value):
        return Settled(bound, branch, texts, result, "=")
    return Settled(bound, branch, texts, result, "≈", frozenset([_reason(line, bound, texts)]))


@cache
def _unconditioned(form: Form) -> Compiled:
    """A form as it looks in its first pieces, whatever holds."""
    return replace(first_branch(form), condition=())


def _reason(line: Line, bound: Bound, texts: tuple[Numeral, ...]) -> str:
    """Why float64 keeps another number than the formula of finite operands has."""
    if math.isfinite(line.value):
        return "kept"
    return "division" if evaluate(bound, texts) is None else "step"
