"""Gives every node, edge and number of the network's picture its place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracer.pictures.network.edge_labels import Fan, best_fan, label_rows
from tracer.pictures.network.model import (
    THICKEST,
    THINNEST,
    Edge,
    NetworkPicture,
    Node,
    Sign,
)
from tracer.pictures.network.nodes import EDGE, Frame, frame_of, place_layer, strip_bottom
from tracer.pictures.network.plan import LayerPlan, NetworkPlan, WeightPlan
from tracer.pictures.network.twin import layer_twins
from tracer.pictures.plot.geometry import NARROW, Label, text_width, tidy

MOST_LABELS = 16
"""More edges than these between two layers are drawn by strength, without numbers."""

_GAP = 64.0  # px between layers: three rows of labels, and edges that are seen to lean
_STRUCTURE_GAP = 58.0  # px: no labels stand on the edges, so a little less will do
_LOSS_GAP = 34.0  # px: one straight edge without a number
_TALLEST_GAP = 130.0  # px: higher, and two layers are not seen together on a phone
_WIDEST = 1.8  # times a phone's 350: 630 of the 690 px that a page has at 1280
_GROWTH = 1.06  # small steps, so that no picture is wider than it has to be
_EDGE_MARGIN = 4.0  # px above and below: the outline of a box is drawn whole


@dataclass(frozen=True)
class _Pair:
    """Two neighbouring strips and the weights between them (none beside the loss).

    ``label_width`` is that of the widest number on an edge; 0 where edges stay without numbers.
    """

    upper: LayerPlan
    lower: LayerPlan
    weights: tuple[WeightPlan, ...]
    label_width: float

    def units(self, layer: LayerPlan) -> list[int]:
        """Which of a strip's nodes have edges."""
        return [k for k, node in enumerate(layer.nodes) if node.kind != "more"]


@dataclass(frozen=True)
class Columns:
    """Where the strips of a picture stand: its frame, and where each begins, by its layer."""

    frame: Frame
    tops: dict[int, float]
    height: float


def lay_out(plan: NetworkPlan) -> NetworkPicture:
    """The picture of a plan."""
    widths = label_widths(plan)
    at = columns(plan, frame_of(plan, NARROW), widths)
    strips = {s.layer: place_layer(at.frame, s, at.tops[s.layer]) for s in plan.layers}
    nodes = {layer: placed for layer, (_, placed) in strips.items()}
    edges = [edge for pair in _pairs(plan, widths) for edge in _edges(at.frame, pair, nodes)]
    return NetworkPicture(
        width=tidy(at.frame.width),
        height=tidy(at.height),
        mode=plan.mode,
        sizes=plan.sizes,
        bands=tuple(band for band, _ in strips.values()),
        nodes=tuple(node for strip in nodes.values() for node in strip),
        edges=tuple(edges),
        clipped=_clipped(plan),
        unlabelled=tuple(sorted(k for k, w in plan.weights.items() if len(w) > MOST_LABELS)),
        dead=tuple((s.layer, n.unit) for s in plan.layers for n in s.nodes if n.dead),
        twin=plan.twin,
        layers=layer_twins(plan),
        notation=plan.notation,
    )


def columns(plan: NetworkPlan, frame: Frame, widths: Mapping[int, float]) -> Columns:
    """Where the strips stand, from the narrowest ``frame`` and the widths of numbers on edges."""
    pairs = _pairs(plan, widths)
    while _tallest(frame, pairs) > _TALLEST_GAP and frame.width < _WIDEST * NARROW:
        frame = frame.widened(_GROWTH)
    tops, top = {}, _EDGE_MARGIN / 2
    gaps = [_gap(frame, pair) for pair in pairs]
    for strip, gap in zip(plan.layers, [*gaps, _EDGE_MARGIN / 2], strict=True):
        tops[strip.layer] = top
        top = strip_bottom(frame, strip, top) + gap
    return Columns(frame, tops, top)


def edges_between(
    plan: NetworkPlan, frame: Frame, nodes: dict[int, tuple[Node, ...]], width: float
) -> list[Edge]:
    """The edges between the nodes of two strips, whose numbers are up to ``width`` wide."""
    widths = dict.fromkeys(plan.weights, width)
    pairs = (p for p in _pairs(plan, widths) if p.upper.layer in nodes and p.lower.layer in nodes)
    return next(_edges(frame, pair, nodes) for pair in pairs)


def label_widths(plan: NetworkPlan) -> dict[int, float]:
    """The width of the widest number on the edges of each layer; 0 where they have none."""
    return {
        layer: max([text_width(w.text, EDGE) for w in weights]) if is_labelled(weights) else 0.0
        for layer, weights in plan.weights.items()
    }


def is_labelled(weights: Sequence[object]) -> bool:
    """Whether there is room for the numbers of so many edges."""
    return len(weights) <= MOST_LABELS


