"""Pages that compare runs: batch sizes, the same run once more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracer.explain.written import written_units
from tracer.pages.desk import desk_of
from tracer.pages.rates import Compared
from tracer.pages.table import Built
from tracer.pages.walk import Walk
from tracer.pictures import Series, series_picture
from tracer.studies.model import Run, fingerprint, numbers_in
from tracer.studies.plan import is_drawn, is_shuffled
from tracer.trace import Trace

# Batch sizes


@dataclass(frozen=True)
class BatchRow:
    """One batch size: how often it updates, and the loss it comes to.

    ``own`` is what it is of the main run: "run", "part" (its first epochs) or "" (another).
    """

    size: int
    whole: bool
    own: str
    updates_an_epoch: int
    updates: int
    first: float
    last: float


def batch_comparison(walk: Walk) -> Mapping[str, Any]:
    """Batch sizes one, some and all on this data: pictures and a table."""
    runs = walk.studies.batches
    symbol = desk_of(walk, "batches").plain("batch_size")
    decimals = walk.trace.experiment.pages.decimals
    named = [(f"{symbol} = {run.batch}", run) for run in runs]
    by_epoch = [Series(n, np.arange(float(len(r.losses))), r.losses) for n, r in named]
    by_update = [Series(n, r.updates, r.losses) for n, r in named]
    compared, lowest = Compared.of(walk.trace, runs[0].epochs), _lowest(runs)
    return {
        "batch_rows": [_batch_row(walk, compared, run) for run in runs],
        "compared": compared,
        "by_epoch": series_picture(by_epoch, "batches_by_epoch", decimals=decimals),
        "by_update": series_picture(by_update, "batches_by_update", decimals=decimals),
        "lowest": [run.batch for run in lowest],
        "tie": len(lowest) == len(runs),
        "rose": any(run.moved and run.progress < 0 for run in lowest),
    }


def _batch_row(walk: Walk, compared: Compared, run: Run) -> BatchRow:
    rows = len(walk.trace.experiment.dataset.train)
    return BatchRow(
        size=run.batch,
        whole=run.batch == rows,
        own=compared.own(same=run.batch == int(walk.trace.batch_sizes[0])),
        updates_an_epoch=int(run.updates[1]),
        updates=int(run.updates[-1]),
        first=run.first,
        last=run.last,
    )


def _lowest(runs: Sequence[Run]) -> Sequence[Run]:
    """Those whose loss ends lowest in the digits that are shown; none where none is a number."""
    finite = [run for run in runs if np.isfinite(run.last)]
    least = min(finite, key=lambda run: run.last, default=None)
    return [] if least is None else [run for run in finite if run.text == least.text]


# The same once more


@dataclass(frozen=True)
class Twice:
    """One number of a forward pass, computed twice, with all the digits that float64 has."""

    name: str
    layer: int
    index: tuple[int, ...]
    first: str
    second: str


def determinism(walk: Walk) -> Built:
    """The same input twice, the same training twice, another seed."""
    trace, studies = walk.trace, walk.studies
    shown = filter(walk.shown_predictions.has, walk.predicted_rows)
    row = next(shown, walk.predicted_rows[0])
    mine, twice = fingerprint(trace), list(_twice(trace, row))
    yield (
        walk.slug("determinism"),
        {
            "row": row + 1,
            "twice": twice,
            "alike": all(one.first == one.second for one in twice),
            "mine": mine,
            "numbers": numbers_in(trace),
            "again": studies.again,
            "same": mine == studies.again,
            "other": studies.other,
            "other_print": None if studies.other is None else fingerprint(studies.other),
            "others": [] if studies.other is None else _other_rows(trace, studies.other),
            "chance": None if studies.other is None else Chance.of(trace, studies.other),
        },
    )


@dataclass(frozen=True)
class Chance:
    """What is drawn, and whether another seed changes anything, and the parameters in the end.

    ``lost``: whether neither run ends with parameters that are all finite.
    """

    start: bool
    order: bool
    end: bool
    any: bool
    lost: bool

    @classmethod
    def of(cls, mine: Trace, other: Trace) -> Chance:
        """Two runs held against each other, bit for bit."""
        ends = [[part[-1] for part in (*run.W, *run.b)] for run in (mine, other)]
        return cls(
            start=is_drawn(mine.experiment),
            order=is_shuffled(mine.experiment),
            end=any(not np.array_equal(a, b, equal_nan=True) for a, b in zip(*ends, strict=True)),
            any=fingerprint(mine) != fingerprint(other),
            lost=all(any(not np.isfinite(part).all() for part in end) for end in ends),
        )


def _twice(trace: Trace, row: int) -> Iterator[Twice]:
    """Every number that is written out of two forward passes of a row, after the training."""
    first, second = (trace.forward(trace.x[row : row + 1]) for _ in range(2))
    for layer in range(trace.layers):
        for name, one, other in zip(("z", "a"), first, second, strict=True):
            for unit in written_units(trace)[layer + 1]:
                pair = (values[layer][0][unit - 1] for values in (one, other))
                texts = (repr(float(value)).replace("-", "−") for value in pair)
                yield Twice(name, layer + 1, (unit,), *texts)


@dataclass(frozen=True)
class OtherRow:
    """A number of this run and the same of the run from another seed."""

    what: str
    mine: float
    other: float


def _other_rows(mine: Trace, other: Trace) -> list[OtherRow]:
    """The first weight at the start and in the end, and the loss of the last epoch."""
    return [
        OtherRow("start", float(mine.W[0][0, 0, 0]), float(other.W[0][0, 0, 0])),
        OtherRow("end", float(mine.W[0][-1, 0, 0]), float(other.W[0][-1, 0, 0])),
        OtherRow("loss", float(mine.loss_curve[-1]), float(other.loss_curve[-1])),
    ]
