"""What NumPy kernels compute, recorded as terms of single numbers instead of being computed.

A kernel of the catalog is called with :class:`Entries` in place of an array. Every function of
NumPy that it calls is noted for each entry, so its own steps, in its own order, can be written out
as scalar code. What has no scalar form raises :class:`NoScalarForm`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from tracer.catalog.terms import UFUNCS, Make, NoScalarForm, Notes, Term, binary
from tracer.formula import FloatArray

IGNORED = frozenset(["dtype", "casting", "axis", "keepdims", "out"])
"""Options of functions that change no number here: all are float64."""


class Entries(NDArrayOperatorsMixin):
    """The entries of a row as terms, where a kernel expects an array of the shape (n,) or ().

    It takes part in NumPy's functions by the protocols that NumPy has for arrays of others.
    """

    def __init__(self, notes: Notes, terms: Sequence[Term], shape: tuple[int, ...]) -> None:
        self.notes, self.terms, self.shape = notes, tuple(terms), shape

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    def copy(self) -> Entries:
        """Itself: nothing is ever changed."""
        return self

    def __bool__(self) -> bool:
        raise NoScalarForm("a decision that is made once for all numbers")

    def __array__(self, *_arguments: Any, **_options: Any) -> Any:
        raise NoScalarForm("an array of numbers that are not known")

    def __getitem__(self, key: Any) -> Entries:
        place = key[-1] if isinstance(key, tuple) and key[0] is Ellipsis else None
        if len(self.shape) == 1 and isinstance(place, int):
            return Entries(self.notes, [self.terms[place]], ())
        if len(self.shape) == 1 and place is None and isinstance(key, tuple) and len(key) == 2:
            return self
        raise NoScalarForm("a part of a row")

    def astype(self, kind: Any) -> Entries:
        """Itself: all are float64, and what is true counts as 1."""
        if np.dtype(kind) != np.float64:
            raise NoScalarForm("numbers of another type")
        return self

    def any(self, axis: int) -> Entries:
        """Whether one of the entries holds."""
        return _reduced("or", self, axis=axis)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        make = UFUNCS.get(ufunc.__name__.split()[0])
        if method == "reduce" and ufunc.__name__ == "add":
            return _reduced("+", *inputs, **options)
        if method != "__call__" or make is None or options.keys() - IGNORED:
            raise NoScalarForm(f"{ufunc.__name__}.{method}")
        return _each(self.notes, make, *inputs)

    def __array_function__(self, function: Any, _types: Any, inputs: Any, options: Any) -> Any:
        found = FUNCTIONS.get(function)
        if found is None:
            raise NoScalarForm(function.__name__)
        return found(self.notes, *inputs, **options)


def entries(notes: Notes, value: Any) -> Entries:
    """A value as entries: an array of constants too."""
    if isinstance(value, Entries):
        return value
    array: FloatArray = np.asarray(value, dtype=np.float64)
    return Entries(
        notes, [notes.constant(number) for number in array.ravel().tolist()], array.shape
    )


def _spread(one: Entries, shape: tuple[int, ...]) -> Sequence[Term]:
    size = math.prod(shape)
    if len(one.terms) not in (1, size):
        raise NoScalarForm("shapes that do not fit")
    return one.terms if len(one.terms) == size else one.terms * size


def _each(notes: Notes, make: Make, *inputs: Any) -> Entries:
    """An operation on entries that stand at the same place."""
    given = [entries(notes, value) for value in inputs]
    shape = np.broadcast_shapes(*(one.shape for one in given))
    columns = zip(*(_spread(one, shape) for one in given), strict=True)
    return Entries(notes, [make(notes, *column) for column in columns], shape)


def _reduced(operation: str, one: Entries, axis: Any = None, **options: Any) -> Entries:
    """All entries put together, from left to right."""
    if axis != -1 or len(one.shape) != 1 or options.keys() - {"keepdims"}:
        raise NoScalarForm("other axes than the last put together")
    make = UFUNCS.get(operation, binary(operation))
    total = reduce(partial(make, one.notes), one.terms)
    return Entries(one.notes, [total], (1,) if options.get("keepdims") else ())


def _where(notes: Notes, condition: Any, yes: Any, no: Any) -> Entries:
    return _each(notes, lambda n, *parts: n.make("where", *parts), condition, yes, no)


def _select(notes: Notes, conditions: Any, choices: Any, default: Any = 0) -> Entries:
    found = entries(notes, default)
    for condition, choice in reversed(list(zip(conditions, choices, strict=True))):
        found = _where(notes, condition, choice, found)
    return found


def _clip(notes: Notes, values: Any, low: Any, high: Any) -> Entries:
    return _each(notes, UFUNCS["minimum"], _each(notes, UFUNCS["maximum"], values, low), high)


def _broadcast(notes: Notes, value: Any, shape: tuple[int, ...]) -> Entries:
    return Entries(notes, _spread(entries(notes, value), shape), shape)


def _mean(notes: Notes, one: Any, axis: Any = None, **options: Any) -> Entries:
    total = _reduced("+", one, axis, **options)
    return _each(notes, binary("/"), total, len(one.terms))


def _stack(notes: Notes, rows: Any, axis: int = 0) -> Entries:
    given = [entries(notes, row) for row in rows]
    if any(one.shape for one in given):
        raise NoScalarForm("a table")
    return Entries(notes, [one.terms[0] for one in given], (len(given),))


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.where: _where,
    np.select: _select,
    np.clip: _clip,
    np.broadcast_to: _broadcast,
    np.stack: _stack,
    np.mean: _mean,
    np.sum: lambda _notes, one, axis=None, **options: _reduced("+", one, axis, **options),
    np.max: lambda _notes, one, axis=None, **options: _reduced("maximum", one, axis, **options),
    np.min: lambda _notes, one, axis=None, **options: _reduced("minimum", one, axis, **options),
    np.any: lambda _notes, one, axis=None, **options: _reduced("or", one, axis, **options),
}
