"""``tracer new``: a project of the user's own."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from tracer.cli.console import say
from tracer.cli.folders import OutputFolder
from tracer.errors import BuildError, Problem, RenderError


@click.command(epilog="\b\nExample:\n  tracer new my-network && cd my-network && tracer render\n")
@click.argument("directory", type=OutputFolder())
def new(directory: Path) -> None:
    """Make a project in DIRECTORY: mkdocs.yml, an experiment, its data.

    Afterwards `tracer render && mkdocs serve` works in it at once. Files that are there already
    are never overwritten.
    """
    from tracer import site
    from tracer.project import NAVIGATION, find_project

    root = files("tracer.templates") / "project"
    wanted = {directory / name: content for name, content in _walk(root, Path())}
    present = [path for path in (*wanted, directory / NAVIGATION) if os.path.lexists(path)]
    if present:
        hint = "Choose another folder."
        raise RenderError(Problem("is there already", file=str(p), hint=hint) for p in present)
    try:
        for path, content in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as stream:
                stream.write(content)
    except OSError as error:
        raise BuildError(Problem(f"cannot be written: {error}", file=str(directory))) from None
    project = find_project(directory)
    if project is not None:  # so that MkDocs can build it before anything is rendered
        site.write_shared(project.out)
        site.write_navigation(project, project.out)
    say(f"{directory}: {len(wanted)} files. Next: cd {directory}; tracer render; mkdocs serve")


def _walk(folder: Any, inside: Path) -> list[tuple[Path, bytes]]:
    found: list[tuple[Path, bytes]] = []
    for item in sorted(folder.iterdir(), key=lambda entry: str(entry.name)):
        if item.is_dir() and item.name != "__pycache__":
            found += _walk(item, inside / item.name)
        elif item.is_file():
            found.append((inside / item.name, item.read_bytes()))
    return found
