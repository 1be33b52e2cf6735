"""The values of one cycle, as the network's picture asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracer.pictures.network.model import ValueSource

if TYPE_CHECKING:
    from tracer.trace import Cycle

SMALL = 1000
"""Numbers of an array that a picture may show one by one, by a wide margin."""


def cycle_values(cycle: Cycle) -> ValueSource:
    """``value(name, layer, *index)`` of a cycle; all indices from 1, ``loss`` without any."""
    known: dict[tuple[str, int], Any] = {}

    def rows(name: str, layer: int) -> Any:
        """An array, as lists where it is small: of those a number is found ten times sooner."""
        arrays = getattr(cycle, name)
        array = arrays[layer - 1] if layer else arrays
        return array.tolist() if array.size <= SMALL else array

    def value(name: str, layer: int, *index: int) -> float:
        if name == "loss":
            return cycle.loss
        found = known.get((name, layer))
        if found is None:
            found = known[name, layer] = rows(name, layer)
        for k in index:
            found = found[k - 1]
        return float(found)

    return value
