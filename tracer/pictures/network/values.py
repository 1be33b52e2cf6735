"""The values of one cycle, as the network's picture asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.pictures.network.model import ValueSource

if TYPE_CHECKING:
    from tracer.trace import Cycle


def cycle_values(cycle: Cycle) -> ValueSource:
    """``value(name, layer, *index)`` of a cycle; all indices from 1, ``loss`` without any."""

    def value(name: str, layer: int, *index: int) -> float:
        if name == "loss":
            return cycle.loss
        arrays = getattr(cycle, name)
        array = arrays[layer - 1] if layer else arrays
        return float(array[tuple(k - 1 for k in index)])

    return value
