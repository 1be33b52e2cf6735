"""Carrying a plan out: a folder that is all tracer's is switched whole, another one file by file.

A folder is switched by writing the new one beside it and renaming it into place, so that readers
find the pages of one rendering and never those of two. Where something in it is somebody else's,
that stays where it is, and only tracer's files are put beside it: all of them are written first,
then renamed one after the other. Whoever calls this holds the lock of the parent folder.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tracer.files.atomic import keep_mode, write_atomically
from tracer.files.manifest import MANIFEST, Manifest, read_manifest
from tracer.files.plan import WritePlan, digest_at, entries, folders_of

_OURS = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.tracer-(?P<kind>new|old)")
_LONGEST = 200  # bytes of a folder's name, so that the names beside it are possible too


def carry_out(plan: WritePlan) -> None:
    """Make a folder what the plan says.

    Raises:
        OSError: the disk refuses. What was there before is there still, or is there again after
            the next call.
    """
    report = plan.report
    if not (report.written or report.removed):
        _finish(plan, plan.before.folders)
    elif not (_can_be_switched(plan) and _switch(plan)):
        _in_place(plan)


def sweep(parent: Path) -> None:
    """Mend what a killed call left beside the folders of ``parent``."""
    for place in _litter(parent):
        found = _OURS.fullmatch(place.name)
        if found is None:
            continue
        root = place.with_name(found["name"])
        if found["kind"] == "new":
            shutil.rmtree(place, ignore_errors=True)
        elif os.path.lexists(root):
            _retire(place, root)
        else:
            place.replace(root)


def _litter(parent: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(
            path
            for path in parent.iterdir()
            if _OURS.fullmatch(path.name) and path.is_dir() and not path.is_symlink()
        )
    return []


def _can_be_switched(plan: WritePlan) -> bool:
    root = plan.root
    if len(os.fsencode(root.name)) > _LONGEST or root.name in ("", ".."):
        return False
    if not os.path.lexists(root):
        return bool(plan.wanted)
    return root.is_dir() and not root.is_mount() and plan.holds_nothing_foreign()


def _switch(plan: WritePlan) -> bool:
    """Put a whole new folder in the place of the old one; tell whether that was possible."""
    with _beside(plan.root, "new") as new:
        if plan.wanted:
            _fill(plan, new)
        if not os.path.lexists(plan.root):
            new.replace(plan.root)
            return True
        old = plan.root.with_name(f".{plan.root.name}.{os.urandom(8).hex()}.tracer-old")
        try:
            plan.root.replace(old)
        except OSError:
            return False  # somebody stands in it, where that matters
        if plan.wanted:
            try:
                new.replace(plan.root)
            except BaseException:
                old.replace(plan.root)
                raise
    _retire(old, plan.root, plan)
    return True


def named(place: Path) -> Path:
    """A place by the name that its folder will have: nobody knows that of the meantime."""
    found = [(part, _OURS.fullmatch(part)) for part in place.parts]
    return Path(*(ours["name"] if ours else part for part, ours in found))


@contextmanager
def _beside(root: Path, kind: str) -> Iterator[Path]:
    """A new folder beside another; what is left of it at the end goes away."""
    place = root.with_name(f".{root.name}.{os.urandom(8).hex()}.tracer-{kind}")
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _fill(plan: WritePlan, new: Path) -> None:
    """Write the new folder: files that did not change are the very files of the old one."""
    root = plan.root
    if root.is_dir():
        shutil.copymode(root, new)
    folders = frozenset(folder for path in plan.wanted for folder in folders_of(path))
    for folder in sorted(folders):  # a folder comes before what is in it
        (new / folder).mkdir()
    for path in sorted(plan.wanted):
        if plan.found[path] == plan.wanted[path]:
            _link(root / path, new / path)
        else:
            _write_new(new / path, plan.tree.contents[path], root / path)
    whole = Manifest(plan.wanted, folders=folders | {"."}, origin=_origin(plan))
    _write_manifest(new, whole)


def _link(old: Path, new: Path) -> None:
    try:
        new.hardlink_to(old)
    except OSError:
        shutil.copy2(old, new)


def _retire(old: Path, root: Path, plan: WritePlan | None = None) -> None:
    """Remove a folder that was switched, and rescue what was put into it at the last moment."""
    before = read_manifest(old)
    for path in before.paths:
        if plan.is_still_ours(old, path) if plan else before.wrote(path, digest_at(old, path)):
            (old / path).unlink()
    _remove_empty(old, before.folders - {"."})
    for place in sorted(entries(old)):
        rescued = root / place.relative_to(old)
        if place.name != MANIFEST and not place.is_dir() and not os.path.lexists(rescued):
            rescued.parent.mkdir(parents=True, exist_ok=True)
            place.replace(rescued)
    left = [place for place in entries(old) if place != old / MANIFEST and not place.is_dir()]
    if not left:
        shutil.rmtree(old, ignore_errors=True)


def _in_place(plan: WritePlan) -> None:
    root, report = plan.root, plan.report
    folders = plan.before.folders | plan.new_folders()
    if report.written:
        root.mkdir(parents=True, exist_ok=True)
    ours = {path: found for path, found in plan.found.items() if found and plan.is_ours(path)}
    _write_manifest(root, Manifest(ours, plan.wanted, folders, _origin(plan)))
    if report.written:
        with _beside(root / "_", "new") as stage:
            for k, path in enumerate(report.written):
                _write_new(stage / f"{k}.tracer-part", plan.tree.contents[path], root / path)
            _remove(plan, folders)
            for k, path in enumerate(report.written):
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (stage / f"{k}.tracer-part").replace(root / path)
    else:
        _remove(plan, folders)
    _finish(plan, folders)


def _remove(plan: WritePlan, folders: Iterable[str]) -> None:
    for path in plan.report.removed:
        (plan.root / path).unlink(missing_ok=True)
    _remove_empty(plan.root, folders)


def _finish(plan: WritePlan, folders: frozenset[str]) -> None:
    """Write down what is there now; of a folder without files nothing is left."""
    root = plan.root
    if plan.wanted:
        there = frozenset(folder for folder in folders if (root / folder).is_dir())
        _write_manifest(root, Manifest(plan.wanted, folders=there, origin=_origin(plan)))
    elif (root / MANIFEST).is_file():
        (root / MANIFEST).unlink()
        _remove_empty(root, folders & {"."})


def _origin(plan: WritePlan) -> str | None:
    return plan.tree.origin if plan.tree.origin is not None else plan.before.origin


def _write_new(path: Path, content: bytes, old: Path) -> None:
    with path.open("xb") as stream:
        stream.write(content)
    keep_mode(old, path)


def _write_manifest(root: Path, manifest: Manifest) -> None:
    path, content = root / MANIFEST, manifest.to_json().encode()
    if path.is_symlink() or not path.is_file() or path.read_bytes() != content:
        write_atomically(path, lambda stream: stream.write(content))


def _remove_empty(root: Path, folders: Iterable[str]) -> None:
    """Remove the folders that are empty, the inner ones first."""
    for folder in sorted(folders, reverse=True):
        place = root / folder
        if place.is_dir() and not place.is_symlink() and not any(place.iterdir()):
            place.rmdir()
