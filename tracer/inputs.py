"""What a walkthrough is made of: the files that an experiment file names, and tracer itself."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from tracer.files.packs import installed, source_state

LOCALE = "locale"
TEMPLATES = "tracer.templates"


def parts_of(experiment: Path) -> Iterator[Path]:
    """The table, the templates and the translations that an experiment file names."""
    try:
        content = tomllib.loads(experiment.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return
    home = experiment.parent
    if name := _said(content, "data", "path"):
        yield home / name
    if (name := _said(content, "pages", "templates")) and _is_below(home, home / name):
        yield from inside(home / name)
    if _said(content, "pages", "language"):
        yield from inside(home / LOCALE)


def inside(folder: Path | None) -> Iterator[Path]:
    """Every file in a folder, at any depth."""
    if folder is not None and os.path.isdir(folder):  # noqa: PTH112 - no name is too long for it
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def _is_below(home: Path, folder: Path) -> bool:
    """Whether a folder is in the one of the experiment: templates from elsewhere are refused."""
    top, below = (os.path.realpath(path) for path in (home, folder))
    return below == top or below.startswith(os.path.join(top, ""))  # noqa: PTH118 - a text


def digest_of(paths: Iterable[Path]) -> bytes:
    """A digest of what stands in some files, there or not, and of where they are.

    A pipe or a device is none: nobody knows when it ends.
    """
    whole = sha256()
    for path in paths:
        try:
            content = b"+" + path.read_bytes() if path.is_file() else b""
        except (OSError, ValueError):
            content = b""
        for part in (os.fsencode(path), content):
            whole.update(sha256(part).digest())
    return whole.digest()


def experiment_digest(experiment: Path, templates: Path | None = None) -> bytes:
    """All that decides what the pages of an experiment file say, but for options.

    Where the files really stand has a part in it: pages name their file, and templates that data
    names must not lead out of its folder.
    """
    files = [experiment, *parts_of(experiment), *inside(templates)]
    real = "\0".join(os.path.realpath(path) for path in files)
    return sha256(own_digest() + digest_of(files) + os.fsencode(real)).digest()


@cache
def own_digest() -> bytes:
    """Tracer's source and templates, and every library that is installed with its version."""
    whole = sha256(source_state() + installed(every=True))
    found = find_spec(TEMPLATES)
    for folder in (found.submodule_search_locations or ()) if found else ():
        for path, seen in sorted(_seen(folder)):
            whole.update(f"{path} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    return whole.digest()


def _seen(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Every file in a folder, at any depth, with what the system says of it."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _seen(entry.path)
        elif entry.is_file():
            yield entry.path, entry.stat()


def _said(content: Mapping[str, object], section: str, key: str) -> str:
    found = content.get(section)
    said = found.get(key) if isinstance(found, dict) else None
    return said if isinstance(said, str) and "\0" not in said else ""
