"""What the network's picture consists of: nodes, edges, bands, and the numbers they show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from tracer.notation import Notation, Number
from tracer.pictures.plot.geometry import Box, Label, Picture, tidy

BESIDE = 400.0
"""The column beside the text is 380 px wide: numbers of a wider picture are too small there."""

THINNEST, THICKEST = 0.8, 3.2
"""px of an edge: of a weight of 0, and of the largest of its layer; both are seen on a phone."""

_MADE = ("nodes", "edges", "dead", "twin", "layers")
"""What a picture that shares its layout makes when it is asked for."""

Mode = Literal["structure", "forward", "backward"]
Kind = Literal["input", "hidden", "output", "loss", "more"]
Sign = Literal["pos", "neg", "zero", "none"]
Question = tuple[Any, ...]
"""A quantity that a picture asks for: its name, its layer and its units."""


class NumberSource(Protocol):
    """``number("W", 1, 2, 3)``: the text and the link of a quantity; all indices from 1.

    Asked for: ``x``, ``y`` and ``loss`` with layer 0, ``b``, ``z``, ``a``, ``dL_db``, ``dL_dz``,
    ``dL_da`` with layer and unit, ``W`` and ``dL_dW`` with layer, from unit, to unit.
    """

    def __call__(self, name: str, layer: int, *index: int) -> Number:
        """The number of quantity ``name``."""


class ValueSource(Protocol):
    """``value("W", 1, 2, 3)``: the same quantities as floats."""

    def __call__(self, name: str, layer: int, *index: int) -> float:
        """The value of quantity ``name``."""


@dataclass(frozen=True)
class NodeLine:
    """A number and, beside it or (None) in the band at the left, its sign such as z."""

    sign: Label | None
    value: Label


@dataclass(frozen=True)
class Tab:
    """A line in a box of its own, at the edge of a node: bias, bias gradient or target."""

    name: str
    box: Box
    line: NodeLine


@dataclass(frozen=True)
class NodeName:
    """A node's name in the picture of the pieces: ``base``, [``layer``] above, ``unit`` below."""

    x: float
    y: float
    base: str
    layer: str
    unit: str
    size: float


@dataclass(frozen=True)
class Node:
    """A unit, an input, the loss, or (``more``) the ``skipped`` units that are not drawn.

    ``dead``: the unit's output is exactly 0 for this sample.
    """

    kind: Kind
    layer: int
    unit: int
    box: Box
    heading: Label | None = None
    lines: tuple[NodeLine, ...] = ()
    tabs: tuple[Tab, ...] = ()
    symbol: NodeName | None = None
    dead: bool = False
    skipped: int = 0


@dataclass(frozen=True)
class Edge:
    """A weight (or its gradient) between two units; ``layer`` 0 leads to or from the loss.

    ``source`` and ``target`` are units of the layers before and after the weight. ``width`` grows
    with the size of its value relative to the largest of its layer.
    """

    x1: float
    y1: float
    x2: float
    y2: float
    layer: int
    source: int
    target: int
    sign: Sign
    width: float
    text: str = ""
    label: Label | None = None


@dataclass(frozen=True)
class Band:
    """The strip of one layer; its words stand around (``x``, ``y``), ``turned`` or not.

    ``signs`` are the names of the lines of all its nodes, where there is no room in the nodes.
    """

    kind: Kind
    layer: int
    box: Box
    x: float
    y: float
    turned: bool
    activation: Label | None
    signs: tuple[Label, ...] = ()


@dataclass(frozen=True)
class TwinEntry:
    """A number of the picture, for a table: quantity, layer, units (from 1), text and link."""

    name: str
    layer: int
    index: tuple[int, ...]
    number: Number


@dataclass(frozen=True)
class UnitTwin:
    """A unit in words: how it is counted, its name in the data ("" for none), and its numbers.

    ``own`` are those that stand at the unit, ``edges`` those of the connections that lead to it.
    """

    number: str
    name: str
    own: tuple[Number, ...]
    edges: tuple[Number, ...]
    dead: bool


@dataclass(frozen=True)
class LayerTwin:
    """A layer in words: ``names`` of its units' own numbers, ``sources`` of their connections.

    ``skipped`` units are not drawn and have no numbers here either.
    """

    kind: Kind
    layer: int
    activation: str
    names: tuple[str, ...]
    sources: tuple[int, ...]
    units: tuple[UnitTwin, ...]
    skipped: int


