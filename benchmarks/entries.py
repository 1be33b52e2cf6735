"""The entries of the table: modules of this package that have a function ``rows``."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

import benchmarks
from benchmarks.measure import Row

Rows = Callable[[int], Iterator[Row]]


@dataclass(frozen=True)
class Entry:
    """A module that measures something."""

    name: str
    title: str
    rows: Rows


def entries() -> dict[str, Entry]:
    """Every entry by its module's name."""
    names = sorted(info.name for info in pkgutil.iter_modules(benchmarks.__path__))
    modules = {n: import_module(f"benchmarks.{n}") for n in names if not n.startswith("_")}
    return {
        name: Entry(name, str(module.__doc__).partition("\n")[0], module.rows)
        for name, module in modules.items()
        if hasattr(module, "rows")
    }


def rows_of(entry: Entry, repeat: int) -> Iterator[Row]:
    """The rows of an entry; where it cannot go on, the last row says why."""
    try:
        yield from entry.rows(repeat)
    except Exception as error:  # noqa: BLE001  what is not installed must not end the others
        said = str(error).strip().partition("\n")[0]
        yield Row(entry.name, f"not measured: {type(error).__name__}: {said}", "", None)
