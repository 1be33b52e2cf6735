"""What stands in the network's picture, from the top to the bottom, before it has a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tracer.notation import Notation, Number, plain_text
from tracer.pictures.network.model import Kind, Mode, NumberSource, TwinEntry, ValueSource
from tracer.pictures.plot.geometry import clean
from tracer.typeset.named import NamedSymbol

MOST_UNITS = 12
"""Wider layers are drawn by their first units, an ellipsis and the last one."""

# enough to see the pattern; with the dots and the last one a layer has seven boxes
_FIRST_UNITS = 5


@dataclass(frozen=True)
class Names:
    """How things are called: features and output units, each layer's activation, all numbers.

    ``written`` are the units of each layer (from 1) that have numbers; () for all.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    activations: tuple[str, ...]
    notation: Notation
    written: tuple[Sequence[int], ...] = ()


@dataclass(frozen=True)
class Item:
    """A sign and a number that stand together."""

    name: str
    sign: str
    number: Number


@dataclass(frozen=True)
class NodePlan:
    """The contents of a node: lines inside it, and lines in a tab ``above`` or ``below``.

    ``unit`` counts from 1; readers see ``number``.
    """

    kind: Kind
    unit: int = 0
    number: str = ""
    heading: str = ""
    base: str = ""
    lines: tuple[Item, ...] = ()
    above: Item | None = None
    below: Item | None = None
    dead: bool = False
    skipped: int = 0


@dataclass(frozen=True)
class LayerPlan:
    """One strip of the picture; ``layer`` counts from 0, the loss has L + 1."""

    kind: Kind
    layer: int
    nodes: tuple[NodePlan, ...]
    activation: str = ""


@dataclass(frozen=True)
class WeightPlan:
    """One edge of weight layer ``layer``."""

    layer: int
    source: int
    target: int
    text: str = ""
    href: str = ""
    value: float | None = None


@dataclass(frozen=True)
class NetworkPlan:
    """The picture's contents: strips from the top to the bottom, edges by weight layer from 1."""

    mode: Mode
    sizes: tuple[int, ...]
    layers: tuple[LayerPlan, ...]
    weights: dict[int, tuple[WeightPlan, ...]]
    twin: tuple[TwinEntry, ...]
    notation: Notation


@dataclass(frozen=True)
class _Asker:
    """Asks for numbers and remembers them for the picture's twin."""

    sizes: tuple[int, ...]
    mode: Mode
    notation: Notation
    number: NumberSource | None
    value: ValueSource | None
    written: tuple[Sequence[int], ...]
    twin: list[TwinEntry] = field(default_factory=list)
    signs: dict[tuple[str, int], str] = field(default_factory=dict)

    def item(self, name: str, layer: int, *index: int) -> Item:
        """The line of one quantity."""
        found = self.ask(name, layer, *index)
        if name == "x":
            plain = self.notation.plain(name, 0, index)
            return Item(
                name, NamedSymbol(plain, self.notation.symbol(name, 0, index), "", plain), found
            )
        return Item(name, self.sign(name, layer), found)

    def sign(self, name: str, layer: int) -> str:
        """The symbol of a quantity in a layer, without the layer and the unit."""
        if (name, layer) not in self.signs:
            self.signs[name, layer] = plain_text(self.notation.general(name, layer))
        return self.signs[name, layer]

    def ask(self, name: str, layer: int, *index: int) -> Number:
        """The number of one quantity."""
        assert self.number is not None
        found = self.number(name, layer, *index)
        self.twin.append(TwinEntry(name, layer, index, found))
        return found

    def is_zero(self, name: str, layer: int, *index: int) -> bool:
        """Whether the value is known and exactly 0."""
        return self.value is not None and self.value(name, layer, *index) == 0


