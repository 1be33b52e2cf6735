"""The smallest parts of pictures as SVG: texts, boxes, numbers, the name of a node."""

from __future__ import annotations

from tracer.notation import Number
from tracer.pictures.network.model import Edge, Node, NodeLine, NodeName, Tab
from tracer.pictures.plot.geometry import Box, Label
from tracer.typeset.named import shown_as
from tracer.writing.foreign import said

LINK_END = "</a>"
CIRCLE, ROUND, TAB, PLATE = 20, 6, 3, 3  # px of the corners: a circle's are its radius


def line(item: NodeLine) -> str:
    """A number of a node, its sign before it."""
    sign = label(item.sign, "tr-sign") if item.sign else ""
    return sign + label(item.value, "tr-number")


def number(item: Number) -> str:
    """A number of a table, as a link if it has one."""
    return f'<a href="{said(item.href)}">{said(item.text)}</a>' if item.href else said(item.text)


def label(item: Label, kind: str) -> str:
    """A text at its place, as a link if it has one."""
    x, y = item.x, item.y
    turned = f' transform="rotate(-90 {x} {y})"' if item.turned else ""
    full = f"<title>{said(shown_as(item.full, 'said'))}</title>" if item.full else ""
    text = (
        f'<text class="{kind} tr-{item.anchor}" x="{x}" y="{y}" font-size="{item.size}"{turned}>'
        f"{said(shown_as(item.text, 'drawn'))}{full}</text>"
    )
    return linked(text, item.href)


def linked(text: str, href: str) -> str:
    """A text of a picture, as a link if it leads somewhere."""
    return f"{link(href)}{text}{LINK_END}" if href else text


def link(href: str) -> str:
    """How a link of a picture begins."""
    return f'<a href="{said(href)}" tabindex="-1" class="tr-link">'


def box(item: Box, kind: str, radius: float) -> str:
    """A rectangle."""
    return (
        f'<rect class="{kind}" x="{item.left}" y="{item.top}" width="{item.width}"'
        f' height="{item.height}" rx="{radius}"/>'
    )


def symbol(item: NodeName) -> str:
    """A node's name: what it is, its layer above and its unit below."""
    layer = f'<tspan class="tr-index" dy="-5">[{said(item.layer)}]</tspan>' if item.layer else ""
    down = 8 if item.layer else 3  # px: below the line, from where the layer ended
    unit = f'<tspan class="tr-index" dy="{down}">{said(item.unit)}</tspan>' if item.unit else ""
    return (
        f'<text class="tr-symbol tr-middle" x="{item.x}" y="{item.y}" font-size="{item.size}">'
        f"{said(item.base)}{layer}{unit}</text>"
    )


def tab_box(tab: Tab) -> str:
    """The box of a tab."""
    return box(tab.box, " ".join(("tr-tab", f"tr-tab-{tab.name}")), TAB)


def plate(item: Label) -> str:
    """What lies below a number on an edge."""
    return box(item.box, "tr-plate", PLATE)


def edge_kind(sign: str) -> str:
    """The class of a number on an edge."""
    return " ".join(("tr-halo", f"tr-{sign}"))


def node_start(node: Node) -> str:
    """How a node begins, up to its title."""
    dead = " tr-dead" if node.dead else ""
    return f'<g class="tr-node tr-{node.kind}{dead}" data-layer="{node.layer}"><title>'


def node_middle(node: Node) -> str:
    """The box of a node, and what stands in it beside numbers."""
    found = [box(node.box, "tr-box", CIRCLE if node.symbol else ROUND)]
    if node.heading:
        found.append(label(node.heading, "tr-name"))
    if node.symbol:
        found.append(symbol(node.symbol))
    return "".join(found)


def edge_parts(edge: Edge, kind: str) -> tuple[str, str]:
    """The line of an edge, before its sign and from there to its width."""
    return (
        '<line class="tr-edge tr-',
        f'{kind}" x1="{edge.x1}" y1="{edge.y1}" x2="{edge.x2}" y2="{edge.y2}" stroke-width="',
    )
