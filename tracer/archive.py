"""A trace as a file: a numpy archive (.npz) that holds arrays and text only, never pickles."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from tracer.errors import Problem, TraceFileError, TracerError
from tracer.experiment import Experiment
from tracer.output import write_atomically
from tracer.trace import Trace

FORMAT = "tracer trace 1"
_ARRAYS = ("x", "y", "loss", "row", "update_of", "epoch_of", "penalty")
_LAYERED = ("W", "b", "z", "a", "dL_da", "dL_dz", "grad_W", "grad_b")


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
    try:
        with np.load(path, allow_pickle=False) as archive:
            stored = {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise _error(path, "there is no such file") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        raise _error(path, f"it is damaged or not an archive of arrays ({error})") from None
    if str(stored.get("format")) != FORMAT:
        raise _error(path, f"it does not say that it is a {FORMAT!r}")
    try:
        return _assemble(stored)
    except (KeyError, ValueError, TypeError, TracerError) as error:
        raise _error(path, f"its contents do not fit together ({error})") from None


def _assemble(stored: dict[str, Any]) -> Trace:
    experiment = Experiment.from_mapping(json.loads(str(stored["experiment"])))
    count = len(experiment.layers)
    values: dict[str, Any] = {name: stored[name] for name in _ARRAYS}
    for name in _LAYERED:
        values[name] = tuple(stored[f"{name}/{k}"] for k in range(count))
    keys = [key.split("/") for key in stored if key.startswith("state/")]
    state: dict[str, dict[str, Any]] = {name: {} for _, name, _, _ in keys}
    for _, name, kind, _ in keys:
        state[name][kind] = tuple(stored[f"state/{name}/{kind}/{k}"] for k in range(count))
    trace = Trace(experiment=experiment, state=state, **values)
    _check_shapes(trace)
    return trace


def _check_shapes(trace: Trace) -> None:
    sizes, visits, updates = trace.layer_sizes, trace.loss.shape[0], trace.updates
    expected: dict[str, tuple[int, ...]] = {
        "x": (len(trace.experiment.dataset.x), sizes[0]),
        "y": (len(trace.experiment.dataset.x), sizes[-1]),
        "row": (visits,),
        "update_of": (visits,),
        "epoch_of": (visits,),
    }
    for k, (before, after) in enumerate(zip(sizes, sizes[1:], strict=False)):
        expected |= {f"W/{k}": (updates + 1, before, after), f"b/{k}": (updates + 1, after)}
        expected |= {f"grad_W/{k}": (updates, before, after), f"grad_b/{k}": (updates, after)}
        expected |= {f"{name}/{k}": (visits, after) for name in ("z", "a", "dL_da", "dL_dz")}
    for key, shape in expected.items():
        name, _, layer = key.partition("/")
        value = getattr(trace, name)
        found = (value[int(layer)] if layer else value).shape
        if found != shape:
            raise ValueError(f"{key} has the shape {found}, expected {shape}")


def _error(path: Path, reason: str) -> TraceFileError:
    hint = "write traces with Trace.save or `tracer trace EXPERIMENT --save FILE`"
    return TraceFileError(Problem(f"not a trace: {reason}", file=str(path), hint=hint))
