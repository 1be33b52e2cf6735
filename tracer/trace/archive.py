"""A trace as a file: a numpy archive (.npz) that holds arrays and text only, never pickles.

What it holds follows from the declared fields of a trace. A file carries its table itself and names
no other file: neither a table nor templates.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tracer.errors import Problem, TraceFileError, TracerError
from tracer.experiment import Experiment
from tracer.experiment.arrayrows import ArrayRows
from tracer.experiment.model import Record
from tracer.files.tree import write_atomically
from tracer.trace.fields import ENGINES, NUMPY, Counts, Over, TraceField
from tracer.trace.kept import Kept, asked_for
from tracer.trace.layout import rows_an_update, shapes, stored_fields
from tracer.trace.npz import AnyArray, ArchiveFault, Members, regular_file, write_members

FORMAT = "tracer trace 4"
"""Checkpoints have what an update needs from before, and nothing else."""
OLD_FULL = "tracer trace 3"
"""Checkpoints have every variable of the optimizer. Since then the table stands in arrays alone:
the inputs in ``x``, targets in ``y`` or as labels beside."""
OLD, OLD_SPARSE = "tracer trace 1", "tracer trace 2"
"""Earlier formats, with the table once more as text; that of runs which are kept in part."""
_FORMATS = (FORMAT, OLD_FULL, OLD, OLD_SPARSE)
_LABELS = "labels"
"""The key of [data] for what is to be predicted in each row; several targets stand in ``y``."""
_TEXTS = ("format", "experiment")
_SAID = "kept/said"
_KEPT = ("kept/moments", "kept/updates")
_ENGINE = "engine"  # files of before there were two have none

Values = Mapping[str, Any]


def save(
    path: Path,
    experiment: Experiment,
    values: Values,
    engine: str,
    kept: Kept | None = None,
    *,
    overwrite: bool = False,
) -> None:
    """Write the values of a run's fields, by name, and its engine to ``path``, or nothing at all.

    ``kept`` says what is stored of a run that is not kept whole.

    Raises:
        TraceFileError: something that is no saved trace stands there, unless ``overwrite``; or
            the disk refuses.
    """
    if not overwrite:
        check_place(path)
    arrays: dict[str, Any] = {}
    for field in stored_fields(experiment):
        arrays |= _members(field, values[field.name])
    if kept is not None:
        arrays |= dict(zip(_KEPT, (kept.moments, kept.updates), strict=True))
        arrays[_SAID] = np.array(json.dumps(kept.said))
    arrays["format"] = np.array(FORMAT)
    arrays["experiment"] = np.array(json.dumps(_without_rows(experiment)))
    arrays[_ENGINE] = np.array(engine)
    try:
        write_atomically(path, lambda stream: write_members(stream, arrays))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise TraceFileError(Problem(f"cannot be written: {reason}", file=str(path))) from None


def _members(field: TraceField, values: Any) -> dict[str, Any]:
    """The arrays of a field by the names that they have in the file."""
    name = "/".join(field.path)
    if not field.layered:
        return {name: values}
    return {f"{name}/{k}": array for k, array in enumerate(values)}


def check_place(path: Path) -> None:
    """Raise TraceFileError where something stands at ``path`` that is not a saved trace."""
    found = _found_at(path)
    if found is not None:
        message = f"expected a saved trace to replace, or nothing, found {found}"
        hint = "Choose another name."
        raise TraceFileError(Problem(message, file=str(path), hint=hint))


def _found_at(path: Path) -> str | None:
    """What stands at a place and must not be replaced, in words."""
    try:
        if path.is_symlink():
            return "a link"
        if path.is_dir():
            return "a folder"
        return "another file" if path.exists() and not _is_trace(path) else None
    except (OSError, ValueError):
        return "a name that no file can have"


def _is_trace(path: Path) -> bool:
    """Whether a file says that it is a saved trace."""
    try:
        with warnings.catch_warnings(), regular_file(path) as stream:
            warnings.simplefilter("error")
            return Members(stream).text("format", len(FORMAT)) in _FORMATS
    except Exception:  # noqa: BLE001  what is no archive can fail in any way
        return False


def self_contained(experiment: Experiment) -> dict[str, Any]:
    """Everything that was decided, as :meth:`Experiment.to_mapping`, naming no other file."""
    return _without_templates(experiment.to_mapping())


def _without_templates(mapping: Mapping[str, Any]) -> dict[str, Any]:
    pages = {key: value for key, value in mapping["pages"].items() if key != "templates"}
    return {**mapping, "pages": pages}


def _without_rows(experiment: Experiment) -> dict[str, Any]:
    """The same, with labels in place of rows."""
    mapping, dataset = experiment.to_mapping(table=False), experiment.dataset
    labels = {_LABELS: dataset.labels} if len(dataset.target_names) == 1 else {}
    return _without_templates({**mapping, "data": {**mapping["data"], **labels}})


def load(path: Path) -> tuple[Experiment, dict[str, Any], str, Kept | None]:
    """Read the experiment, the values that :func:`save` wrote by field, the engine, what is kept.

    Raises:
        TraceFileError: the file is missing, damaged or foreign; its message quotes nothing of it.
    """
    try:
        with warnings.catch_warnings(), regular_file(path) as stream:
            warnings.simplefilter("error")
            return _values(Members(stream))
    except FileNotFoundError:
        raise _error(path, "there is no such file") from None
    except ArchiveFault as fault:
        raise _error(path, str(fault)) from None
    except PermissionError:
        raise _error(path, "it may not be read") from None
    except Exception:  # noqa: BLE001  a damaged archive can fail in any way, at any depth
        raise _error(path, "it is damaged or not an archive of arrays") from None


def _values(members: Members) -> tuple[Experiment, dict[str, Any], str, Kept | None]:
    said = members.text("format", len(FORMAT)) if "format" in members.names else ""
    if said not in _FORMATS:
        raise ArchiveFault(f"it does not say that it is a {FORMAT!r}, or an older one")
    document = json.loads(members.text("experiment"))
    in_arrays = said in (FORMAT, OLD_FULL)
    experiment = _experiment(_with_rows(document, members) if in_arrays else document)
    try:
        counts = _counts(experiment, members)
        whole = said == OLD or (in_arrays and _SAID not in members.names)
        kept = None if whole else _kept(experiment, counts, members.text(_SAID))
        wanted = _wanted(experiment, counts, kept, full=said != FORMAT)
        stored = _stored(members, wanted, (_SAID,) if kept else ())
        stored |= _table(experiment, stored)
        _check_indices(experiment, stored)
        if kept is not None:
            _check_kept(kept, stored)
    except ArchiveFault as fault:
        raise ArchiveFault(f"its contents do not fit together ({fault})") from None
    layers = len(experiment.layers)
    values = {f.name: _assembled(f, stored, layers) for f in stored_fields(experiment)}
    if kept is not None and said != FORMAT:
        values |= _without_passing(experiment, values, kept)
    return experiment, values, _engine(members), kept


def _without_passing(experiment: Experiment, values: Values, kept: Kept) -> dict[str, Any]:
    """What an older file has at every checkpoint, at those where it is kept now."""
    found: dict[str, Any] = {}
    for field in stored_fields(experiment):
        if field.passing:
            slots = np.searchsorted(kept.moments, kept.moments_of(field))
            found[field.name] = tuple(array[slots] for array in values[field.name])
    return found


def _engine(members: Members) -> str:
    """What computed the run; before there were two it was numpy."""
    if _ENGINE not in members.names:
        return NUMPY
    named = members.text(_ENGINE, max(map(len, ENGINES)))
    if named not in ENGINES:
        raise ArchiveFault(f"{_ENGINE}: expected one of {', '.join(ENGINES)}")
    return named


def _counts(experiment: Experiment, members: Members) -> Counts:
    epochs = _epochs(experiment, members.shape("loss"))
    return Counts.of(experiment, epochs, rows_an_update(experiment))


def _wanted(
    experiment: Experiment, counts: Counts, kept: Kept | None, *, full: bool
) -> dict[str, Any]:
    """Shape and type of every array that the archive must have; old checkpoints are ``full``."""
    if kept is None:
        return shapes(experiment, counts)
    part = kept.counts(counts)
    part = part._replace(passing=None) if full else part
    lengths = (part.length(Over.MOMENTS), part.updates)
    indices = {name: ((n,), np.int64) for name, n in zip(_KEPT, lengths, strict=True)}
    return {**shapes(experiment, counts, part), **indices}


def _stored(
    members: Members, wanted: Mapping[str, Any], texts: tuple[str, ...]
) -> dict[str, AnyArray]:
    if members.names - {_ENGINE} != {*wanted, *texts, *_TEXTS}:
        raise ArchiveFault("its arrays are not those of its experiment")
    return {name: members.array(name, kind, shape) for name, (shape, kind) in wanted.items()}


def _kept(experiment: Experiment, counts: Counts, said: str) -> Kept:
    """What is kept of a run of these counts, which may have ended early."""
    told = json.loads(said)
    record = Record.model_validate({**told, "epochs": tuple(told.get("epochs", ()))})
    planned = Counts.of(experiment, experiment.training.epochs, rows_an_update(experiment))
    kept = asked_for(record, planned)
    if kept is None or kept.said != told:
        raise ArchiveFault(f"{_SAID}: expected epochs, or every so many updates")
    return kept.up_to(counts.updates)


def _check_kept(kept: Kept, stored: Mapping[str, AnyArray]) -> None:
    """Raise ArchiveFault where the arrays hold something else than what is kept."""
    for name, right in zip(_KEPT, (kept.moments, kept.updates), strict=True):
        if not np.array_equal(stored[name], right):
            raise ArchiveFault(f"{name}: expected the places that it says")


def _assembled(field: TraceField, stored: Mapping[str, AnyArray], layers: int) -> Any:
    """The array of a field, or the tuple of those of each layer."""
    name = "/".join(field.path)
    return tuple(stored[f"{name}/{k}"] for k in range(layers)) if field.layered else stored[name]


def _with_rows(document: Mapping[str, Any], members: Members) -> dict[str, Any]:
    """The document with the rows that stand in arrays."""
    data = dict(document["data"])
    if "rows" in data:
        raise ArchiveFault("it has its table twice")
    labels = data.pop(_LABELS, None)
    x, y = (members.array(name, np.float64, members.shape(name)) for name in ("x", "y"))
    ends = y.tolist() if labels is None else [[label] for label in labels]
    if x.ndim != 2 or len(ends) != len(x):
        raise ArchiveFault("x: expected a row for each label")
    return {**document, "data": {**data, "rows": ArrayRows(x, [tuple(end) for end in ends])}}


def _experiment(document: Mapping[str, Any]) -> Experiment:
    """The experiment of a file, which must not lead to another file."""
    for section, key in (("data", "path"), ("pages", "templates")):
        if key in document[section]:
            raise ArchiveFault(f"it names another file in {section}.{key}, which no trace does")
    try:
        # The run was made, so it was not too large; what is made of it still asks.
        return replace(Experiment.from_mapping(document, insist=True), insist=False)
    except TracerError:
        raise ArchiveFault("the experiment that it holds is not valid") from None


def _epochs(experiment: Experiment, shape: tuple[int, ...]) -> int:
    """How many epochs ran, from the shape of the losses: each visits every training row."""
    rows, most = len(experiment.dataset.train), experiment.training.epochs
    if len(shape) != 1 or shape[0] % rows or not 1 <= shape[0] // rows <= most:
        raise ArchiveFault(f"loss: expected a number for each of {rows} rows in each epoch")
    return shape[0] // rows


def _table(experiment: Experiment, stored: Mapping[str, AnyArray]) -> dict[str, AnyArray]:
    """The experiment's own table; raises ArchiveFault where the arrays hold another."""
    table = {name: getattr(experiment.dataset, name) for name in ("x", "y")}
    for name, values in table.items():
        if not np.array_equal(stored[name], values):
            raise ArchiveFault(f"{name}: expected the numbers of the experiment's table")
    return table


