"""Regular expressions that are compiled at every start, compiled once.

A hundred modules of tracer and of its libraries compile two hundred expressions when they are
imported. What Python's own compiler makes of an expression is a row of numbers; here it is looked
up by the very expression, and what is not known is compiled as ever.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tracer.files.shelf import Shelf

MOST_BYTES = 2**20
"""More is not kept: all expressions of a rendering are a tenth of that."""
TRIED = (3, 15)
"""The first Python of which nobody knows whether it compiles expressions in the same parts."""
HOOK = "compile"
"""What Python's module re calls for an expression that it has not met."""
Made = tuple[int, list[int], int, dict[str, int], tuple[str | None, ...]]
"""What the matcher is made of: flags, code, how many groups, their numbers and their names."""


@contextmanager
def patterns_kept() -> Iterator[None]:
    """As long as this lasts, expressions are taken from what earlier runs have compiled."""
    compiler = sys.modules.get("re._compiler")
    real = getattr(compiler, HOOK, None)
    if not _is_known(compiler) or isinstance(getattr(real, "__self__", None), _Patterns):
        yield
        return
    patterns = _Patterns(compiler, real)
    setattr(compiler, HOOK, patterns.compiled)
    try:
        yield
    finally:
        setattr(compiler, HOOK, real)
        patterns.shelf.write()


def _is_known(compiler: Any) -> bool:
    """Whether Python's compiler is made as that of the versions which tracer was tried with."""
    parts = (HOOK, "_parser", "_code", "_sre")
    return sys.version_info < TRIED and all(hasattr(compiler, part) for part in parts)


class _Patterns:
    """Expressions with what they are compiled to."""

    def __init__(self, compiler: Any, real: Any) -> None:
        self._compiler, self._real = compiler, real
        self.shelf: Shelf[tuple[str, int], Made] = Shelf("patterns", MOST_BYTES)

    def compiled(self, pattern: Any, flags: int = 0) -> re.Pattern[Any]:
        """The compiled expression, as Python's own compiler makes it."""
        if type(pattern) is not str or flags & re.DEBUG:
            found: re.Pattern[Any] = self._real(pattern, flags)
            return found
        key = pattern, int(flags)
        made = self.shelf.known.get(key)
        if made is None:
            made = self._made(pattern, int(flags))
            self.shelf.fresh[key] = self.shelf.known[key] = made
        matcher: re.Pattern[str] = self._compiler._sre.compile(pattern, *made)  # noqa: SLF001
        return matcher

    def _made(self, pattern: str, flags: int) -> Made:
        """What Python's compiler hands to the matcher."""
        parser, code = self._compiler._parser, self._compiler._code  # noqa: SLF001
        parsed = parser.parse(pattern, flags)
        numbers, names = dict(parsed.state.groupdict), [None] * parsed.state.groups
        for name, number in numbers.items():
            names[number] = name
        all_flags = int(flags | parsed.state.flags)
        numbers_of_code = [int(one) for one in code(parsed, flags)]
        return all_flags, numbers_of_code, parsed.state.groups - 1, numbers, tuple(names)
