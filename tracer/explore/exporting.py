"""Trees as JSON for a script: each number by its place among those of a cycle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tracer.conditions import Of, Tree
from tracer.pages.cycle_numbers import EXACT, FACTS, refs
from tracer.refs import Batch, Before, Datum, Memory, Moment, Ref, Setting, Visit
from tracer.trace import Cycle

Place = Callable[[Ref], int]
"""The place of a number among those that the script has of a cycle."""
MOST = 25_000
"""A condition that asks for more numbers is left out, with the sentence that it decides: it would
be larger than all that the page says otherwise. With so many, all sentences take a script a
millisecond."""


@dataclass(frozen=True)
class Exporter:
    """Writes trees over the numbers of a ``cycle``, which stand for those of any other."""

    cycle: Cycle
    place: Place
    known: dict[int, tuple[Tree, dict[str, Any]]] = field(default_factory=dict, repr=False)

    def tree(self, tree: Tree) -> dict[str, Any]:
        """A tree: {"op": …, "args": […]}, or a leaf with "of" or "at"."""
        if id(tree) not in self.known:
            self.known[id(tree)] = tree, self._made(tree)
        return self.known[id(tree)][1]

    def _made(self, tree: Tree) -> dict[str, Any]:
        match tree.op:
            case "given" | "say":
                return {"op": tree.op, "of": list(tree.args)}
            case "of" | "shown" | "printed":
                return self._leaf(tree.op, *tree.args)
            case _:
                return {"op": tree.op, "args": [self.tree(arg) for arg in tree.args]}

    def _leaf(self, op: str, of: Of) -> dict[str, Any]:
        if of.name in FACTS:
            return {"op": "fact", "of": [of.name]}
        found = [self._moved(ref, of.name) for ref in refs(self.cycle.trace.layer_sizes, of)]
        if op == "printed":
            return {"op": op, "of": [ref.anchor for ref in found]}
        leaf = {"op": op, "at": [self.place(ref) for ref in found]}
        return {**leaf, "exact": of.name in EXACT} if op == "shown" else leaf

    def _moved(self, ref: Ref, name: str) -> Ref:
        return replace(ref, moment=self._moment(ref, name))

    def _moment(self, ref: Ref, name: str) -> Moment:
        cycle = self.cycle
        if name in EXACT:
            return Datum(cycle.row - 1)
        if ref.name in ("W", "b"):
            return Before(cycle.update)
        if ref.name.rpartition("_")[0] in cycle.trace.state:
            return Memory(cycle.update)
        if ref.name.startswith("grad_"):
            return Batch(cycle.update)
        return Setting() if ref.name == "eta" else Visit(cycle.visit)


def size_of(tree: Tree, sizes: Sequence[int], known: dict[Tree, int] | None = None) -> int:
    """How many numbers a tree asks for, each time that it names them.

    ``known`` are the sizes of trees that were asked before: they share their branches.
    """
    known = {} if known is None else known
    found = known.get(tree)
    if found is None:
        found = known[tree] = _size_anew(tree, sizes, known)
    return found


def _size_anew(tree: Tree, sizes: Sequence[int], known: dict[Tree, int]) -> int:
    if tree.op in ("of", "shown", "printed"):
        (of,) = tree.args
        return 1 if of.name in FACTS else len(refs(sizes, of))
    return sum([size_of(arg, sizes, known) for arg in tree.args if isinstance(arg, Tree)])
