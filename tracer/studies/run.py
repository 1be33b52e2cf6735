"""The runs beside the main one, trained: other batch sizes, other learning rates, once more."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tracer.meters import Meter, no_meter
from tracer.studies.beside import run_beside
from tracer.studies.model import Run, Studies, fingerprint
from tracer.studies.plan import batch_sizes, changed, ends_only, other_seed, short
from tracer.studies.rates import own_run, search
from tracer.trace import Trace
from tracer.training import run


def study(trace: Trace, meter: Meter = no_meter) -> Studies:
    """Run everything that the pages compare with the run of ``trace``; deterministic.

    Overflow is what some of these runs are there to show: numpy does not warn of it here.
    """
    with np.errstate(all="ignore"):
        return _study(trace, meter)


def _study(trace: Trace, meter: Meter) -> Studies:
    experiment, stages = trace.experiment, 4
    meter(0, stages)
    batches = tuple(_batches(trace))
    meter(1, stages)
    rates = search(trace)
    meter(2, stages)
    same = experiment if trace.recording is None else ends_only(experiment)
    again = fingerprint(run(same, engine=trace.engine))
    meter(3, stages)
    other = other_seed(experiment)
    if other is not None and trace.recording is not None:
        other = ends_only(other)
    found = Studies(
        batches, rates, again, None if other is None else run(other, engine=trace.engine)
    )
    meter(stages, stages)
    return found


def _batches(trace: Trace) -> Iterator[Run]:
    rows, own = len(trace.experiment.dataset.train), int(trace.batch_sizes[0])
    for size in batch_sizes(trace.experiment):
        if own == (rows if size == "all" else size):
            yield own_run(trace)
        else:
            made = changed(trace.experiment, batch_size=size, epochs=short(trace))
            yield Run.of(run_beside(made))
