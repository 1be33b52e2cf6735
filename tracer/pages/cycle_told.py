"""The numbers of a cycle for trees, taken from its row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tracer.conditions import Of, Row
from tracer.formula import FloatArray
from tracer.pages.cycle_numbers import PLAIN, CycleNumbers, refs
from tracer.pages.cycle_row import Layout


@dataclass(frozen=True)
class RowNumbers(CycleNumbers):
    """The same as its kind, found sooner: ``places`` are those in the row that were asked for."""

    values: FloatArray = field(kw_only=True, repr=False)
    layout: Layout = field(kw_only=True, repr=False)
    places: dict[int, Any] = field(kw_only=True, repr=False)

    def numbers(self, of: Of) -> Row:
        """The numbers themselves."""
        found = self.places.get(id(of))
        if found is None:
            found = self.places[id(of)] = of, self._places(of)
        places = found[1]
        return super().numbers(of) if places is None else self.values[places]

    def _places(self, of: Of) -> Row | None:
        """Where they stand in the row; None for what is not told there."""
        if of.name in PLAIN or of.name in self.more or of.name == "rows":
            return None
        asked = [ref.spot for ref in refs(self.cycle.trace.layer_sizes, of)]
        found = [self.layout.own.get(spot, -1) for spot in asked]
        return None if min(found, default=-1) < 0 else np.array(found)
