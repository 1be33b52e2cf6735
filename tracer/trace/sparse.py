"""An array of which only a part is kept: the rest is computed when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from tracer.errors import Problem, TracerError
from tracer.experiment.limits import size_text
from tracer.experiment.room import check_room

MAX_WHOLE = 2**30
"""One gigabyte: what is asked for as a whole is held whole, beside what is kept."""
AT_A_TIME = "Not all of this run is kept; ask for some updates or visits of it at a time."

Entry = Callable[[int], npt.NDArray[Any]]


class SparseArray(np.lib.mixins.NDArrayOperatorsMixin):
    """Read like an array of shape (length, …): by numbers, slices, masks, and as a whole.

    ``entry`` gives the values at one place of the first axis. Places that are asked for together
    are computed in ascending order. The result of an index is an ordinary array.

    Raises:
        IndexError: there is no such place.
        TracerError: what is asked for at once would be larger than is sensible.
    """

    def __init__(self, length: int, shape: tuple[int, ...], kind: Any, entry: Entry) -> None:
        self.shape = (length, *shape)
        self.dtype = np.dtype(kind)
        self._entry = entry

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many numbers it has, kept or not."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        """What it would take as a whole."""
        return self.size * int(self.dtype.itemsize)

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[npt.NDArray[Any]]:
        return (self._entry(place) for place in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        first, *rest = index if isinstance(index, tuple) else (index,)
        if isinstance(first, int | np.integer):
            found = self._entry(self._place(int(first)))
            return found[tuple(rest)] if rest else found
        places = self._places(first)
        gathered = self._gathered(places.ravel()).reshape(places.shape + self.shape[1:])
        if not rest:
            return gathered
        lead: Any = slice(None) if isinstance(first, slice) else np.arange(len(places))
        return gathered[(lead, *rest)]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        whole = self._gathered(np.arange(len(self)))
        return whole if dtype is None else whole.astype(dtype, copy=False)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [np.asarray(i) if isinstance(i, SparseArray) else i for i in inputs]
        return getattr(ufunc, method)(*plain, **options)

    def __getattr__(self, name: str) -> Any:
        """What an ordinary array has besides, such as ``max``: of the whole array."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(np.asarray(self), name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.shape}>"

    def _place(self, index: int) -> int:
        length = len(self)
        if not -length <= index < length:
            raise IndexError(f"index {index} is out of bounds for axis 0 with size {length}")
        return index % length

    def _places(self, index: Any) -> npt.NDArray[np.int64]:
        if isinstance(index, slice):
            return np.arange(len(self))[index]
        if index is Ellipsis:
            return np.arange(len(self))
        found = np.asarray(index)
        if found.dtype == bool:
            return np.flatnonzero(found)
        if found.dtype.kind not in "iu" and found.size:
            raise IndexError("only numbers, slices and arrays of them are valid indices")
        return np.arange(len(self))[found.astype(np.int64)]

    def _gathered(self, places: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        size = len(places) * prod(self.shape[1:]) * self.dtype.itemsize
        if size > MAX_WHOLE:
            message = f"expected at most {size_text(MAX_WHOLE)} at once, found {size_text(size)}"
            raise TracerError(Problem(message, hint=AT_A_TIME))
        check_room(size, "these numbers of the run", hint=AT_A_TIME)
        found = np.empty((len(places), *self.shape[1:]), dtype=self.dtype)
        for k in np.argsort(places, kind="stable"):
            found[k] = self._entry(int(places[k]))
        return found
