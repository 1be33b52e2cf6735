"""Parts of pictures as SVG, set from their view models: labels, boxes, the network's layers.

Templates arrange them, and say the words: those of a unit or of an edge are the same in every
picture of an experiment, so they are asked once, with a mark for the number.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from markupsafe import Markup

from tracer.notation import Number
from tracer.pictures.network.model import Edge, NetworkPicture, Node, NodeLine, NodeName, UnitTwin
from tracer.pictures.plot.geometry import Box, Label
from tracer.typeset.named import shown_as
from tracer.writing.foreign import said

Said = Callable[[Any], Any]
"""A macro that says what a node, an edge or a unit is."""
_NUMBER = "\ue000"
"""Stands for the number in a sentence that is kept; no text of a page holds it."""
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
    """Sets the network's picture with words that templates say; ``keeps`` what they say of it."""

    keeps: bool = True
    known: dict[Hashable, str] = field(default_factory=dict, repr=False)

    @property
    def functions(self) -> dict[str, Callable[..., Markup]]:
        """What templates may call, by name."""
        return {
            "set_edges": self.edges,
            "set_nodes": self.nodes,
            "set_units": self.units,
            "set_label": label,
            "set_box": box,
            "set_plates": plates,
        }

    def edges(self, picture: NetworkPicture, edges: Iterable[Edge], way: Said) -> Markup:
        """The lines of edges; ``way`` says what an edge is."""
        return Markup("".join([self._edge(picture, edge, way) for edge in edges]))

    def nodes(self, picture: NetworkPicture, what: Said) -> Markup:
        """All nodes with their numbers; ``what`` says what a node is."""
        return Markup("".join([self._node(picture, node, what) for node in picture.nodes]))

    def units(self, units: Sequence[UnitTwin], called: Said) -> Markup:
        """The units of a layer as rows of a table; ``called`` says which one it is."""
        return Markup("".join([self._unit(unit, called) for unit in units]))

    def _edge(self, picture: NetworkPicture, edge: Edge, way: Said) -> str:
        kind = "" if edge.layer else " tr-to-loss"
        kind += " tr-on-path" if picture.path and picture.is_on_path(edge) else ""
        title = (
            f"<title>{self._way(picture, edge, way)}</title>" if edge.layer and edge.text else ""
        )
        return (
            f'<line class="tr-edge tr-{edge.sign}{kind}" x1="{edge.x1}" y1="{edge.y1}"'
            f' x2="{edge.x2}" y2="{edge.y2}" stroke-width="{edge.width}">{title}</line>'
        )

    def _way(self, picture: NetworkPicture, edge: Edge, way: Said) -> str:
        if not self.keeps:
            return str(way(edge))
        key = picture.mode, picture.notation, edge.layer, edge.source, edge.target
        if key not in self.known:
            self.known[key] = str(way(replace(edge, text=_NUMBER)))
        return self.known[key].replace(_NUMBER, said(edge.text))

    def _node(self, picture: NetworkPicture, node: Node, what: Said) -> str:
        dead = " tr-dead" if node.dead else ""
        found = [
            f'<g class="tr-node tr-{node.kind}{dead}" data-layer="{node.layer}"><title>',
            self._kept(
                (
                    "node",
                    node.kind,
                    node.layer,
                    node.unit,
                    node.dead,
                    node.skipped,
                    picture.notation,
                ),
                what,
                node,
            ),
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
            self.known[key] = str(macro(item))
        return self.known[key]


def plates(edges: Iterable[Edge]) -> Markup:
    """The numbers of edges, each on a plate; all plates lie below all numbers."""
    pairs = [(edge.label, edge.sign) for edge in edges if edge.label]
    found = [_box(item.box, "tr-plate", _PLATE) for item, _ in pairs]
    return Markup(
        "".join(found + [_label(item, " ".join(("tr-halo", f"tr-{sign}"))) for item, sign in pairs])
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
