"""What is shown now: the site, what is wrong with it, and who looks at which page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Condition, Lock

from tracer.errors import Problem, TracerError
from tracer.html.website import Website


@dataclass(frozen=True)
class Version:
    """A site at one moment, and what is wrong; its pages are made when somebody asks for them."""

    number: int = 0
    site: Website | None = None
    problems: tuple[Problem, ...] = ()
    _lock: Lock = field(default_factory=Lock)
    _made: dict[str, str | bytes] = field(default_factory=dict)

    def content(self, path: str) -> str | bytes:
        """What stands at a path of the site.

        Raises:
            KeyError: there is no such page or file.
            TracerError: the page cannot be made.
        """
        if self.site is None or path not in self.site.paths:
            raise KeyError(path)
        with self._lock:
            if path not in self._made:
                self._made[path] = self.site.content(path)
            return self._made[path]

    def digest(self, path: str) -> str:
        """A short word for the content at a path; "" where there is none."""
        try:
            content = self.content(path)
        except (KeyError, OSError):
            return ""
        whole = content.encode() if isinstance(content, str) else content
        return sha256(whole).hexdigest()[:16]

    def trouble(self, path: str) -> tuple[Problem, ...]:
        """What is wrong with the files, and with the page at a path."""
        try:
            self.digest(path)
        except TracerError as error:
            return (*self.problems, *error.problems)
        return self.problems


class Board:
    """The newest version, for many readers and one writer."""

    def __init__(self) -> None:
        self._version = Version()
        self._changed = Condition()
        self._open: Counter[str] = Counter()

    @property
    def version(self) -> Version:
        """What is shown now."""
        return self._version

    def show(self, site: Website | None, problems: tuple[Problem, ...] = ()) -> Version:
        """Put up a new version; whoever waits is told."""
        with self._changed:
            self._version = Version(self._version.number + 1, site, problems)
            self._changed.notify_all()
            return self._version

    def after(self, number: int, patience: float) -> Version:
        """The version that comes after one; the same again where none comes in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._version.number != number, patience)
            return self._version

    @contextmanager
    def read(self, path: str) -> Iterator[None]:
        """Somebody has the page at ``path`` open."""
        with self._changed:
            self._open[path] += 1
        try:
            yield
        finally:
            with self._changed:
                self._open[path] -= 1

    @property
    def open(self) -> tuple[str, ...]:
        """The pages that somebody has open."""
        with self._changed:
            return tuple(path for path, count in self._open.items() if count > 0)