@dataclass(frozen=True, kw_only=True)
class NetworkPicture(Picture):
    """The network with everything in its place.

    ``clipped`` names (layer, units not drawn) of layers too wide to show whole, ``unlabelled``
    the layers whose weights are drawn by strength only, ``dead`` the (layer, unit) that give 0.
    ``twin`` holds every number of the units drawn, those of unlabelled edges too, and ``layers``
    the same layer by layer. ``path`` are the units from the input to the last layer of one way
    through the network that is drawn above the others. ``notation`` says how they are written;
    units count from 1 in all that is named here. A picture that shares its layout with others has
    what it ``told`` it (:mod:`tracer.pictures.network.outline`).
    """

    mode: Mode
    sizes: tuple[int, ...]
    bands: tuple[Band, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    clipped: tuple[tuple[int, int], ...]
    unlabelled: tuple[int, ...]
    dead: tuple[tuple[int, int], ...]
    twin: tuple[TwinEntry, ...]
    layers: tuple[LayerTwin, ...]
    notation: Notation
    path: tuple[int, ...] = ()
    told: ClassVar[Any] = None

    if not TYPE_CHECKING:  # elsewhere a name that is not there is a mistake

        def __getattr__(self, name: str) -> Any:
            """Make the nodes, edges and tables of a picture that shares its layout."""
            if name not in _MADE or self.told is None:
                raise AttributeError(name)
            whole = self.told.whole()
            self.__dict__.update({made: getattr(whole, made) for made in _MADE})
            return self.__dict__[name]

    def numbers(self) -> Mapping[Question, Number]:
        """Every number of ``twin``, by its name, its layer and its units."""
        if self.told is not None:
            return dict(zip(self.told.outline.questions, self.told.numbers, strict=True))
        return {(entry.name, entry.layer, *entry.index): entry.number for entry in self.twin}

    def strengths(self, layer: int) -> Mapping[tuple[int, int], tuple[Sign, float]]:
        """Sign and width of the edges that lead to a layer, by the units that they join."""
        if self.told is not None:
            found: Mapping[tuple[int, int], tuple[Sign, float]] = self.told.strengths_between(layer)
            return found
        edges = (edge for edge in self.edges if edge.layer == layer)
        return {(edge.source, edge.target): (edge.sign, edge.width) for edge in edges}

    @property
    def edges_of_layers(self) -> tuple[tuple[int, tuple[Edge, ...]], ...]:
        """(layer, its edges) in order; 0 is the loss."""
        return _by_layer(self.edges)

    @property
    def labels_of_layers(self) -> tuple[tuple[int, tuple[Edge, ...]], ...]:
        """The same, of the edges that have a label."""
        return _by_layer(tuple(edge for edge in self.edges if edge.label))

    def is_on_path(self, edge: Edge) -> bool:
        """Whether an edge belongs to the way that is drawn above the others."""
        ends = self.path[max(edge.layer - 1, 0) : edge.layer + 1]
        return bool(edge.layer) and ends == (edge.source, edge.target)

    def is_table(self, layer: int) -> bool:
        """Whether a layer and the one before it are read in a table, as they do not fit a phone.

        Where units are left out of the picture, a table could not show all weights either.
        """
        drawn = not {layer - 1, layer} & {clipped for clipped, _ in self.clipped}
        return drawn and (self.scrolls or layer in self.unlabelled)

    @property
    def is_wide(self) -> bool:
        """Whether it is too wide to stand beside the text with numbers that can be read."""
        return self.width > BESIDE

    def slice(self, layer: int) -> Box:
        """The strips of a layer and of the one before it, with what stands between them."""
        boxes = [band.box for band in self.bands if band.layer in (layer - 1, layer)]
        top, bottom = min(box.top for box in boxes), max(box.bottom for box in boxes)
        return Box(0, tidy(top - 1), self.width, tidy(bottom + 1))

    @property
    def labels(self) -> tuple[Label, ...]:
        """Every text whose place was computed."""
        found: list[Label] = []
        for node in self.nodes:
            found += [node.heading] if node.heading else []
            for line in (*node.lines, *(tab.line for tab in node.tabs)):
                found += [line.sign] if line.sign else []
                found.append(line.value)
        found += [edge.label for edge in self.edges if edge.label]
        for band in self.bands:
            found += [*band.signs, *([band.activation] if band.activation else [])]
        return tuple(found)


def _by_layer(edges: tuple[Edge, ...]) -> tuple[tuple[int, tuple[Edge, ...]], ...]:
    layers = sorted({edge.layer for edge in edges})
    return tuple((k, tuple(edge for edge in edges if edge.layer == k)) for k in layers)
