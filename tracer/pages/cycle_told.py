"""The numbers of a cycle for trees, taken from its row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tracer.conditions import Evaluating, Of, Tree
from tracer.pages.cycle_numbers import FACTS, PLAIN, CycleNumbers, refs
from tracer.pages.cycle_row import Layout
from tracer.pages.listed import Evaluate, comparisons, listed
from tracer.typeset.replayed import Pick, pick

REMEMBERED = 2**10
"""Verdicts on one heap, 1 MB at most: in later epochs the same units are dead again and again."""
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

    def judged(self, asker: object, trees: Sequence[Tree], judge: Callable[[], Any]) -> Any:
        """What is judged of the cycle: as of another one in which all compares as it does here."""
        found = self.asked.get(id(asker))
        if found is None:
            found = self.asked[id(asker)] = asker, _Judged.of(self, trees)
        judged: _Judged | None = found[1]
        if judged is None:
            return judge()
        key = tuple(map(bool, judged.at(self.values))), *[tuple(ask(self)) for ask in judged.others]
        if key not in judged.known:
            if len(judged.known) >= REMEMBERED:
                judged.known.clear()
            judged.known[key] = judge()
        return judged.known[key]

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

    def _pick(self, of: Of) -> Pick | None:
        """Picks them of the row; None for what is not told there."""
        places = self.places(of)
        return None if places is None else pick(places)

    def places(self, of: Of) -> list[int] | None:
        """Where they stand in the row; None for what is not told there."""
        if of.name in FACTS or of.name in self.more or of.name == "eta":
            return None
        asked = [ref.spot for ref in refs(self.cycle.trace.layer_sizes, of)]
        found = [self.layout.own.get(spot, -1) for spot in asked]
        return None if min(found, default=-1) < 0 else found


class _Judged(NamedTuple):
    """What was judged of cycles, by which of some numbers are 0 and what ``others`` compare."""

    at: Pick
    others: list[Evaluate]
    known: dict[Any, Any]

    @classmethod
    def of(cls, told: RowNumbers, trees: Sequence[Tree]) -> _Judged | None:
        """That of trees which only compare."""
        compared, zeros, others = comparisons(trees), list[int](), list[Evaluate]()
        if compared is None:
            return None
        for tree in compared:
            places = told.places(tree.args[0].args[0]) if _asks_for_zero(tree) else None
            if places is None:
                others.append(listed(tree))
            else:
                zeros += places
        return cls(pick(zeros), others, {})


def _asks_for_zero(tree: Tree) -> bool:
    one, other = tree.args
    return tree.op == "equal" and one.op == "of" and other.op == "given" and other.args == (0,)
