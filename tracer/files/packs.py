"""What earlier runs worked out, in one file that is read once: a pack.

A formula as it is printed, a kernel as it is compiled, a template: each is small, and a run asks
for hundreds. A pack belongs to one state of tracer's own source and to one version of each library
that has a say in it; what it holds is found by all that it was made of. What a run adds is written
when it ends.
"""

from __future__ import annotations

import atexit
import marshal
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import CodeType
from typing import Any, TypeVar

from tracer.files.keeping import FOLDER, keep, recalled

T = TypeVar("T")
_UNREADABLE = (pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError, TypeError)
LIBRARIES = (
    *("sympy", "mpmath", "math-core", "jinja2", "numpy", "fonttools", "ziamath", "pyyaml"),
)
"""What says how a formula is printed, computed or compiled, or how a template is, or a list."""
MOST_BYTES = 16 * 2**20
"""A pack beyond this starts anew with what the run needed: a network leaves half of 1 MB or so."""


def worked_out(make: Callable[[], T], *about: object) -> T:
    """What ``make`` gives, which an earlier run may have kept: plain data that nobody changes.

    ``about`` says what it is and all that it is made of, beside tracer and its libraries.
    """
    return pack().get("\0".join(map(repr, about)), make)


def code_of(text: str, name: str = "<string>", mode: str = "exec") -> CodeType:
    """The code of a text that tracer has made, compiled by the first run that meets it."""

    def make() -> bytes:
        return marshal.dumps(compile(text, name, mode))

    code: CodeType = marshal.loads(worked_out(make, "code", name, mode, text))
    return code


def code_by(write: Callable[[], str], *about: object) -> CodeType:
    """The code of a text that is only written by the first run that meets what it is ``about``."""

    def make() -> bytes:
        return marshal.dumps(compile(write(), "<string>", "exec"))

    code: CodeType = marshal.loads(worked_out(make, "code by", *about))
    return code


class Pack:
    """Everything by its key, each pickled by itself, so that only what is asked for is read.

    A pack of ``code`` holds what is compiled of tracer's own source. ``codes`` is what of a pack
    was read as code: a process executes that again as it is.
    """

    def __init__(self, *, code: bool = False) -> None:
        self.code = code
        self.recalled: dict[str, bytes] = self._read()
        self.used: dict[str, bytes] = {}
        self.values: dict[str, Any] = {}
        self.codes: dict[str, CodeType | None] = {}
        self.is_longer = False

    def get(self, key: str, make: Callable[[], T]) -> T:
        """What is kept for the key; what ``make`` gives where nothing is."""
        if key not in self.values:
            found: T | None = self.find(key)
            if found is None:
                self.add(key, make())
            else:
                self.values[key] = found
        value: T = self.values[key]
        return value

    def find(self, key: str) -> Any:
        """What this run or an earlier one has kept for the key, or None."""
        if key in self.values:
            return self.values[key]
        kept = self.recalled.get(key)
        if kept is None:
            return None
        try:
            found = pickle.loads(kept)  # the folder is the user's own: see keeping
        except _UNREADABLE:
            return None
        self.used[key] = kept
        return found

    def add(self, key: str, value: Any) -> None:
        """Keep a value for the key."""
        self.values[key] = value
        self.used[key] = pickle.dumps(value)
        self.is_longer = True

    def write(self) -> None:
        """Keep what has been added, with what another process has kept in the meantime."""
        if not self.is_longer:
            return
        self.is_longer = False  # what another thread adds from here on is written the next time
        content = pickle.dumps({**self._read(), **self.used})
        if len(content) > MOST_BYTES:
            content = pickle.dumps(self.used)
        if len(content) <= MOST_BYTES:
            keep(self._key(), content, code=self.code)

    def _read(self) -> dict[str, bytes]:
        with recalled(self._key(), code=self.code) as found:
            try:
                return dict(pickle.loads(found)) if found else {}
            except _UNREADABLE:
                return {}

    def _key(self) -> bytes:
        return b"code " + _state() if self.code else _state()


def pack() -> Pack:
    """The pack of this process, and of the folder that is named now."""
    return _pack(os.environ.get(FOLDER), code=False)


def code_pack() -> Pack:
    """The same for what is compiled of tracer's own source."""
    return _pack(os.environ.get(FOLDER), code=True)


def write_packs() -> None:
    """Write what was added by now: a copy of a process ends without what others do at their end."""
    pack().write()
    code_pack().write()


@cache
def _pack(_folder: str | None, *, code: bool) -> Pack:
    made = Pack(code=code)
    atexit.register(made.write)
    return made


@cache
def _state() -> bytes:
    """Tracer's own source and the versions of all that the content of a pack depends on."""
    digest = sha256(f"pack {sys.version} {sys.platform}".encode())
    digest.update(installed())
    for file, size, changed in _source():
        digest.update(f"{file} {size} {changed}\n".encode())
    return digest.digest()


def source_state() -> bytes:
    """Tracer's own source and Python, with the libraries that a pack depends on."""
    return _state()


@cache
def installed(*, every: bool = False, libraries: tuple[str, ...] = LIBRARIES) -> bytes:
    """These libraries with their versions, or ``every`` one."""
    return "\n".join(sorted(_installed(every, libraries))).encode()


def _installed(every: bool, libraries: tuple[str, ...]) -> Iterator[str]:
    """As their folders of metadata are called; to read what stands in one takes a millisecond."""
    for name in _names(tuple(sys.path)):
        library = name.partition("-")[0].lower().replace("_", "-")
        if every or library in libraries:
            yield name


@cache
def _names(places: tuple[str, ...]) -> list[str]:
    """What is called like metadata of a library in these folders."""
    found: list[str] = []
    for place in places:
        with suppress(OSError):
            names = os.listdir(place or ".")  # noqa: PTH208 - a name is all that is wanted
            found += [name for name in names if name.endswith((".dist-info", ".egg-info"))]
    return found


def _source() -> list[tuple[str, int, int]]:
    """(name, bytes, time of the last change) of every module of tracer."""
    return sorted(_modules(os.fspath(Path(__file__).parents[1])))


def _modules(folder: str) -> Iterator[tuple[str, int, int]]:
    """The same of a folder, at any depth; a link to another folder is not followed."""
    for entry in os.scandir(folder):
        if entry.name.endswith(".py"):
            found = entry.stat()
            yield entry.path, found.st_size, found.st_mtime_ns
        elif entry.is_dir(follow_symlinks=False):
            yield from _modules(entry.path)