def plan(
    sizes: tuple[int, ...],
    mode: Mode,
    names: Names,
    number: NumberSource | None,
    value: ValueSource | None,
) -> NetworkPlan:
    """Collect every name and number of the picture."""
    units = names.written or tuple(range(1, size + 1) for size in sizes)
    asker = _Asker(sizes, mode, names.notation, number, value, units)
    layers = [_layer(asker, k, names) for k in range(len(sizes))]
    if mode != "structure" and (item := asker.item("loss", 0)).number.text:
        loss = NodePlan("loss", 1, lines=(item,))
        layers.append(LayerPlan("loss", len(sizes), (loss,)))
    weights = {k: _weights(asker, k) for k in range(1, len(sizes))}
    if mode == "backward":
        layers.reverse()
    return NetworkPlan(mode, sizes, tuple(layers), weights, tuple(asker.twin), names.notation)


def shown_units(size: int, written: Sequence[int] = ()) -> tuple[int, ...]:
    """The units of a layer that are drawn, from 1; 0 stands for those left out.

    Where only some are ``written`` out, these are drawn, as many as there is room for.
    """
    units = tuple(written) or tuple(range(1, size + 1))
    if len(units) == size <= MOST_UNITS:
        return units
    drawn = units if len(units) <= _FIRST_UNITS else (*units[:_FIRST_UNITS], units[-1])
    return (*drawn[:_FIRST_UNITS], 0, *drawn[_FIRST_UNITS:])


def _layer(asker: _Asker, layer: int, names: Names) -> LayerPlan:
    size, last = asker.sizes[layer], len(asker.sizes) - 1
    kind: Kind = "input" if layer == 0 else "output" if layer == last else "hidden"
    headings = {"input": names.inputs, "output": names.outputs}.get(kind, ())
    drawn = shown_units(size, asker.written[layer])
    nodes = tuple(
        _node(asker, kind, layer, unit, headings) if unit else _skipped(size - len(drawn) + 1)
        for unit in drawn
    )
    known = names.activations[:layer]
    activation = clean(known[-1]) if len(known) == layer > 0 else ""
    return LayerPlan(kind, layer, nodes, activation)


def _skipped(count: int) -> NodePlan:
    return NodePlan("more", skipped=count)


def _node(asker: _Asker, kind: Kind, layer: int, unit: int, headings: tuple[str, ...]) -> NodePlan:
    heading = clean(headings[unit - 1]) if len(headings) >= unit else ""
    number, base = str(asker.notation.unit(unit)), asker.sign("a", layer)
    if asker.mode == "structure":
        return NodePlan(kind, unit, number, heading, base)
    if kind == "input":
        return NodePlan(kind, unit, number, heading, base, (asker.item("x", 0, unit),))
    dead = kind == "hidden" and asker.is_zero("a", layer, unit)
    if asker.mode == "forward":
        lines = (asker.item("z", layer, unit), asker.item("a", layer, unit))
        above = asker.item("b", layer, unit)
        below = asker.item("y", 0, unit) if kind == "output" else None
        return NodePlan(kind, unit, number, heading, base, lines, above, below, dead)
    names_shown = ("a", "dL_da", "dL_dz") if kind == "output" else ("dL_da", "dL_dz")
    errors = tuple(asker.item(name, layer, unit) for name in names_shown)
    below = asker.item("dL_db", layer, unit)
    return NodePlan(kind, unit, number, heading, base, errors, below=below, dead=dead)


def _weights(asker: _Asker, layer: int) -> tuple[WeightPlan, ...]:
    sources, targets = (shown_units(asker.sizes[k], asker.written[k]) for k in (layer - 1, layer))
    pairs = [(i, j) for i in sources for j in targets if i and j]
    if asker.mode == "structure":
        return tuple(WeightPlan(layer, i, j) for i, j in pairs)
    name = "W" if asker.mode == "forward" else "dL_dW"
    numbers = [asker.ask(name, layer, i, j) for i, j in pairs]
    values = [asker.value(name, layer, i, j) if asker.value else None for i, j in pairs]
    return tuple(
        WeightPlan(layer, i, j, number.text, number.href, value)
        for (i, j), number, value in zip(pairs, numbers, values, strict=True)
    )
