"""A page that stands outside of tracer: how large the final weights are, layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from outside.bars import bars_picture
from tracer.explain.operands import parameter
from tracer.numerals import show
from tracer.pages import Built, PageKind
from tracer.pages.desk import Desk, desk_of
from tracer.pages.exercise import Exercise
from tracer.pages.walk import Walk


def sizes(walk: Walk) -> Built:
    """A page with the largest weight of each layer, and where it was computed."""
    desk, trace = desk_of(walk, "sizes"), walk.trace
    desk.mention("batch_size")
    found = []
    for layer, W in enumerate(trace.W, start=1):
        last = np.abs(W[-1])
        index = tuple(int(k) + 1 for k in np.unravel_index(last.argmax(), last.shape))
        operand = parameter(trace, "W", layer, index, update=trace.updates)
        found.append((layer, index, desk.typesetter.number(operand), float(last.max())))
    decimals = trace.experiment.pages.decimals
    bars = [(str(layer), show(size, decimals), size) for layer, _, _, size in found]
    yield desk.slug, {"desk": desk, "found": found, "picture": bars_picture(bars)}


def each(walk: Walk) -> Iterable[dict[str, int]]:
    """The layers, which have a page each."""
    return ({"layer": layer} for layer in range(1, walk.trace.layers + 1))


def layer_sizes(walk: Walk) -> Built:
    """A page for each layer: its weights, the largest first."""
    for layer, W in enumerate(walk.trace.W, start=1):
        largest = sorted(map(float, np.abs(W[-1]).ravel()), reverse=True)
        yield walk.slug("layer_sizes", layer=layer), {"found": (), "sizes": largest}


def practice(_desk: Desk, _context: Mapping[str, Any]) -> Iterable[Exercise]:
    """One question of the page's own."""
    yield Exercise(question="How many layers?", answer="Two & no more.")


TEMPLATES = Path(__file__).parent / "templates"
SIZES = PageKind(
    name="sizes",
    slug="sizes",
    build=sizes,
    practice=practice,
    grouped=True,
    title="Sizes: <large> & *small*",
    teaser="which weights are large & which are *not*.",
    after="start",
    templates=TEMPLATES,
)
LAYER_SIZES = PageKind(
    name="layer_sizes",
    slug="sizes/layer-{layer}",
    build=layer_sizes,
    each=each,
    source="pages/sizes.md.j2",
    grouped=True,
    listed=False,
    title="Sizes in layer {layer}",
    after="sizes",
    templates=TEMPLATES,
)
