"""What dataclasses compile at every start, compiled once.

Each dataclass writes some methods as text and lets Python compile them when its module is imported:
1,600 texts, a third of the time that all imports of a rendering take. Here the code of a text is
looked up by the very text; what is not known is compiled as ever.
"""

from __future__ import annotations

import dataclasses
import marshal
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

from tracer.files.keeping import keep, recall
from tracer.files.packs import source_state

MOST_BYTES = 4 * 2**20
"""More is not kept: all of tracer's texts with their code are half a megabyte."""
_UNREADABLE = (pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError, TypeError)
HOOK = "exec"
"""What the module dataclasses calls for a text: a name in the module comes before the builtin."""


@contextmanager
def compiled_once() -> Iterator[None]:
    """As long as this lasts, a dataclass takes the code of its methods from earlier runs."""
    if HOOK in vars(dataclasses):
        yield
        return
    texts = _Texts()
    setattr(dataclasses, HOOK, texts.run)
    try:
        yield
    finally:
        delattr(dataclasses, HOOK)
        texts.write()


class _Texts:
    """Texts with their code."""

    def __init__(self) -> None:
        self._key = b"compiled " + source_state()
        self._known = self._read()
        self._fresh: dict[str, bytes] = {}

    def run(self, text: str, *spaces: Any) -> None:
        """Execute a text, as the builtin ``exec`` does."""
        exec(self._code(text), *spaces)

    def _code(self, text: str) -> CodeType:
        kept = self._known.get(text)
        if kept is not None:
            found: CodeType = marshal.loads(kept)  # the folder is the user's own: see keeping
            return found
        code = compile(text, "<string>", "exec")
        self._fresh[text] = marshal.dumps(code)
        return code

    def write(self) -> None:
        """Keep what was compiled, with what another process has kept in the meantime."""
        if self._fresh:
            content = pickle.dumps({**self._read(), **self._fresh})
            if len(content) <= MOST_BYTES:
                keep(self._key, content, code=True)

    def _read(self) -> dict[str, bytes]:
        found = recall(self._key, code=True)
        try:
            return dict(pickle.loads(found)) if found else {}
        except _UNREADABLE:
            return {}
