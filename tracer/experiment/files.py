"""Why a file of the user's cannot be read, in words."""

from __future__ import annotations

from pathlib import Path

from tracer.errors import Problem
from tracer.experiment.words import did_you_mean, found_text


def why_unreadable(path: Path, error: Exception) -> str:
    """The reason why a file cannot be opened: what was found instead."""
    if isinstance(error, FileNotFoundError):
        return f"no file {found_text(str(path))}"
    if isinstance(error, IsADirectoryError):
        return f"that {found_text(str(path))} is a folder"
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"that {found_text(str(path))} cannot be read ({reason})"


def near_file(path: Path, error: Exception) -> str | None:
    """The hint that names the most similar file of the folder where one is missing."""
    if not isinstance(error, FileNotFoundError):
        return None
    try:
        return did_you_mean(path.name, sorted(file.name for file in path.parent.iterdir()))
    except (OSError, ValueError):
        return None


def not_utf8(file: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    """The problem of a file in another encoding."""
    line = data.count(b"\n", 0, error.start) + 1
    found = f"expected UTF-8, found the byte 0x{data[error.start]:02x}"
    return Problem(found, file, line, hint="Save the file with the encoding UTF-8.")
