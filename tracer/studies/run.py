"""The runs beside the main one, trained: other batch sizes, other learning rates, once more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from tracer.experiment import Experiment
from tracer.studies.model import (
    RateStudy,
    Run,
    Studies,
    Tried,
    Verdict,
    fingerprint,
    verdict_on,
)
from tracer.studies.plan import (
    batch_sizes,
    changed,
    other_seed,
    rates_above,
    rates_below,
    short,
)
from tracer.trace import Trace
from tracer.training import Meter, no_meter, run

MOST_STEPS = 10
"""So many rates are tried at most on each side: five powers of ten."""
MOST_LOST = 200
"""Below a rate that diverges, so many are tried until one does not."""


_UPWARDS: tuple[Verdict, ...] = ("slow", "worse", "lost")
_WRONG: tuple[Verdict, ...] = ("worse", "lost")
_DOWNWARDS: tuple[Verdict, ...] = ("slow",)


def study(trace: Trace, meter: Meter = no_meter) -> Studies:
    """Run everything that the pages compare with the run of ``trace``; deterministic."""
    experiment, stages = trace.experiment, 4
    meter(0, stages)
    batches = tuple(_batches(experiment))
    meter(1, stages)
    rates = search(experiment)
    meter(2, stages)
    again = fingerprint(run(experiment))
    meter(3, stages)
    other = other_seed(experiment)
    found = Studies(batches, rates, again, None if other is None else run(other))
    meter(stages, stages)
    return found


def _batches(experiment: Experiment) -> Iterator[Run]:
    epochs = short(experiment)
    for size in batch_sizes(experiment):
        yield Run.of(run(changed(experiment, batch_size=size, epochs=epochs)))


def search(experiment: Experiment) -> RateStudy:
    """Try rates around the experiment's own, in steps of 1 and 3 times powers of ten.

    Upwards until one keeps less than a tenth of the best progress so far, or goes wrong; downwards
    until one makes less than a tenth of it.
    """
    epochs, own = short(experiment), experiment.training.learning_rate
    runs: list[Run] = []
    for rates, ends in ((rates_above(own), _UPWARDS), (rates_below(own), _DOWNWARDS)):
        lost = 0
        for step, rate in enumerate(islice(rates, MOST_LOST)):
            runs.append(Run.of(run(changed(experiment, learning_rate=rate, epochs=epochs))))
            verdict = verdict_on(runs[-1], _best(runs))
            lost += verdict in _WRONG
            if verdict in ends or step - lost >= MOST_STEPS:
                break
    return _chosen(sorted(runs, key=lambda one: one.rate))


def _best(runs: Sequence[Run]) -> float:
    """The largest progress of the runs that stayed finite."""
    return max((one.progress for one in runs if one.lost is None), default=0.0)


def _chosen(runs: Sequence[Run]) -> RateStudy:
    best = _best(runs)
    verdicts = {one: verdict_on(one, best) for one in runs}
    good = [one for one in runs if verdicts[one] == "good"]
    right = max(good, key=lambda one: one.progress, default=None)
    poor = [one for one in runs if verdicts[one] in _UPWARDS]
    small = [one for one in poor if right and one.rate < right.rate and verdicts[one] == "slow"]
    big = [one for one in poor if right is None or one.rate > right.rate]
    return RateStudy(
        tried=tuple(_tried(one, verdict) for one, verdict in verdicts.items()),
        small=small[-1] if small else None,
        right=right,
        big=big[0] if big else None,
    )


def _tried(one: Run, verdict: Verdict) -> Tried:
    return Tried(one.rate, float(one.losses[0]), float(one.losses[-1]), verdict)
