"""The tables of tracer: rows by name, open to rows that are written elsewhere.

The catalog (activations, losses, optimizers, …), the pages and the pictures are such tables. A row
that is registered is one of its table from then on: experiment files take its name, and training,
pages, checks, lint and the search for seeds know it. What is derived from a row (its formulas, its
kernels) is derived once a name, so a name stands for one row as long as Python runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from tracer.errors import CatalogError, Problem


class Row(Protocol):
    """What every row has."""

    @property
    def name(self) -> str:
        """What an experiment file calls it."""


R = TypeVar("R", bound=Row)


class Registry(Mapping[str, R], Generic[R]):
    """The rows of one kind by name, in the order in which they came.

    Raises:
        CatalogError: a name that another row has, or has had.
    """

    def __init__(self, kind: type[R], rows: Iterable[R]) -> None:
        self._rows: dict[str, R] = {}
        self._known: dict[str, R] = {}
        for row in rows:
            self.register(row)
        self._own = frozenset(self._rows)
        _REGISTRIES[kind] = self

    def register(self, row: R) -> None:
        """Take up a row for good."""
        if not row.name.isidentifier():
            hint = "A name is made of letters, digits and underscores."
            raise CatalogError(Problem(f"{row.name!r} is no name for a row", hint=hint))
        if row.name in self._rows or self._known.get(row.name, row) is not row:
            hint = "Give the row another name."
            raise CatalogError(Problem(f"the name {row.name} is taken by another row", hint=hint))
        self._rows[row.name] = self._known[row.name] = row

    def remove(self, row: R) -> None:
        """Let a row go that was registered."""
        del self._rows[row.name]

    @property
    def outside(self) -> frozenset[str]:
        """The names of the rows that are written elsewhere."""
        return frozenset(self._rows) - self._own

    def __getitem__(self, name: str) -> R:
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


_REGISTRIES: dict[type, Registry[Any]] = {}


def _registry(row: Row) -> Registry[Any]:
    if type(row) not in _REGISTRIES:
        kinds = ", ".join(kind.__name__ for kind in _REGISTRIES)
        message = f"a row is one of {kinds}, not of the type {type(row).__name__}"
        raise CatalogError(Problem(message))
    return _REGISTRIES[type(row)]


def register(*rows: Row) -> None:
    """Take up rows in the tables of their kinds, as if they stood there.

    Raises:
        CatalogError: a name that is taken, or what is no row of a table.
    """
    for row in rows:
        _registry(row).register(row)


def outside() -> frozenset[str]:
    """The names of all rows that are written elsewhere: no other process knows them."""
    return frozenset().union(*(table.outside for table in _REGISTRIES.values()))


def template_folders() -> tuple[Path, ...]:
    """The folders that rows from outside name for their templates, each once."""
    rows = (row for registry in _REGISTRIES.values() for row in registry.values())
    named = (getattr(row, "templates", None) for row in rows)
    return tuple(dict.fromkeys(folder for folder in named if folder))


@contextmanager
def registered(*rows: Row) -> Iterator[None]:
    """The same for the time of a ``with`` block, as tests want it."""
    taken: list[Row] = []
    try:
        for row in rows:
            register(row)
            taken.append(row)
        yield
    finally:
        for row in taken:
            _registry(row).remove(row)
