"""What the bar of the explorer shows and offers: the loss curve, the plane, how far one can go."""

from __future__ import annotations

import operator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Any

from tracer.notation import Notation, Number
from tracer.pages.walk import Walk
from tracer.pictures import DataPicture, LossPicture, NetworkPicture, data_picture, loss_picture
from tracer.pictures.plot.plot import Size
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


_PLANE = Size(height=210.0)  # px: as high as the curve beside it, so that letters need not shrink
_BLANK = "\u2007"  # as wide as a digit, and part of no number
_SIGNS = 2  # of a number besides its places: zero and point; a minus is set closer


def roomy(number: Number, decimals: int) -> Number:
    """A number that takes as much room in a picture as any other of its kind."""
    return replace(number, text=number.text.rjust(decimals + _SIGNS, _BLANK))


def of_any_cycle(picture: NetworkPicture) -> NetworkPicture:
    """A picture with room for the numbers of any cycle, laid out for :func:`roomy` ones.

    It has no word on units that give 0: in another cycle they may give something.
    """
    found: NetworkPicture = _bare(replace(picture, dead=()))
    return found


def _bare(item: Any) -> Any:
    """All texts without their blanks, and all units as if they gave something."""
    kind: Any = type(item)
    if kind is float:  # half of all
        return item
    if isinstance(item, str):
        return item.lstrip(_BLANK) if item.startswith(_BLANK) else item
    if isinstance(item, tuple):
        bare = tuple(map(_bare, item))
        return item if all(map(operator.is_, bare, item)) else bare
    names = _parts(kind)
    if not names:
        return item
    parts = [getattr(item, name) for name in names]
    made = zip(names, parts, map(_bare, parts), strict=True)
    changed = {name: bare for name, part, bare in made if bare is not part}
    if getattr(item, "dead", None) is True and "dead" in names:
        changed["dead"] = False
    return replace(item, **changed) if changed else item


@cache
def _parts(kind: Any) -> tuple[str, ...]:
    """The names of what a thing of this kind is made of; of a notation nothing is looked at."""
    is_made = is_dataclass(kind) and kind is not Notation
    return tuple(part.name for part in fields(kind)) if is_made else ()


def _is_live(walk: Walk, plane: DataPicture) -> bool:
    """Whether a script can draw where classes part: what computes them is written out whole."""
    return plane.kind == "scatter" and bool(plane.categories) and not walk.wide_layers


def moves_of(walk: Walk, cycle: Cycle) -> Moves:
    """Where a reader can go from a cycle of the run."""
    trace, decimals = walk.trace, walk.trace.experiment.pages.decimals
    plane = data_picture(trace, boundary=False, decimals=decimals, size=_PLANE)
    return Moves(
        loss_picture(trace.loss_curve, decimals=decimals),
        plane if plane and _is_live(walk, plane) else None,
        trace.epochs,
        len(trace.x),
        trace.updates,
        cycle,
    )
