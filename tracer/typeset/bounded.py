"""Whether printed operands give a printed result, decided without many digits where that is safe.

A sum of products of decimal numbers is reckoned as it stands, in decimal numbers that lose nothing.
Any other formula is reckoned in float64 together with a bound of what that lost: a result that lies
farther from the next edge of rounding than the bound is decided. All else is left to
:mod:`tracer.typeset.values`, which decides exactly, and says the same.

Sources: running error analysis, as in Higham, Accuracy and Stability of Numerical Algorithms, 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from tracer.files.packs import code_of
from tracer.numerals import Numeral, round_to
from tracer.typeset.noise import NoiseTree, as_noise

UNIT = 2.0**-53 * 1.01
"""What one operation of float64 may lose, and a hundredth for what the bound itself loses."""
TINY = 1e-300
"""Far above what is lost below the smallest float64, and far below any number that is printed."""
FUNCTION = 16
"""Units of rounding that a function of the C library may lose: glibc's and Apple's stay below 1,
others below 4, and what is claimed here holds for those that lose four times as much."""
NARROW = 1e-3  # so near to its argument e^x − 1 is at most 1.01 x
LEAST, MOST = 1e-100, 1e100
"""Sizes whose products float64 holds: an operand that is smaller, and not 0, or larger, is left to
many digits."""
SPACE = {"U": UNIT, "T": TINY, "inf": math.inf, "abs": abs, "max": max, "min": min, "m": math}
# 400 digits hold products of a dozen printed numbers; what needs more is trapped, and done exactly
EXACTLY = Context(
    prec=400,
    rounding=ROUND_HALF_UP,
    Emax=10**6,
    Emin=-(10**6),
    traps=[Inexact, InvalidOperation, Overflow, DivisionByZero],
)
_NOTHING = (ArithmeticError, ValueError)


Exactly = Callable[..., Decimal]
"""The value for operands that are Decimals; Inexact is raised where it has too many digits."""
Bounded = Callable[..., tuple[float, float]]
"""(value, bound) for operands that are the float64 next to the printed ones."""


class Verdict(NamedTuple):
    """Whether it is decided, and the relation: "=", "≈" or None for neither."""

    decided: bool
    relation: str | None = None


UNDECIDED = Verdict(decided=False)
_EQUAL, _NEAR, _NEITHER = Verdict(True, "="), Verdict(True, "≈"), Verdict(True, None)


def relation_of(
    exactly: Exactly | None,
    bounded: Bounded | None,
    texts: Sequence[Numeral],
    shown: Decimal,
    quantum: Decimal,
) -> Verdict:
    """What stands between a formula of printed operands and ``shown``, a multiple of ``quantum``.

    It is decided only where :meth:`tracer.typeset.values.Evaluated.relation` says the same.
    """
    try:
        if exactly is not None:
            return _of_exact(exactly(*[text.value for text in texts]), shown, quantum)
        if bounded is not None:
            operands = [text.near for text in texts]
            if all(map(is_usual, operands)):
                return _of_near(*bounded(*operands), float(shown), float(quantum))
    except _NOTHING:
        pass
    return UNDECIDED


def _of_exact(value: Decimal, shown: Decimal, quantum: Decimal) -> Verdict:
    if value == shown:
        return _EQUAL
    return _NEAR if round_to(value, quantum) == shown else _NEITHER


def _of_near(value: float, lost: float, shown: float, quantum: float) -> Verdict:
    """Decided where the value, however much was lost, is neither ``shown`` nor near an edge."""
    distance = abs(value - shown)
    lost += (abs(shown) + distance + quantum) * UNIT + TINY
    if distance > quantum / 2 + lost:
        return _NEITHER
    if lost < distance < quantum / 2 - lost:
        return _NEAR
    return UNDECIDED


def is_usual(operand: float) -> bool:
    """Whether a bound holds for an operand of this size."""
    return not operand or LEAST < abs(operand) < MOST


def exact_function(source: str | None) -> Exactly | None:
    """The function that a source defines: it loses nothing, or raises."""
    if source is None:
        return None
    space = {name: getattr(EXACTLY, name) for name in ("add", "multiply")}
    function: Any = eval(code_of(source, mode="eval"), {**space, "D": Decimal})
    return function if callable(function) else None


class Reach(NamedTuple):
    """At least how large a sum of products is, its terms without their signs.

    ``scale`` · M^``degree`` for operands that are no larger than M, which is at least 1; ``sums``
    counts its additions.
    """

    scale: float
    degree: int
    sums: int


def reach_of(source: str | None) -> Reach | None:
    """How large what a source of decimal numbers adds up may be."""
    if source is None:
        return None
    space = {"add": _sum, "max": _sum, "min": _sum, "multiply": _product, "D": _constant}
    function: Any = eval(code_of(source, mode="eval"), space)
    found: Reach = function(*[Reach(1.0, 1, 0)] * function.__code__.co_argcount)
    return found


def _constant(text: str) -> Reach:
    return Reach(abs(float(text)), 0, 0)


def _sum(one: Reach, two: Reach) -> Reach:
    sums = one.sums + two.sums + 1
    return Reach(one.scale + two.scale, max(one.degree, two.degree), sums)


def _product(one: Reach, two: Reach) -> Reach:
    return Reach(one.scale * two.scale, one.degree + two.degree, one.sums + two.sums)


class Places(NamedTuple):
    """How many digits a sum of products has behind the point, at most.

    ``degree`` · d + ``own`` for operands with d of them; the numbers of the formula add ``own``.
    It ``is_product`` of operands, or ``is_flat``: a sum of such products.
    """

    degree: int
    own: int
    is_product: bool = True
    is_flat: bool = True


@lru_cache(maxsize=2**10)  # the forms of some networks
def places_of(source: str | None) -> Places | None:
    """How many digits what a source of decimal numbers gives has behind the point."""
    if source is None:
        return None
    space = {"add": _sum_of, "max": _one_of, "min": _one_of, "multiply": _both}
    function: Any = eval(code_of(source, mode="eval"), {**space, "D": _own_places})
    found: Places = function(*[Places(1, 0)] * function.__code__.co_argcount)
    return found


def _own_places(text: str) -> Places:
    return Places(0, max(0, -int(Decimal(text).as_tuple().exponent)))


def _sum_of(one: Places, two: Places) -> Places:
    flat = one.is_flat and two.is_flat
    return Places(max(one.degree, two.degree), max(one.own, two.own), False, flat)


def _one_of(one: Places, two: Places) -> Places:
    return _sum_of(one, two)._replace(is_flat=False)


def _both(one: Places, two: Places) -> Places:
    flat = one.is_product and two.is_product
    return Places(one.degree + two.degree, one.own + two.own, flat, flat)


def bounded_function(source: str | None) -> Bounded | None:
    """The function that a source defines: the value with its bound."""
    if source is None:
        return None
    space: dict[str, Any] = dict(SPACE)
    exec(code_of(source), space)
    function: Bounded = space["bounded"]
    return function


@dataclass(frozen=True)
class Upper:
    """At least the size of an expression, by the source of its bounded function, if it has one."""

    source: str | None

    def measured(self, *operands: float) -> float:
        """|value| and what it may have lost; inf where that is not known."""
        if self._function is None or not all(map(is_usual, operands)):
            return math.inf
        value, lost = self._function(*operands)
        return abs(value) + lost if lost == lost else math.inf  # noqa: PLR0124 - nan is no bound

    @cached_property
    def _function(self) -> Bounded | None:
        return bounded_function(self.source)

    def __reduce__(self) -> Any:
        return Upper, (self.source,)


def noise_bound(tree: NoiseTree) -> Callable[..., float]:
    """At least what float64 may lose in the sums of a formula; inf where that is not known."""
    found = as_noise(tree)
    return (lambda *_: 0.0) if found is None else found
