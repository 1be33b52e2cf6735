"""The numbers of one cycle by their names, as the trees of judgements ask for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from tracer.conditions import Of, Row, Tree
from tracer.explain.rate import rate
from tracer.numerals import exact_text, show
from tracer.refs import Ref
from tracer.trace import Cycle

PLAIN: Mapping[str, Callable[[Cycle], float]] = {
    "loss": lambda cycle: cycle.loss,
    "eta": lambda cycle: rate(cycle.trace, cycle.update).value,
    "batch": lambda cycle: len(cycle.visits),
    "row": lambda cycle: cycle.row,
    "update": lambda cycle: cycle.update,
    "epoch": lambda cycle: cycle.epoch,
    "last": lambda cycle: cycle.is_last_of_batch,
    "typed": lambda _cycle: False,
    "row_changed": lambda _cycle: False,
    "trained": lambda _cycle: False,
}
"""Single numbers of a cycle: what counts it, and what has no layer."""
FACTS = frozenset(
    ["batch", "row", "update", "epoch", "last", "rows", "typed", "row_changed", "trained"]
)
"""What tells which cycle it is and is no quantity; also what a reader changed."""
EXACT = frozenset(["x", "y"])
"""What the table holds, which is shown with all its digits."""
LAYERLESS = frozenset(["x", "y", "y_hat"])


@dataclass(frozen=True)
class CycleNumbers:
    """A cycle for trees.

    ``results`` are the printed results of its lines by their anchors. ``more`` holds single numbers
    that are no part of the trace: ``loss_after``, ``predicted_change``; nan for none.
    """

    cycle: Cycle
    decimals: int
    results: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, float] = field(default_factory=dict)

    @property
    def has_after(self) -> bool:
        """Whether the update is told of here."""
        return "loss_after" in self.results

    @property
    def is_foreseen(self) -> bool:
        """Whether its effect could be predicted."""
        return "predicted_change" in self.results

    def judged(self, _asker: object, _trees: Sequence[Tree], judge: Callable[[], Any]) -> Any:
        """What is judged of the cycle by some trees alone."""
        return judge()

    def numbers(self, of: Of) -> Row:
        """The numbers themselves."""
        if of.name in self.more:
            return np.array([self.more[of.name]])
        if of.name in PLAIN:
            return np.array([PLAIN[of.name](self.cycle)])
        if of.name == "rows":
            return np.asarray(self.cycle.trace.row[list(self.cycle.visits)] + 1)
        layers = self._layers(of.name)
        if of.places and not of.layer and of.name not in LAYERLESS:
            return np.concatenate([layers[k][index] for k, index in of.by_layer])
        if of.places:
            return np.asarray(layers[max(of.layer, 1) - 1][of.index])
        chosen = layers[of.layer - 1 : of.layer] if of.layer else layers
        return np.concatenate([np.ravel(layer) for layer in chosen])

    def shown(self, of: Of) -> Sequence[str]:
        """Their texts, where each stands alone."""
        if of.name in EXACT:
            return [exact_text(float(value)) for value in self.numbers(of)]
        return [show(float(value), self.decimals) for value in self.numbers(of)]

    def printed(self, of: Of) -> Sequence[str]:
        """The results of the lines that compute them."""
        return [self.results[anchor] for anchor in self.anchors(of)]

    def anchors(self, of: Of) -> list[str]:
        """The names of these numbers on their page, in the same order."""
        return [ref.anchor for ref in refs(self.cycle.trace.layer_sizes, of)]

    def _layers(self, name: str) -> Sequence[Any]:
        cycle = self.cycle
        if name in ("x", "y"):
            return [cycle.value(name)]
        if name == "y_hat":
            return [cycle.a[-1]]
        if name in ("z_after", "a_after"):
            return self._second_pass[name == "a_after"]
        variable, _, kind = name.rpartition("_")
        if variable in cycle.trace.state:
            return [part[cycle.update] for part in cycle.trace.state[variable][kind]]
        found: Sequence[Any] = cycle.value(name)
        return found

    @cached_property
    def _second_pass(self) -> tuple[Sequence[Any], Sequence[Any]]:
        z, a = self.cycle.trace.forward(self.cycle.x[None, :], self.cycle.update + 1)
        return [layer[0] for layer in z], [layer[0] for layer in a]


def refs(sizes: Sequence[int], of: Of) -> list[Ref]:
    """Each number of a leaf, of no moment, for layers of these ``sizes`` (0: the inputs)."""
    if of.name == "y_hat":
        return refs(sizes, Of("a", len(sizes) - 1, of.places))
    if of.name in ("x", "y"):
        size = sizes[0 if of.name == "x" else -1]
        return [Ref.of(of.name, 0, place) for place in of.places or _places(size)]
    if of.places and not of.layer:
        return [Ref.of(of.name, layer, tuple(place)) for layer, *place in of.places]
    if not of.layer and _is_single(of.name):
        return [Ref.of(of.name)]
    layers = [of.layer] if of.layer else range(1, len(sizes))
    return [
        Ref.of(of.name, layer, place)
        for layer in layers
        for place in of.places or _places(*_shape(sizes, of.name, layer))
    ]


def count(sizes: Sequence[int], of: Of) -> int:
    """How many numbers a leaf has, which may be too many to name each."""
    if of.places:
        return len(refs(sizes, of))
    if of.name in ("x", "y", "y_hat"):
        return sizes[0 if of.name == "x" else -1]
    if not of.layer and _is_single(of.name):
        return 1
    layers = [of.layer] if of.layer else range(1, len(sizes))
    return sum(prod(_shape(sizes, of.name, layer)) for layer in layers)


def _is_single(name: str) -> bool:
    return name in PLAIN or name in ("loss_after", "loss_change", "predicted_change")


def _shape(sizes: Sequence[int], name: str, layer: int) -> tuple[int, ...]:
    pair = Ref.of(name).name.rpartition("_")[2] in ("W", "dW")
    return (sizes[layer - 1], sizes[layer]) if pair else (sizes[layer],)


def _places(*shape: int) -> list[tuple[int, ...]]:
    return [tuple(k + 1 for k in place) for place in np.ndindex(*shape)]
