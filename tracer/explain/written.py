"""Which units of a layer are written out, line by line, and what the others add up to.

A layer of ``WIDE`` units or fewer is written out whole, and so are layers whose function mixes its
units, and the last: the loss needs each of its outputs. Of a wider one those are written that
``[pages] units`` chooses, by default the ten that are largest: by the mean of |a| over the training
rows, with the starting parameters. So they are the same units on all pages, and in all runs from
one start.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.experiment import Experiment
from tracer.experiment.limits import WIDE
from tracer.experiment.picks import Counted, Pick, picked
from tracer.formula import FloatArray
from tracer.trace import Trace

DEFAULT = (Counted("largest", 10),)
"""Ten terms of a sum are two lines, and ten times ten weights are a table that can be read."""
MOST_ROWS = 1_000
"""So many rows tell which units are large: a mean over more differs by a few per cent."""


@lru_cache(maxsize=8)  # a walkthrough and the runs beside it
def written_units(trace: Trace) -> tuple[tuple[int, ...], ...]:
    """The units (from 1, ascending) that are written out, of the inputs (0) and of each layer."""
    experiment = trace.experiment
    sizes = trace.layer_sizes
    if not any(is_wide(experiment, layer) for layer in range(len(sizes))):
        return tuple(tuple(range(1, size + 1)) for size in sizes)
    rows = list(experiment.dataset.train)[:MOST_ROWS]
    x = trace.x[rows]
    signals = (x, *trace.forward(x, 0)[1])
    return tuple(_written(experiment, k, signal) for k, signal in enumerate(signals))


def _written(experiment: Experiment, layer: int, signal: FloatArray) -> tuple[int, ...]:
    numbers = range(1, signal.shape[-1] + 1)
    if not is_wide(experiment, layer):
        return tuple(numbers)

    def order(_word: str) -> Sequence[int]:
        with np.errstate(all="ignore"):
            sizes = np.nan_to_num(np.abs(signal).mean(axis=0), nan=np.inf)
        return [int(k) + 1 for k in np.argsort(-sizes, kind="stable")]

    return picked(_parts(experiment), numbers, order)


def _parts(experiment: Experiment) -> tuple[Pick, ...]:
    return DEFAULT if experiment.pages.units is None else experiment.pages.unit_picks


def is_wide(experiment: Experiment, layer: int) -> bool:
    """Whether a layer (0: the inputs) is too wide to be written out whole."""
    size, last = experiment.layer_sizes[layer], len(experiment.layers)
    if size <= WIDE or layer == last:
        return False
    return layer == 0 or not ACTIVATIONS[experiment.layers[layer - 1].activation].vector


def most_written(experiment: Experiment, layer: int) -> int:
    """How many units of a layer are written out at the most, from the experiment alone."""
    size = experiment.layer_sizes[layer]
    if not is_wide(experiment, layer):
        return size
    numbers = range(1, size + 1)
    return len(picked(_parts(experiment), numbers, lambda _word: numbers[::-1]))


def others(written: Sequence[int], size: int) -> list[int]:
    """The positions (from 0) of the units that are not written out."""
    return sorted(set(range(size)) - {unit - 1 for unit in written})
