"""The same picture several times, as training goes on: small, and all with the same axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tracer.formula import FloatArray
from tracer.pictures.agreement import agreement_picture
from tracer.pictures.data import data_picture
from tracer.pictures.plot.geometry import Picture
from tracer.pictures.plot.plot import Range
from tracer.pictures.plot.scale import spread
from tracer.pictures.scatter import PAD

if TYPE_CHECKING:
    from tracer.trace import Trace

# a side: a side; asking the network costs their square, and marching between them is smooth enough
_SAMPLES = 25


def panels(trace: Trace, updates: Sequence[int], *, decimals: int) -> tuple[Picture, ...]:
    """A small picture of what the network answers before each of ``updates`` (−1: in the end).

    The data with one or two inputs, predicted against actual values for other regressions; none
    where there are more inputs and classes. Colours and axes mean the same in all of them: they
    cover the targets and the answers, but of answers far from all targets only the near ones.
    """
    return tuple(_panels(trace, updates, decimals))


def _panels(trace: Trace, updates: Sequence[int], decimals: int) -> Iterable[Picture]:
    values = _shared(trace, updates) if len(updates) else None
    for update in updates:
        how: dict[str, Any] = {"decimals": decimals, "update": update, "values": values}
        data = data_picture(trace, boundary=True, small=True, **how)
        picture = data or agreement_picture(trace, small=True, **how)
        if picture is not None:
            yield picture


def _shared(trace: Trace, updates: Sequence[int]) -> Range:
    """The values that every panel shows, at most as far beyond the targets as these are apart."""
    points = _points(trace)
    low, high = spread(map(float, trace.y.ravel()))
    room = high - low
    answers = np.concatenate([trace.forward(points, u)[1][-1].ravel() for u in updates])
    kept = answers[np.isfinite(answers)].clip(low - room, high + room)
    return spread([low, high, *map(float, kept)])


def _points(trace: Trace) -> FloatArray:
    """Where the panels show answers: (n, n_0)."""
    if trace.x.shape[1] > 2:
        return trace.x
    axes = [np.linspace(*spread(map(float, column), PAD), _SAMPLES) for column in trace.x.T]
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, len(axes))
