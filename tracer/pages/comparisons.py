"""The pages that compare runs: batch sizes, learning rates, the same run once more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracer.numerals import exact_numeral
from tracer.pages.results import idle_units
from tracer.pages.walk import Built, Walk
from tracer.pictures import Series, series_picture
from tracer.studies.model import RateStudy, Run, Tried, fingerprint, numbers_in
from tracer.trace import Place, Trace


@dataclass(frozen=True)
class BatchRow:
    """One batch size: how often it updates, and the loss it comes to."""

    size: int
    whole: bool
    own: bool
    updates_an_epoch: int
    updates: int
    first: float
    last: float


def batch_comparison(walk: Walk) -> Mapping[str, Any]:
    """Batch sizes one, some and all on this data: pictures and a table."""
    runs = walk.studies.batches
    symbol = walk.desk("batches").plain("batch_size")
    decimals = walk.trace.experiment.pages.decimals
    named = [(f"{symbol} = {run.batch}", run) for run in runs]
    by_epoch = [Series(n, np.arange(float(len(r.losses))), r.losses) for n, r in named]
    by_update = [Series(n, r.updates, r.losses) for n, r in named]
    return {
        "batch_rows": [_batch_row(walk, run) for run in runs],
        "batch_epochs": len(runs[0].losses) - 1,
        "by_epoch": series_picture(by_epoch, "batches_by_epoch", decimals=decimals),
        "by_update": series_picture(by_update, "batches_by_update", decimals=decimals),
        "quickest": _quickest(runs),
    }


def _batch_row(walk: Walk, run: Run) -> BatchRow:
    rows = len(walk.trace.experiment.dataset.train)
    return BatchRow(
        size=run.batch,
        whole=run.batch == rows,
        own=run.batch == int(walk.trace.batch_sizes[0]),
        updates_an_epoch=int(run.updates[1]),
        updates=int(run.updates[-1]),
        first=float(run.losses[0]),
        last=float(run.losses[-1]),
    )


def _quickest(runs: Sequence[Run]) -> int | None:
    """The batch size whose loss ends lowest; None where none ends with a number."""
    finite = [run for run in runs if np.isfinite(run.losses[-1])]
    return min(finite, key=lambda run: float(run.losses[-1])).batch if finite else None


# Learning rates


@dataclass(frozen=True)
class RateRow:
    """A rate that was tried: its text, what became of it, and whether it is one of the chosen."""

    rate: str
    tried: Tried
    chosen: str
    own: bool


def learning_rate(walk: Walk) -> Built:
    """Too small, right, too big: rates that tracer found by trying them on this data."""
    study, own = walk.studies.rates, walk.trace.experiment.training.learning_rate
    chosen = _chosen(study)
    symbol = walk.desk("learning-rate").plain("eta")
    decimals = walk.trace.experiment.pages.decimals
    series = [_rate_series(symbol, run) for run in chosen.values()]
    names = {run.rate: name for name, run in chosen.items()}
    yield (
        "learning-rate",
        {
            "picture": series_picture(series, "rates", decimals=decimals) if series else None,
            "small": _story(study.small),
            "right": _story(study.right),
            "big": _story(study.big),
            "own": _text(own),
            "wrong": study.gone_wrong,
            "limit": study.limit,
            "idle": _dead(study.big),
            "hidden": sum(walk.trace.layer_sizes[1:-1]),
            "lost": None if study.big is None else study.big.lost,
            "lost_number": _number(None if study.big is None else study.big.lost),
            "tried": [
                RateRow(_text(t.rate), t, names.get(t.rate, ""), t.rate == own) for t in study.tried
            ],
            "study_epochs": _epochs(study),
            "lowest": _text(study.tried[0].rate),
            "highest": _text(study.tried[-1].rate),
        },
    )


def _rate_series(symbol: str, run: Run) -> Series:
    return Series(f"{symbol} = {_text(run.rate)}", np.arange(float(len(run.losses))), run.losses)


@dataclass(frozen=True)
class RateStory:
    """One of the chosen rates: its text and how far its run came."""

    rate: str
    first: float
    last: float


def _story(run: Run | None) -> RateStory | None:
    if run is None:
        return None
    return RateStory(_text(run.rate), float(run.losses[0]), float(run.losses[-1]))


def _chosen(study: RateStudy) -> Mapping[str, Run]:
    named = {"small": study.small, "right": study.right, "big": study.big}
    return {name: run for name, run in named.items() if run is not None}


def _epochs(study: RateStudy) -> int:
    return max((len(run.losses) - 1 for run in _chosen(study).values()), default=0)


def _dead(run: Run | None) -> int:
    """How many hidden units no training row can move any more."""
    return 0 if run is None else sum(unit.dead for unit in idle_units(run.trace))


def _text(rate: float) -> str:
    return exact_numeral(rate).text


def _number(place: Place | None) -> str:
    return "" if place is None else exact_numeral(place.value).text


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
    row = walk.predicted_rows[0]
    mine = fingerprint(trace)
    yield (
        "determinism",
        {
            "row": row + 1,
            "twice": list(_twice(trace, row)),
            "mine": mine,
            "numbers": numbers_in(trace),
            "again": studies.again,
            "same": mine == studies.again,
            "other": studies.other,
            "other_print": None if studies.other is None else fingerprint(studies.other),
            "others": [] if studies.other is None else _other_rows(trace, studies.other),
        },
    )


def _twice(trace: Trace, row: int) -> Iterator[Twice]:
    """Every number of two forward passes of one row through the trained network."""
    first, second = (trace.forward(trace.x[row : row + 1]) for _ in range(2))
    for layer in range(trace.layers):
        for name, one, other in zip(("z", "a"), first, second, strict=True):
            for unit, pair in enumerate(zip(one[layer][0], other[layer][0], strict=True)):
                texts = (repr(float(value)).replace("-", "−") for value in pair)
                yield Twice(name, layer + 1, (unit + 1,), *texts)


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
