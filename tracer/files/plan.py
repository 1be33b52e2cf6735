"""What a rendering will do to a folder: looked at before anything is changed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path, PurePosixPath

from tracer.errors import Problem, RenderError
from tracer.files.manifest import MANIFEST, Manifest, read_manifest, unsafe
from tracer.messages import gettext


@dataclass(frozen=True)
class WriteReport:
    """What a call of :func:`tracer.files.tree.write_tree` did, as sorted paths in the folder.

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


@dataclass(frozen=True)
class Tree:
    """What one folder is to hold of tracer's.

    Attributes:
        root: the folder.
        files: content by path relative to ``root``, with ``/`` between names; text becomes UTF-8.
        origin: what made them; a folder of another origin is not overwritten.
        replaces: whether it may be nevertheless.
    """

    root: Path
    files: Mapping[str, str | bytes]
    origin: str | None = None
    replaces: bool = False

    @cached_property
    def contents(self) -> dict[str, bytes]:
        """The files as bytes."""
        return {
            path: content.encode() if isinstance(content, str) else content
            for path, content in self.files.items()
        }

    @cached_property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of each file, in hexadecimal."""
        return {path: digest_of(content) for path, content in self.contents.items()}


Mark = tuple[int, ...] | None
"""Which file it is, how large, and when its content and its state were changed last."""


def mark_of(place: str) -> Mark:
    """What the system says of a plain file; None of anything else."""
    try:
        seen = os.lstat(place)
    except OSError:
        return None
    if not stat.S_ISREG(seen.st_mode):
        return None
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


@dataclass(frozen=True)
class WritePlan:
    """What is there and what is wanted: digests by path, and what follows from them.

    What is there is looked at once, when something is asked of it.
    """

    tree: Tree
    before: Manifest
    wanted: Mapping[str, str]

    @cached_property
    def found(self) -> Mapping[str, str | None]:
        """The digest of each file that was written before or is wanted: see :func:`digest_at`."""
        paths = self.before.paths | self.wanted.keys()
        join = os.path.join  # hundreds
        self.marks.update((path, mark_of(join(self.root, path))) for path in paths)
        return {path: digest_at(self.root, path) for path in paths}

    @cached_property
    def marks(self) -> dict[str, Mark]:
        """What the system said of each of these files before it was looked at."""
        return {}

    @property
    def root(self) -> Path:
        """The folder."""
        return self.tree.root

    @cached_property
    def report(self) -> WriteReport:
        """What will be done."""
        changed = (path for path in self.wanted if self.found[path] != self.wanted[path])
        same = (path for path in self.wanted if self.found[path] == self.wanted[path])
        leftover = [
            path for path in self.before.paths - self.wanted.keys() if self.found[path] is not None
        ]
        return WriteReport(
            written=tuple(sorted(changed)),
            unchanged=tuple(sorted(same)),
            removed=tuple(sorted(path for path in leftover if self.is_ours(path))),
            kept=tuple(sorted(path for path in leftover if not self.is_ours(path))),
        )

    def is_ours(self, path: str) -> bool:
        """Tell whether the file at a path is one that tracer wrote."""
        return self.before.wrote(path, self.found.get(path))

    def is_still_ours(self, folder: Path, path: str) -> bool:
        """Tell whether a file that tracer wrote is as it was looked at, in a folder moved since.

        Whoever writes into a file, or links it, changes when its state was changed last.
        """
        mark = self.marks.get(path)
        if mark is not None and mark == mark_of(str(folder / path)):
            return self.is_ours(path)
        return self.before.wrote(path, digest_at(folder, path))

    def new_folders(self) -> frozenset[str]:
        """The folders that are missing for what is written; ``.`` is the folder itself."""
        needed = {f for path in self.report.written for f in (*folders_of(path), ".")}
        return frozenset(folder for folder in needed if not (self.root / folder).is_dir())

    def holds_nothing_foreign(self) -> bool:
        """Tell whether all that is in the folder is tracer's, and the folder itself too."""
        if "." not in self.before.folders or self.report.kept:
            return False
        known = {MANIFEST, *self.before.folders}
        known |= {path for path, digest in self.found.items() if digest and self._may_go(path)}
        return all(name in known for name in names_below(self.root))

    def _may_go(self, path: str) -> bool:
        return self.is_ours(path) or self.found[path] == self.wanted.get(path)


def plan(tree: Tree) -> WritePlan:
    """Look at everything, change nothing.

    Raises:
        RenderError: something that is not tracer's stands in the way: all of it is named.
        OSError: the disk refuses.
    """
    root, contents = tree.root, tree.contents
    _refuse([_link(root), *(_impossible(root, path, contents) for path in sorted(contents))])
    before = read_manifest(root)
    _refuse([_of_another(tree, before)])
    wanted = tree.digests
    made = WritePlan(tree, before, wanted)
    if contents:
        removed = frozenset(made.report.removed)
        _refuse(_in_the_way(made, removed, path) for path in sorted(contents))
    return made


def plans(trees: Sequence[Tree]) -> list[WritePlan]:
    """The plans of several folders; their problems are reported all at once."""
    made: list[WritePlan] = []
    problems: list[Problem] = []
    for tree in trees:
        try:
            made.append(plan(tree))
        except RenderError as error:
            problems += error.problems
    _refuse(problems)
    return made


