"""What one test process has made, for the others of the same run: each walkthrough is made once."""

from __future__ import annotations

import os
import pickle
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import get_ident
from typing import Any

import pytest
from filelock import FileLock

from warm import SHARED

FOLDER = SHARED
CACHE = "TRACER_CACHE"


def open_folder(config: pytest.Config) -> None:
    """Make the folder of this run; the processes that the run starts inherit its name."""
    keep_bytecode()
    if hasattr(config, "workerinput"):
        share_packs()
    else:
        folder = tempfile.mkdtemp(prefix="tracer-tests-")
        os.environ[FOLDER] = folder
        os.environ[CACHE] = str(Path(folder, "cache"))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def keep_bytecode() -> None:
    """Keep what Python compiles, though a container says otherwise.

    Else each worker rewrites all tests, and each of a hundred processes compiles all of tracer.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def share_packs() -> None:
    """Let the processes of a run read what another has worked out before that one ends.

    A process writes its pack as a whole when it ends; here each value has a file of its own, too.
    """
    from tracer.files.packs import Pack

    find, add, mine = Pack.find, Pack.add, os.environ[CACHE]

    def found(self: Pack, key: str) -> Any:
        value = find(self, key)
        if value is not None or self.code or os.environ.get(CACHE) != mine:
            return value
        with suppress(FileNotFoundError):
            add(self, key, pickle.loads(_place(f"pack {key}").read_bytes()))
        return self.values.get(key)

    def added(self: Pack, key: str, value: Any) -> None:
        add(self, key, value)
        if not self.code and os.environ.get(CACHE) == mine:
            filled = _place(f"pack {key}").with_suffix(f".{os.getpid()}-{get_ident()}")
            filled.write_bytes(self.used[key])
            filled.replace(filled.with_suffix(""))

    Pack.find, Pack.add = found, added  # type: ignore[method-assign]


def _place(key: str) -> Path:
    return Path(os.environ[FOLDER]) / sha256(key.encode()).hexdigest()


def shared(key: str, make: Callable[[], Any]) -> Any:
    """What ``make`` gives: read where another process has made it, else made and kept for it."""
    if FOLDER not in os.environ:
        return make()
    place = _place(key)
    with FileLock(f"{place}.lock"):
        if not place.exists():
            place.write_bytes(pickle.dumps(make()))
    return pickle.loads(place.read_bytes())


def shared_folder(key: str, fill: Callable[[Path], Any]) -> Path:
    """The folder that ``fill`` fills, once in a run."""
    place = _place(key)
    with FileLock(f"{place}.lock"):
        if not place.exists():
            filling = place.with_suffix(".new")
            shutil.rmtree(filling, ignore_errors=True)
            filling.mkdir()
            fill(filling)
            filling.rename(place)
    return place
