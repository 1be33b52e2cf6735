"""The parts of the site's own pages that are made of runs, each by its name, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from tracer.errors import Problem, RenderError
from tracer.examples import DEFAULT
from tracer.files.packs import worked_out
from tracer.messages import gettext
from tracer.pages import Page
from tracer.showcase import errors, front, gallery
from tracer.writing.project import PLACE
from tracer.writing.site import page_renderer

Place = tuple[Path, str]
_HREF = re.compile(r'(?:href|src|data-run|data-explorer)="(?![a-z]+:|[#/"])')
"""Where a relative address begins: in links, scripts, and what cards and scripts are told."""

PARTS: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "row": front.row,
    "line": front.line,
    "origin": front.origin,
    "gallery": gallery.gallery,
    "errors": errors.told,
}
"""What each part is made of; its words stand in ``templates/showcase/``, under its name."""
CHECKS = "checks"


def part(name: str, place: Place | None) -> str:
    """A part of a page that stands beside the folder of the walkthroughs.

    ``place`` is the folder of the pages, if it is known: what was checked is the pages in it.
    Raises RenderError where there is no part of that name.
    """
    if name == CHECKS:
        return _rendered(name, front.checks(place[0] if place else None))
    if name not in PARTS:
        raise RenderError(
            Problem(
                gettext("the showcase has no part %(name)r", name=name),
                hint=gettext("Parts are %(names)s.", names=", ".join((*PARTS, CHECKS))),
            )
        )
    return worked_out(lambda: _rendered(name, PARTS[name]()), "showcase", name, _state())


def _rendered(name: str, context: Mapping[str, Any]) -> str:
    """The words of a part; its links lead from the page to the default walkthrough."""
    render = page_renderer(context["experiment"])
    text = render(Page("", f"showcase/{name}.md.j2", context))
    return _HREF.sub(rf"\g<0>{PLACE}/{DEFAULT}/", text)


@cache
def _state() -> bytes:
    """What a part is made of, beside tracer's own modules: templates and experiments."""
    digest = sha256()
    for package, pattern in (("tracer.templates", "**/*.*"), ("tracer.examples", "*.*")):
        with as_file(files(package)) as folder:
            for path in sorted(folder.glob(pattern)):
                if path.is_file() and path.suffix != ".pyc":
                    digest.update(sha256(path.read_bytes()).digest())
    digest.update((files("tracer.showcase") / "printed.toml").read_bytes())
    return digest.digest()
