"""Writing files so that nothing is lost: atomically, only what changed, only what is ours.

A folder that tracer writes into holds a manifest of what tracer wrote there. A file that is not in
it, or that was changed since, belongs to somebody else: it is never overwritten and never removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from tracer.errors import BuildError, Problem, RenderError
from tracer.manifest import MANIFEST, Manifest, read_manifest, unsafe

_HINT = "Move it away or delete it, and render again."


@dataclass(frozen=True)
class Report:
    """What a call of :func:`write_tree` did, as sorted paths relative to the folder.

    Attributes:
        written: new files, and files whose content changed.
        unchanged: files that had the right content already.
        removed: files of an earlier call that are not wanted any more.
        kept: such files that were changed by hand since, and so were left.
    """

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let ``write`` fill a file beside ``path``, then put it in its place, whole or not at all."""
    part = _part(path)
    try:
        with part.open("wb") as stream:
            write(stream)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Report:
    """Make the files that tracer owns in ``root`` exactly ``files``, and touch no other.

    A file that has the wanted content already counts as tracer's from then on. An interrupted call
    can simply be repeated: the manifest names what is going to be written before anything is. With
    no files at all, the manifest goes away too, and so does ``root`` if tracer made it.

    Args:
        root: the folder; made if it is missing.
        files: content by path relative to ``root``, with ``/`` between names; text becomes UTF-8.

    Raises:
        RenderError: a path leaves ``root``, or a file that is not tracer's stands in the way (all
            of them are named, and nothing was written); the manifest is damaged; the disk refuses.
    """
    contents = {
        path: content.encode() if isinstance(content, str) else content
        for path, content in files.items()
    }
    try:
        plan = _plan(root, contents)
        _carry_out(plan, contents)
    except OSError as error:
        place = str(error.filename or root)
        raise BuildError(Problem(f"cannot be written: {error.strerror}", file=place)) from error
    return plan.report


@dataclass(frozen=True)
class _Plan:
    """What is there and what is wanted: digests by path, and what follows from them."""

    root: Path
    before: Manifest
    wanted: Mapping[str, str]
    found: Mapping[str, str | None]

    @property
    def report(self) -> Report:
        changed = (path for path in self.wanted if self.found[path] != self.wanted[path])
        same = (path for path in self.wanted if self.found[path] == self.wanted[path])
        leftover = [
            path for path in self.before.paths - self.wanted.keys() if self.found[path] is not None
        ]
        return Report(
            written=tuple(sorted(changed)),
            unchanged=tuple(sorted(same)),
            removed=tuple(sorted(path for path in leftover if self.is_ours(path))),
            kept=tuple(sorted(path for path in leftover if not self.is_ours(path))),
        )

    def is_ours(self, path: str) -> bool:
        return self.before.wrote(path, self.found.get(path))


def _plan(root: Path, contents: Mapping[str, bytes]) -> _Plan:
    """Look at everything, change nothing."""
    _refuse(_impossible(root, path, contents) for path in sorted(contents))
    before = read_manifest(root)
    wanted = {path: _digest(content) for path, content in contents.items()}
    found = {path: _digest_at(root, path) for path in before.paths | wanted.keys()}
    plan = _Plan(root, before, wanted, found)
    removed = frozenset(plan.report.removed)
    _refuse(_in_the_way(plan, removed, path) for path in sorted(contents))
    return plan


def _refuse(problems: Iterable[Problem | None]) -> None:
    if found := [problem for problem in problems if problem is not None]:
        raise RenderError(found)


def _impossible(root: Path, path: str, contents: Mapping[str, bytes]) -> Problem | None:
    if reason := unsafe(path):
        return Problem(f"{path!r} cannot be written: {reason}", file=str(root))
    if clash := next((folder for folder in _folders_of(path) if folder in contents), None):
        return Problem(f"{clash!r} is to be a file and the folder of {path!r}", file=str(root))
    if _leads_out(root, path):
        message = "this leads out of the folder that is rendered into"
        return Problem(message, file=str(root / path), hint=_HINT)
    return None


