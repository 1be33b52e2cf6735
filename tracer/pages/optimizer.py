"""The page of the optimizer: what it keeps and what for, and one weight worked through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.explain.stepping import Stepping, role_of, stepping
from tracer.formula import FloatArray
from tracer.notation import Number
from tracer.pages.desk import Desk, desk_of
from tracer.pages.introduction import settings
from tracer.pages.table import Built
from tracer.pages.walk import Walk
from tracer.pictures import Series, series_picture
from tracer.trace import Cycle, Trace

BEFORE, AFTER = 39, 20
"""So many updates are drawn before the one that is worked through, and after it: 60 curves' points
stay apart on a phone."""


@dataclass(frozen=True)
class Variable:
    """A variable of the optimizer's program: its name, and what it is where it is kept."""

    name: str
    kind: str


@dataclass(frozen=True)
class Constant:
    """A number that is known before the step: its quantity, its layer and units, its value."""

    name: str
    layer: int
    index: tuple[int, ...]
    number: Number


def optimizer(walk: Walk) -> Built:
    """One page for the optimizer of the run."""
    desk, cycle = desk_of(walk, "optimizer"), worked_cycle(walk)
    worked, training = stepping(cycle), walk.trace.experiment.training
    row = OPTIMIZERS[training.optimizer]
    program = row.program(training.options)
    remembered = program.remembered(training.options)
    home = walk.addresses.update_slug(cycle.update)
    yield (
        desk.slug,
        {
            **settings(walk),
            "desk": desk,
            "role": role_of(walk.trace.experiment),
            "kept": [Variable(name, row.keeps.get(name, "")) for name in remembered],
            "passing": [name for name in program.variables if name not in program.carried],
            "cycle": cycle,
            "worked": worked,
            "known": _known(desk, worked),
            "lines": desk.show_all(worked.lines),
            "home": "" if home is None else desk.link(home),
            "picture": _picture(desk, worked),
            "is_first": cycle.update == 0,
            "number": cycle.update + 1,
        },
    )


def worked_cycle(walk: Walk) -> Cycle:
    """The cycle that ends the update to work through: the last shown of the first shown epoch."""
    epoch = walk.epochs[0] if walk.epochs else 1
    shown = [cycle for cycle in walk.cycles(epoch) if cycle.is_last_of_batch]
    return (shown or [c for c in walk.trace.cycles(epoch) if c.is_last_of_batch])[-1]


def _known(desk: Desk, worked: Stepping) -> list[Constant]:
    """What is known before the step, as symbols with their numbers."""
    return [
        Constant(o.ref.name, o.ref.layer, o.ref.index, desk.typesetter.number(o))
        for o in worked.known
    ]


def _picture(desk: Desk, worked: Stepping) -> Any:
    """The slopes of the weight and what became of them; None where no step can be drawn."""
    trace, u = desk.walk.trace, worked.cycle.update
    window = range(max(0, u - BEFORE), min(trace.updates, u + AFTER + 1))
    slopes, steps = _course(trace, worked, window)
    if len(window) < 2 or not (np.isfinite(slopes).all() and np.isfinite(steps).all()):
        return None
    xs = np.array([float(k + 1) for k in window])
    series = [Series("slope", xs, slopes), Series("step", xs, steps)]
    return series_picture(series, "steps", decimals=desk.typesetter.decimals)


def _course(trace: Trace, worked: Stepping, window: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """The slopes, and (w − w⁺) / η: where a step is plain, the two are the same."""
    place = tuple(k - 1 for k in worked.index)
    W, grads = trace.W[worked.layer - 1], trace.grad_W[worked.layer - 1]
    slopes = np.array([float(grads[k][place]) for k in window])
    ways = np.array([float(W[k][place]) - float(W[k + 1][place]) for k in window])
    with np.errstate(all="ignore"):
        return slopes, ways / np.array([float(trace.learning_rate[k]) for k in window])
