"""Parts of pictures as SVG, set from their view models: labels, boxes, the network's layers.

Templates arrange them, and say the words: those of a unit or of an edge are the same in every
picture of an experiment, so they are asked once, with a mark for the number.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from tracer.notation import Number
from tracer.pictures import draw
from tracer.pictures.draw import compact, with_role
from tracer.pictures.network.model import (
    Edge,
    NetworkPicture,
    Node,
    UnitTwin,
)
from tracer.pictures.network.outline import Told
from tracer.pictures.plot.geometry import Box, Label, Picture
from tracer.writing import shapes
from tracer.writing.context import marked
from tracer.writing.outlines import OutlineSetter
from tracer.writing.stencils import Stencil, Stencils, mark, tag
from tracer.writing.wording import Wording

Said = Callable[[Any], Any]
"""A macro that says what a node, an edge or a unit is."""
_EDGES, _NODES, _UNITS, _OWN, _PLATES = "edges", "nodes", "units", "own", "plates"
_SIZE, _BANDS, _DEAD = "size", "bands", "dead"
_APART = ("width", "height", "bands", "dead", "nodes", "edges", "twin", "layers")
_SEEN = tuple(found.name for found in fields(NetworkPicture) if found.name not in _APART)


def label(item: Label, kind: str = "") -> Markup:
    """A text at its place, as a link if it has one."""
    return Markup(shapes.label(item, kind))


def box(item: Box, kind: str, radius: float = 0) -> Markup:
    """A rectangle."""
    return Markup(shapes.box(item, kind, radius))


def number(item: Number) -> Markup:
    """A number of a table, as a link if it has one."""
    return Markup(shapes.number(item))


@dataclass(frozen=True)
class PictureSetter:
    """Sets the network's picture with words that templates say; ``keeps`` what they say of it.

    A picture that shows numbers is drawn once for each shape, and gets its own parts there.
    """

    keeps: bool = True
    stencils: Stencils = field(default_factory=Stencils, repr=False)
    outlined: dict[Hashable, Stencil] = field(default_factory=dict, repr=False)
    recipes: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def words(self) -> Wording:
        """What templates say of parts of the network."""
        return Wording(self.keeps)

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

        def ask(picture: Picture) -> str:
            return str(draw(env, picture, id=id, caption=caption))

        if not self.keeps or type(picture) is not NetworkPicture or picture.mode == "structure":
            return Markup(ask(picture))
        if picture.told is not None:
            more = id, str(caption), type(caption)
            return marked(Markup, "".join(self._outlined(picture, picture.told, ask, more)))
        layers = picture.layers
        linked = any(label.href for label in _labels(picture))
        key = id, str(caption), type(caption), linked, *shape(picture)
        found = self._stencil(picture, key, lambda: ask(picture), linked=linked)
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
                _OWN: lambda k: shapes.number(layers[k].units[0].own[0]),
                _PLATES: lambda k: _plates(labels[k]),
            }
        )

    def _outlined(
        self,
        picture: NetworkPicture,
        told: Told,
        ask: Callable[[Picture], str],
        more: tuple[Hashable, ...],
    ) -> list[str]:
        """A picture that shares its layout, in what was drawn of that, in parts."""
        outline, linked = told.outline, any(told.numbers[k].href for k in told.outline.linked)
        key = outline, linked, picture.scrolls, *more
        found = self.outlined.get(key)
        if found is None:
            whole = replace(outline.whole, width=picture.width)
            full = *more, linked, *shape(whole)
            found = self._stencil(whole, full, lambda: ask(whole), linked=linked)
            self.outlined[key] = found
        given, setter = found.given, OutlineSetter(self.words, told, self.recipes)
        pieces: Mapping[str, Callable[[int], list[str]]] = {
            _SIZE: lambda _: [_size(picture)],
            _BANDS: lambda _: setter.bands(given[_BANDS]),
            _DEAD: lambda _: [self._dead(told, given[_DEAD])],
            _EDGES: lambda k: setter.edges(k, given[_EDGES]),
            _NODES: lambda _: setter.nodes(given[_NODES]),
            _UNITS: lambda k: setter.units(k, given[_UNITS]),
            _OWN: lambda _: [shapes.number(setter.loss)],
            _PLATES: setter.plates,
        }
        said: list[str] = []
        for stretch, kind, k in zip(found.stretches, found.kinds, found.numbers, strict=False):
            said.append(stretch)
            said += pieces[kind](k)
        said.append(found.stretches[-1])
        return said

    def draw_parts(self, env: Environment, picture: Picture, **more: Any) -> list[str]:
        """The same picture in parts: who puts several texts together joins them once."""
        if not self.keeps or type(picture) is not NetworkPicture or picture.told is None:
            return [self.draw(env, picture, **more)]
        caption = more.get("caption", "")
        key: tuple[Any, ...] = more["id"], str(caption), type(caption)
        return self._outlined(
            picture, picture.told, lambda picture: str(draw(env, picture, **more)), key
        )

    def _stencil(
        self, picture: NetworkPicture, key: Hashable, ask: Callable[[], str], *, linked: bool
    ) -> Stencil:
        units = [layer.units for layer in picture.layers] if key not in self.stencils.known else []
        return self.stencils.of(key, lambda: with_role(ask(), linked), lambda: units)

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
            return Markup(shapes.number(units[0].own[0]))
        return mark(_OWN, marking.places[id(units)])

    def plates(self, edges: Sequence[Edge]) -> Markup:
        """The numbers of edges, each on a plate; all plates lie below all numbers."""
        if self.stencils.now is None:
            return Markup(_plates(edges))
        return tag(_PLATES, edges[0].layer)

    def _bands(self, picture: NetworkPicture, strip: Said) -> str:
        return "".join([self.words.band(band, strip) for band in picture.bands])

    def _dead(self, picture: NetworkPicture | Told, still: Callable[[int, int], Any]) -> str:
        return "".join([f"{compact(still(layer, unit))} " for layer, unit in picture.dead])

    def _edges(self, picture: NetworkPicture, edges: Iterable[Edge], way: Said) -> str:
        key = self.words.kind(picture)
        return "".join([self._edge(picture, edge, way, key) for edge in edges])

    def _nodes(self, picture: NetworkPicture, what: Said) -> str:
        key = self.words.kind(picture)
        return "".join([self._node(node, what, key) for node in picture.nodes])

    def _units(self, units: Sequence[UnitTwin], called: Said) -> str:
        return "".join([self._unit(unit, called) for unit in units])

    def _edge(self, picture: NetworkPicture, edge: Edge, way: Said, key: int) -> str:
        kind = "" if edge.layer else " tr-to-loss"
        kind += " tr-on-path" if picture.path and picture.is_on_path(edge) else ""
        title = (
            f"<title>{self.words.way(edge, edge.text, way, key)}</title>"
            if edge.layer and edge.text
            else ""
        )
        start, middle = shapes.edge_parts(edge, kind)
        return f'{start}{edge.sign}{middle}{edge.width}">{title}</line>'

    def _node(self, node: Node, what: Said, kind: int) -> str:
        found = [shapes.node_start(node), self.words.title(node, what, kind), "</title>"]
        found += [shapes.tab_box(tab) for tab in node.tabs]
        found.append(shapes.node_middle(node))
        found += [shapes.line(line) for line in (*[tab.line for tab in node.tabs], *node.lines)]
        return "".join([*found, "</g>"])

    def _unit(self, unit: UnitTwin, called: Said) -> str:
        return self.words.unit_row(unit, (*unit.own, *unit.edges), called)


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
    labels = [shapes.label(item, shapes.edge_kind(sign)) for item, sign in pairs]
    return "".join([*[shapes.plate(item) for item, _ in pairs], *labels])
