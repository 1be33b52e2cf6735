"""Tracer's own modules, compiled once where Python would compile them at every start.

Python keeps the code of a module beside its source, unless it is told not to
(``PYTHONDONTWRITEBYTECODE``, as in many containers) or may not write there. Then a rendering spends
a fifth of its time on compiling 270 modules of tracer. So their code is kept with all else that is
kept between runs, in one file, as it belongs to one state of the source. What is not known is
found and compiled as ever.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from tracer.files.keeping import cache_folder, code_folder
from tracer.files.shelf import Shelf

MOST_BYTES = 8 * 2**20
"""More is not kept: all of tracer's modules are three megabytes."""
PACKAGE = "tracer"
Kept = tuple[str, bool, bytes]
"""Where a module stands, whether it is a package, and its code."""


@contextmanager
def modules_kept() -> Iterator[None]:
    """As long as this lasts, tracer's modules are taken from what earlier runs have compiled.

    Nothing changes where Python keeps them itself, or where nothing is kept.
    """
    folder = cache_folder()
    if folder is None or code_folder() != folder:
        yield
        return
    modules = Modules()
    sys.meta_path.insert(0, modules)
    try:
        yield
    finally:
        sys.meta_path.remove(modules)
        modules.shelf.write()


class Modules:
    """Finds tracer's modules: those that are kept, and all others where Python finds them."""

    def __init__(self) -> None:
        self.shelf: Shelf[str, Kept] = Shelf("modules", MOST_BYTES)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module of tracer is; None for every other module."""
        if path is None or not fullname.startswith(f"{PACKAGE}."):
            return None
        kept = self.shelf.known.get(fullname)
        if kept is None:
            return self._found(fullname, path)
        origin, is_package, _ = kept
        loader = _Loader(fullname, origin, self)
        spec = ModuleSpec(fullname, loader, origin=origin, is_package=is_package)
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [origin.rpartition(os.sep)[0]]
        return spec

    def _found(self, fullname: str, path: Sequence[str]) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(fullname, spec.loader.path, self)
        return spec

    def code(self, fullname: str) -> CodeType | None:
        """The code of a module that is kept."""
        kept = self.shelf.known.get(fullname)
        # the folder is the user's own: see keeping
        return None if kept is None else marshal.loads(kept[2])

    def note(self, loader: SourceFileLoader, code: CodeType) -> None:
        """Remember the code of a module that is not kept yet."""
        name = loader.name
        self.shelf.fresh[name] = (loader.path, loader.is_package(name), marshal.dumps(code))


class _Loader(SourceFileLoader):
    """Loads a module as Python does, but for its code."""

    def __init__(self, fullname: str, path: str, modules: Modules) -> None:
        super().__init__(fullname, path)
        self._modules = modules

    def get_code(self, fullname: str) -> CodeType | None:
        """The code that is kept; else what Python reads or compiles."""
        known = self._modules.code(fullname)
        if known is not None:
            return known
        made = super().get_code(fullname)
        if made is not None:
            self._modules.note(self, made)
        return made
