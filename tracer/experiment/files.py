"""Opening a user's file: only regular files of a sensible size; and why one cannot be read."""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

from tracer.errors import Problem
from tracer.experiment.limits import INSIST, size_text
from tracer.experiment.words import did_you_mean, found_text

_ARCHIVE, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ADDRESS = re.compile(r"(?:^|/)([A-Za-z][A-Za-z0-9+-]+):/+(.*)", re.DOTALL)
EXPERIMENT = ".toml"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class TooLargeError(Exception):
    """A file is larger than what is read without being asked twice."""


class NotAFileError(Exception):
    """Something else than a file of bytes: a pipe, a device, a socket."""


def open_regular(path: Path, limit: int | None) -> io.BufferedReader:
    """Open a regular file of at most ``limit`` bytes; never waits for a pipe.

    Raises OSError, ValueError, NotAFileError or TooLargeError.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    stream = os.fdopen(os.open(path, flags | getattr(os, "O_CLOEXEC", 0)), "rb")
    try:
        about = os.fstat(stream.fileno())
        if stat.S_ISDIR(about.st_mode):
            raise IsADirectoryError
        if not stat.S_ISREG(about.st_mode):
            raise NotAFileError
        if limit is not None and about.st_size > limit:
            raise TooLargeError(size_text(about.st_size))
    except BaseException:
        stream.close()
        raise
    return stream


def why_unreadable(path: Path, error: Exception) -> str:
    """The reason why a file cannot be opened: what was found instead."""
    if isinstance(error, FileNotFoundError):
        url = _address(path)
        return f"the address {found_text(url)}" if url else f"no file {found_text(str(path))}"
    if isinstance(error, IsADirectoryError):
        return f"that {found_text(str(path))} is a folder"
    if isinstance(error, NotAFileError):
        return f"that {found_text(str(path))} is a device or a pipe"
    if isinstance(error, TooLargeError):
        return f"{error} in {found_text(str(path))}"
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"that {found_text(str(path))} cannot be read ({reason})"


def what_helps(path: Path, error: Exception) -> str | None:
    """The hint for a file that cannot be opened: the most similar name, or how to insist."""
    if isinstance(error, TooLargeError):
        return INSIST
    if isinstance(error, IsADirectoryError):
        return "Name a file in it."
    if not isinstance(error, FileNotFoundError):
        return None
    if _address(path):
        return "Nothing is fetched from elsewhere: download the file, and name it by its path."
    try:
        beside = sorted(file.name for file in path.parent.iterdir() if _may_be_meant(file, path))
        return did_you_mean(path.name, beside)
    except (OSError, ValueError):
        return None


def _may_be_meant(file: Path, path: Path) -> bool:
    """Whether one of two names can be a slip of the other: no table is an experiment."""
    return (file.suffix == EXPERIMENT) == (path.suffix == EXPERIMENT)


def _address(path: Path) -> str | None:
    """The address of the web that a path was meant to be: paths keep one slash of two."""
    found = _ADDRESS.search(path.as_posix())
    return found and f"{found[1]}://{found[2]}"


def not_utf8(file: str, start: bytes, wrong: tuple[int, int] | None) -> Problem:
    """The problem of a file in another encoding.

    ``start`` are its first bytes, ``wrong`` is (line, byte) of the first that is no UTF-8.
    """
    line, byte = wrong or (1, start[0])
    found = f"the byte 0x{byte:02x}"
    if start[:2] in _UTF16:
        line, found = 1, "UTF-16"
    hint = 'Save the file with the encoding UTF-8 (in spreadsheets: "CSV UTF-8").'
    hint = hint if file.lower().endswith(".csv") else "Save the file with the encoding UTF-8."
    if start[:4] in (_ARCHIVE, _OLD_OFFICE):
        line, found = 1, "a spreadsheet, a saved trace or another packed file"
        hint = "Save a spreadsheet as CSV UTF-8; tracer.Trace.load in Python reads a saved trace."
    return Problem(f"expected UTF-8, found {found}", file, line, hint=hint)


def first_wrong_byte(stream: Iterable[bytes]) -> tuple[int, int] | None:
    """(line, byte) of the first byte that is no UTF-8."""
    for number, line in enumerate(stream, start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            return number, line[error.start]
    return None
