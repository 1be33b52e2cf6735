"""How much float64 may lose in the sums of a formula.

A sum of n terms loses about n units of rounding of its largest term. A factor scales what is lost,
and the square of a difference that is nothing but loss is the square of that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol


class Measured(Protocol):
    """A function of the operands of a formula, such as a calculation."""

    def measured(self, *values: Any) -> Any:
        """Its value, as a number that can be compared."""


# the distance from 1 to the next float64: what one operation may lose, at most, on both sides
ROUNDING = 2.0**-52
Noise = Callable[..., Any] | None
"""What may be lost for given operands; None for a formula without such a sum."""
NoiseTree = tuple[Any, ...] | None
"""The same as it is kept: ("sum", terms, noise inside), ("power", noise of the base, exponent) or
("product", factor, noise of the sum)."""


def as_noise(tree: NoiseTree) -> Noise:
    """What may be lost, as a function of the operands."""
    if tree is None:
        return None
    kind, first, second = tree
    return _KINDS[kind](first, second)


def _of_sum(terms: Sequence[Measured], trees: Sequence[NoiseTree]) -> Noise:
    inside = [each for each in map(as_noise, trees) if each is not None]

    def lost(*operands: Any) -> Any:
        largest = max(abs(term.measured(*operands)) for term in terms)
        return len(terms) * ROUNDING * largest + sum(each(*operands) for each in inside)

    return lost


def _of_power(tree: NoiseTree, exponent: int) -> Noise:
    base = as_noise(tree)
    return None if base is None else lambda *operands: base(*operands) ** exponent


def _of_product(scale: Measured, tree: NoiseTree) -> Noise:
    inner = as_noise(tree)
    if inner is None:
        return None
    return lambda *operands: abs(scale.measured(*operands)) * inner(*operands)


_KINDS: Mapping[str, Callable[[Any, Any], Noise]] = MappingProxyType(
    {"sum": _of_sum, "power": _of_power, "product": _of_product}
)
