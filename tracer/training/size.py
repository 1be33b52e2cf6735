"""How large a run will be, told from the experiment alone.

Bytes of the trace are counted exactly as they are allocated; seconds follow a rule of thumb.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from tracer.errors import ExperimentError, Problem
from tracer.experiment import Experiment
from tracer.experiment.limits import INSIST, size_text
from tracer.trace.fields import NUMPY, SCALAR, Counts
from tracer.trace.kept import (
    GIGABYTE,
    Kept,
    asked_for,
    disk_bytes,
    fitting,
    fitting_disk,
    stored_bytes,
)
from tracer.trace.layout import rows_an_update, variables

MAX_TRACE = 2**30  # one gigabyte: a trace is held whole, and twice while it is saved
MAX_KEPT = 3 * 2**30
"""Three gigabytes of a run that is not kept whole: with a table of half a gigabyte and the program
it stays within the four that a small machine has."""
UPDATE = 48
"""Bytes for each parameter while it is updated: the number itself, its gradient, the new number,
and three of the optimizer's and of its formulas."""
OF_A_UNIT = 4
"""Numbers for each unit in each row of an update: z, a and two slopes; and as many more of the
widest layer while it is computed (measured: three or four)."""
MAX_SECONDS = 900.0  # a quarter of an hour; who waits longer wants to be asked

# bytes a second into fresh memory; measured: 7.0 seconds for a trace of 1 GB, 8.2 by the rule
_RECORDED = 2e8
# times as fast as a recorded run; measured: 47 (mini2d), 7 (xor-adam), 0.8 (full batches of gelu)
_LOOKED_AT = 5
_A_TERM, _A_VARIABLE = 0.09e-6, 0.06e-6
"""Seconds of written code for a parameter: in each visit and each update, and for each variable of
an optimizer. Fitted to 9 to 808 parameters, 1 to 32 samples an update, SGD and Adam, beside the
times of arrays: with three layers and 8 samples both take as long at some 130 parameters."""
_UPDATE, _UPDATE_A_LAYER = 60e-6, 35e-6
"""Seconds that Python itself takes for each update by arrays."""
_A_UNIT = 25e-9
"""Seconds by arrays for a unit in each visit: the function and its slope. With the rules above and
below, 0.04 to 1.9 seconds of nine runs (13 to 813,000 parameters, 1 to 20,000 rows an update) are
foreseen as 0.8 to 2.4 times as many."""
_A_ROW, _STEP, _STEP_A_VARIABLE = 0.155e-9, 1.6e-9, 1.8e-9
"""Seconds that an update by arrays takes for a parameter: for each row, for itself
and for each variable of the optimizer. Fitted to 784-128-10 with one thread: SGD, momentum and Adam
take 0.78, 0.92 and 1.5 ms for 32 rows and 0.3, 0.43 and 1.1 ms for one; the rule says 0.8, 0.98,
1.5 and 0.31, 0.49, 1."""
_MADE, _MADE_A_PARAMETER = 4e-3, 0.06e-3
"""Seconds to make code; measured: 6 ms for 20 parameters with SGD, 33 for 212 with Adam."""
Refusal = tuple[str | None, str, str]


@dataclass(frozen=True)
class RunSize:
    """What a run takes.

    Attributes:
        updates: updates of the parameters.
        parameters: weights and biases.
        trace: bytes of the trace's arrays in memory.
        allocated: bytes of these and of what an update computes.
        training: seconds of training.
        most: bytes of such a trace that need no insisting.
        smaller: what makes the trace smaller, in a sentence.
        disk: bytes of it that stand on the disk, and how many may.
    """

    updates: int
    parameters: int
    trace: int
    allocated: int
    training: float
    most: int
    smaller: str
    disk: tuple[int, int] = (0, 0)


def run_size(experiment: Experiment) -> RunSize:
    """The sizes of a run; costs nothing, whatever the experiment says."""
    epochs, batch = experiment.training.epochs, rows_an_update(experiment)
    counts = Counts.of(experiment, epochs, batch)
    kept, (parameters, _) = _chosen(experiment, counts), network_size(experiment)
    trace, disk = stored_bytes(experiment, counts, kept), disk_bytes(experiment, counts, kept)
    return RunSize(
        most=MAX_TRACE if kept is None else MAX_KEPT,
        smaller=_smaller(experiment, counts),
        updates=counts.updates,
        parameters=parameters,
        trace=trace - disk,
        allocated=trace - disk + _of_an_update(experiment, parameters),
        training=_training_seconds(experiment, counts, kept, trace),
        disk=(disk, GIGABYTE * (experiment.record.disk or 0)),
    )


def _smaller(experiment: Experiment, counts: Counts) -> str:
    """The line of [record] with which a run is not too large; what else helps, where none does."""
    if experiment.record.given:
        fit = fitting(experiment, counts, MAX_KEPT)
        if stored_bytes(experiment, counts, fit) <= MAX_KEPT:
            every = fit.said["every"]
            return f"Write every = {every} in [record]: the rest is computed again exactly."
    return "Fewer epochs, rows or units make it smaller, and so does a larger batch_size."


def trace_bytes(experiment: Experiment, epochs: int, batch: int) -> int:
    """What the arrays of a run of so many epochs take, with so many rows an update."""
    counts = Counts.of(experiment, epochs, batch)
    return stored_bytes(experiment, counts, _chosen(experiment, counts))


def chosen(experiment: Experiment) -> Kept | None:
    """What will be kept of a run, told from the experiment alone; None: everything.

    What [record] asks for. Without it everything, where that takes at most ``MAX_TRACE``; else
    moments as near to each other as ``MAX_KEPT`` has room for.
    """
    counts = Counts.of(experiment, experiment.training.epochs, rows_an_update(experiment))
    return _chosen(experiment, counts)


