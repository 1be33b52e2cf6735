"""One writer at a time: a folder is locked while tracer writes into it.

On POSIX the folder itself is locked, which leaves no file behind and ends with the process, however
that ends. Where folders cannot be locked, a file in a private folder for temporary files stands for
the folder.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from tracer.errors import BuildError, Problem

if sys.platform != "win32":
    import fcntl

PATIENCE = 60.0  # seconds: even 100 MB of pages are written in less
_PAUSE = 0.02  # seconds: nobody notices the wait, and fifty looks a second cost nothing


@contextmanager
def locked(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of an existing folder; wait for it for ``patience`` seconds at most.

    A process must not ask again for a lock that it holds.

    Raises:
        BuildError: another process held it all the time.
        OSError: there is no such folder.
    """
    try:
        descriptor = _lock_folder(folder, time.monotonic() + patience)
    except TimeoutError:
        raise _taken(folder, patience) from None
    if descriptor is None:
        with _locked_by_file(folder, patience):
            yield
        return
    try:
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Tell whether a process holds the lock of a file; False where that cannot be told."""
    if sys.platform == "win32":
        return False  # there an open file cannot be removed anyway
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        return not _try(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock of a file as the sign that it is in use."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        _try(descriptor)
        yield
    finally:
        os.close(descriptor)


def _try(descriptor: int) -> bool:
    """Try to take a lock; True also where the file system has none."""
    try:
        return _take(descriptor)
    except OSError:
        return True


def _lock_folder(folder: Path, deadline: float) -> int | None:
    """Return the locked descriptor of a folder; None where folders cannot be locked."""
    if sys.platform == "win32":
        return None
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:
        return None
    try:
        while not _take(descriptor):
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(_PAUSE)
    except TimeoutError:
        os.close(descriptor)
        raise
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _take(descriptor: int) -> bool:
    """Take a lock, and tell whether it was free. Raises OSError where there are no locks."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _locked_by_file(folder: Path, patience: float) -> Iterator[None]:
    from filelock import FileLock, Timeout

    name = sha256(os.fsencode(folder.resolve())).hexdigest()
    try:
        with FileLock(_private() / f"{name}.lock", timeout=patience):
            yield
    except Timeout:
        raise _taken(folder, patience) from None


def _private() -> Path:
    """A folder for locks that no other user can write into."""
    user = os.getuid() if sys.platform != "win32" else "locks"
    folder = Path(tempfile.gettempdir()) / f"tracer-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or (sys.platform != "win32" and folder.stat().st_uid != user):
        raise BuildError(Problem("belongs to another user", file=str(folder)))
    return folder


def _taken(folder: Path, patience: float) -> BuildError:
    message = f"another tracer is writing here, and has not ended for {patience:g} seconds"
    return BuildError(Problem(message, str(folder), hint="Wait until it ends, and try again."))
