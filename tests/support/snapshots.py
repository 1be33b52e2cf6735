"""Snapshots: what tracer makes, stored as text, so that a change shows as a diff.

`make snapshots` (`pytest --snapshot-update`) writes them anew; look at the diff before keeping it.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "snapshots"
LINES_SHOWN = 40

_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?(?![\w.])")


@dataclass(frozen=True)
class Snapshots:
    """The stored texts; with `update` they are written instead of compared."""

    update: bool
    folder: Path = FOLDER

    def check(self, name: str, text: str, *, relative: float = 0.0) -> None:
        """Compare `text` with the file `name`, numbers in it up to a relative difference.

        Processors differ in the last bits of a sum of products: long runs need a little room.
        """
        path = self.folder / name
        if self.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or not alike(path.read_text("utf-8"), text, relative):
                path.write_bytes(text.encode())
            return
        if not path.exists():
            pytest.fail(f"There is no snapshot {name} yet. `make snapshots` writes it.")
        stored = path.read_bytes().decode()
        if not alike(stored, text, relative):
            pytest.fail(_message(name, stored, text), pytrace=False)


def alike(stored: str, text: str, relative: float) -> bool:
    """Whether two texts are equal, but for small differences of their numbers."""
    if stored == text or not relative:
        return stored == text
    if _NUMBER.sub("0", stored) != _NUMBER.sub("0", text):
        return False
    pairs = zip(_NUMBER.findall(stored), _NUMBER.findall(text), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=relative) for a, b in pairs)


def _message(name: str, stored: str, text: str) -> str:
    lines = difflib.unified_diff(
        stored.splitlines(), text.splitlines(), "stored", "made now", lineterm="", n=1
    )
    shown = "\n".join(islice(lines, LINES_SHOWN))
    return (
        f"{name} is not what is stored:\n{shown}\n"
        "If the change is meant: `make snapshots`, and look at the diff before you keep it."
    )
