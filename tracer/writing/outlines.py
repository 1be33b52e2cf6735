"""The network's picture as SVG by the layout that it shares: drawn once, and numbers put in.

What is drawn is cut where a picture has its own: at numbers and their links, at tabs, which are as
wide as their number, and at the looks of edges.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, NamedTuple

from tracer.notation import Number
from tracer.pictures.network.model import Edge, Node, NodeLine, UnitTwin
from tracer.pictures.network.nodes import items_of
from tracer.pictures.network.outline import Told
from tracer.pictures.network.plan import Item
from tracer.pictures.plot.geometry import LEGIBLE, Label, text_width
from tracer.writing import shapes
from tracer.writing.foreign import said
from tracer.writing.wording import Wording

Said = Callable[[Any], Any]
Start = tuple[str, str]
"""What stands before a number, and how its own text begins."""
_ENDED, _TITLED = "</text>", "</title></line>"
_LINK, _LED = shapes.link("\ue000").split("\ue000")
_LINKED = f"{_ENDED}{shapes.LINK_END}"
_TEXT = "\ue000"
"""Stands for a number in what is drawn; no text of a page holds it."""


class TabRecipe(NamedTuple):
    """A tab: which number stands in it, and its box and how the number begins, by its width."""

    item: Item
    at: int
    above: bool
    boxes: dict[float, tuple[str, Start]]


class NodeRecipe(NamedTuple):
    """A node: what stands before its tabs, its box, and its lines without their numbers."""

    node: Node
    start: str
    start_if_dead: str
    middle: str
    tabs: tuple[TabRecipe, ...]
    lines: tuple[tuple[Start, int], ...]


class EdgeRecipe(NamedTuple):
    """An edge between its looks, and where its number stands on it, if it has one.

    ``starts`` and ``halos`` are by its sign, ``plates`` by the width of its number; the number has
    its place in ``title``.
    """

    edge: Edge
    start: str
    middle: str
    at: int
    starts: dict[str, str]
    title: list[str]
    plates: dict[float, str]
    halos: dict[str, Start]


@dataclass(frozen=True)
class OutlineSetter:
    """Puts the numbers of one picture into what is drawn of its outline; ``drawn`` keeps that."""

    wording: Wording
    told: Told
    drawn: dict[Hashable, Any]

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What is made once of the pictures of an outline."""
        whole = self.told.outline, key
        if whole not in self.drawn:
            self.drawn[whole] = make()
        return self.drawn[whole]

    @property
    def loss(self) -> Number:
        """The loss."""
        return self.told.numbers[self.told.outline.at["loss", 0]]

    def bands(self, strip: Said) -> list[str]:
        """The strips of the layers."""
        told = self.told
        return [
            self.once(("band", told.strip_key(k)), partial(self._band, k, strip))
            for k in told.outline.layers
        ]

    def _band(self, layer: int, strip: Said) -> str:
        return self.wording.band(self.told.strip(layer)[0], strip)

    @cached_property
    def texts(self) -> list[str]:
        """The numbers as HTML shows them."""
        return [said(number.text) for number in self.told.numbers]

    @cached_property
    def hrefs(self) -> list[str]:
        """Where they lead."""
        return [number.href and said(number.href) for number in self.told.numbers]

    def _put(self, found: list[str], start: Start, at: int) -> None:
        """Add a number to a text, as a link if it leads somewhere."""
        href, text = self.hrefs[at], self.texts[at]
        if href:
            found += (start[0], _LINK, href, _LED, start[1], text, _LINKED)
        else:
            found += (start[0], start[1], text, _ENDED)

    def nodes(self, what: Said) -> list[str]:
        """All nodes with their numbers."""
        outline, dead = self.told.outline, set(self.told.dead)
        kind = self.wording.kind(outline.whole)
        found: list[str] = []
        for layer in outline.layers:
            key = "nodes", self.told.strip_key(layer)
            recipes = self.once(key, partial(self._recipes, layer, what, kind))
            for recipe in recipes:
                self._node(found, recipe, is_dead=(layer, recipe.node.unit) in dead)
        return found

    def _recipes(self, layer: int, what: Said, kind: int) -> list[NodeRecipe]:
        return list(self._made(layer, what, kind))

    def _made(self, layer: int, what: Said, kind: int) -> Iterator[NodeRecipe]:
        outline, place = self.told.outline, self.told.outline.place
        plans = outline.layers[layer].nodes
        for plan, node in zip(plans, self.told.strip(layer)[1], strict=True):
            tabs = [(plan.above, True), (plan.below, False)]
            pairs = zip(node.lines, plan.lines, strict=True)
            alive, dead = (
                f"{shapes.node_start(one)}{self.wording.title(one, what, kind)}</title>"
                for one in (replace(node, dead=False), replace(node, dead=True))
            )
            yield NodeRecipe(
                node,
                alive,
                dead,
                shapes.node_middle(node),
                tuple(
                    [TabRecipe(item, place[id(item.number)], up, {}) for item, up in tabs if item]
                ),
                tuple([(_open(line), place[id(item.number)]) for line, item in pairs]),
            )

    def _node(self, found: list[str], recipe: NodeRecipe, *, is_dead: bool) -> None:
        found.append(recipe.start_if_dead if is_dead else recipe.start)
        tabs = [(self._tab(recipe, tab), tab.at) for tab in recipe.tabs]
        found += [box for (box, _), _ in tabs]
        found.append(recipe.middle)
        for (_, start), at in tabs:
            self._put(found, start, at)
        for start, at in recipe.lines:
            self._put(found, start, at)
        found.append("</g>")

    def _tab(self, recipe: NodeRecipe, tab: TabRecipe) -> tuple[str, Start]:
        """The box of a tab for its number, and its line up to that."""
        number = self.told.numbers[tab.at]
        width = text_width(number.text, LEGIBLE)
        found = tab.boxes.get(width)
        if found is None:
            placed = self.told.tab(tab.item, recipe.node, number, above=tab.above)
            found = tab.boxes[width] = shapes.tab_box(placed), _open(placed.line)
        return found

    def edges(self, layer: int, way: Said) -> list[str]:
        """The lines of the edges of a layer; those of the loss have no number."""
        recipes = self._edges(layer)
        if not layer:
            return [f'{one.start}none{one.middle}1.0"></line>' for one in recipes]
        texts, found = self.texts, list[str]()
        for one, (sign, width) in zip(recipes, self.told.strengths[layer], strict=True):
            start = one.starts.get(sign)
            if start is None:
                start = one.starts[sign] = f"{one.start}{sign}{one.middle}"
            found += (start, str(width), '"><title>')
            for part in one.title or self._titled(one, way):
                found += (part, texts[one.at])
            found[-1] = _TITLED
        return found

    def _titled(self, recipe: EdgeRecipe, way: Said) -> list[str]:
        """The stretches of what an edge is called, between which its number stands."""
        kind = self.wording.kind(self.told.outline.whole)
        recipe.title.extend(self.wording.way_around(recipe.edge, _TEXT, way, kind).split(_TEXT))
        return recipe.title

    def _edges(self, layer: int) -> list[EdgeRecipe]:
        outline, told = self.told.outline, self.told

        def make() -> list[EdgeRecipe]:
            kind = "" if layer else " tr-to-loss"
            return [
                EdgeRecipe(
                    edge,
                    *shapes.edge_parts(edge, kind),
                    outline.at.get(outline.question(edge), 0),
                    {},
                    [],
                    {},
                    {},
                )
                for edge in told.edges(layer)
            ]

        found: list[EdgeRecipe] = self.once(("edges", told.edges_key(layer)), make)
        return found

    def plates(self, layer: int) -> list[str]:
        """The numbers of a layer's edges, each on a plate; all plates lie below all numbers."""
        numbers, strengths = self.told.numbers, self.told.strengths[layer]
        plates, texts = list[str](), list[str]()
        for recipe, (sign, _) in zip(self._edges(layer), strengths, strict=True):
            plates.append(self._plate(recipe, numbers[recipe.at].text))
            self._put(texts, self._halo(recipe, sign), recipe.at)
        return plates + texts

    def _plate(self, recipe: EdgeRecipe, text: str) -> str:
        """The plate of a number, as wide as that is."""
        label = recipe.edge.label
        assert label is not None  # only edges with labels have plates
        width = text_width(text, label.size)
        if width not in recipe.plates:
            recipe.plates[width] = shapes.plate(replace(label, text=text))
        return recipe.plates[width]

    def _halo(self, recipe: EdgeRecipe, sign: str) -> Start:
        """How the number of an edge begins."""
        label = recipe.edge.label
        assert label is not None  # only edges with labels have plates
        if sign not in recipe.halos:
            recipe.halos[sign] = _start(label, shapes.edge_kind(sign))
        return recipe.halos[sign]

    def units(self, place: int, called: Said) -> list[str]:
        """The units of a layer as rows of a table, by the place of the layer in the picture."""
        texts, hrefs, dead = self.texts, self.hrefs, set(self.told.dead)
        layer, rows = self.once(("units", place), lambda: self._units(place))
        found = list[str]()
        for unit, alive, gone, at in rows:
            name = self.wording.unit(gone if (layer, unit) in dead else alive, called)
            found += ('<tr><th scope="row">', name, "</th>")
            for k in at:
                if hrefs[k]:
                    found += ('<td><a href="', hrefs[k], '">', texts[k], "</a></td>")
                else:
                    found += ("<td>", texts[k], "</td>")
            found.append("</tr>")
        return found

    def _units(self, place: int) -> tuple[int, list[tuple[int, UnitTwin, UnitTwin, list[int]]]]:
        """The layer; of each unit how it is called, alive and dead, and which its numbers are."""
        outline = self.told.outline
        strip = outline.plan.layers[place]
        nodes = [node for node in strip.nodes if node.kind != "more"]
        edges = outline.plan.weights.get(strip.layer, ())
        found = []
        for node, unit in zip(nodes, outline.whole.layers[place].units, strict=True):
            own = [outline.place[id(item.number)] for item in items_of(node)]
            at = [outline.at[outline.question(edge)] for edge in edges if edge.target == node.unit]
            ways = replace(unit, dead=False), replace(unit, dead=True)
            found.append((node.unit, *ways, own + at))
        return strip.layer, found


def _open(line: NodeLine) -> Start:
    """A line up to its number: its sign, and how the number begins."""
    sign = shapes.label(line.sign, "tr-sign") if line.sign else ""
    return sign, _start(line.value, "tr-number")[1]


def _start(label: Label, kind: str) -> Start:
    """How a number in a picture begins."""
    return "", shapes.label(replace(label, text=_TEXT, href=""), kind).partition(_TEXT)[0]