def _check_indices(experiment: Experiment, stored: Mapping[str, AnyArray]) -> None:
    """Raise ArchiveFault where visits, updates, epochs and rows do not follow each other."""
    rows = np.array(experiment.dataset.train)
    epochs = len(stored["loss"]) // len(rows)
    batch = rows_an_update(experiment)
    places = np.arange(len(rows)) // batch
    starts = np.arange(epochs) * Counts.of(experiment, 1, batch).updates
    if not np.array_equal(stored["epoch_of"], np.repeat(np.arange(epochs), len(rows))):
        raise ArchiveFault("epoch_of: expected every training row once in each epoch")
    if not np.array_equal(stored["update_of"], (starts[:, None] + places).ravel()):
        raise ArchiveFault("update_of: expected batches of the experiment's size, one by one")
    found = stored["row"].reshape(epochs, len(rows))
    if not np.array_equal(*_orders(experiment, found)):
        raise ArchiveFault("row: expected the training rows of the experiment in its order")


def _orders(experiment: Experiment, found: AnyArray) -> tuple[AnyArray, AnyArray]:
    """The rows of each epoch, and what they should be; shuffled ones are compared sorted."""
    training, rows = experiment.training, np.array(experiment.dataset.train)
    if training.order:
        return found, np.array(training.order[: len(found)], dtype=np.int64) - 1
    right = np.broadcast_to(rows, found.shape)
    return (np.sort(found, axis=1), np.sort(right, axis=1)) if training.shuffle else (found, right)


def _error(path: Path, reason: str) -> TraceFileError:
    hint = "write traces with Trace.save or `tracer trace EXPERIMENT --save FILE`"
    return TraceFileError(Problem(f"not a trace: {reason}", file=str(path), hint=hint))
