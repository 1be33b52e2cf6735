"""What is wrong in a template, and where."""

from __future__ import annotations

import traceback

from jinja2 import TemplateNotFound

from tracer.errors import Problem
from tracer.messages import gettext

SUFFIX = ".j2"


def problem_of(error: Exception, template: str) -> Problem:
    """What is wrong in a template, and where: Jinja's traceback ends in the template's own line."""
    frames = traceback.extract_tb(error.__traceback__)
    place = next((f for f in reversed(frames) if f.filename.endswith(SUFFIX)), None)
    where = (place.filename, place.lineno) if place else _said_by(error, template)
    if isinstance(error, TemplateNotFound):
        return Problem(gettext("there is no template %(name)s", name=repr(error.name)), *where)
    said = getattr(error, "message", None) or error
    return Problem(gettext("cannot be rendered: %(error)s", error=said), *where)


def _said_by(error: Exception, template: str) -> tuple[str, int | None]:
    """Where an error itself says that it is."""
    file, line = getattr(error, "filename", None), getattr(error, "lineno", None)
    return (str(file), line) if file and isinstance(line, int) else (template, None)
