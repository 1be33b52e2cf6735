"""A trace as a file: a numpy archive (.npz) that holds arrays and text only, never pickles."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.errors import Problem, TraceFileError, TracerError
from tracer.experiment import Experiment
from tracer.output import write_atomically
from tracer.trace import Trace

FORMAT = "tracer trace 1"
_INDICES = ("row", "update_of", "epoch_of")
_ARRAYS = ("x", "y", "loss", "penalty", *_INDICES)
_OF_VISITS = ("z", "a", "dL_da", "dL_dz")
_LAYERED = ("W", "b", "grad_W", "grad_b", *_OF_VISITS)

AnyArray = npt.NDArray[Any]


def save(trace: Trace, path: Path) -> None:
    """Write ``trace`` to ``path``, whole or not at all."""
    arrays: dict[str, Any] = {name: getattr(trace, name) for name in _ARRAYS}
    for name in _LAYERED:
        arrays |= {f"{name}/{k}": array for k, array in enumerate(getattr(trace, name))}
    for name, kinds in trace.state.items():
        for kind, layers in kinds.items():
            arrays |= {f"state/{name}/{kind}/{k}": array for k, array in enumerate(layers)}
    arrays["format"] = np.array(FORMAT)
    arrays["experiment"] = np.array(json.dumps(trace.experiment.to_mapping()))
    write_atomically(path, lambda stream: np.savez(stream, **arrays))


def load(path: Path) -> Trace:
    """Read a trace; raises :class:`TraceFileError` for a missing, damaged or foreign file."""
    stored = _read(path)
    if str(stored.get("format")) != FORMAT:
        raise _error(path, f"it does not say that it is a {FORMAT!r}")
    try:
        trace = _assemble(stored)
        _check_arrays(trace)
        _check_indices(trace)
    except (LookupError, ValueError, TypeError, RecursionError, TracerError) as error:
        raise _error(path, f"its contents do not fit together ({error})") from None
    return trace


def _read(path: Path) -> dict[str, AnyArray]:
    """Every array of an archive by its name."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with np.load(path, allow_pickle=False) as archive:
                return {name: np.asarray(archive[name]) for name in archive.files}
    except FileNotFoundError:
        raise _error(path, "there is no such file") from None
    except Exception as error:  # noqa: BLE001  a damaged archive can fail in any way, at any depth
        raise _error(path, f"it is damaged or not an archive of arrays ({error})") from None


def _assemble(stored: dict[str, AnyArray]) -> Trace:
    experiment = Experiment.from_mapping(json.loads(str(stored["experiment"])))
    layers = range(len(experiment.layers))
    values: dict[str, Any] = {name: stored[name] for name in _ARRAYS}
    for name in _LAYERED:
        values[name] = tuple(stored[f"{name}/{k}"] for k in layers)
    state = {
        name: {kind: tuple(stored[f"state/{name}/{kind}/{k}"] for k in layers) for kind in "Wb"}
        for name in OPTIMIZERS[experiment.training.optimizer].variables
    }
    return Trace(experiment=experiment, state=state, **values)


def _check_arrays(trace: Trace) -> None:
    """Raise ValueError where an array has not the type or not the shape of its name."""
    for name, array, shape in _expected(trace):
        kind = np.dtype(np.int64 if name in _INDICES else np.float64)
        if array.shape != shape or array.dtype != kind:
            found = f"{array.dtype} of the shape {array.shape}"
            raise ValueError(f"{name}: expected {kind} of the shape {shape}, found {found}")


def _expected(trace: Trace) -> Iterator[tuple[str, AnyArray, tuple[int, ...]]]:
    sizes, visits, updates = trace.layer_sizes, len(trace.loss), len(trace.penalty)
    rows = len(trace.experiment.dataset.x)
    yield "x", trace.x, (rows, sizes[0])
    yield "y", trace.y, (rows, sizes[-1])
    yield "penalty", trace.penalty, (updates,)
    for name in ("loss", *_INDICES):
        yield name, getattr(trace, name), (visits,)
    for k, (n_in, n_out) in enumerate(pairwise(sizes)):
        for name in _OF_VISITS:
            yield f"{name}/{k}", getattr(trace, name)[k], (visits, n_out)
        for kind, shape in {"W": (n_in, n_out), "b": (n_out,)}.items():
            yield f"{kind}/{k}", getattr(trace, kind)[k], (updates + 1, *shape)
            yield f"grad_{kind}/{k}", getattr(trace, f"grad_{kind}")[k], (updates, *shape)
            for name, kinds in trace.state.items():
                yield f"state/{name}/{kind}/{k}", kinds[kind][k], (updates + 1, *shape)


def _check_indices(trace: Trace) -> None:
    """Raise ValueError where visits, updates, epochs and rows do not follow each other."""
    rows = trace.experiment.dataset.train
    for name, numbers in (("update_of", trace.update_of), ("epoch_of", trace.epoch_of)):
        if numbers[0] != 0 or not np.isin(np.diff(numbers), (0, 1)).all():
            raise ValueError(f"{name}: expected to count upward from 0")
    if trace.update_of[-1] != trace.updates - 1:
        raise ValueError(f"update_of: expected to end with {trace.updates - 1}")
    if trace.epochs > trace.experiment.training.epochs or not np.isin(trace.row, rows).all():
        raise ValueError("epoch_of and row: expected the epochs and rows of the experiment")


def _error(path: Path, reason: str) -> TraceFileError:
    hint = "write traces with Trace.save or `tracer trace EXPERIMENT --save FILE`"
    return TraceFileError(Problem(f"not a trace: {reason}", file=str(path), hint=hint))
