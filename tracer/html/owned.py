"""Files of one piece: the last line of each is a mark by which tracer knows its own work."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tracer.errors import BuildError, Problem, RenderError
from tracer.files.atomic import write_atomically
from tracer.files.manifest import read_bytes
from tracer.messages import gettext


@dataclass(frozen=True)
class Seal:
    """How a kind of file ends in a comment: what stands before the digest in it, and after."""

    before: bytes
    after: bytes

    def put(self, content: bytes) -> bytes:
        """The content with its mark."""
        return content + self._mark(content)

    def is_whole(self, content: bytes) -> bool:
        """Whether the content ends with the mark of what stands before it."""
        size = len(self._mark(b""))
        return content[-size:] == self._mark(content[:-size])

    def _mark(self, content: bytes) -> bytes:
        return self.before + sha256(content).hexdigest().encode() + self.after


HTML = Seal(b"<!-- tracer: ", b" -->\n")
PDF = Seal(b"% tracer: ", b"\n")


def check_owned(path: Path, seal: Seal) -> None:
    """Raise RenderError where something stands at ``path`` that is not as tracer wrote it."""
    if not path.exists() and not path.is_symlink():
        return
    try:
        present = read_bytes(path)
    except (OSError, ValueError):
        present = b""
    if not seal.is_whole(present):
        raise RenderError(
            Problem(
                gettext("was not written by tracer, or was changed since"),
                file=str(path),
                hint=gettext("Move it away, or name another file."),
            )
        )


def write_owned(path: Path, content: bytes, seal: Seal) -> None:
    """Put a file that has its mark in its place, whole or not at all.

    Raises:
        RenderError: another file stands there.
        BuildError: the disk refuses.
    """
    check_owned(path, seal)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, lambda stream: stream.write(content))
    except OSError as error:
        raise BuildError(
            Problem(gettext("cannot be written: %(error)s", error=error.strerror), file=str(path))
        ) from error
