"""The nodes of one strip of the network's picture, and the strip itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from tracer.pictures.network.model import Band, Node, NodeLine, NodeName, Tab
from tracer.pictures.network.plan import Item, LayerPlan, NetworkPlan, NodePlan
from tracer.pictures.plot.geometry import LEGIBLE, Box, Label, fit, fitted, text_width, tidy

NUMBER = LEGIBLE
SIGN = LEGIBLE
SMALL = LEGIBLE
EDGE = LEGIBLE
HEADING = LEGIBLE

_LINE = 15.5  # px: letters of 12 and a quarter more between lines
_TAB = 15.0  # px: letters of 12 with their room
_PAD_X = 4.5  # px: a third of a letter beside the number, so that three boxes fit a phone
_PAD_Y = 3.5  # px: with the room of its lines as much as at the sides
_BAND_PAD = 6.0  # px: a box does not touch the edge of its band
_SPACE = 7.0  # px: two boxes side by side are seen as two
_BETWEEN = 5.0  # px: a blank between sign and number
_RADIUS = 20.0  # px: a circle of 40 holds a sign, and a finger hits it
_RIGHT = 4.0  # px: the outline of the last box is drawn whole
_NARROWEST = 46.0  # px: boxes of short numbers keep the look of boxes
_ROOM = 312.0  # px: a phone's 350 less the names of the layers at the left


@lru_cache(maxsize=2**10)  # the layers of a network, in frames for its longest numbers
def _centres(width: float, gutter: float, furthest: float, count: int) -> tuple[float, ...]:
    room = width - gutter - _RIGHT
    pitch = min(room / count, furthest)
    first = gutter + room / 2 - pitch * (count - 1) / 2
    return tuple(tidy(first + pitch * k) for k in range(count))


@dataclass(frozen=True)
class Frame:
    """The picture's columns: ``gutter`` at the left for words, then room for the nodes.

    ``signs`` is the width of the column of signs in the gutter; 0: signs stand in the nodes.
    """

    width: float
    gutter: float
    signs: float
    structure: bool
    boxes: dict[int, float]
    furthest: float

    def widened(self, factor: float) -> Frame:
        """The same with more room."""
        return replace(self, width=self.width * factor)

    def centres(self, strip: LayerPlan) -> tuple[float, ...]:
        """The x of every node of a strip."""
        return _centres(self.width, self.gutter, self.furthest, len(strip.nodes))

    def pitch(self, strip: LayerPlan) -> float:
        """The distance of two nodes of a strip."""
        room = self.width - self.gutter - _RIGHT
        return min(room / len(strip.nodes), self.furthest)


@dataclass(frozen=True)
class _Slot:
    """A node around ``x`` below ``top``, as high as ``model``, a node of the same strip."""

    node: NodePlan
    model: NodePlan
    x: float
    top: float


def frame_of(plan: NetworkPlan, least: float) -> Frame:
    """The narrowest frame in which no two nodes touch, ``least`` or wider.

    Signs stand in the nodes where that fits, else once a strip in the gutter.
    """
    frame = _frame(plan, least, apart=False)
    return frame if frame.width <= least or frame.structure else _frame(plan, least, apart=True)


def _frame(plan: NetworkPlan, least: float, *, apart: bool) -> Frame:
    structure = plan.mode == "structure"
    signs = max(_sign_width(s) for s in plan.layers) + 4 if apart else 0.0
    boxes = {
        strip.layer: _box_width(strip, structure=structure, apart=apart) for strip in plan.layers
    }
    counts = {strip.layer: len(strip.nodes) for strip in plan.layers}
    return _around(boxes, counts, signs, least, structure=structure)


def _around(
    boxes: dict[int, float],
    counts: Mapping[int, int],
    signs: float,
    least: float,
    *,
    structure: bool,
) -> Frame:
    """The frame of boxes that are so wide, ``counts`` of them side by side."""
    gutter = 68.0 if structure else 32.0 + signs
    needed = max(counts[layer] * (box + _SPACE) for layer, box in boxes.items())
    width = max(least, gutter + _RIGHT + needed)
    furthest = max(96.0 if structure else 150.0, max(boxes.values()) + _SPACE)
    return Frame(width, gutter, signs, structure, boxes, furthest)


@dataclass(frozen=True)
class StripRoom:
    """What the width of a strip's boxes depends on.

    ``least`` is what they need without numbers, ``sign`` the widest sign; ``items`` are the places
    of the strip's numbers, each with the room that its sign needs beside it.
    """

    kind: str
    layer: int
    count: int
    least: float
    sign: float
    items: tuple[tuple[int, float], ...]

    def box(self, widths: Sequence[float], *, apart: bool) -> float:
        """How wide boxes are for numbers that are so wide; signs may stand ``apart``."""
        needed = [(0.0 if apart else sign) + widths[k] + 2 * _PAD_X for k, sign in self.items]
        return max([self.least, *needed])


def strip_room(strip: LayerPlan, place: Callable[[Item], int]) -> StripRoom:
    """That of a strip of a picture with numbers."""
    bare = [replace(node, lines=(), above=None, below=None) for node in strip.nodes]
    items = [item for node in strip.nodes for item in items_of(node)]
    room = tuple([(place(item), text_width(item.sign, SIGN) + _BETWEEN) for item in items])
    least = _box_width(replace(strip, nodes=tuple(bare)), structure=False, apart=False)
    return StripRoom(strip.kind, strip.layer, len(strip.nodes), least, _sign_width(strip), room)


def frame_in(strips: Sequence[StripRoom], widths: Sequence[float], least: float) -> Frame:
    """The same as :func:`frame_of` for numbers that are so wide."""
    counts = {strip.layer: strip.count for strip in strips}

    def frame(*, apart: bool) -> Frame:
        signs = max([strip.sign for strip in strips]) + 4 if apart else 0.0
        boxes = {strip.layer: strip.box(widths, apart=apart) for strip in strips}
        return _around(boxes, counts, signs, least, structure=False)

    found = frame(apart=False)
    return found if found.width <= least else frame(apart=True)


def items_of(node: NodePlan) -> list[Item]:
    """The numbers of a node from the top to the bottom."""
    return [item for item in (node.above, *node.lines, node.below) if item]


def place_layer(frame: Frame, strip: LayerPlan, top: float) -> tuple[Band, tuple[Node, ...]]:
    """The band of a strip that begins at y = ``top``, and its nodes."""
    model = _model(strip)
    box = Box(1, tidy(top), tidy(frame.width - 1), strip_bottom(frame, strip, top))
    centres = frame.centres(strip)
    place = _circle if frame.structure else _node
    nodes = tuple(
        place(frame, strip, _Slot(node, model, x, box.top + _BAND_PAD))
        for node, x in zip(strip.nodes, centres, strict=True)
    )
    return _band(frame, strip, box, nodes[0]), nodes


def strip_bottom(frame: Frame, strip: LayerPlan, top: float) -> float:
    """Where a strip ends that begins at y = ``top``."""
    return tidy(top + _height(_model(strip), frame) + 2 * _BAND_PAD)


def _model(strip: LayerPlan) -> NodePlan:
    """A node of a strip: all are as high."""
    return next(node for node in strip.nodes if node.kind != "more")


def _height(node: NodePlan, frame: Frame) -> float:
    if frame.structure:
        return 2 * _RADIUS + (_LINE if node.heading else 0)
    return _box_height(node) + _TAB * (bool(node.above) + bool(node.below))


def _box_height(node: NodePlan) -> float:
    return _LINE * (len(node.lines) + bool(node.heading)) + 2 * _PAD_Y


def _box_width(strip: LayerPlan, *, structure: bool, apart: bool) -> float:
    if structure:
        return 2 * _RADIUS
    widths = [_NARROWEST]
    for node in strip.nodes:
        widths += [_line_width(item, NUMBER, apart) for item in node.lines]
        tabs = (node.above, node.below)
        widths += [_line_width(item, SMALL, apart) for item in tabs if item]
        widths.append(min(text_width(node.heading, HEADING) + 2 * _PAD_X + 1, _most(strip)))
    return max(widths)


def _most(strip: LayerPlan) -> float:
    """The width up to which a long name may widen its node."""
    return min(max(_ROOM / len(strip.nodes) - _SPACE, 60.0), 110.0)


def _line_width(item: Item, size: float, apart: bool) -> float:
    sign = 0.0 if apart else text_width(item.sign, SIGN) + _BETWEEN
    return sign + text_width(item.number.text, size) + 2 * _PAD_X


def _sign_width(strip: LayerPlan) -> float:
    items = [i for n in strip.nodes for i in items_of(n)]
    return max((text_width(_shared(item), SIGN) for item in items), default=0.0)


def _node(frame: Frame, strip: LayerPlan, slot: _Slot) -> Node:
    node, model = slot.node, slot.model
    half = frame.boxes[strip.layer] / 2
    y = slot.top + (_TAB if model.above else 0)
    box = Box(tidy(slot.x - half), tidy(y), tidy(slot.x + half), tidy(y + _box_height(model)))
    if node.kind == "more":
        return _more(node, strip.layer, box)
    heading = _inside_heading(node, box)
    start = box.top + _PAD_Y + (_LINE if heading else 0)
    lines = tuple(
        _line(frame, item, box, start + _LINE * (k + 0.5), NUMBER)
        for k, item in enumerate(node.lines)
    )
    tabs = [place_tab(frame, node.above, box, above=True)] if node.above else []
    tabs += [place_tab(frame, node.below, box, above=False)] if node.below else []
    return Node(node.kind, strip.layer, node.unit, box, heading, lines, tuple(tabs), dead=node.dead)


def _more(node: NodePlan, layer: int, box: Box) -> Node:
    middle = (box.top + box.bottom) / 2 + 0.35 * SMALL
    count = Label(box.middle, tidy(middle), f"⋯ +{node.skipped}", SMALL)
    return Node("more", layer, 0, box, count, skipped=node.skipped)


def _inside_heading(node: NodePlan, box: Box) -> Label | None:
    if not node.heading:
        return None
    y = box.top + _PAD_Y + 0.5 * _LINE + 0.35 * HEADING
    return fitted(node.heading, box.middle, y, box.width - 2 * _PAD_X, HEADING)


def _line(frame: Frame, item: Item, box: Box, middle: float, size: float) -> NodeLine:
    """A sign at the left and a number at the right; the number in the middle without a sign."""
    number = item.number
    y = tidy(middle + 0.35 * size)
    if frame.signs:
        return NodeLine(None, Label(box.middle, y, number.text, size, href=number.href))
    sign = Label(tidy(box.left + _PAD_X), y, item.sign, SIGN, "start")
    value = Label(tidy(box.right - _PAD_X), y, number.text, size, "end", number.href)
    return NodeLine(sign, value)


def place_tab(frame: Frame, item: Item, box: Box, *, above: bool) -> Tab:
    """The tab of a node that has this ``box``."""
    top = box.top - _TAB if above else box.bottom
    half = _line_width(item, SMALL, bool(frame.signs)) / 2
    around = Box(tidy(box.middle - half), tidy(top), tidy(box.middle + half), tidy(top + _TAB))
    return Tab(item.name, around, _line(frame, item, around, top + _TAB / 2, SMALL))


def _circle(frame: Frame, strip: LayerPlan, slot: _Slot) -> Node:
    node, model, x = slot.node, slot.model, slot.x
    named_above = model.heading and model.kind == "input"
    y = slot.top + (_LINE if named_above else 0)
    box = Box(tidy(x - _RADIUS), tidy(y), tidy(x + _RADIUS), tidy(y + 2 * _RADIUS))
    if node.kind == "more":
        return _more(node, strip.layer, box)
    base_y = box.top + _RADIUS + 5
    heading = None
    if node.heading:
        at = box.top - 5 if named_above else box.bottom + 0.5 * _LINE + 0.4 * HEADING
        heading = fitted(node.heading, x, at, frame.pitch(strip) - 4, HEADING)
    layer = str(strip.layer) if node.kind == "hidden" else ""
    unit = node.number if node.kind != "output" or len(strip.nodes) > 1 else ""
    symbol = NodeName(box.middle, tidy(base_y), node.base, layer, unit, 14.0)
    return Node(node.kind, strip.layer, node.unit, box, heading, symbol=symbol)


def _band(frame: Frame, strip: LayerPlan, box: Box, node: Node) -> Band:
    middle = tidy((box.top + box.bottom) / 2)
    if frame.structure:
        shown = fitted(strip.activation, 8, middle + 14, frame.gutter - 10, SIGN, anchor="start")
        y = middle + (1 if strip.activation else 4)
        return Band(strip.kind, strip.layer, box, 8, y, False, shown if shown.text else None)
    text = fit(strip.activation, box.height - 6, SIGN)
    full = strip.activation if text != strip.activation else ""
    label = Label(26, middle, text, SIGN, full=full, turned=True) if text else None
    x = 13.0 if label else 19.0
    return Band(strip.kind, strip.layer, box, x, middle, True, label, _signs(frame, strip, node))


def _signs(frame: Frame, strip: LayerPlan, node: Node) -> tuple[Label, ...]:
    """The signs of a strip's lines in the gutter, at the height of the lines."""
    if not frame.signs:
        return ()
    plan = _model(strip)
    items = [*plan.lines, *(item for item in (plan.above, plan.below) if item)]
    lines = [*node.lines, *(tab.line for tab in node.tabs)]
    return tuple(
        Label(tidy(frame.gutter - 3), line.value.y, _shared(item), SIGN, "end")
        for item, line in zip(items, lines, strict=True)
    )


def _shared(item: Item) -> str:
    """The sign for a whole strip: without the unit's number."""
    return "x" if item.name == "x" else item.sign
