"""Why the loss is what it is: a good and a bad prediction of this run, with their losses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from tracer.catalog.losses import LOSSES, Loss
from tracer.explain.backward import loss_line
from tracer.explain.operands import cycle_pass
from tracer.formula import FloatArray
from tracer.notation import Number
from tracer.numerals import show
from tracer.pages.desk import Desk, desk_of
from tracer.pages.introduction import settings
from tracer.pages.table import Built
from tracer.pages.verdicts import differs_by_rounding
from tracer.pages.walk import Walk
from tracer.pictures import dial_picture
from tracer.pictures.dial import Over
from tracer.trace import Cycle
from tracer.typeset import SetLine

Kind = Literal["labels", "shares", "square", "other"]
Judged = Literal["sure", "unsure", "wrong", "right", "tied"]
"""Of a share that the right answer got: hardly any; close to an even one; less; more; just that."""
SHARED = frozenset(["labels", "shares"])
ALIKE = 1e-6  # relative: a loss made of logits keeps more digits than the share that is shown
HARDLY, CLOSE = 0.5, 0.2
"""Parts of an even share: with half of it another answer got clearly more, and within a fifth of it
no answer stands out."""
MISSES = (0.0625, -0.0625, 0.5, 4.0, -32.0)
"""Small and large, of both signs: a loss that is a square near zero only is none."""
POINTS, LEAST, WIDER = 81, 0.01, 1.3
"""The share begins at a hundredth, below which the curve would leave every plot; a curve over
misses goes three tenths beyond the larger one."""


@dataclass(frozen=True)
class Case:
    """A prediction of the run: its cycle, its line, and the share that the right answer got.

    ``share`` and ``judged`` are None and "" where answers get no shares, ``off`` the terms of the
    loss that are switched off (y or 1 − y is 0): "first", "second" or "".
    """

    cycle: Cycle
    href: str
    loss: Number
    line: SetLine
    share: Number | None = None
    judged: Judged | str = ""
    off: str = ""


def why(walk: Walk) -> Built:
    """One page."""
    desk, entry = desk_of(walk, "loss"), LOSSES[walk.trace.experiment.training.loss]
    kind, cycles = kind_of(entry, walk), _told(walk)
    low, high = (pick(cycles, key=_size) for pick in (min, max)) if cycles else (None, None)
    if kind in SHARED and cycles and _has_shares(walk, kind):
        low = min(cycles, key=lambda cycle: abs(share_of(cycle) - even(cycle)))
    pair = [c for c in dict.fromkeys((low, high)) if c is not None]
    yield (
        desk.slug,
        {
            **settings(walk),
            "desk": desk,
            "kind": kind,
            "has_sum": r"\sum" in entry.latex,
            "outputs": walk.trace.layer_sizes[-1],
            "cases": [_case(desk, cycle, kind) for cycle in pair],
            "apart": len(pair) > 1 and not differs_by_rounding(pair[0].loss, pair[1].loss),
            "picture": _picture(desk, entry, kind, pair),
        },
    )


def kind_of(entry: Loss, walk: Walk) -> Kind:
    """How a loss is motivated: by its targets if a logarithm stands in it, or as a square."""
    if entry.is_logarithmic and entry.targets in ("labels", "shares"):
        return "labels" if entry.targets == "labels" else "shares"
    return "square" if is_square(entry, walk.trace.layer_sizes[-1]) else "other"


def is_square(entry: Loss, outputs: int) -> bool:
    """Whether a miss twice as large costs four times as much, and its sign does not matter."""
    y, unit = np.zeros(outputs), np.linspace(1.0, 2.0, outputs)
    ways = [unit * miss for miss in MISSES]
    with np.errstate(all="ignore"):
        losses = [float(entry.kernel(y, way, way)) for way in ways]
    return all(
        math.isclose(loss, losses[0] * (miss / MISSES[0]) ** 2)
        for loss, miss in zip(losses, MISSES, strict=True)
    )


def _told(walk: Walk) -> list[Cycle]:
    """The cycles to choose from: of the first shown epoch, those with pages if there are some."""
    epoch = walk.epochs[0] if walk.epochs else 1
    cycles = walk.cycles(epoch) if walk.epochs else walk.trace.cycles(1)
    return [c for c in cycles if math.isfinite(c.loss) and np.isfinite(c.a[-1]).all()]


def _size(cycle: Cycle) -> float:
    return float(cycle.loss)


def _has_shares(walk: Walk, kind: Kind) -> bool:
    """Whether the right answer gets one share: of one output, or of classes."""
    return kind == "shares" or walk.trace.layer_sizes[-1] == 1


def share_of(cycle: Cycle) -> float:
    """What the right answer got: ŷ or 1 − ŷ of one output, ŷ of its class of several."""
    y, y_hat = cycle.y, cycle.a[-1]
    if y.size == 1:
        return float(y_hat[0] if y[0] == 1 else 1 - y_hat[0])
    return float(y_hat[int(np.argmax(y))])


def even(cycle: Cycle) -> float:
    """The share that each answer gets where the network has no opinion."""
    return 1 / max(cycle.y.size, 2)


def judged(cycle: Cycle) -> Judged:
    """What a share says, against an even one."""
    share, fair = share_of(cycle), even(cycle)
    if share == fair:
        return "tied"
    if abs(share - fair) <= CLOSE * fair:
        return "unsure"
    if share > fair:
        return "right"
    return "sure" if share <= HARDLY * fair else "wrong"


def _case(desk: Desk, cycle: Cycle, kind: Kind) -> Case:
    view = cycle_pass(cycle)
    line = desk.line_setter.line(loss_line(view, cycle.loss), quoted=True)
    desk.mention(*line.quantities)
    slug = desk.walk.addresses.visit_slug(cycle.visit)
    href = "" if slug is None else desk.link(slug)
    loss = Number(line.result, "" if slug is None else desk.link(slug, "loss"))
    if not _has_shares(desk.walk, kind) or kind not in SHARED:
        return Case(cycle, href, loss, line)
    decimals = desk.typesetter.decimals
    off = ("first" if cycle.y[0] == 0 else "second") if kind == "labels" else ""
    share = Number(show(share_of(cycle), decimals))
    return Case(cycle, href, loss, line, share, judged(cycle), off)


def _picture(desk: Desk, entry: Loss, kind: Kind, cycles: Sequence[Cycle]) -> Any:
    """The curve of the loss with these predictions; None where one number does not tell it."""
    told = _has_shares(desk.walk, kind) if kind in SHARED else len(desk.walk.trace.y[0]) == 1
    if not cycles or not told:
        return None
    at = share_of if kind in SHARED else _miss
    places = [at(cycle) for cycle in cycles]
    losses = [float(cycle.loss) for cycle in cycles]
    curve = _minus_log if kind in SHARED else partial(_over_misses, entry)
    if not np.allclose(curve(np.array(places)), losses, rtol=ALIKE, atol=0):
        return None
    values = _values(kind, places)
    marks = list(zip(places, losses, strict=True))
    over: Over = "share" if kind in SHARED else "miss"
    return dial_picture(values, curve(values), marks, over, decimals=desk.typesetter.decimals)


def _values(kind: Kind, places: Sequence[float]) -> FloatArray:
    """The shares from the smallest that is told to 1, or the misses beyond the largest."""
    if kind in SHARED:
        return np.linspace(min(LEAST, *places), 1.0, POINTS)
    far = WIDER * max(map(abs, places)) or 1.0
    return np.linspace(-far, far, POINTS)


def _minus_log(shares: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        return np.asarray(-np.log(shares))


def _miss(cycle: Cycle) -> float:
    return float(cycle.a[-1][0] - cycle.y[0])


def _over_misses(entry: Loss, misses: FloatArray) -> FloatArray:
    """The loss of one output over its miss, for the target 0."""
    with np.errstate(all="ignore"):
        return np.array([float(entry.kernel(np.zeros(1), m, m)) for m in misses[:, None]])
