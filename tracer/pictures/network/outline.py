"""The layout of the network's picture, in pieces that pictures share.

Where everything stands depends on the widest numbers of its layers, and on nothing else that
changes from cycle to cycle. So a strip is laid out once for each place and width of its boxes, and
a picture only brings its numbers: a page puts them into what it has drawn of the strips. Nodes and
edges as objects are made when somebody asks for them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

from tracer.notation import Number
from tracer.pictures.network.layout import (
    Columns,
    columns,
    edges_between,
    is_labelled,
    lay_out,
    strength,
)
from tracer.pictures.network.model import (
    Band,
    Edge,
    Mode,
    NetworkPicture,
    Node,
    Question,
    Sign,
    Tab,
    ValueSource,
)
from tracer.pictures.network.nodes import (
    StripRoom,
    frame_in,
    items_of,
    place_layer,
    place_tab,
    strip_room,
)
from tracer.pictures.network.plan import Item, LayerPlan, Names, NetworkPlan, WeightPlan, plan
from tracer.pictures.plot.geometry import LEGIBLE, NARROW, text_width, tidy

MOST_OUTLINES = 32
"""Kinds of pictures whose pieces are kept: a network has about one for each pass."""
MOST_PIECES = 2000
"""Strips and pairs of them that are kept of one kind: numbers differ in a sign or in a digit."""
_SHARED = ("mode", "sizes", "clipped", "unlabelled", "notation", "path")


@dataclass(frozen=True, eq=False)
class Outline:
    """Pictures of one network, with or without a loss: what they ask, and what they share.

    ``whole`` is one of them, laid out for other numbers; ``pieces`` are the strips and the edges
    between two of them, by what their places depend on.
    """

    plan: NetworkPlan
    whole: NetworkPicture
    pieces: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What is asked, in order."""
        return tuple((entry.name, entry.layer, *entry.index) for entry in self.plan.twin)

    @cached_property
    def at(self) -> Mapping[Question, int]:
        """The place of the answer to each question."""
        return {question: k for k, question in enumerate(self.questions)}

    @cached_property
    def place(self) -> Mapping[int, int]:
        """The same for each number of the plan, by its id."""
        return {id(entry.number): k for k, entry in enumerate(self.plan.twin)}

    @cached_property
    def layers(self) -> Mapping[int, LayerPlan]:
        """The strips by their layer, from the top to the bottom."""
        return {strip.layer: strip for strip in self.plan.layers}

    @cached_property
    def pairs(self) -> Mapping[int, tuple[int, int]]:
        """The strips above and below the edges of each layer; 0 is the loss."""
        found = pairwise(self.layers)
        return {max(pair) if max(pair) < len(self.plan.sizes) else 0: pair for pair in found}

    @cached_property
    def room(self) -> tuple[StripRoom, ...]:
        """What the widths of boxes depend on."""
        places = self.place
        return tuple([strip_room(s, lambda i: places[id(i.number)]) for s in self.plan.layers])

    @cached_property
    def weights(self) -> Mapping[int, list[int]]:
        """The numbers of the edges of each layer."""
        edges = self.plan.weights.items()
        return {layer: [self.at[self.question(edge)] for edge in some] for layer, some in edges}

    @cached_property
    def linked(self) -> tuple[int, ...]:
        """The numbers that may be links in the picture itself."""
        nodes = [node for strip in self.plan.layers for node in strip.nodes]
        found = [self.place[id(item.number)] for node in nodes for item in items_of(node)]
        labelled = (edge for edge in self.whole.edges if edge.label)
        return tuple(found + [self.at[self.question(edge)] for edge in labelled])

    def question(self, edge: Any) -> Question:
        """What is asked for an edge."""
        name = "W" if self.plan.mode == "forward" else "dL_dW"
        return name, edge.layer, edge.source, edge.target

    def piece(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What is made once for all pictures."""
        if key not in self.pieces:
            if len(self.pieces) >= MOST_PIECES:
                self.pieces.clear()
            self.pieces[key] = make()
        return self.pieces[key]


@dataclass(frozen=True, eq=False)
class Told:
    """What a picture brings to an outline: its numbers, and the room that they need.

    ``labels`` are the widths of the widest numbers on the edges of each layer.
    """

    outline: Outline
    numbers: tuple[Number, ...]
    value: ValueSource | None
    columns: Columns
    labels: Mapping[int, float]
    whole: Callable[[], NetworkPicture] = field(repr=False)

    @cached_property
    def _frame(self) -> Hashable:
        frame = self.columns.frame
        return frame.width, frame.gutter, frame.signs, frame.furthest

    def strip_key(self, layer: int) -> Hashable:
        """What the places of a strip depend on."""
        return layer, self.columns.frame.boxes[layer], self.columns.tops[layer], self._frame

    def edges_key(self, layer: int) -> Hashable:
        """What the places of a layer's edges depend on."""
        upper, lower = self.outline.pairs[layer]
        return self.strip_key(upper), self.strip_key(lower), self.labels.get(layer)

    def strip(self, layer: int) -> tuple[Band, tuple[Node, ...]]:
        """The band and the nodes of a strip, with other numbers."""

        def make() -> tuple[Band, tuple[Node, ...]]:
            at = self.columns
            return place_layer(at.frame, self.outline.layers[layer], at.tops[layer])

        found: tuple[Band, tuple[Node, ...]] = self.outline.piece(self.strip_key(layer), make)
        return found

    def edges(self, layer: int) -> list[Edge]:
        """The edges of a layer, with other numbers."""

        def make() -> list[Edge]:
            nodes = {strip: self.strip(strip)[1] for strip in self.outline.pairs[layer]}
            width = self.labels.get(layer, 0.0)
            return edges_between(self.outline.plan, self.columns.frame, nodes, width)

        found: list[Edge] = self.outline.piece(self.edges_key(layer), make)
        return found

    def tab(self, item: Item, node: Node, number: Number, *, above: bool) -> Tab:
        """The tab of a node as wide as this number needs it."""
        given = replace(item, number=number)
        return place_tab(self.columns.frame, given, node.box, above=above)

    @cached_property
    def dead(self) -> tuple[tuple[int, int], ...]:
        """(layer, unit) of what gives nothing, in the order of the picture."""
        return tuple(
            (strip.layer, node.unit)
            for strip in self.outline.plan.layers
            if strip.kind == "hidden"
            for node in strip.nodes
            if node.unit and self._at("a", strip.layer, node.unit) == 0
        )

    @cached_property
    def strengths(self) -> Mapping[int, list[tuple[Sign, float]]]:
        """Sign and width of the edges of each layer, in the order of the plan."""
        return {layer: self._strengths(edges) for layer, edges in self.outline.plan.weights.items()}

    def strengths_between(self, layer: int) -> Mapping[tuple[int, int], tuple[Sign, float]]:
        """The same of one layer, by the units that its edges join."""
        edges, found = self.outline.plan.weights[layer], self.strengths[layer]
        return {(e.source, e.target): at for e, at in zip(edges, found, strict=True)}

    def _strengths(self, edges: Sequence[WeightPlan]) -> list[tuple[Sign, float]]:
        values = [self._at(*self.outline.question(edge)) for edge in edges]
        sizes = [abs(value) for value in values if value is not None and math.isfinite(value)]
        largest = max(sizes, default=0.0)
        return [strength(value, largest) for value in values]

    def _at(self, name: str, layer: int, *index: int) -> float | None:
        return None if self.value is None else self.value(name, layer, *index)


def outlined(
    sizes: tuple[int, ...],
    mode: Mode,
    names: Names,
    ask: Callable[..., Number],
    value: ValueSource | None,
) -> NetworkPicture | None:
    """The picture with numbers, in the pieces that it shares; None where edges lack a number."""
    outline = _outline(sizes, mode, names, has_loss=True)
    numbers = tuple([ask(*question) for question in outline.questions])
    if not numbers[outline.at["loss", 0]].text:
        outline = _outline(sizes, mode, names, has_loss=False)
    if any(not numbers[k].text for some in outline.weights.values() for k in some):
        return None

    def whole() -> NetworkPicture:
        told = iter(numbers)
        return lay_out(plan(sizes, mode, names, lambda *_: next(told), value))

    widths = [text_width(found.text, LEGIBLE) for found in numbers]
    labels = {
        layer: max([widths[k] for k in some]) if is_labelled(some) else 0.0
        for layer, some in outline.weights.items()
    }
    frame = frame_in(outline.room, widths, NARROW)
    key = "columns", frame.width, frame.signs, *frame.boxes.values(), *labels.values()
    at = outline.piece(key, lambda: columns(outline.plan, frame, labels))
    return _picture(Told(outline, numbers, value, at, labels, whole))


def _picture(told: Told) -> NetworkPicture:
    """A picture that has what it shares, and makes the rest when it is asked for."""
    made, outline, at = object.__new__(NetworkPicture), told.outline, told.columns
    shared = {name: getattr(outline.whole, name) for name in _SHARED}
    bands = tuple([told.strip(layer)[0] for layer in outline.layers])
    size = {"width": tidy(at.frame.width), "height": tidy(at.height), "bands": bands}
    made.__dict__.update(shared, **size, told=told)
    return made


@lru_cache(maxsize=MOST_OUTLINES)
def _outline(sizes: tuple[int, ...], mode: Mode, names: Names, *, has_loss: bool) -> Outline:
    def zero(name: str, layer: int, *index: int) -> Number:
        is_there = layer or index or has_loss or name != "loss"
        return Number("0" if is_there else "")

    made = plan(sizes, mode, names, zero, None)
    return Outline(made, lay_out(made))
