"""What learning is: the loss at two settings of one weight, before any symbol."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tracer.explain.operands import cycle_pass
from tracer.explain.trials import loss_over
from tracer.explain.written import written_units
from tracer.network import Layers
from tracer.notation import Number
from tracer.numerals import exact_numeral, show
from tracer.pages.desk import Desk, desk_of
from tracer.pages.table import Built
from tracer.pages.tools import cycle_href
from tracer.pages.verdicts import differs_by_rounding
from tracer.pages.walk import Walk
from tracer.pictures import dial_picture
from tracer.refs import Ref
from tracer.trace import Cycle, Trace
from tracer.typeset import Operand

TURNS = (2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.01)
"""So far the weight is turned for the second setting: as far as still helps is seen best."""
GRID = 2  # digits of the second setting: a reader sets a dial to a short number
POINTS, MARGIN = 81, 0.4
"""The curve goes beyond both settings by two fifths of the way between them."""
End = Literal["lost", "fell", "rose", "same"]


@dataclass(frozen=True)
class Setting:
    """A setting of the weight, and the loss of the row with it."""

    weight: str
    loss: Number


@dataclass(frozen=True)
class Settings:
    """Two settings of one weight of ``layer``: as it is, and turned so that the loss is lower.

    ``source`` and ``unit`` count from 1; ``hidden``: the losses are printed alike.
    """

    layer: int
    source: int
    unit: int
    before: Setting
    after: Setting
    hidden: bool


def learning(walk: Walk) -> Built:
    """One page."""
    desk, cycle = desk_of(walk, "learning"), walk.example
    found = _turned(cycle)
    curve, trace = walk.trace.loss_curve, walk.trace
    yield (
        desk.slug,
        {
            "desk": desk,
            "cycle": cycle,
            "cycle_href": cycle_href(desk, cycle),
            "two": None if found is None else _settings(desk, cycle, *found),
            "picture": None if found is None else _picture(desk, cycle, *found),
            "parameters": sum(part[0].size for part in turned(trace)),
            "first": float(curve[0]),
            "last": float(curve[-1]),
            "ending": ending(float(curve[0]), float(curve[-1])),
            "hidden": _alike(curve, desk.typesetter.decimals),
        },
    )


def turned(trace: Trace) -> Layers:
    """The parameters that the training changes, a history for each layer."""
    return (*trace.W, *trace.b) if trace.experiment.training.train_biases else trace.W


def ending(first: float, last: float) -> End:
    """How the loss of the last epoch compares with that of the first."""
    if not (math.isfinite(first) and math.isfinite(last)):
        return "lost"
    if differs_by_rounding(first, last):
        return "same"
    return "fell" if last < first else "rose"


def _alike(curve: np.ndarray, decimals: int) -> bool:
    """Whether the losses of the first and the last epoch are printed alike."""
    return show(float(curve[0]), decimals) == show(float(curve[-1]), decimals)


def _turned(cycle: Cycle) -> tuple[Ref, float, float] | None:
    """(weight, second setting, its loss) for the weight with the largest slope; None for none.

    The loss is really lower there, by more than rounding.
    """
    ref = _steepest(cycle)
    if ref is None or not math.isfinite(cycle.loss):
        return None
    place, at = tuple(k - 1 for k in ref.index), _weight(cycle, ref)
    way = -math.copysign(1.0, float(cycle.dL_dW[ref.layer - 1][place]))
    settings = np.array([round(at + way * turn, GRID) for turn in TURNS])
    losses = loss_over(cycle, "W", ref.layer, ref.index, settings)
    better = [
        (float(loss), float(value))
        for loss, value in zip(losses, settings, strict=True)
        if math.isfinite(loss) and loss < cycle.loss and not differs_by_rounding(cycle.loss, loss)
    ]
    if not better:
        return None
    loss, value = min(better)
    return ref, value, loss


def _steepest(cycle: Cycle) -> Ref | None:
    """The weight, of those that are written out, with the largest slope; None where all are 0."""
    best, found = 0.0, None
    written = written_units(cycle.trace)
    for layer, slopes in enumerate(cycle.dL_dW, start=1):
        for i in written[layer - 1]:
            for j in written[layer]:
                size = abs(float(slopes[i - 1, j - 1]))
                if math.isfinite(size) and size > best:
                    best, found = size, Ref("W", layer, (i, j))
    return found


def _settings(desk: Desk, cycle: Cycle, ref: Ref, value: float, loss: float) -> Settings:
    view, number = cycle_pass(cycle), desk.typesetter.number
    source, unit = ref.index
    before = number(Operand(Ref("loss", moment=view.moment), cycle.loss))
    after = Number(number(Operand(Ref("loss"), loss)).text)
    return Settings(
        layer=ref.layer,
        source=source,
        unit=unit,
        before=Setting(number(view.weight(ref.layer, source, unit)).text, before),
        after=Setting(exact_numeral(value).text, after),
        hidden=before.text == after.text,
    )


def _picture(desk: Desk, cycle: Cycle, ref: Ref, value: float, loss: float) -> Any:
    at = _weight(cycle, ref)
    low, high = sorted((at, value))
    margin = MARGIN * (high - low)
    places = np.linspace(low - margin, high + margin, POINTS)
    losses = loss_over(cycle, "W", ref.layer, ref.index, places)
    marks = [(at, cycle.loss), (value, loss)]
    return dial_picture(places, losses, marks, "weight", decimals=desk.typesetter.decimals)


def _weight(cycle: Cycle, ref: Ref) -> float:
    return float(cycle.W[ref.layer - 1][tuple(k - 1 for k in ref.index)])