def entries(folder: Path) -> Iterable[Path]:
    """Everything under a folder; links are named, not followed."""
    for place, folders, files in os.walk(folder):
        yield from (Path(place) / name for name in (*folders, *files))


def names_below(folder: Path) -> Iterable[str]:
    """The same by their paths in the folder, with ``/`` between names."""
    first = len(os.path.join(folder, ""))  # noqa: PTH118 - thousands
    for place, folders, files in os.walk(folder):
        inside = place[first:].replace(os.sep, "/")
        yield from (f"{inside}/{name}" if inside else name for name in (*folders, *files))


@lru_cache(maxsize=10_000)
def folders_of(path: str) -> tuple[str, ...]:
    """The folders that a path leads through, the innermost first."""
    return tuple(str(folder) for folder in PurePosixPath(path).parents)[:-1]


def digest_at(root: Path, path: str) -> str | None:
    """Return the digest of a file; None where there is none, "" for a link or what lies outside."""
    place = os.path.join(root, path)  # noqa: PTH118 - hundreds
    if os.path.islink(place) or _leads_out(root, path):  # noqa: PTH114 - the same
        return ""
    try:
        is_file = stat.S_ISREG(os.stat(place).st_mode)  # noqa: PTH116 - the same
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not is_file:
        return None
    with open(place, "rb") as stream:  # noqa: PTH123 - the same
        return digest_of(stream.read())


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a content, in hexadecimal."""
    return sha256(content).hexdigest()


def _away() -> str:
    return gettext("Move it away or delete it, and render again.")


def _refuse(problems: Iterable[Problem | None]) -> None:
    if found := [problem for problem in problems if problem is not None]:
        raise RenderError(found)


def _link(root: Path) -> Problem | None:
    if not root.is_symlink():
        return None
    return Problem(gettext("is a link, which is not followed"), str(root), hint=_away())


def _of_another(tree: Tree, before: Manifest) -> Problem | None:
    """Return why a folder may not be rendered into: something else made what is in it."""
    if tree.replaces or None in (tree.origin, before.origin) or tree.origin == before.origin:
        return None
    message = gettext(
        "the pages here were made from %(before)s, not from %(now)s",
        before=before.origin,
        now=tree.origin,
    )
    hint = gettext("Give the experiment another name, or render with --prune to replace them.")
    return Problem(message, file=str(tree.root), hint=hint)


def _impossible(root: Path, path: str, contents: Mapping[str, bytes]) -> Problem | None:
    if reason := unsafe(path):
        message = gettext("%(path)s cannot be written: %(reason)s", path=repr(path), reason=reason)
        return Problem(message, file=str(root))
    if clash := next((folder for folder in folders_of(path) if folder in contents), None):
        message = gettext(
            "%(clash)s is to be a file and the folder of %(path)s",
            clash=repr(clash),
            path=repr(path),
        )
        return Problem(message, file=str(root))
    if _leads_out(root, path):
        message = gettext("this leads out of the folder that is rendered into")
        return Problem(message, file=str(root / path), hint=_away())
    return None


def _in_the_way(made: WritePlan, removed: frozenset[str], path: str) -> Problem | None:
    """Return what stands where ``path`` is to be written and is not ours to replace."""
    join = os.path.join  # hundreds
    for folder in (*folders_of(path), "."):
        if folder not in removed and _is_there(join(made.root, folder)):
            return Problem(
                gettext("a folder is needed here"), file=str(made.root / folder), hint=_away()
            )
    place = join(made.root, path)
    if os.path.isdir(place) and not os.path.islink(place):  # noqa: PTH112, PTH114 - the same
        if _goes_away(made, removed, path):
            return None
        return Problem(gettext("a file is needed here"), file=str(made.root / path), hint=_away())
    if not _is_there(place) or made.is_ours(path) or made.found[path] == made.wanted[path]:
        return None
    return Problem(
        gettext("tracer did not write this, or it was changed since"),
        str(made.root / path),
        hint=_away(),
    )


def _is_there(place: str) -> bool:
    """Tell whether something other than a folder stands at a place."""
    return os.path.lexists(place) and not os.path.isdir(place)  # noqa: PTH112 - hundreds


def _goes_away(made: WritePlan, removed: frozenset[str], folder: str) -> bool:
    """Tell whether a folder is ours, with nothing in it but what is going to be removed."""
    inside = (place.relative_to(made.root).as_posix() for place in entries(made.root / folder))
    return all(path in removed | made.before.folders for path in (folder, *inside))


def _leads_out(root: Path, path: str) -> bool:
    """Tell whether a link on the way to ``path`` leads out of the folder."""
    if ".." not in path and not _has_link(root, folders_of(path)):
        return False
    return not (root / path).parent.resolve().is_relative_to(root.resolve())


def _has_link(root: Path, folders: Sequence[str]) -> bool:
    """Whether one of these folders is a link."""
    join, is_link = os.path.join, os.path.islink  # hundreds
    return any(is_link(join(root, folder)) for folder in folders)
