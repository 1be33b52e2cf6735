"""What templates say of the parts of the network's picture, asked once for all pictures."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from tracer.notation import Number
from tracer.pictures.draw import compact
from tracer.pictures.network.model import Band, Edge, NetworkPicture, Node, UnitTwin
from tracer.writing import shapes
from tracer.writing.foreign import said

Said = Callable[[Any], Any]
"""A macro that says what a node, an edge or a unit is."""
_NUMBER = "\ue000"
"""Stands for the number in a sentence that is kept; no text of a page holds it."""


@dataclass(frozen=True)
class Wording:
    """The words of nodes, edges and units; ``keeps`` what macros said of them."""

    keeps: bool = True
    known: dict[Hashable, str] = field(default_factory=dict, repr=False)
    kinds: dict[Hashable, int] = field(default_factory=dict, repr=False)

    def kind(self, picture: NetworkPicture) -> int:
        """A number for pictures in which an edge or a node is called alike."""
        return self.kinds.setdefault((picture.mode, picture.notation), len(self.kinds))

    def band(self, band: Band, strip: Said) -> str:
        """The strip of a layer."""
        middle, turn = "", ""
        if band.turned:
            middle, turn = " tr-middle", f' transform="rotate(-90 {band.x} {band.y})"'
        found = [
            f'<g class="tr-strip-of" data-layer="{band.layer}">',
            shapes.box(band.box, "tr-band", shapes.ROUND),
            f'<text class="tr-layer{middle}" x="{band.x}" y="{band.y}" font-size="12"{turn}>',
            self._kept(("band", band.kind, band.layer), strip, band),
            "</text>",
            shapes.label(band.activation, "tr-muted") if band.activation else "",
        ]
        return "".join([*found, *[shapes.label(sign, "tr-sign") for sign in band.signs], "</g>"])

    def title(self, node: Node, what: Said, kind: int) -> str:
        """What a node is."""
        key = "node", kind, node.kind, node.layer, node.unit, node.dead, node.skipped
        return self._kept(key, what, node)

    def way(self, edge: Edge, text: str, way: Said, kind: int) -> str:
        """What an edge with this number is, asked once for all its numbers."""
        return self.way_around(edge, said(text), way, kind) if self.keeps else str(way(edge))

    def way_around(self, edge: Edge, text: str, way: Said, kind: int) -> str:
        """The same of words that are kept, with a number as HTML shows it."""
        key = "edge", kind, edge.layer, edge.source, edge.target
        if key not in self.known:
            self.known[key] = compact(str(way(replace(edge, text=_NUMBER))))
        return self.known[key].replace(_NUMBER, text)

    def unit_row(self, unit: UnitTwin, numbers: Iterable[Number], called: Said) -> str:
        """A unit as a row of a table, with these numbers."""
        name = self.unit(unit, called)
        cells = "".join([f"<td>{shapes.number(item)}</td>" for item in numbers])
        return f'<tr><th scope="row">{name}</th>{cells}</tr>'

    def unit(self, unit: UnitTwin, called: Said) -> str:
        """What a unit is called."""
        return self._kept(("unit", unit.number, unit.name, unit.dead), called, unit)

    def _kept(self, key: Hashable, macro: Said, item: Any) -> str:
        if not self.keeps:
            return str(macro(item))
        if key not in self.known:
            self.known[key] = compact(str(macro(item)))
        return self.known[key]
