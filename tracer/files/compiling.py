"""What dataclasses compile at every start: compiled once, and only what is used.

Each dataclass writes some methods as text and lets Python compile them when its module is imported:
1,600 texts, a third of the time that all imports of a rendering take. Most are never called: how
the class is compared, hashed, shown, and how it refuses a change. So these are written and compiled
when they are called for the first time. The others are needed at once; their code is looked up by
the very text, and what is not known is compiled as ever.
"""

from __future__ import annotations

import dataclasses
import marshal
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from types import CodeType
from typing import Any

from tracer.files.shelf import Shelf

MOST_BYTES = 4 * 2**20
"""More is not kept: all of tracer's texts with their code are half a megabyte."""
HOOK = "exec"
"""What the module dataclasses calls for a text: a name in the module comes before the builtin."""
WRITERS = ("_repr_fn", "_cmp_fn", "_hash_fn", "_frozen_get_del_attr")
"""What writes the methods that are seldom called, up to Python 3.12. From 3.13 on one text has all
methods of a class, and none is left for later."""
NAMED = "_MODULE_IDENTIFIER_RE"
"""What the module dataclasses reads each annotation with, three times: most are met often."""


@contextmanager
def compiled_once() -> Iterator[None]:
    """As long as this lasts, a dataclass takes the code of its methods from earlier runs."""
    if HOOK in vars(dataclasses):
        yield
        return
    texts = _Texts()
    before = {name: getattr(dataclasses, name) for name in _replaced()}
    for name, made in {HOOK: texts.run, **_replaced()}.items():
        setattr(dataclasses, name, made)
    try:
        yield
    finally:
        delattr(dataclasses, HOOK)
        for name, made in before.items():
            setattr(dataclasses, name, made)
        texts.shelf.write()


Method = Callable[..., Any]


def _later(name: str, make: Callable[[], Method]) -> Method:
    """A method that is made when it is called, and then takes its own place in the class."""
    made = None

    def method(self: Any, *arguments: Any) -> Any:
        nonlocal made
        if made is None:
            made = make()
            made.__qualname__ = method.__qualname__
            for kind in type(self).__mro__:
                if vars(kind).get(name) is method:
                    setattr(kind, name, made)
        return made(self, *arguments)

    method.__name__ = name
    return method


def _replaced() -> dict[str, Any]:
    """What stands in the module dataclasses in place of its own, by name."""
    if not all(hasattr(dataclasses, name) for name in (NAMED, *WRITERS)):
        return {}
    repr_of, compared, hashed, refused = (getattr(dataclasses, name) for name in WRITERS)

    def repr_later(*given: Any) -> Method:
        return _later("__repr__", lambda: repr_of(*given))

    def compared_later(name: str, *given: Any, **more: Any) -> Method:
        return _later(name, lambda: compared(name, *given, **more))

    def hashed_later(*given: Any) -> Method:
        return _later("__hash__", lambda: hashed(*given))

    def refused_later(*given: Any) -> tuple[Method, ...]:
        names = ("__setattr__", "__delattr__")
        return tuple(_later(n, partial(_nth, k, refused, given)) for k, n in enumerate(names))

    later = (repr_later, compared_later, hashed_later, refused_later)
    return {
        NAMED: _Expression(getattr(dataclasses, NAMED)),
        **dict(zip(WRITERS, later, strict=True)),
    }


def _nth(place: int, make: Callable[..., Sequence[Method]], given: Sequence[Any]) -> Method:
    return make(*given)[place]


class _Expression:
    """An expression that looks at each text once."""

    def __init__(self, real: re.Pattern[str]) -> None:
        self.match = cache(real.match)


class _Texts:
    """Texts with their code."""

    def __init__(self) -> None:
        self.shelf: Shelf[str, bytes] = Shelf("compiled", MOST_BYTES)

    def run(self, text: str, *spaces: Any) -> None:
        """Execute a text, as the builtin ``exec`` does."""
        exec(self._code(text), *spaces)

    def _code(self, text: str) -> CodeType:
        kept = self.shelf.known.get(text)
        if kept is not None:
            found: CodeType = marshal.loads(kept)  # the folder is the user's own: see keeping
            return found
        code = compile(text, "<string>", "exec")
        self.shelf.fresh[text] = marshal.dumps(code)
        return code
