"""The runs beside the main one, trained: other batch sizes, other learning rates, once more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from tracer.experiment import Experiment
from tracer.meters import Meter, no_meter
from tracer.studies.beside import losses_of, run_beside, run_with
from tracer.studies.model import RateStudy, Run, Studies, fingerprint
from tracer.studies.plan import batch_sizes, changed, ends_only, other_seed, short
from tracer.studies.rates import own_run, search
from tracer.trace import Trace
from tracer.training import run

if TYPE_CHECKING:
    from tracer.executor import Executor


def study(trace: Trace, meter: Meter = no_meter, many: Executor | None = None) -> Studies:
    """Run everything that the pages compare with the run of ``trace``; deterministic.

    ``many`` makes runs that do not depend on each other; by default all are made here, in turn.
    Overflow is what some of these runs are there to show: numpy does not warn of it here.
    """
    with np.errstate(all="ignore"):
        return _study(trace, meter, many)


def study_later(trace: Trace) -> Studies:
    """The same, of which each run is made when somebody asks what it found."""
    return cast("Studies", _Later(trace))


class _Later:
    """Has the fields of :class:`~tracer.studies.model.Studies`."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    @cached_property
    def batches(self) -> tuple[Run, ...]:
        with np.errstate(all="ignore"):
            return tuple(_batches(self._trace, None))

    @cached_property
    def rates(self) -> RateStudy:
        with np.errstate(all="ignore"):
            return search(self._trace)

    @cached_property
    def again(self) -> str:
        with np.errstate(all="ignore"):
            return _again(self._trace)

    @cached_property
    def other(self) -> Trace | None:
        with np.errstate(all="ignore"):
            return _other(self._trace)


def _study(trace: Trace, meter: Meter, many: Executor | None) -> Studies:
    stages = 4
    meter(0, stages)
    batches = tuple(_batches(trace, many))
    meter(1, stages)
    rates = search(trace, many)
    meter(2, stages)
    again = _again(trace)
    meter(3, stages)
    found = Studies(batches, rates, again, _other(trace))
    meter(stages, stages)
    return found


def _again(trace: Trace) -> str:
    """The fingerprint of the same training, run once more."""
    same = trace.experiment if trace.recording is None else ends_only(trace.experiment)
    return fingerprint(run(same, engine=trace.engine))


def _other(trace: Trace) -> Trace | None:
    """The training from another seed, where chance has a part in it."""
    other = other_seed(trace.experiment)
    if other is not None and trace.recording is not None:
        other = ends_only(other)
    return None if other is None else run(other, engine=trace.engine)


def _batches(trace: Trace, many: Executor | None) -> Iterator[Run]:
    rows, own = len(trace.experiment.dataset.train), int(trace.batch_sizes[0])
    sizes = {size: rows if size == "all" else size for size in batch_sizes(trace.experiment)}
    others = [
        changed(trace.experiment, batch_size=size, epochs=short(trace))
        for size, count in sizes.items()
        if count != own
    ]
    runs = _runs(others, many)
    yield from (own_run(trace) if count == own else next(runs) for count in sizes.values())


def _runs(experiments: Sequence[Experiment], many: Executor | None) -> Iterator[Run]:
    """The runs of some experiments, in order."""
    if many is None:
        return (Run.of(run_beside(made)) for made in experiments)
    return map(run_with, experiments, many.map(losses_of, experiments))
