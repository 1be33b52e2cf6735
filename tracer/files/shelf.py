"""Many small things of one kind that earlier runs have worked out, in one file.

It is made of tracer's own source and of Python alone, so it belongs to one state of these.
"""

from __future__ import annotations

import marshal
from typing import Generic, TypeVar

from tracer.files.keeping import keep, recalled
from tracer.files.packs import source_state

Key = TypeVar("Key")
Value = TypeVar("Value")
_UNREADABLE = (EOFError, ValueError, TypeError)


class Shelf(Generic[Key, Value]):
    """Things by their keys, of types that :mod:`marshal` knows; at most ``most`` bytes are kept.

    Attributes:
        known: what earlier runs have kept.
        fresh: what this run adds.
    """

    def __init__(self, name: str, most: int) -> None:
        self._key, self._most = f"{name} ".encode() + source_state(), most
        self.known: dict[Key, Value] = self._read()
        self.fresh: dict[Key, Value] = {}

    def write(self) -> None:
        """Keep what is new, with what another process has kept in the meantime."""
        if self.fresh:
            content = marshal.dumps({**self._read(), **self.fresh})
            if len(content) <= self._most:
                keep(self._key, content, code=True)

    def _read(self) -> dict[Key, Value]:
        with recalled(self._key, code=True) as found:
            try:  # the folder is the user's own: see keeping
                return dict(marshal.loads(found)) if found else {}
            except _UNREADABLE:
                return {}
