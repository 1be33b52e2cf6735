"""What an operation makes of rows, by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from tracer.conditions.leaves import Row


def _reads(texts: Row, number: Row) -> Row:
    return np.array([_read(each) == number[0] for each in texts], dtype=bool)


def _read(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _joined(*texts: Row) -> Row:
    return text_row(["".join(str(each) for row in texts for each in row)])


def _beside(*texts: Row) -> Row:
    rows = np.broadcast_arrays(*texts)
    return text_row("".join(map(str, parts)) for parts in zip(*rows, strict=True))


def text_row(values: Iterable[str]) -> Row:
    """A row of texts."""
    return np.array(list(values), dtype=object)


def _last(holds: Row) -> Row:
    places = np.flatnonzero(holds)
    return places[-1:] if places.size else np.array([-1])


def ascending(numbers: Row) -> Row:
    """Each number once, ascending: np.unique, which imports masked arrays to do so (10 ms)."""
    row = np.sort(numbers, axis=None)
    found: Row = row[np.append(True, row[1:] != row[:-1])[: row.size]]
    return found


OPERATIONS: Mapping[str, Callable[..., Row]] = {
    "minus": np.subtract,
    "plus": np.add,
    "times": np.multiply,
    "less": np.less,
    "at_most": np.less_equal,
    "equal": lambda one, other: np.asarray(one == other, dtype=bool),
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "finite": np.isfinite,
    "size": np.abs,
    "larger": np.maximum,
    "select": np.where,
    "any": lambda row: np.array([row.any()]),
    "all": lambda row: np.array([row.all()]),
    "count": lambda row: np.array([np.count_nonzero(row)]),
    "largest": lambda row: np.array([np.argmax(row)]),
    "last": _last,
    "at": lambda row, index: row[index.astype(int)],
    "where": lambda row, holds: row[np.broadcast_to(holds, row.shape)],
    "distinct": ascending,
    "reads": _reads,
    "text": lambda row: text_row(str(int(each)) for each in row),
    "joined": _joined,
    "beside": _beside,
    "length": lambda row: np.array([len(row)]),
}
"""What an operation makes of rows."""
