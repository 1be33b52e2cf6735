"""The numbers of a cycle for trees, taken from its row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tracer.conditions import Evaluating, Of, Tree
from tracer.pages.cycle_numbers import FACTS, PLAIN, CycleNumbers, refs
from tracer.pages.cycle_row import Layout
from tracer.pages.listed import listed
from tracer.typeset.replayed import Pick, pick

Asked = dict[int, tuple[Any, Any]]
"""What was found out of a leaf, by its id, with the leaf itself."""


@dataclass(frozen=True)
class RowNumbers(CycleNumbers, Evaluating):
    """The same as its kind, found sooner: in a row of ``layout``.

    ``asked`` has what leaves of trees ask of such a row, ``known`` what trees said of this one.
    """

    values: Sequence[float] = field(kw_only=True, repr=False)
    layout: Layout = field(kw_only=True, repr=False)
    asked: Asked = field(kw_only=True, repr=False)
    known: dict[Any, Any] = field(default_factory=dict, repr=False)

    def row_of(self, tree: Tree) -> Any:
        """The row that a tree stands for."""
        return listed(tree)(self)

    def listed(self, of: Of) -> Sequence[float]:
        """The numbers themselves."""
        found = self.asked.get(id(of))
        if found is None:
            found = self.asked[id(of)] = of, self._pick(of)
        at: Pick | None = found[1]
        if at is not None:
            return at(self.values)
        if of.name in self.more:
            return [self.more[of.name]]
        if of.name in PLAIN:
            return [PLAIN[of.name](self.cycle)]
        numbers: list[float] = self.numbers(of).tolist()
        return numbers

    def printed(self, of: Of) -> Sequence[str]:
        """The results of the lines that compute them."""
        found = self.asked.get(-id(of))
        if found is None:
            found = self.asked[-id(of)] = of, self.anchors(of)
        return [self.results[anchor] for anchor in found[1]]

    def _pick(self, of: Of) -> Callable[[Sequence[Any]], tuple[Any, ...]] | None:
        """Picks them of the row; None for what is not told there."""
        if of.name in FACTS or of.name in self.more or of.name == "eta":
            return None
        asked = [ref.spot for ref in refs(self.cycle.trace.layer_sizes, of)]
        found = [self.layout.own.get(spot, -1) for spot in asked]
        return None if min(found, default=-1) < 0 else pick(found)
