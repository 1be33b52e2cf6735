"""Writing the navigation of a project, with all its walkthroughs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jinja2 import Environment

from tracer.errors import Problem, RenderError
from tracer.files.locking import locked
from tracer.files.manifest import read_plain
from tracer.files.tree import write_atomically
from tracer.messages import gettext
from tracer.writing.project import (
    NAVIGATION,
    Project,
    Walkthrough,
    as_yaml,
    navigation,
    of_yaml,
    walkthroughs,
)
from tracer.writing.templating import environment


def write_navigation(project: Project, out: Path, env: Environment | None = None) -> None:
    """Write the project's navigation with all its walkthroughs, and with the assets in ``out``.

    It is written last, and ``mkdocs serve`` watches it: so its last build finds everything.

    Raises RenderError where a file of that name is not tracer's.
    """
    with locked(project.root):
        content = _navigation(project, out, env or environment())
        if _may_change(project, content):
            path = project.root / NAVIGATION
            write_atomically(path, lambda stream: stream.write(content.encode()))


def check_navigation(project: Project, out: Path) -> None:
    """Raise the errors that writing the navigation would raise, and change nothing."""
    walkthroughs(project.docs, deep=True)
    navigation(project, out, [])
    _may_change(project, "")


def _navigation(project: Project, out: Path, env: Environment) -> str:
    sections = [
        section
        for one in walkthroughs(project.docs, deep=True)
        for section in _section(env, project, one)
    ]
    mark = env.get_template("nav.head.yml.j2").render()
    return mark + as_yaml(navigation(project, out, sections))


def _may_change(project: Project, content: str) -> bool:
    """Whether the navigation's file has another content; raises RenderError if it is not ours."""
    path = project.root / NAVIGATION
    if not os.path.lexists(path):
        return True
    mark = environment().get_template("nav.head.yml.j2").render()
    try:
        present = read_plain(path)
    except (OSError, ValueError):
        present = ""
    if not present.startswith(mark):
        raise RenderError(
            Problem(
                gettext("was not written by tracer"),
                str(path),
                hint=gettext("Move it away, and render again."),
            )
        )
    return present != content


def _section(env: Environment, project: Project, one: Walkthrough) -> list[Any]:
    """One walkthrough's part of the navigation; its wording stands in the template."""
    prefix = one.folder.resolve().relative_to(project.docs.resolve()).as_posix()
    entries: list[tuple[str, list[str]]] = []
    for group, path in one.pages:
        if not (one.folder / path).is_file():
            continue
        if not group or group not in {name for name, _ in entries}:
            entries.append((group, []))
        next(paths for name, paths in reversed(entries) if name == group).append(f"{prefix}/{path}")
    text = env.get_template("nav.yml.j2").render(
        entries=entries, title=one.title, groups=one.groups
    )
    return list(of_yaml(text)) if entries else []
