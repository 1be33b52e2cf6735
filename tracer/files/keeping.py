"""What is kept between runs, so that the next one starts sooner: nothing of it is needed.

It stands in the user's folder for such things, or in the one that ``TRACER_CACHE`` names; an empty
name keeps nothing. An entry is found by the content that it was made of, never by a name or a
date, and what is damaged is made again. What is made of tracer's own source and of its libraries
alone stands where Python keeps the modules that it compiles: it is as old as these.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.util import cache_from_source
from mmap import ACCESS_READ, mmap
from pathlib import Path

from platformdirs import user_cache_path

FOLDER = "TRACER_CACHE"
APPLICATION = "nn-tracer"
MOST_BYTES = 256 * 2**20
"""More than this is never kept: some fifty times what all built-in examples leave."""
MOST_CODE = 32 * 2**20
"""The same for compiled code: a dozen states of the source, of which one is in use."""
_DIGEST = sha256().digest_size
_SUFFIX = ".kept"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def cache_folder() -> Path | None:
    """The folder, made if it is missing; None where nothing is to be kept, or nothing can be.

    It holds compiled code, so a folder that belongs to somebody else is not used.
    """
    named = os.environ.get(FOLDER)
    if named == "":
        return None
    folder = Path(named) if named else user_cache_path(APPLICATION)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if _is_ours(folder) else None


def code_folder() -> Path | None:
    """The folder for what is made of tracer's own source, as Python compiles its modules.

    That is where Python keeps those; the other folder where it keeps none, or may not.
    """
    folder = cache_folder()
    if folder is None or sys.dont_write_bytecode or sys.implementation.cache_tag is None:
        return folder
    beside = Path(cache_from_source(__file__)).parent
    return beside if _is_ours(beside) else folder


def _is_ours(folder: Path) -> bool:
    try:
        ours = not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
    except OSError:
        return False
    return ours and os.access(folder, os.W_OK)


def kept(key: bytes, make: Callable[[], bytes], *, code: bool = False) -> bytes:
    """What ``make`` gives, read again where an earlier run has kept it for the same ``key``."""
    found = recall(key, code=code)
    if found is None:
        found = make()
        keep(key, found, code=code)
    return found


def recall(key: bytes, *, code: bool = False) -> bytes | None:
    """What is kept for ``key``; None where nothing is, or where it is damaged.

    ``code`` is made of tracer's own source alone: see :func:`code_folder`.
    """
    with recalled(key, code=code) as found:
        return None if found is None else bytes(found)


@contextmanager
def recalled(key: bytes, *, code: bool = False) -> Iterator[memoryview | None]:
    """The same as it lies in the system's memory, for as long as this lasts: nothing is copied.

    To copy a megabyte, the system has to find some hundred pages of memory first.
    """
    folder = code_folder() if code else cache_folder()
    content = None if folder is None else _mapped(_place(folder, key))
    if content is None:
        yield None
        return
    with content, memoryview(content) as whole, whole[_DIGEST:] as found:
        yield found if _digest(key, found) == whole[:_DIGEST] else None


def _mapped(path: Path) -> mmap | None:
    """A file as memory; None where it cannot be read, or holds nothing."""
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - read at every start
            return mmap(stream.fileno(), 0, access=ACCESS_READ)
    except (OSError, ValueError):
        return None


def keep(key: bytes, content: bytes, *, code: bool = False) -> None:
    """Keep ``content`` for ``key``, as far as the disk and the bound on all that is kept allow."""
    folder = code_folder() if code else cache_folder()
    if folder is None:
        return
    most = MOST_CODE if code else MOST_BYTES
    part = folder / f"tmp{os.urandom(8).hex()}"
    try:
        if size(folder) + _DIGEST + len(content) > most:
            clear(folder)
        # Renamed when it is whole: another process never reads half of it.
        with open(os.open(part, _NEW, 0o600), "wb") as target:  # noqa: PTH123 - of a descriptor
            target.write(_digest(key, content))
            target.write(content)
        part.replace(_place(folder, key))
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def size(folder: Path) -> int:
    """Bytes of all that is kept in ``folder``."""
    return sum(path.stat().st_size for path in _entries(folder))


def clear(folder: Path) -> int:
    """Remove what tracer keeps in ``folder``, and nothing else; the number of files removed."""
    entries = _entries(folder)
    for path in entries:
        path.unlink(missing_ok=True)
    return len(entries)


def _entries(folder: Path) -> list[Path]:
    """What tracer keeps, and compiled templates as versions before 0.2 kept them."""
    return [*folder.glob(f"*{_SUFFIX}"), *folder.glob("__jinja2_*.cache")]


def _digest(key: bytes, content: bytes | memoryview) -> bytes:
    whole = sha256(key)
    whole.update(content)
    return whole.digest()


def _place(folder: Path, key: bytes) -> Path:
    return folder / (sha256(key).hexdigest() + _SUFFIX)
