"""What NumPy makes at every start and a rendering never asks for: left out, or made when asked for.

Half of the time that NumPy takes to be imported it spends on the docstrings of its C functions and
on type aliases for annotations. The modules that hold nothing but docstrings are given as empty
ones; NumPy's own documentation is built the same way. The module of aliases is one that knows
arrays alone, all that NumPy itself asks of it, and becomes the real one where anything else is
asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

LIBRARY = "numpy"
DOCSTRINGS = ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars")
"""Modules that write docstrings and do nothing else."""
ALIASES = "numpy._typing"
PART = ALIASES.rpartition(".")[2]
ARRAY = "NDArray"
Scalar = TypeVar("Scalar")


@contextmanager
def numpy_spared() -> Iterator[None]:
    """As long as this lasts, NumPy is imported without what nobody asks for.

    Nothing changes where it is imported already.
    """
    if LIBRARY in sys.modules:
        yield
        return
    made = [*(ModuleType(name) for name in DOCSTRINGS), Aliases(ALIASES)]
    sys.modules.update({module.__name__: module for module in made})
    try:
        yield
    finally:
        for module in made:
            if sys.modules.get(module.__name__) is module:
                del sys.modules[module.__name__]


class Aliases(ModuleType):
    """NumPy's aliases for annotations: arrays, and what else is asked for from the real module."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(ALIASES) is self:
            if name == ARRAY:
                numpy = sys.modules[LIBRARY]
                return numpy.ndarray[Any, numpy.dtype[Scalar]]
            if name == "__path__":  # asked for at every import of a part
                return [str(Path(folder) / PART) for folder in sys.modules[LIBRARY].__path__]
            del sys.modules[ALIASES]
        return getattr(import_module(ALIASES), name)