def _in_the_way(plan: _Plan, removed: frozenset[str], path: str) -> Problem | None:
    """Return what stands where ``path`` is to be written and is not ours to replace."""
    place = plan.root / path
    for folder in _folders_of(path):
        if _is_there(plan.root / folder) and folder not in removed:
            return Problem("a folder is needed here", file=str(plan.root / folder), hint=_HINT)
    if place.is_dir() and not place.is_symlink():
        clears = _goes_away(plan, removed, path)
        return None if clears else Problem("a file is needed here", file=str(place), hint=_HINT)
    if not _is_there(place) or plan.is_ours(path) or plan.found[path] == plan.wanted[path]:
        return None
    return Problem("tracer did not write this, or it was changed since", str(place), hint=_HINT)


def _is_there(place: Path) -> bool:
    """Tell whether something other than a folder stands at a place."""
    return not place.is_dir() and (place.exists() or place.is_symlink())


def _goes_away(plan: _Plan, removed: frozenset[str], folder: str) -> bool:
    """Tell whether a folder is ours, with nothing in it but what is going to be removed."""
    inside = (found.relative_to(plan.root).as_posix() for found in (plan.root / folder).rglob("*"))
    return all(path in removed | plan.before.folders for path in (folder, *inside))


def _carry_out(plan: _Plan, contents: Mapping[str, bytes]) -> None:
    root, report = plan.root, plan.report
    folders = plan.before.folders | {
        folder
        for path in report.written
        for folder in (*_folders_of(path), ".")
        if not (root / folder).is_dir()
    }
    if report.written:
        root.mkdir(parents=True, exist_ok=True)
    _remove_parts(plan)
    if report.written or report.removed:
        ours = {path: found for path, found in plan.found.items() if found and plan.is_ours(path)}
        _write_manifest(root, Manifest(ours, plan.wanted, folders))
    for path in report.removed:
        (root / path).unlink()
    _remove_empty(root, folders)
    for path in report.written:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        _write_bytes(root / path, contents[path])
    if plan.wanted:
        there = frozenset(folder for folder in folders if (root / folder).is_dir())
        _write_manifest(root, Manifest(plan.wanted, folders=there))
    else:
        (root / MANIFEST).unlink(missing_ok=True)
        _remove_empty(root, folders & {"."})


def _write_bytes(path: Path, content: bytes) -> None:
    write_atomically(path, lambda stream: stream.write(content))


def _write_manifest(root: Path, manifest: Manifest) -> None:
    path, content = root / MANIFEST, manifest.to_json().encode()
    if not path.is_file() or path.read_bytes() != content:
        _write_bytes(path, content)


def _remove_parts(plan: _Plan) -> None:
    """Remove the half-written files of an interrupted call."""
    for path in (MANIFEST, *plan.before.pending):
        part = _part(plan.root / path)
        if part.is_file() and not _leads_out(plan.root, path):
            part.unlink()


def _remove_empty(root: Path, folders: Iterable[str]) -> None:
    """Remove the folders that are empty, the inner ones first."""
    for folder in sorted(folders, reverse=True):
        place = root / folder
        if place.is_dir() and not place.is_symlink() and not any(place.iterdir()):
            place.rmdir()


def _folders_of(path: str) -> tuple[str, ...]:
    return tuple(str(folder) for folder in PurePosixPath(path).parents)[:-1]


def _leads_out(root: Path, path: str) -> bool:
    """Tell whether a link on the way to ``path`` leads out of the folder."""
    return not (root / path).parent.resolve().is_relative_to(root.resolve())


def _digest_at(root: Path, path: str) -> str | None:
    """Return the digest of a file; None where there is none, "" for a link or what lies outside."""
    place = root / path
    if place.is_symlink() or _leads_out(root, path):
        return ""
    return _digest(place.read_bytes()) if place.is_file() else None


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.tracer-part")
