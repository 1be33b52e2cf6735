"""Building a project's site with MkDocs: beside the old one, which it replaces if all went well."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

from tracer.errors import BuildError, Problem, RenderError
from tracer.files.locking import held, is_held, locked
from tracer.files.manifest import read_plain
from tracer.files.plan import entries
from tracer.messages import gettext
from tracer.writing.project import Project

LIST = ".tracer-site.json"
CHILD = "tracer.cli.mkdocs"
_QUIET = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
_BESIDE = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.tracer-(?P<kind>site|old)")
#: Where MkDocs and Zensical list the pages of a site for its search, and under which key.
_INDEXES = {"search/search_index.json": "docs", "search.json": "items"}
#: What they and the theme put into every site, beside its pages.
_THEME = re.compile(
    r"404\.html|objects\.inv|sitemap\.xml(\.gz)?|search/[^/]+|search\.js(on)?"
    r"|assets/images/favicon\.png"
    r"|assets/(javascripts|stylesheets)/.+"
)
#: What another theme may have put there: what it is shows when the new site is built.
_STATIC = re.compile(r".+\.(css|eot|gif|ico|js|map|otf|png|svg|ttf|woff2?)")
_SHOWN = 5  # names in one message; whoever needs the others looks into the folder


def check(project: Project, built: Path | None = None) -> None:
    """Look whether the site's folder may be replaced, by ``built`` if that is there already.

    Raises:
        RenderError: it is a file, or holds what no build of this project has made.
    """
    site = _site(project)
    if not os.path.lexists(site):
        return
    if not site.is_dir():
        message = gettext("a folder for the site is needed here")
        raise RenderError(Problem(message, file=str(project.site)))
    found = _files(site)
    known = {LIST, *_known(project, site, found)}
    if len(known) > 1:
        known |= (
            {name for name in found if _STATIC.fullmatch(name)} if built is None else _files(built)
        )
    if foreign := sorted(found - known):
        raise _foreign(project, foreign)


def build(project: Project) -> Path:
    """Run ``mkdocs build --strict`` into a new folder, and put that in the place of the old site.

    A build that fails or is interrupted leaves the old site as it is.

    Returns:
        The front page of the site.

    Raises:
        RenderError: MkDocs found something wrong, or the old site holds what is not its own.
    """
    site = _site(project)
    try:
        site.parent.mkdir(parents=True, exist_ok=True)
        with locked(site.parent):
            _sweep(site)
        with _beside(site) as new:
            _run(project, new)
            _write_list(new)
            with locked(site.parent):
                check(project, new)
                _swap(new, site)
    except OSError as error:
        place = str(error.filename or project.site)
        message = gettext("cannot be written: %(error)s", error=error.strerror)
        raise BuildError(Problem(message, file=place)) from error
    return project.site / "index.html"


def _site(project: Project) -> Path:
    """The site's folder itself, where it is given as a link."""
    return project.site.resolve()


def _files(folder: Path) -> set[str]:
    """Everything in a folder that is not a folder itself."""
    return {
        path.relative_to(folder).as_posix()
        for path in entries(folder)
        if path.is_symlink() or not path.is_dir()
    }


def _foreign(project: Project, names: list[str]) -> RenderError:
    shown = ", ".join(repr(name) for name in names[:_SHOWN])
    if len(names) > _SHOWN:
        more = len(names) - _SHOWN
        shown = gettext("%(names)s, and %(count)s more", names=shown, count=more)
    message = gettext("holds files that no build of this project has made: %(names)s", names=shown)
    hint = gettext("Move them away, or give site_dir in mkdocs.yml another folder.")
    return RenderError(Problem(message, file=str(project.site), hint=hint))


def _known(project: Project, site: Path, found: set[str]) -> Iterator[str]:
    """The files that an earlier build has made: as it was listed, or as MkDocs' own traces tell."""
    listed = _listed(site)
    yield from listed
    if not listed and not ("404.html" in found and found & _INDEXES.keys()):
        return
    for index, key in _INDEXES.items():
        yield from _indexed(site / index, key)
    for name in found:
        if _THEME.fullmatch(name) or (project.docs / name).is_file():
            yield name


def _listed(site: Path) -> list[str]:
    try:
        names = json.loads(read_plain(site / LIST))["files"]
        return [str(name) for name in names]
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return []


def _indexed(index: Path, key: str) -> Iterator[str]:
    """The pages that the search knows, as the names of their files."""
    try:
        entries: list[Any] = json.loads(read_plain(index))[key]
        pages = {urlsplit(str(entry["location"])).path for entry in entries}
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return
    for page in pages:
        yield page if page.endswith(".html") else f"{page}index.html"


def _write_list(site: Path) -> None:
    content = {"tracer_site": 1, "files": sorted(_files(site) - {LIST})}
    (site / LIST).write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")


@contextmanager
def _beside(site: Path) -> Iterator[Path]:
    """A new folder beside the site; what is left of it at the end goes away."""
    place = _name_beside(site, "site")
    place.mkdir()
    try:
        with held(place):
            yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _name_beside(site: Path, kind: str) -> Path:
    return site.with_name(f".{site.name}.{token_hex(8)}.tracer-{kind}")


def _swap(new: Path, site: Path) -> None:
    if not site.exists():
        new.replace(site)
        return
    shutil.copymode(site, new)
    old = _name_beside(site, "old")
    site.replace(old)
    try:
        new.replace(site)
    except BaseException:
        old.replace(site)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sweep(site: Path) -> None:
    """Remove what a killed build left; a site that it had moved aside comes back."""
    for place in sorted(site.parent.iterdir()):
        found = _BESIDE.fullmatch(place.name)
        if not found or found["name"] != site.name or place.is_symlink() or not place.is_dir():
            continue
        if found["kind"] == "old" and not os.path.lexists(site):
            place.replace(site)
        elif not is_held(place):
            shutil.rmtree(place, ignore_errors=True)


def _run(project: Project, new: Path) -> None:
    """Run MkDocs as a child that ends with us, however we end."""
    import subprocess

    command = [sys.executable, "-m", CHILD, "build", "--strict"]  # --quiet would undo --strict
    process = subprocess.Popen(
        [*command, "--site-dir", str(new)],
        cwd=project.root,
        env={**os.environ, **_QUIET},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    with process:
        try:
            said = process.stdout.read() if process.stdout else ""
        except BaseException:
            process.kill()
            raise
        with suppress(OSError):
            process.communicate()
    if process.returncode != 0:
        raise BuildError(Problem(gettext("mkdocs build --strict failed:\n%(said)s", said=said)))
