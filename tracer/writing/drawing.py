"""Parts of pictures as SVG, set from their view models: labels, boxes, the network's layers.

Templates arrange them, and say the words: those of a unit or of an edge are the same in every
picture of an experiment, so they are asked once, with a mark for the number.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from tracer.notation import Number
from tracer.pictures import draw
from tracer.pictures.draw import compact, with_role
from tracer.pictures.network.model import (
    Band,
    Edge,
    NetworkPicture,
    Node,
    NodeLine,
    NodeName,
    UnitTwin,
)
from tracer.pictures.plot.geometry import Box, Label, Picture
from tracer.typeset.named import shown_as
from tracer.writing.foreign import said
from tracer.writing.stencils import Stencils, mark, tag

Said = Callable[[Any], Any]
"""A macro that says what a node, an edge or a unit is."""
_NUMBER = "\ue000"
"""Stands for the number in a sentence that is kept; no text of a page holds it."""
_EDGES, _NODES, _UNITS, _OWN, _PLATES = "edges", "nodes", "units", "own", "plates"
_SIZE, _BANDS, _DEAD = "size", "bands", "dead"
_APART = ("width", "height", "bands", "dead", "nodes", "edges", "twin", "layers")
_SEEN = tuple(found.name for found in fields(NetworkPicture) if found.name not in _APART)
_CIRCLE, _ROUND, _TAB, _PLATE = 20, 6, 3, 3  # px of the corners: a circle's are its radius


def label(item: Label, kind: str = "") -> Markup:
    """A text at its place, as a link if it has one."""
    return Markup(_label(item, kind))


def box(item: Box, kind: str, radius: float = 0) -> Markup:
    """A rectangle."""
    return Markup(_box(item, kind, radius))


def number(item: Number) -> Markup:
    """A number of a table, as a link if it has one."""
    return Markup(_number(item))


@dataclass(frozen=True)
class PictureSetter:
    """Sets the network's picture with words that templates say; ``keeps`` what they say of it.

    A picture that shows numbers is drawn once for each shape, and gets its own parts there.
    """

    keeps: bool = True
    known: dict[Hashable, str] = field(default_factory=dict, repr=False)
    kinds: dict[Hashable, int] = field(default_factory=dict, repr=False)
    stencils: Stencils = field(default_factory=Stencils, repr=False)

    @property
    def functions(self) -> dict[str, Callable[..., Markup]]:
        """What templates may call, by name."""
        return {
            "set_size": self.size,
            "set_bands": self.bands,
            "set_dead": self.dead,
            "set_edges": self.edges,
            "set_nodes": self.nodes,
            "set_units": self.units,
            "set_own": self.own,
            "set_label": label,
            "set_box": box,
            "set_plates": self.plates,
        }

    def draw(self, env: Environment, picture: Picture, *, id: str, caption: str = "") -> Markup:  # noqa: A002
        """A picture as a figure: see :func:`tracer.pictures.draw`."""

        def ask() -> str:
            return str(draw(env, picture, id=id, caption=caption))

        if not self.keeps or type(picture) is not NetworkPicture or picture.mode == "structure":
            return Markup(ask())
        layers = picture.layers
        linked = any(label.href for label in _labels(picture))
        key = id, str(caption), type(caption), linked, *shape(picture)
        found = self.stencils.of(
            key, lambda: with_role(ask(), linked), lambda: [layer.units for layer in layers]
        )
        edges, labels = dict(picture.edges_of_layers), dict(picture.labels_of_layers)
        given = found.given
        return found.filled(
            {
                _SIZE: lambda _: _size(picture),
                _BANDS: lambda _: self._bands(picture, given[_BANDS]),
                _DEAD: lambda _: self._dead(picture, given[_DEAD]),
                _EDGES: lambda k: self._edges(picture, edges[k], given[_EDGES]),
                _NODES: lambda _: self._nodes(picture, given[_NODES]),
                _UNITS: lambda k: self._units(layers[k].units, given[_UNITS]),
                _OWN: lambda k: _number(layers[k].units[0].own[0]),
                _PLATES: lambda k: _plates(labels[k]),
            }
        )

    def size(self, picture: Picture) -> Markup:
        """The attributes that say how large a picture is."""
        return Markup(_size(picture)) if self.stencils.now is None else mark(_SIZE, 0)

    def bands(self, picture: NetworkPicture, strip: Said) -> Markup:
        """The strips of the layers; ``strip`` says whose each is."""
        if (marking := self.stencils.now) is None:
            return Markup(self._bands(picture, strip))
        marking.given[_BANDS] = strip
        return tag(_BANDS, 0)

    def dead(self, picture: NetworkPicture, still: Callable[[int, int], Any]) -> Markup:
        """Sentences about the units that give nothing."""
        if (marking := self.stencils.now) is None:
            return Markup(self._dead(picture, still))
        marking.given[_DEAD] = still
        return mark(_DEAD, 0)

    def edges(self, picture: NetworkPicture, edges: Sequence[Edge], way: Said) -> Markup:
        """The lines of edges; ``way`` says what an edge is."""
        if (marking := self.stencils.now) is None:
            return Markup(self._edges(picture, edges, way))
        marking.given[_EDGES] = way
        return tag(_EDGES, edges[0].layer)

    def nodes(self, picture: NetworkPicture, what: Said) -> Markup:
        """All nodes with their numbers; ``what`` says what a node is."""
        if (marking := self.stencils.now) is None:
            return Markup(self._nodes(picture, what))
        marking.given[_NODES] = what
        return tag(_NODES, 0)

    def units(self, units: Sequence[UnitTwin], called: Said) -> Markup:
        """The units of a layer as rows of a table; ``called`` says which one it is."""
        if (marking := self.stencils.now) is None:
            return Markup(self._units(units, called))
        marking.given[_UNITS] = called
        return tag(_UNITS, marking.places[id(units)])

    def own(self, units: Sequence[UnitTwin]) -> Markup:
        """The first number of the first of some units: the loss."""
        if (marking := self.stencils.now) is None:
            return Markup(_number(units[0].own[0]))
        return mark(_OWN, marking.places[id(units)])

    def plates(self, edges: Sequence[Edge]) -> Markup:
        """The numbers of edges, each on a plate; all plates lie below all numbers."""
        if self.stencils.now is None:
            return Markup(_plates(edges))
        return tag(_PLATES, edges[0].layer)

    def _bands(self, picture: NetworkPicture, strip: Said) -> str:
        return "".join([self._band(band, strip) for band in picture.bands])

    def _band(self, band: Band, strip: Said) -> str:
        middle, turn = "", ""
        if band.turned:
            middle, turn = " tr-middle", f' transform="rotate(-90 {band.x} {band.y})"'
        found = [
            f'<g class="tr-strip-of" data-layer="{band.layer}">{_box(band.box, "tr-band", _ROUND)}',
            f'<text class="tr-layer{middle}" x="{band.x}" y="{band.y}" font-size="12"{turn}>',
            self._kept(("band", band.kind, band.layer), strip, band),
            "</text>",
            _label(band.activation, "tr-muted") if band.activation else "",
        ]
        return "".join([*found, *[_label(sign, "tr-sign") for sign in band.signs], "</g>"])

    def _dead(self, picture: NetworkPicture, still: Callable[[int, int], Any]) -> str:
        return "".join([f"{compact(still(layer, unit))} " for layer, unit in picture.dead])

    def _edges(self, picture: NetworkPicture, edges: Iterable[Edge], way: Said) -> str:
        key = self._kind(picture)
        return "".join([self._edge(picture, edge, way, key) for edge in edges])

    def _nodes(self, picture: NetworkPicture, what: Said) -> str:
        key = self._kind(picture)
        return "".join([self._node(node, what, key) for node in picture.nodes])

    def _kind(self, picture: NetworkPicture) -> int:
        """A number for pictures in which an edge or a node is called alike."""
        return self.kinds.setdefault((picture.mode, picture.notation), len(self.kinds))

    def _units(self, units: Sequence[UnitTwin], called: Said) -> str:
        return "".join([self._unit(unit, called) for unit in units])

    def _edge(self, picture: NetworkPicture, edge: Edge, way: Said, key: int) -> str:
        kind = "" if edge.layer else " tr-to-loss"
        kind += " tr-on-path" if picture.path and picture.is_on_path(edge) else ""
        title = f"<title>{self._way(edge, way, key)}</title>" if edge.layer and edge.text else ""
        return (
            f'<line class="tr-edge tr-{edge.sign}{kind}" x1="{edge.x1}" y1="{edge.y1}"'
            f' x2="{edge.x2}" y2="{edge.y2}" stroke-width="{edge.width}">{title}</line>'
        )

    def _way(self, edge: Edge, way: Said, kind: int) -> str:
        if not self.keeps:
            return str(way(edge))
        key = "edge", kind, edge.layer, edge.source, edge.target
        if key not in self.known:
            self.known[key] = compact(str(way(replace(edge, text=_NUMBER))))
        return self.known[key].replace(_NUMBER, said(edge.text))

    def _node(self, node: Node, what: Said, kind: int) -> str:
        dead = " tr-dead" if node.dead else ""
        key = "node", kind, node.kind, node.layer, node.unit, node.dead, node.skipped
        found = [
            f'<g class="tr-node tr-{node.kind}{dead}" data-layer="{node.layer}"><title>',
            self._kept(key, what, node),
            "</title>",
        ]
        found += [
            _box(tab.box, " ".join(("tr-tab", f"tr-tab-{tab.name}")), _TAB) for tab in node.tabs
        ]
        found.append(_box(node.box, "tr-box", _CIRCLE if node.symbol else _ROUND))
        if node.heading:
            found.append(_label(node.heading, "tr-name"))
        if node.symbol:
            found.append(_symbol(node.symbol))
        found += [_line(tab.line) for tab in node.tabs]
        found += [_line(line) for line in node.lines]
        return "".join([*found, "</g>"])

    def _unit(self, unit: UnitTwin, called: Said) -> str:
        name = self._kept(("unit", unit.number, unit.name, unit.dead), called, unit)
        cells = "".join([f"<td>{_number(item)}</td>" for item in (*unit.own, *unit.edges)])
        return f'<tr><th scope="row">{name}</th>{cells}</tr>'

    def _kept(self, key: Hashable, macro: Said, item: Any) -> str:
        if not self.keeps:
            return str(macro(item))
        if key not in self.known:
            self.known[key] = compact(str(macro(item)))
        return self.known[key]


def _size(picture: Picture) -> str:
    width, height = picture.width, picture.height
    return (
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' style="max-width:{picture.natural}px;min-width:{picture.least}px"'
    )


def shape(picture: NetworkPicture) -> Iterator[Hashable]:
    """All that a template can see of a picture, beside what is set into it."""
    yield picture.scrolls
    for name in _SEEN:
        yield getattr(picture, name)
    yield tuple(dict.fromkeys([(edge.layer, edge.label is None) for edge in picture.edges]))
    for layer in picture.layers:
        yield layer.kind, layer.layer, layer.activation, layer.names, layer.sources, layer.skipped


def _labels(picture: NetworkPicture) -> Iterator[Label]:
    for node in picture.nodes:
        yield from [line.value for line in (*node.lines, *[tab.line for tab in node.tabs])]
    yield from [edge.label for edge in picture.edges if edge.label]


def _plates(edges: Iterable[Edge]) -> str:
    pairs = [(edge.label, edge.sign) for edge in edges if edge.label]
    found = [_box(item.box, "tr-plate", _PLATE) for item, _ in pairs]
    return "".join(
        found + [_label(item, " ".join(("tr-halo", f"tr-{sign}"))) for item, sign in pairs]
    )


def _line(item: NodeLine) -> str:
    sign = _label(item.sign, "tr-sign") if item.sign else ""
    return sign + _label(item.value, "tr-number")


def _number(item: Number) -> str:
    return f'<a href="{said(item.href)}">{said(item.text)}</a>' if item.href else said(item.text)


def _label(item: Label, kind: str) -> str:
    x, y = item.x, item.y
    turned = f' transform="rotate(-90 {x} {y})"' if item.turned else ""
    full = f"<title>{said(shown_as(item.full, 'said'))}</title>" if item.full else ""
    text = (
        f'<text class="{kind} tr-{item.anchor}" x="{x}" y="{y}" font-size="{item.size}"{turned}>'
        f"{said(shown_as(item.text, 'drawn'))}{full}</text>"
    )
    if not item.href:
        return text
    return f'<a href="{said(item.href)}" tabindex="-1" class="tr-link">{text}</a>'


def _box(item: Box, kind: str, radius: float) -> str:
    return (
        f'<rect class="{kind}" x="{item.left}" y="{item.top}" width="{item.width}"'
        f' height="{item.height}" rx="{radius}"/>'
    )


def _symbol(item: NodeName) -> str:
    """A node's name: what it is, its layer above and its unit below."""
    layer = f'<tspan class="tr-index" dy="-5">[{said(item.layer)}]</tspan>' if item.layer else ""
    down = 8 if item.layer else 3  # px: below the line, from where the layer ended
    unit = f'<tspan class="tr-index" dy="{down}">{said(item.unit)}</tspan>' if item.unit else ""
    return (
        f'<text class="tr-symbol tr-middle" x="{item.x}" y="{item.y}" font-size="{item.size}">'
        f"{said(item.base)}{layer}{unit}</text>"
    )
