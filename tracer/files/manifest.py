"""The manifest: what tracer wrote into a folder, kept in that folder as a small JSON file."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from tracer.errors import Problem, RenderError
from tracer.messages import gettext

MANIFEST = ".tracer-manifest.json"
_VERSION = 1
_WORD = r"[A-Za-z0-9_-]+"
_PLAIN = re.compile(rf"{_WORD}(?:/{_WORD})*(?:\.{_WORD})*")
"""Paths that are plainly inside: words, the last of them perhaps with an ending."""


@dataclass(frozen=True)
class Manifest:
    """What tracer wrote, by path relative to the folder (``/`` between names).

    Attributes:
        files: SHA-256 of the content, in hexadecimal, by path.
        pending: the same of what was about to be written; left behind by an interrupted call only.
        folders: the folders that tracer made, and so may remove when they are empty; ``.`` is the
            folder itself.
        origin: what made the files, in words of who writes them; None where nobody said.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    pending: Mapping[str, str] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()
    origin: str | None = None

    @property
    def paths(self) -> frozenset[str]:
        """Every path that may hold something that tracer wrote."""
        return frozenset(self.files) | frozenset(self.pending)

    def wrote(self, path: str, digest: str | None) -> bool:
        """Tell whether content with this digest is what tracer wrote at ``path``."""
        return digest is not None and digest in (self.files.get(path), self.pending.get(path))

    def to_json(self) -> str:
        """Return the text of the file: the same manifest gives the same bytes."""
        content: dict[str, Any] = {"tracer_manifest": _VERSION, "files": dict(self.files)}
        if self.pending:
            content["pending"] = dict(self.pending)
        if self.origin is not None:
            content["origin"] = self.origin
        content["folders"] = sorted(self.folders)
        return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read_manifest(root: Path) -> Manifest:
    """Return the manifest of a folder; an empty one where there is none.

    Raises:
        RenderError: the file is no manifest, or names paths outside the folder.
    """
    path = root / MANIFEST
    try:
        return _from_json(json.loads(read_plain(path)))
    except (FileNotFoundError, NotADirectoryError):
        return Manifest()
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        hint = gettext(
            "Restore it, or delete it together with the rendered pages beside it, and render again."
        )
        message = gettext(
            "this is no readable list of rendered files (%(error)s)",
            error=" ".join(str(error).split()),
        )
        raise RenderError(Problem(message, file=str(path), hint=hint)) from error


def read_plain(path: Path) -> str:
    """Return the text of a regular file in UTF-8; a link or a pipe is not followed or waited for.

    Raises:
        OSError: there is no such file, or it cannot be read.
        ValueError: it is no regular file, or no text in UTF-8.
    """
    return read_bytes(path).decode("utf-8")


def read_bytes(path: Path) -> bytes:
    """The same as bytes, whatever they are."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(os.open(path, flags), "rb") as stream:  # noqa: PTH123
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise ValueError("not a regular file")
        return stream.read()


def _from_json(content: Any) -> Manifest:
    if content["tracer_manifest"] != _VERSION:
        raise ValueError(f"version {content['tracer_manifest']!r}, expected {_VERSION}")
    files, pending = _digests(content["files"]), _digests(content.get("pending", {}))
    folders, origin = content["folders"], content.get("origin")
    if not isinstance(folders, list) or not isinstance(origin, str | None):
        raise TypeError("expected a list of folders, and a text as origin")
    for path in {*files, *pending, *folders} - {"."}:
        if reason := unsafe(path):
            raise ValueError(f"{path!r}: {reason}")
    return Manifest(files, pending, frozenset(folders), origin)


def _digests(table: Any) -> dict[str, str]:
    for path, digest in table.items():
        if not isinstance(digest, str):
            raise TypeError(f"{path!r}: expected a digest, found {digest!r}")
    return dict(table)


def unsafe(path: str) -> str | None:
    """Return why a relative path must not be written or removed, or None if it may be."""
    if _PLAIN.fullmatch(path):
        return None
    pure = PurePosixPath(path)
    if pure.is_absolute() or "\\" in path or ":" in path.partition("/")[0]:
        return gettext("not a path relative to the folder")
    if not path or ".." in pure.parts or str(pure) != path or path == ".":
        return gettext("not a plain path inside the folder")
    if "\0" in path or not _is_text(path):
        return gettext("not a file name")
    if path == MANIFEST:
        return gettext("this name is taken by the list of rendered files")
    return None


def _is_text(path: str) -> bool:
    """Tell whether a path can be written in UTF-8: half a surrogate pair cannot."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
