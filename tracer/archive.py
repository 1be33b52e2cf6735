"""A trace as a file: a numpy archive (.npz) that holds arrays and text only, never pickles.

Values are the fields of a Trace by name; this module knows nothing else of it.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.errors import Problem, TraceFileError, TracerError
from tracer.experiment import Experiment
from tracer.output import write_atomically

FORMAT = "tracer trace 1"
_INDICES = ("row", "update_of", "epoch_of")
_ARRAYS = ("x", "y", "loss", "penalty", "learning_rate", *_INDICES)
_OF_VISITS = ("z", "a", "dL_da", "dL_dz")
_LAYERED = ("W", "b", "grad_W", "grad_b", *_OF_VISITS)

AnyArray = npt.NDArray[Any]
Values = Mapping[str, Any]


def save(path: Path, values: Values) -> None:
    """Write the values to ``path``, whole or not at all."""
    arrays: dict[str, Any] = {name: values[name] for name in _ARRAYS}
    for name in _LAYERED:
        arrays |= {f"{name}/{k}": array for k, array in enumerate(values[name])}
    for name, kinds in values["state"].items():
        for kind, layers in kinds.items():
            arrays |= {f"state/{name}/{kind}/{k}": array for k, array in enumerate(layers)}
    arrays["format"] = np.array(FORMAT)
    arrays["experiment"] = np.array(json.dumps(values["experiment"].to_mapping()))
    write_atomically(path, lambda stream: np.savez(stream, **arrays))


def load(path: Path) -> dict[str, Any]:
    """Read values that :func:`save` wrote.

    Raises:
        TraceFileError: the file is missing, damaged or foreign.
    """
    stored = _read(path)
    if str(stored.get("format")) != FORMAT:
        raise _error(path, f"it does not say that it is a {FORMAT!r}")
    try:
        values = _assemble(stored)
        _check_arrays(values)
        _check_indices(values)
    except (LookupError, ValueError, TypeError, RecursionError, TracerError) as error:
        raise _error(path, f"its contents do not fit together ({error})") from None
    return values


def _read(path: Path) -> dict[str, AnyArray]:
    """Every array of an archive by its name."""
    try:
        # Opened here, because numpy leaves a file open in which it finds no whole archive.
        with path.open("rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("error")
            with np.load(stream, allow_pickle=False) as archive:
                return {name: np.asarray(archive[name]) for name in archive.files}
    except FileNotFoundError:
        raise _error(path, "there is no such file") from None
    except Exception as error:  # noqa: BLE001  a damaged archive can fail in any way, at any depth
        raise _error(path, f"it is damaged or not an archive of arrays ({error})") from None


def _assemble(stored: Mapping[str, AnyArray]) -> dict[str, Any]:
    experiment = Experiment.from_mapping(json.loads(str(stored["experiment"])))
    layers = range(len(experiment.layers))

    def layered(name: str) -> tuple[AnyArray, ...]:
        return tuple(stored[f"{name}/{k}"] for k in layers)

    training = experiment.training
    program = OPTIMIZERS[training.optimizer].program(training.options)
    state = {
        name: {kind: layered(f"state/{name}/{kind}") for kind in ("W", "b")}
        for name in program.variables
    }
    values = {name: stored[name] for name in _ARRAYS}
    return {
        "experiment": experiment,
        "state": state,
        **values,
        **{name: layered(name) for name in _LAYERED},
    }


def _check_arrays(values: Values) -> None:
    """Raise ValueError where an array has not the type or not the shape of its name."""
    for name, array, shape in _expected(values):
        kind = np.dtype(np.int64 if name in _INDICES else np.float64)
        if array.shape != shape or array.dtype != kind:
            found = f"{array.dtype} of the shape {array.shape}"
            raise ValueError(f"{name}: expected {kind} of the shape {shape}, found {found}")


def _expected(values: Values) -> Iterator[tuple[str, AnyArray, tuple[int, ...]]]:
    """(name, array, its right shape) of every array."""
    sizes, rows = values["experiment"].layer_sizes, len(values["experiment"].dataset.x)
    visits, updates = len(values["loss"]), len(values["penalty"])
    yield "x", values["x"], (rows, sizes[0])
    yield "y", values["y"], (rows, sizes[-1])
    yield "penalty", values["penalty"], (updates,)
    yield "learning_rate", values["learning_rate"], (updates,)
    for name in ("loss", *_INDICES):
        yield name, values[name], (visits,)
    for k, (n_in, n_out) in enumerate(pairwise(sizes)):
        for name in _OF_VISITS:
            yield f"{name}/{k}", values[name][k], (visits, n_out)
        for kind, shape in {"W": (n_in, n_out), "b": (n_out,)}.items():
            yield f"{kind}/{k}", values[kind][k], (updates + 1, *shape)
            yield f"grad_{kind}/{k}", values[f"grad_{kind}"][k], (updates, *shape)
            for name, kinds in values["state"].items():
                yield f"state/{name}/{kind}/{k}", kinds[kind][k], (updates + 1, *shape)


def _check_indices(values: Values) -> None:
    """Raise ValueError where visits, updates, epochs and rows do not follow each other."""
    experiment, updates = values["experiment"], len(values["penalty"])
    for name, most in (("update_of", updates), ("epoch_of", experiment.training.epochs)):
        numbers = values[name]
        if numbers[0] != 0 or not np.isin(np.diff(numbers), (0, 1)).all() or numbers[-1] >= most:
            raise ValueError(f"{name}: expected to count from 0, to {most - 1} at most")
    if values["update_of"][-1] != updates - 1:
        raise ValueError(f"update_of: expected to end with {updates - 1}")
    if not np.isin(values["row"], experiment.dataset.train).all():
        raise ValueError("row: expected the training rows of the experiment")


def _error(path: Path, reason: str) -> TraceFileError:
    hint = "write traces with Trace.save or `tracer trace EXPERIMENT --save FILE`"
    return TraceFileError(Problem(f"not a trace: {reason}", file=str(path), hint=hint))
