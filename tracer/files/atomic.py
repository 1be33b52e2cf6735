"""One file, written whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from tracer.files.locking import held, is_held

_GRACE = 1.0  # seconds: a file is locked within far less after it was made
_PART = re.compile(r"\.[0-9a-f]{16}\.tracer-part")


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let ``write`` fill a file beside ``path``, then put it in its place, whole or not at all.

    The file beside it is a new one, of a name that nobody can know before; a file that is replaced
    hands on its permissions. What a killed call left behind is removed by the next one.
    """
    sweep_parts(path.parent)
    part = path.with_name(f".{os.urandom(8).hex()}.tracer-part")
    try:
        with part.open("xb") as stream, held(part):
            write(stream)
            stream.close()
            keep_mode(path, part)
            part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def keep_mode(old: Path, new: Path) -> None:
    """Give a new file the permissions of the one that it is going to replace."""
    if old.is_file() and not old.is_symlink():
        shutil.copymode(old, new)


def sweep_parts(folder: Path, grace: float = _GRACE) -> None:
    """Remove the half-written files whose writers are dead, if they are ``grace`` seconds old."""
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            if _PART.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                with suppress(OSError):
                    if time.time() - path.stat().st_mtime >= grace and not is_held(path):
                        path.unlink()
