"""The files of a new project, with or without the sample experiment that ``tracer new`` adds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from tracer.errors import BuildError, Problem, RenderError
from tracer.messages import gettext
from tracer.writing.navigating import write_navigation
from tracer.writing.project import NAVIGATION, Project, find_project
from tracer.writing.site import write_shared

#: The sample, and the page that explains it.
SAMPLE = ("experiments", "README.md")


def start_project(root: Path, *, sample: bool = False) -> tuple[Project, int]:
    """Make a project in ``root`` that MkDocs can build at once; returns it and its count of files.

    Raises:
        RenderError: one of its files is there already (nothing was written then), or the disk
            refuses.
    """
    folder = files("tracer.templates") / "project"
    wanted = dict(_files(folder, Path(), () if sample else SAMPLE))
    present = [name for name in (*wanted, Path(NAVIGATION)) if os.path.lexists(root / name)]
    if present:
        raise RenderError(
            Problem(gettext("is there already"), file=str(root / name), hint=_hint(name, present))
            for name in present
        )
    try:
        for name, content in wanted.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            with (root / name).open("xb") as stream:
                stream.write(content)
    except OSError as error:
        message = gettext("cannot be written: %(error)s", error=error.strerror or error)
        raise BuildError(Problem(message, file=str(root))) from None
    project = find_project(root)
    assert project is not None  # its mkdocs.yml is among the files
    write_shared(project.out)
    write_navigation(project, project.out)
    return project, len(wanted)


def _hint(name: Path, present: Sequence[Path]) -> str | None:
    """What to do, said once, behind the last of the files."""
    return gettext("Choose another folder.") if name == present[-1] else None


def _files(folder: Any, inside: Path, without: tuple[str, ...]) -> Iterator[tuple[Path, bytes]]:
    for item in sorted(folder.iterdir(), key=lambda entry: str(entry.name)):
        if item.name in (*without, "__pycache__"):
            continue
        if item.is_dir():
            yield from _files(item, inside / item.name, without)
        else:
            yield inside / item.name, item.read_bytes()
