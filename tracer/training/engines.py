"""Which engine trains: arrays, or code written out number by number, by an estimate of its time."""

from __future__ import annotations

from tracer.errors import TracerError
from tracer.experiment import Experiment
from tracer.trace.fields import ENGINES, FIELDS, SCALAR
from tracer.trace.layout import rows_an_update
from tracer.training.code import Code, code_for
from tracer.training.recorder import ArrayRecorder, Recorder
from tracer.training.scalar import ScalarRecorder
from tracer.training.size import chosen, engine_seconds
from tracer.training.sparse import SparseRecorder


def recorder_for(experiment: Experiment, engine: str = "") -> Recorder:
    """The recorder of an engine, by default of the one that is expected to be faster.

    Raises:
        TracerError: there is no such engine, or it cannot run this experiment.
    """
    if engine not in ("", *ENGINES):
        raise TracerError(f"there is no engine {engine!r}: expected {' or '.join(ENGINES)}")
    kept = chosen(experiment)
    if kept is not None:
        if engine == SCALAR:
            raise TracerError("a run that is not kept whole is computed again by numpy alone")
        return SparseRecorder(experiment, kept)
    wanted = engine or fastest(experiment)
    code = _code(experiment) if wanted == SCALAR else None
    if code is not None:
        return ScalarRecorder(experiment, code)
    if engine == SCALAR:
        raise TracerError("this experiment cannot be written out number by number")
    return ArrayRecorder(experiment)


def fastest(experiment: Experiment) -> str:
    """The engine that is expected to take less time; it follows from the experiment alone."""
    seconds = engine_seconds(experiment, experiment.training.epochs, rows_an_update(experiment))
    return min(seconds, key=seconds.__getitem__)


def _code(experiment: Experiment) -> Code | None:
    """The code, unless a field from outside wants to see each update as arrays."""
    return None if FIELDS.outside else code_for(experiment)
