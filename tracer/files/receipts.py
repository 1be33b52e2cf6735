"""Receipts: what some work was made of and what it left, so that it need not be done again.

A receipt counts only as long as every file that was left has the content that it had, and nothing
else came beside it. It is kept under the place of the work, with a key of all that it was made of.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from tracer.files.keeping import keep, recall

OURS = ".tracer-"
"""How the files begin in which tracer writes down what it left: their content counts."""


@dataclass(frozen=True)
class Receipt:
    """What was left by some work.

    Attributes:
        key: a digest of all that the work was made of.
        said: what is to be said when there is nothing to do.
        left: SHA-256 of each file that was written, in hexadecimal, by its absolute path.
        asked: the same of what is kept between runs (:mod:`tracer.files.keeping`), by the key in
            hexadecimal; "" where nothing was kept.
        around: for each folder, a digest of the names of all that stands in it.
    """

    key: str
    said: tuple[str, ...] = ()
    left: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    around: Mapping[str, str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether everything is as it was left."""
        return (
            self.is_asked_alike()
            and all(names_in(folder) == names for folder, names in self.around.items())
            and all(_digest_at(path) == digest for path, digest in self.left.items())
        )

    def is_asked_alike(self) -> bool:
        """Whether what is kept between runs is what it was."""
        return all(kept_digest(bytes.fromhex(key)) == was for key, was in self.asked.items())

    def contents(self) -> dict[str, bytes] | None:
        """What was left, read again; None where something of it is not as it was."""
        found: dict[str, bytes] = {}
        for path, digest in self.left.items():
            content = _content(path)
            if content is None or sha256(content).hexdigest() != digest:
                return None
            found[path] = content
        return found

    def keep(self, place: str) -> None:
        """Keep it, instead of what was kept for the same place."""
        keep(_place(place), json.dumps(asdict(self)).encode())


def receipt_of(place: str, key: str) -> Receipt | None:
    """The receipt that was kept for a place, if the work was made of the same."""
    found = recall(_place(place))
    if found is None:
        return None
    try:
        content = json.loads(found)
        receipt = Receipt(**{**content, "said": tuple(content["said"])})
    except (ValueError, TypeError, KeyError):
        return None
    return receipt if receipt.key == key else None


def kept_digest(key: bytes) -> str:
    """The digest of what is kept between runs for a key; "" where nothing is."""
    found = recall(key)
    return "" if found is None else sha256(found).hexdigest()


def digests_at(paths: Iterable[Path]) -> dict[str, str]:
    """The digests of some files by their absolute paths."""
    return {absolute(path): _digest_at(path) for path in paths}


def absolute(path: Path) -> str:
    """The absolute path, in which links stay."""
    return os.path.abspath(path)  # noqa: PTH100 - that would follow them


def names_in(folder: str | Path) -> str:
    """A digest of the names of all that stands in a folder, of its kind, and of tracer's notes."""
    whole = sha256()
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in (*folders, None, *sorted(names)):
            path = place if name is None else os.path.join(place, name)  # noqa: PTH118 - thousands
            is_link = "@" if os.path.islink(path) else ""  # noqa: PTH114 - the same
            note = _digest_at(path) if name is not None and name.startswith(OURS) else ""
            whole.update(f"{path!r}{is_link}{note}\n".encode())
    return whole.hexdigest()


def _place(place: str) -> bytes:
    return b"receipt " + os.fsencode(place)


def _digest_at(path: str | Path) -> str:
    content = _content(path)
    return "" if content is None else sha256(content).hexdigest()


def _content(path: str | Path) -> bytes | None:
    """What stands in a plain file: a link is not followed, a pipe is not waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(os.open(path, flags), "rb") as stream:  # noqa: PTH123 - of a descriptor
            is_plain = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
            return stream.read() if is_plain else None
    except OSError:
        return None
