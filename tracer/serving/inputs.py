"""What pages are made of: the files that have to be watched, and whether they changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tracer.errors import TracerError
from tracer.html.sources import own_files
from tracer.inputs import inside, parts_of
from tracer.writing.project import CONFIG, Project, find_project

EXPERIMENTS = "experiments"
Signature = Mapping[Path, tuple[int, int, int] | None]
"""When each file was changed, its size and its number on the disk; None where it is not there."""


@dataclass(frozen=True)
class Inputs:
    """Where pages come from.

    Attributes:
        root: the folder of the project.
        named: the experiment files that were named; none for those of the project.
        templates: a folder of templates, if one was given.
    """

    root: Path
    named: tuple[Path, ...] = ()
    templates: Path | None = None

    def experiments(self) -> tuple[Path, ...]:
        """The experiment files as they are now."""
        return self.named or tuple(sorted((self.root / EXPERIMENTS).glob("*.toml")))

    def files(self) -> frozenset[Path]:
        """Every file that has a part in the pages, there or not."""
        found = {self.root / CONFIG, *self._written(), *inside(self.templates)}
        for path in self.experiments():
            found |= {path, *parts_of(path)}
        return frozenset(found)

    def folders(self) -> frozenset[Path]:
        """The folders in which something may change: also those in which a file may come."""
        wanted = {path.parent for path in self.files()} | {self.root / EXPERIMENTS}
        return frozenset(folder for folder in wanted if folder.is_dir())

    def signature(self) -> Signature:
        """What tells whether one of the files has changed."""
        return {path: _stamp(path) for path in self.files()}

    def _written(self) -> Iterable[Path]:
        """The pages of the project that somebody wrote, and what stands among them."""
        project = None if self.named else _project(self.root, _stamp(self.root / CONFIG))
        return () if project is None else own_files(project)


@lru_cache(maxsize=1)
def _project(root: Path, _when: tuple[int, int, int] | None) -> Project | None:
    """The project as its file says it, which is read again only after it was changed."""
    try:
        return find_project(root)
    except TracerError:
        return None


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
