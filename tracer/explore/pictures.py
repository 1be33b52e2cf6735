"""What the scripts need to know of the explorer's pictures: whose edge is whose, and the scales."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tracer.catalog.activations import ACTIVATIONS
from tracer.formula import FloatArray
from tracer.pictures import DataPicture, LossPicture, NetworkPicture
from tracer.pictures.plot.plot import Plot
from tracer.pictures.plot.scale import Scale
from tracer.trace import Trace

_DIGITS = 6  # of a loss: more than a pixel tells

EDGES = {"forward": "W", "backward": "dL_dW"}
"""The quantity of an edge in each mode of the network's picture."""


def network_data(picture: NetworkPicture) -> Mapping[str, Any]:
    """The anchors of the edges of each layer as they are drawn, and the units that may give 0.

    A unit is (anchor of its activation, layer, place among the nodes of the layer from 1).
    """
    quantity = EDGES[picture.mode]
    edges = {
        str(layer): [f"{quantity}-{layer}-{edge.source}-{edge.target}" for edge in found]
        for layer, found in picture.edges_of_layers
        if layer
    }
    return {"edges": edges, "dead": [list(unit) for unit in _hidden(picture)]}


def _hidden(picture: NetworkPicture) -> list[tuple[str, int, int]]:
    places: dict[int, int] = {}
    found = []
    for node in picture.nodes:
        places[node.layer] = places.get(node.layer, 0) + 1
        if node.kind == "hidden":
            found.append((f"a-{node.layer}-{node.unit}", node.layer, places[node.layer]))
    return found


def plot_data(plot: Plot) -> Mapping[str, Any]:
    """The two scales of a plot."""
    return {"x": _scale(plot.x), "y": _scale(plot.y)}


def curve_data(picture: LossPicture, losses: FloatArray) -> Mapping[str, Any]:
    """Where losses lie in the picture of the loss by epoch, and those of the run, for drawing."""
    told = [float(f"{loss:.{_DIGITS}g}") if math.isfinite(loss) else None for loss in losses]
    return {**plot_data(picture.plot), "losses": told}


def plane_data(picture: DataPicture | None, trace: Trace) -> Mapping[str, Any] | None:
    """Where inputs lie in the picture of the data; None where no boundary of classes is drawn.

    ``exclusive``: of several outputs the largest decides, else each by itself. ``weighted``: by its
    weighted sum, which is 0 where it changes its mind; else by the output less one half.
    """
    if picture is None or picture.kind != "scatter" or not picture.categories:
        return None
    last = ACTIVATIONS[trace.experiment.layers[-1].activation]
    return {
        **plot_data(picture.plot),
        "exclusive": trace.experiment.dataset.task == "multiclass",
        "weighted": bool(last.gives),
    }


def _scale(scale: Scale) -> Mapping[str, Any]:
    return {
        "low": scale.low,
        "high": scale.high,
        "start": scale.start,
        "stop": scale.stop,
        "log": scale.log,
    }
