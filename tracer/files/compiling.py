"""What dataclasses compile at every start: compiled once, and only what is used.

Each dataclass writes some methods as text and lets Python compile them when its module is imported:
1,600 texts, a third of the time that all imports of a rendering take. Most are never called: how
the class is compared, hashed, shown, and how it refuses a change. So these are compiled when they
are called for the first time. The others are needed at once; their code is looked up by the very
text, and what is not known is compiled as ever.
"""

from __future__ import annotations

import dataclasses
import marshal
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

from tracer.files.shelf import Shelf

MOST_BYTES = 4 * 2**20
"""More is not kept: all of tracer's texts with their code are half a megabyte."""
MAKER = "__create_fn__"
"""What a text defines: a function that makes the method out of what it refers to."""
SELDOM = re.compile(
    rf"def {MAKER}\(.*\):\n def (__(?:eq|hash|repr|setattr|delattr|lt|le|gt|ge)__)\("
)
"""The texts of methods that are mostly never called. From Python 3.13 on one text has all methods
of a class, and none is left for later."""
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


class _Texts:
    """Texts with their code."""

    def __init__(self) -> None:
        self.shelf: Shelf[str, bytes] = Shelf("compiled", MOST_BYTES)

    def run(self, text: str, *spaces: Any) -> None:
        """Execute a text, as the builtin ``exec`` does; or later, see :data:`SELDOM`."""
        found = SELDOM.match(text)
        if found is None or len(spaces) != 2:
            exec(self._code(text), *spaces)
            return
        around, space = spaces

        def maker(**known: Any) -> Method:
            def make() -> Method:
                made: dict[str, Any] = {}
                exec(self._code(text), around, made)
                method: Method = made[MAKER](**known)
                return method

            return _later(found[1], make)

        space[MAKER] = maker

    def _code(self, text: str) -> CodeType:
        kept = self.shelf.known.get(text)
        if kept is not None:
            found: CodeType = marshal.loads(kept)  # the folder is the user's own: see keeping
            return found
        code = compile(text, "<string>", "exec")
        self.shelf.fresh[text] = marshal.dumps(code)
        return code
