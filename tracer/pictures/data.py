"""The data as a plot, with or without what the network answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.pictures.curve import curve_picture
from tracer.pictures.data_model import DataPicture, View
from tracer.pictures.plot.plot import LARGE, SMALL, Range, Size
from tracer.pictures.scatter import scatter_picture

if TYPE_CHECKING:
    from tracer.trace import Trace


def data_picture(
    trace: Trace,
    *,
    boundary: bool,
    update: int = -1,
    decimals: int,
    small: bool = False,
    size: Size = LARGE,
    values: Range | None = None,
) -> DataPicture | None:
    """All rows of the data; with ``boundary`` also the answers of the network.

    Two inputs: regions of the classes and the line between them, or bands of ŷ for regression
    (its first output). One input: ŷ as a curve. More inputs: None. Where the network gives nan
    or an infinite number anywhere in the plot, its answers are left out. The parameters are those
    before ``update`` (−1: the final ones). A ``small`` picture is one of several, others are of a
    ``size``; ``values`` are then the targets and answers between which all of them have
    their colours or their axis.
    """
    size, view = SMALL if small else size, View(boundary, update, decimals)
    draws = {1: curve_picture, 2: scatter_picture}.get(trace.x.shape[1])
    return draws(trace, view, size, values) if draws else None
