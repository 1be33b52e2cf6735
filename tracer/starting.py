"""The files of a new project, without the sample experiment that ``tracer new`` adds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from tracer.errors import Problem, RenderError
from tracer.project import NAVIGATION, Project, find_project

#: The sample, and the page that explains it.
LEFT_OUT = ("experiments", "README.md")


def start_project(root: Path) -> Project:
    """Make a project in ``root``: settings for MkDocs and a start page.

    Raises:
        RenderError: one of its files is there already (nothing was written then), or the disk
            refuses.
    """
    wanted = dict(_files(files("tracer.templates") / "project", Path()))
    present = [name for name in (*wanted, Path(NAVIGATION)) if os.path.lexists(root / name)]
    if present:
        raise RenderError(
            Problem("is there already", file=str(root / name), hint="Choose another folder.")
            for name in present
        )
    try:
        for name, content in wanted.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            with (root / name).open("xb") as stream:
                stream.write(content)
    except OSError as error:
        raise RenderError(Problem(f"cannot be written: {error}", file=str(root))) from None
    project = find_project(root)
    assert project is not None
    return project


def _files(folder: Any, inside: Path) -> Iterator[tuple[Path, bytes]]:
    for item in sorted(folder.iterdir(), key=lambda entry: str(entry.name)):
        if item.name in (*LEFT_OUT, "__pycache__"):
            continue
        if item.is_dir():
            yield from _files(item, inside / item.name)
        else:
            yield inside / item.name, item.read_bytes()
