"""What the bar of the explorer shows and offers: the loss curve, the plane, how far one can go."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracer.pages.walk import Walk
from tracer.pictures import DataPicture, LossPicture, NetworkPicture, data_picture, loss_picture
from tracer.trace import Cycle


@dataclass(frozen=True)
class Moves:
    """The pictures of the bar, the last epoch, row and update, and the cycle that is shown first.

    ``plane`` is None where the data cannot be drawn, or no boundary of classes in it.
    """

    curve: LossPicture
    plane: DataPicture | None
    epochs: int
    rows: int
    updates: int
    cycle: Cycle


def of_any_cycle(picture: NetworkPicture) -> NetworkPicture:
    """The picture without a word on units that give 0: in another cycle they may give something."""
    nodes = tuple(replace(node, dead=False) for node in picture.nodes)
    layers = tuple(
        replace(layer, units=tuple(replace(unit, dead=False) for unit in layer.units))
        for layer in picture.layers
    )
    return replace(picture, nodes=nodes, layers=layers, dead=())


def moves_of(walk: Walk, cycle: Cycle) -> Moves:
    """Where a reader can go from a cycle of the run."""
    trace, decimals = walk.trace, walk.trace.experiment.pages.decimals
    plane = data_picture(trace, boundary=False, decimals=decimals)
    return Moves(
        loss_picture(trace.loss_curve, decimals=decimals),
        plane if plane is not None and plane.kind == "scatter" and plane.categories else None,
        trace.epochs,
        len(trace.x),
        trace.updates,
        cycle,
    )
