"""The runs beside the main one, trained: other batch sizes, other learning rates, once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal, cast

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

BatchSize = int | Literal["all"]


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
        trace = self._trace
        others = ((size, _with_batch(trace, size)) for size in batch_sizes(trace.experiment))
        later = (
            _LaterRun(trace.experiment, partial(own_run, trace))
            if _is_own(trace, size)
            else _LaterRun(made, partial(_made, made))
            for size, made in others
        )
        return cast("tuple[Run, ...]", tuple(later))

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


class _LaterRun:
    """Is as :class:`~tracer.studies.model.Run`, and runs when somebody asks what it found."""

    batch, rate = Run.batch, Run.rate

    def __init__(self, experiment: Experiment, make: Callable[[], Run]) -> None:
        self.experiment, self._make = experiment, make

    @cached_property
    def _run(self) -> Run:
        with np.errstate(all="ignore"):
            return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._run, name)


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
    sizes = batch_sizes(trace.experiment)
    others = [_with_batch(trace, size) for size in sizes if not _is_own(trace, size)]
    runs = _runs(others, many)
    yield from (own_run(trace) if _is_own(trace, size) else next(runs) for size in sizes)


def _made(experiment: Experiment) -> Run:
    return Run.of(run_beside(experiment))


def _is_own(trace: Trace, size: BatchSize) -> bool:
    """Whether the run itself has batches of this size."""
    rows = len(trace.experiment.dataset.train)
    return int(trace.batch_sizes[0]) == (rows if size == "all" else size)


def _with_batch(trace: Trace, size: BatchSize) -> Experiment:
    return changed(trace.experiment, batch_size=size, epochs=short(trace))


def _runs(experiments: Sequence[Experiment], many: Executor | None) -> Iterator[Run]:
    """The runs of some experiments, in order."""
    if many is None:
        return map(_made, experiments)
    return map(run_with, experiments, many.map(losses_of, experiments))