def _chosen(experiment: Experiment, counts: Counts) -> Kept | None:
    asked, disk = asked_for(experiment.record, counts), experiment.record.disk
    if asked is None and disk is not None:
        return fitting_disk(experiment, counts, disk)
    if asked is not None or experiment.record.keep is not None:
        return asked
    if stored_bytes(experiment, counts, None) <= MAX_TRACE:
        return None
    return fitting(experiment, counts, MAX_KEPT)


def network_size(experiment: Experiment) -> tuple[int, int]:
    """(parameters, units after the input)."""
    sizes = experiment.layer_sizes
    return sum(n * m + m for n, m in pairwise(sizes)), sum(sizes[1:])


def training_seconds(experiment: Experiment, epochs: int, batch: int) -> float:
    """The time of the faster engine that can do it, and what is written into memory."""
    counts = Counts.of(experiment, epochs, batch)
    kept = chosen(experiment)
    return _training_seconds(experiment, counts, kept, trace_bytes(experiment, epochs, batch))


def _training_seconds(
    experiment: Experiment, counts: Counts, kept: Kept | None, trace: int
) -> float:
    seconds = _engine_seconds(experiment, counts)
    return (seconds[NUMPY] if kept else min(seconds.values())) + trace / _RECORDED


def engine_seconds(experiment: Experiment, epochs: int, batch: int) -> dict[str, float]:
    """What each engine takes to compute so many epochs with so many rows an update."""
    return _engine_seconds(experiment, Counts.of(experiment, epochs, batch))


def _engine_seconds(experiment: Experiment, counts: Counts) -> dict[str, float]:
    parameters, units = network_size(experiment)
    states = len(variables(experiment))
    making = _MADE + _MADE_A_PARAMETER * parameters * (1 + states / 3)
    of_visits = counts.visits * _A_TERM * (parameters + 2 * units)
    of_updates = counts.updates * parameters * (_A_TERM + _A_VARIABLE * states)
    return {
        NUMPY: _by_arrays(experiment, counts.visits, counts.updates)
        + counts.visits * _A_UNIT * units,
        SCALAR: making + of_visits + of_updates,
    }


def replay_seconds(experiment: Experiment, updates: int) -> float:
    """What it takes to compute so many updates again, one after the other, of a large network."""
    return _by_arrays(experiment, updates * rows_an_update(experiment), updates)


def _by_arrays(experiment: Experiment, visits: int, updates: int) -> float:
    parameters, _ = network_size(experiment)
    own = _UPDATE + _UPDATE_A_LAYER * len(experiment.layers)
    of_update = _STEP + _STEP_A_VARIABLE * len(variables(experiment))
    return updates * own + parameters * (_A_ROW * visits + of_update * updates)


def _of_an_update(experiment: Experiment, parameters: int) -> int:
    """Bytes of what an update computes."""
    inputs, *units = experiment.layer_sizes
    row = inputs + OF_A_UNIT * (sum(units) + max(units))
    of_visits = np.dtype(np.float64).itemsize * row * rows_an_update(experiment)
    return parameters * UPDATE + of_visits


def check_run(experiment: Experiment) -> RunSize:
    """Refuse a run whose trace or whose time is beyond sensible limits, unless insisted on.

    Returns what it takes.

    Raises:
        ExperimentError: says how large it would be, what makes it smaller, and how to insist.
    """
    size = run_size(experiment)
    refuse(experiment, of_run(size))
    return size


def check_search(experiment: Experiment, count: int) -> None:
    """The same for a search through so many seeds."""
    seconds = count * run_size(experiment).training / _LOOKED_AT
    found: tuple[Refusal, ...] = ()
    if seconds > 4 * MAX_SECONDS:
        message = f"expected a search of at most an hour, found one of about {_time(seconds)}"
        found = ((None, message, "Try fewer seeds or fewer epochs."),)
    refuse(experiment, found)


def of_run(size: RunSize) -> Iterator[Refusal]:
    """What is too large about a run."""
    of = f"({size.updates:,} updates of {size.parameters:,} parameters)"
    hint = "Fewer epochs, rows or units make it smaller, and so does a larger batch_size."
    if size.trace > size.most:
        most, found = size_text(size.most), size_text(size.trace)
        message = f"expected a trace of at most {most}, found about {found} {of}"
        yield "record", message, size.smaller
    elif size.disk[0] > size.disk[1]:
        found, most = map(size_text, size.disk)
        message = f"expected checkpoints of at most {most} on the disk, found about {found} {of}"
        yield "record", message, "Without every there are as many as the disk has room for."
    elif size.parameters * UPDATE > MAX_TRACE:
        most, found = size_text(MAX_TRACE), size_text(size.parameters * UPDATE)
        yield "layers", f"expected at most {most} for an update, found about {found} {of}", hint
    elif size.training > MAX_SECONDS:
        most, found = _time(MAX_SECONDS), _time(size.training)
        yield "training", f"expected at most {most} of training, found about {found} {of}", hint


def _time(seconds: float) -> str:
    """A time as people say it."""
    for unit, one in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * one:
            return (
                f"{seconds / one:.3g} {unit}" if seconds < 1e9 else f"{seconds / 3.15e7:.2g} years"
            )
    return f"{seconds:.0f} seconds"


def refuse(experiment: Experiment, refusals: Iterable[Refusal]) -> None:
    """Raise what was found too large, unless the author insists on it."""
    if experiment.insist:
        return
    source: Path | None = experiment.source
    file = None if source is None else str(source)
    problems = [
        Problem(message, file, key=key, hint=f"{hint} {INSIST}") for key, message, hint in refusals
    ]
    if problems:
        raise ExperimentError(problems)
