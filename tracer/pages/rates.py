"""The page of learning rates: too small, right, too big, as they were found by trying."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.explain.stepping import role_of
from tracer.numerals import apart, exact_numeral
from tracer.pages.desk import desk_of
from tracer.pages.results import idle_units
from tracer.pages.table import Built
from tracer.pages.walk import Walk
from tracer.pictures import Series, series_picture
from tracer.studies.model import FullStep, RateStudy, Run, Tried
from tracer.trace import Trace
from tracer.trace.places import NumberPlace


@dataclass(frozen=True)
class Compared:
    """How runs are compared: ``epochs`` each, of ``made`` that the main run made.

    ``cut``: the main run has more; ``stopped``: it ended before the epochs that it was allowed.
    ``ending`` is what could have ended a run early, and is left out: "rule", "schedule" or "".
    """

    epochs: int
    made: int
    cut: bool
    stopped: bool
    ending: str

    @classmethod
    def of(cls, trace: Trace, epochs: int) -> Compared:
        """How the runs beside ``trace`` are compared with it."""
        training = trace.experiment.training
        waits = SCHEDULES[training.schedule].on_plateau
        return cls(
            epochs=epochs,
            made=trace.epochs,
            cut=epochs < trace.epochs,
            stopped=trace.epochs < training.epochs,
            ending="schedule" if waits else "rule" if training.plateau else "",
        )

    def own(self, *, same: bool) -> str:
        """What a run with the main run's settings is of it: "run", "part" of it, or "" (other)."""
        return "" if not same else "part" if self.cut else "run"


@dataclass(frozen=True)
class RateRow:
    """A rate that was tried: its text, what became of it, and what it is of the main run.

    ``says`` is its verdict; "lowest", "tied", "small" or "big" where it is one of the chosen.
    """

    rate: str
    tried: Tried
    says: str
    own: str


@dataclass(frozen=True)
class RateStory:
    """One of the chosen rates: its text, how far its run came, and what became of it."""

    rate: str
    first: float
    last: float
    says: str


@dataclass(frozen=True)
class Idle:
    """Of ``hidden`` units ``total`` are dead in the end, ``always`` of them from the start.

    ``became`` are the first and last epoch in which the others became so; None where none did.
    """

    hidden: int
    total: int
    always: int
    became: tuple[int, int] | None


@dataclass(frozen=True)
class FullStory:
    """A plain step against the whole gradient; losses with digits that tell them apart."""

    rate: str
    first: str
    last: str
    helps: bool
    flat: bool


def learning_rate(walk: Walk) -> Built:
    """Too small, right, too big: rates that tracer found by trying them on this data."""
    study = walk.studies.rates
    compared = Compared.of(walk.trace, study.epochs)
    yield (
        walk.slug("rates"),
        {
            "picture": _picture(walk, study),
            **{name: _story(study, run) for name, run in _three(study).items()},
            **_optimizer(walk.trace),
            **_wrong(study),
            "tied": [_text(t.rate) for t in study.tried if t.lowest and not _is(t, study.right)],
            "edge": _edge(study),
            "tried": [_row(study, compared, tried, walk.trace) for tried in study.tried],
            "full": [_full(step, walk.trace) for step in study.full],
            "perfect": study.tried[0].first == 0,
            "other_ways": _other_ways(walk.trace),
            "compared": compared,
            "batch": int(walk.trace.batch_sizes[0]),
            "rows": len(walk.trace.experiment.dataset.train),
            "lowest": _text(study.tried[0].rate),
            "highest": _text(study.tried[-1].rate),
        },
    )


def _three(study: RateStudy) -> Mapping[str, Run | None]:
    return {"small": study.small, "right": study.right, "big": study.big}


def _is(tried: Tried, run: Run | None) -> bool:
    return run is not None and tried.rate == run.rate


def _picture(walk: Walk, study: RateStudy) -> Any:
    symbol = desk_of(walk, "rates").plain("eta")
    series = [
        Series(f"{symbol} = {_text(run.rate)}", np.arange(float(len(run.losses))), run.losses)
        for run in _three(study).values()
        if run is not None
    ]
    decimals = walk.trace.experiment.pages.decimals
    return series_picture(series, "rates", decimals=decimals) if study.right else None


def _story(study: RateStudy, run: Run | None) -> RateStory | None:
    if run is None:
        return None
    verdict = next(t.verdict for t in study.tried if t.rate == run.rate)
    return RateStory(_text(run.rate), run.first, run.last, verdict)


def _optimizer(trace: Trace) -> Mapping[str, Any]:
    """The optimizer of the run: whether its steps are plain, and what the learning rate is."""
    training = trace.experiment.training
    return {
        "own": _text(training.learning_rate),
        "scheduled": not SCHEDULES[training.schedule].is_constant,
        "optimizer": OPTIMIZERS[training.optimizer],
        "plain": role_of(trace.experiment) == "plain",
        "role": role_of(trace.experiment),
    }


def _other_ways(trace: Trace) -> list[str]:
    """In what the updates of a run are not plain steps against the gradient of all rows."""
    training = trace.experiment.training
    program = OPTIMIZERS[training.optimizer].program(training.options)
    remembers = bool(program.remembered(training.options)) and trace.updates > 1
    ways = {
        "batch": int(trace.batch_sizes[0]) < len(trace.experiment.dataset.train),
        "kept": remembers,
        "step": role_of(trace.experiment) != "plain" and not remembers,
        "penalty": training.l2 > 0,
    }
    return [name for name, is_so in ways.items() if is_so]


def _wrong(study: RateStudy) -> Mapping[str, Any]:
    """How the too big rate went wrong."""
    big = study.big
    lost = big.trace.first_nonfinite if big and not np.isfinite(big.last) else None
    return {
        "wrong": study.gone_wrong,
        "limit": study.limit,
        "lost": lost,
        "lost_number": _number(lost),
        "idle": None if big is None else _idle(big.trace),
    }


def _idle(trace: Trace) -> Idle | None:
    since = [unit.since for unit in idle_units(trace) if unit.dead]
    later = [epoch for epoch in since if epoch > 0]
    if not since:
        return None
    became = (min(later), max(later)) if later else None
    return Idle(sum(trace.layer_sizes[1:-1]), len(since), len(since) - len(later), became)


def _edge(study: RateStudy) -> str:
    """Whether the right rate is the highest or the lowest of all that were tried."""
    ends = {"lowest": study.tried[0], "highest": study.tried[-1]}
    return next((name for name, tried in ends.items() if _is(tried, study.right)), "")


def _row(study: RateStudy, compared: Compared, tried: Tried, trace: Trace) -> RateRow:
    same = tried.rate == trace.experiment.training.learning_rate
    return RateRow(_text(tried.rate), tried, _says(study, tried), compared.own(same=same))


def _says(study: RateStudy, tried: Tried) -> str:
    if study.right and tried.lowest:
        return "tied" if sum(other.lowest for other in study.tried) > 1 else "lowest"
    chosen = [name for name in ("small", "big") if _is(tried, _three(study)[name])]
    return chosen[0] if chosen else tried.verdict


def _full(step: FullStep, trace: Trace) -> FullStory:
    first, last = apart((step.first, step.last), trace.experiment.pages.decimals)
    return FullStory(_text(step.rate), first, last, step.helps, step.flat)


def _text(rate: float) -> str:
    return exact_numeral(rate).text


def _number(place: NumberPlace | None) -> str:
    return "" if place is None else exact_numeral(place.value).text
