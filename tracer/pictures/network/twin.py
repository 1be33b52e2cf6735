"""The network's picture as tables: a layer each, with a row for every unit that is drawn."""

from __future__ import annotations

from tracer.notation import Number
from tracer.pictures.network.model import LayerTwin, UnitTwin
from tracer.pictures.network.nodes import items_of
from tracer.pictures.network.plan import LayerPlan, NetworkPlan, NodePlan


def layer_twins(plan: NetworkPlan) -> tuple[LayerTwin, ...]:
    """The layers in the order of the picture; the loss has no units."""
    return tuple(_twin(plan, layer) for layer in plan.layers)


def _twin(plan: NetworkPlan, layer: LayerPlan) -> LayerTwin:
    nodes = [node for node in layer.nodes if node.kind != "more"]
    edges = plan.weights.get(layer.layer, ())
    sources = tuple(dict.fromkeys(edge.source for edge in edges if edge.text))
    return LayerTwin(
        layer.kind,
        layer.layer,
        layer.activation,
        tuple(item.name for item in items_of(nodes[0])),
        sources,
        tuple(_unit(plan, layer, node) for node in nodes),
        sum(node.skipped for node in layer.nodes),
    )


def _unit(plan: NetworkPlan, layer: LayerPlan, node: NodePlan) -> UnitTwin:
    edges = (edge for edge in plan.weights.get(layer.layer, ()) if edge.target == node.unit)
    return UnitTwin(
        node.number,
        node.heading,
        tuple(item.number for item in items_of(node)),
        tuple(Number(edge.text, edge.href) for edge in edges if edge.text),
        node.dead,
    )
