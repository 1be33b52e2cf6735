"""What made a walkthrough: an experiment file, a built-in example, or Python.

A walkthrough belongs to what made it, and that is written into its manifest: ``file:`` and the
path of the file relative to the folder of walkthroughs, so that it holds wherever a project is
moved; ``example:`` and a name; or ``python``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from tracer.errors import TracerError
from tracer.experiment import Experiment
from tracer.files.manifest import read_manifest
from tracer.files.tree import Tree
from tracer.writing.project import walkthroughs

PYTHON = "python"
FILE, EXAMPLE = "file:", "example:"


def origin_of(experiment: Experiment, out: Path) -> str:
    """What makes the walkthrough of an experiment in the folder ``out``."""
    if experiment.source is None:
        return PYTHON
    source = Path(experiment.source).resolve()
    if source.parent == Path(str(files("tracer") / "examples")).resolve():
        return EXAMPLE + source.stem
    try:
        return FILE + Path(os.path.relpath(source, out.resolve())).as_posix()
    except ValueError:  # another drive
        return FILE + source.as_posix()


def is_gone(origin: str | None, out: Path) -> bool:
    """Whether a walkthrough in ``out`` was made from a file that is not there any more."""
    path = _file(origin, out)
    return path is not None and not path.exists()


def outdated(out: Path, experiments: Path) -> list[Tree]:
    """The walkthroughs in ``out`` whose file in the folder ``experiments`` is gone, to be empty."""
    home = experiments.resolve()
    return [
        Tree(folder, {})
        for folder, origin in _origins(out)
        if is_gone(origin, out) and getattr(_file(origin, out), "parent", None) == home
    ]


def others(out: Path, names: Iterable[str]) -> list[Tree]:
    """The walkthroughs in ``out`` of other names, whatever made them, to be empty."""
    wanted = set(names)
    return [Tree(folder, {}) for folder, _ in _origins(out) if folder.name not in wanted]


def _origins(out: Path) -> list[tuple[Path, str | None]]:
    found: list[tuple[Path, str | None]] = []
    for one in walkthroughs(out):
        try:
            found.append((one.folder, read_manifest(one.folder).origin))
        except TracerError:
            found.append((one.folder, None))  # whoever renders it is told of it
    return found


def _file(origin: str | None, out: Path) -> Path | None:
    if origin is None or not origin.startswith(FILE):
        return None
    return Path(os.path.normpath(out.resolve() / origin.removeprefix(FILE)))
