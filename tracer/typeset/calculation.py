"""What computes a formula from its operands: text that SymPy wrote, read when it is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import import_module
from types import CodeType
from typing import Any

from tracer.catalog.facts import compiled_text
from tracer.formula import EXACT_FUNCTIONS, functions_of

DIGITS = 60
"""They hold the 17 of float64, some thirty that a line may print, and a rest to tell = from ≈."""


@cache
def _context() -> Any:
    """A context of mpmath, which is imported when somebody asks: few lines need such digits."""
    made = import_module("mpmath").mp.clone()
    made.dps = DIGITS
    return made


class _Arithmetic:
    """Has what the context has."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_context(), name)

    def __dir__(self) -> list[str]:
        return dir(_context())


arithmetic: Any = _Arithmetic()
"""Arithmetic with more digits than any page prints; independent of mpmath's global state."""

HALF = 0.5
"""What makes a whole number none, exactly in binary."""
FEW_BITS = 64
"""Of a whole number z up to which mpmath's own way to e^z is as fast as a division."""
GUARD = 10
"""Bits more for a quotient, which is rounded three times on its way."""


@dataclass(frozen=True)
class Calculation:
    """A function of Fractions: exact, or a number of as many digits as ``arithmetic`` is set to.

    ``source`` defines one function; ``named`` are the functions of the catalog that it calls, each
    as (value, condition) of its pieces.
    """

    source: str
    exact: bool
    named: tuple[tuple[str, tuple[tuple[Calculation, Calculation], ...]], ...] = ()

    def __call__(self, *values: Any) -> Any:
        """The value for these operands."""
        if self.exact:
            return _function(self)(*values)
        return _function(self)(*map(high_precision, values))

    def measured(self, *values: Any) -> Any:
        """The value as a number of many digits, also where it is exact."""
        return high_precision(self(*values))


@cache
def _function(calculation: Calculation) -> Callable[..., Any]:
    code = compiled_text(calculation.source)
    inner = next(part for part in code.co_consts if isinstance(part, CodeType))
    space: dict[str, Any] = {"mpf": Fraction, **EXACT_FUNCTIONS}
    if not calculation.exact:
        space = {**functions_of(arithmetic), "exp": exponential}
        space |= {name: _of_pieces(pieces) for name, pieces in calculation.named}
    if not space.keys() >= set(inner.co_names):
        space = {**vars(import_module("mpmath")), **space}
    exec(code, space)
    function: Callable[..., Any] = space[inner.co_name]
    return function


def high_precision(value: Any) -> Any:
    """An exact value as a number of many digits; such a number as it is."""
    if isinstance(value, Fraction):
        return arithmetic.mpf(value.numerator) / value.denominator
    return arithmetic.mpf(value)


def exponential(z: Any) -> Any:
    """e^z to as many digits as ``arithmetic`` is set to.

    With many digits mpmath squares e bit by bit for a whole z, in numbers that are longer by the
    bits of z: for a huge one that is slow. Then e^z = e^(z + ½) / √e, which it works out at once.
    """
    if not arithmetic.isint(z) or arithmetic.mag(z) <= FEW_BITS:
        return arithmetic.exp(z)
    between = arithmetic.fadd(z, HALF, exact=True)
    with arithmetic.extraprec(GUARD):
        found = arithmetic.exp(between) / arithmetic.exp(HALF)
    return +found


def _of_pieces(pieces: tuple[tuple[Calculation, Calculation], ...]) -> Callable[..., Any]:
    return lambda z: next(value(z) for value, holds in pieces if holds(z))
