"""Room for numbers on the disk: a file without a name, that is gone when nothing refers to it."""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from math import prod
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from tracer.errors import BuildError, Problem
from tracer.experiment.limits import size_text
from tracer.files.keeping import cache_folder

AnyArray = npt.NDArray[Any]
HINT = "Make room, name another folder in TRACER_CACHE, or give a smaller disk in [record]."
MOST_HELD = 2**27
"""128 megabytes of checkpoints that stand in memory as well: to give them back takes a millisecond,
and to compute and write as many takes a second."""
_DROP = getattr(mmap, "MADV_DONTNEED", None)
"""The advice with which the system takes pages of a file out of a process, and keeps the file."""


@dataclass(eq=False)
class Scratch:
    """Arrays that stand in files of tracer's cache folder, mapped into memory."""

    _maps: list[mmap.mmap] = field(default_factory=list)
    _entry: int = 0
    _entries: int = 0

    def room(self, shape: tuple[int, ...], dtype: type = np.float64) -> AnyArray:
        """An array of zeros of this shape, (…), and type.

        Its place on the disk is taken at once: a disk that is full later ends no process.

        Raises:
            BuildError: the disk has no room for it, or refuses.
        """
        size, folder = prod(shape) * np.dtype(dtype).itemsize, _folder()
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                _reserve(file, size, folder)
                self._maps.append(mmap.mmap(file.fileno(), size))
        except OSError as error:
            message = f"expected {size_text(size)} of the disk for checkpoints: {error.strerror}"
            raise BuildError(Problem(message, file=folder, hint=HINT)) from error
        self._entry += size // shape[0]
        return np.frombuffer(self._maps[-1], dtype).reshape(shape)

    def written(self) -> None:
        """Take notice that an entry of each array was written: what many of them take is released.

        Not by epochs: one of many small updates may be as large as the memory.
        """
        self._entries += 1
        if self._entries * self._entry > MOST_HELD:
            self.release()
            self._entries = 0

    def release(self) -> None:
        """Give back the memory that what was written takes; it is read again when it is asked for.

        Without this the system takes it back when others need it.
        """
        for each in self._maps:
            with suppress(OSError):
                if _DROP is not None:
                    each.madvise(_DROP)


def _folder() -> str:
    return str(cache_folder() or tempfile.gettempdir())


def _reserve(file: BinaryIO, size: int, folder: str) -> None:
    """Take so many bytes of the disk. Where the system cannot, see whether they are there."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
        return
    free = shutil.disk_usage(folder).free
    if size > free:
        raise OSError(None, f"{size_text(free)} are free")
    file.truncate(size)