def _pairs(plan: NetworkPlan, widths: Mapping[int, float]) -> list[_Pair]:
    found = []
    for upper, lower in pairwise(plan.layers):
        layer = max(upper.layer, lower.layer)
        found.append(_Pair(upper, lower, plan.weights.get(layer, ()), widths.get(layer, 0.0)))
    return found


def _clipped(plan: NetworkPlan) -> tuple[tuple[int, int], ...]:
    found = [(s.layer, n.skipped) for s in plan.layers for n in s.nodes if n.skipped]
    return tuple(sorted(found))


def _tallest(frame: Frame, pairs: Sequence[_Pair]) -> float:
    return max((_fan(frame, p).height for p in pairs if p.label_width), default=0.0)


def _fan(frame: Frame, pair: _Pair) -> Fan:
    upper, lower = (_centres(frame, pair, layer) for layer in (pair.upper, pair.lower))
    return best_fan(upper, lower, pair.label_width)


def _centres(frame: Frame, pair: _Pair, layer: LayerPlan) -> tuple[float, ...]:
    centres = frame.centres(layer)
    return tuple(centres[k] for k in pair.units(layer))


def _gap(frame: Frame, pair: _Pair) -> float:
    if "loss" in (pair.upper.kind, pair.lower.kind):
        return _LOSS_GAP
    if pair.label_width:
        return max(_GAP, math.ceil(_fan(frame, pair).height))
    return _STRUCTURE_GAP if not pair.weights[0].text else _GAP + 20


def _edges(frame: Frame, pair: _Pair, nodes: dict[int, tuple[Node, ...]]) -> list[Edge]:
    above, below = nodes[pair.upper.layer], nodes[pair.lower.layer]
    if not pair.weights:
        return [
            _edge(WeightPlan(0, a.unit, b.unit), a, b, 0.0)
            for a in above
            for b in below
            if "more" not in (a.kind, b.kind)
        ]
    down = pair.lower.layer > pair.upper.layer
    upper, lower = ({n.unit: n for n in strip} for strip in (above, below))
    largest = _largest(pair.weights)
    ends = [(w.source, w.target) if down else (w.target, w.source) for w in pair.weights]
    edges = [
        _edge(w, upper[a], lower[b], largest) for w, (a, b) in zip(pair.weights, ends, strict=True)
    ]
    return _with_labels(frame, pair, edges, ends) if pair.label_width else edges


def _with_labels(
    frame: Frame, pair: _Pair, edges: list[Edge], ends: list[tuple[int, int]]
) -> list[Edge]:
    upper, lower = (_centres(frame, pair, layer) for layer in (pair.upper, pair.lower))
    height = edges[0].y2 - edges[0].y1
    shares = label_rows(upper, lower, pair.label_width, height)
    rows, columns = (
        {layer.nodes[k].unit: at for at, k in enumerate(pair.units(layer))}
        for layer in (pair.upper, pair.lower)
    )
    return [
        _labelled(edge, weight, shares[rows[a]][columns[b]])
        for edge, weight, (a, b) in zip(edges, pair.weights, ends, strict=True)
    ]


def _labelled(edge: Edge, weight: WeightPlan, share: float) -> Edge:
    x = tidy(edge.x1 + share * (edge.x2 - edge.x1))
    y = tidy(edge.y1 + share * (edge.y2 - edge.y1) + 0.35 * EDGE)
    label = Label(x, y, weight.text, EDGE, href=weight.href)
    ends = (edge.x1, edge.y1, edge.x2, edge.y2, edge.layer, edge.source, edge.target)
    return Edge(*ends, edge.sign, edge.width, edge.text, label)


def _edge(weight: WeightPlan, upper: Node, lower: Node, largest: float) -> Edge:
    sign, width = strength(weight.value, largest)
    return Edge(
        upper.box.middle,
        _bottom(upper),
        lower.box.middle,
        _top(lower),
        weight.layer,
        weight.source,
        weight.target,
        sign,
        width,
        weight.text,
    )


def _top(node: Node) -> float:
    return min([node.box.top, *(tab.box.top for tab in node.tabs)])


def _bottom(node: Node) -> float:
    return max([node.box.bottom, *(tab.box.bottom for tab in node.tabs)])


def _largest(weights: Sequence[WeightPlan]) -> float:
    values = [abs(weight.value) for weight in weights if weight.value is not None]
    return max((value for value in values if math.isfinite(value)), default=0.0)


def strength(value: float | None, largest: float) -> tuple[Sign, float]:
    """Class and stroke width of an edge, by its share of the layer's largest value."""
    if value is None or math.isnan(value):
        return "none", 1.0
    share = 1.0 if math.isinf(value) else abs(value) / largest if largest else 0.0
    sign: Sign = "zero" if value == 0 else "pos" if value > 0 else "neg"
    return sign, tidy(THINNEST + (THICKEST - THINNEST) * share)
