"""What earlier runs worked out, in one file that is read once: a pack.

A formula as it is printed, a kernel as it is compiled, a template: each is small, and a run asks
for hundreds. A pack belongs to one state of tracer's own source and to one version of each library
that has a say in it; what it holds is found by all that it was made of. What a run adds is written
when it ends.
"""

from __future__ import annotations

import atexit
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

from tracer.files.keeping import FOLDER, keep, recall

T = TypeVar("T")
LIBRARIES = ("sympy", "mpmath", "math-core", "jinja2", "numpy")
"""What says how a formula is printed, computed or compiled, or how a template is."""
MOST_BYTES = 16 * 2**20
"""A pack beyond this starts anew with what the run needed: a network leaves half of 1 MB or so."""


def worked_out(key: str, make: Callable[[], T]) -> T:
    """What ``make`` gives, which an earlier run may have kept: plain data that nobody changes.

    ``key`` says all that it is made of, beside tracer and its libraries.
    """
    return _pack(os.environ.get(FOLDER)).get(key, make)


class Pack:
    """Everything by its key; ``recalled`` is what the disk had."""

    def __init__(self) -> None:
        self.recalled: dict[str, Any] = _read()
        self.used: dict[str, Any] = {}
        self.is_longer = False

    def get(self, key: str, make: Callable[[], T]) -> T:
        """What is kept for the key; what ``make`` gives where nothing is."""
        if key not in self.used:
            self.is_longer |= key not in self.recalled
            self.used[key] = self.recalled[key] if key in self.recalled else make()
        found: T = self.used[key]
        return found

    def write(self) -> None:
        """Keep what has been added, with what another process has kept in the meantime."""
        if not self.is_longer:
            return
        content = pickle.dumps({**_read(), **self.used})
        if len(content) > MOST_BYTES:
            content = pickle.dumps(self.used)
        if len(content) <= MOST_BYTES:
            keep(_state(), content)
        self.is_longer = False


@cache
def _pack(_folder: str | None) -> Pack:
    made = Pack()
    atexit.register(made.write)
    return made


def _read() -> dict[str, Any]:
    found = recall(_state())
    try:
        return dict(pickle.loads(found)) if found else {}  # the folder is the user's own: keeping
    except (pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError, TypeError):
        return {}


@cache
def _state() -> bytes:
    """Tracer's own source and the versions of all that the content of a pack depends on."""
    digest = sha256(f"pack {sys.version} {sys.platform}".encode())
    for name in LIBRARIES:
        digest.update(f"{name} {_version(name)}\n".encode())
    for file, size, changed in _source():
        digest.update(f"{file} {size} {changed}\n".encode())
    return digest.digest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _source() -> Iterator[tuple[str, int, int]]:
    """(name, bytes, time of the last change) of every module of tracer."""
    for folder, _, names in sorted(os.walk(Path(__file__).parents[1])):
        for name in sorted(names):
            if name.endswith(".py"):
                found = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118 - hundreds
                yield f"{folder}/{name}", found.st_size, found.st_mtime_ns
