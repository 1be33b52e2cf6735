"""From what Python code passes to the document that a file would hold.

Arrays, data frames and pairs become lists and numbers; everything else goes through as it is, so
that it is validated by the same rules as a file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tracer.errors import ExperimentError, Problem
from tracer.experiment.arrayrows import array_rows
from tracer.experiment.limits import INSIST, MAX_CELLS
from tracer.experiment.model import Layer
from tracer.experiment.words import found_text

Pair = tuple[Any, Any]
_PLAIN = frozenset((int, float, str, bool, type(None)))
_NUMBERS = ("float64", "float32", "int64", "int32", "uint8", "bool")


def document(
    data: Any,
    layers: Any,
    sections: Mapping[str, Any],
    title: str | None,
    *,
    insist: bool = False,
) -> dict[str, Any]:
    """What a file would hold; sections that are None are left out.

    Arrays with more cells than a table may have become lists only with `insist`.

    Raises:
        ExperimentError: arrays whose shapes do not fit each other.
    """
    for name, value in (("data", data), ("layers", layers), *sections.items()):
        _check_size(name, value, insist=insist)
    given = {name: plain(value) for name, value in sections.items() if value is not None}
    heading = {} if title is None else {"title": title}
    return {**heading, "data": _data(data), "layers": _layers(layers), **given}


def plain(value: Any) -> Any:
    """Arrays, series and tensors as lists, their numbers as Python's."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | range):
        return [plain(item) for item in value]
    if hasattr(value, "detach"):  # a tensor, which may need gradients or live elsewhere
        value = value.detach().cpu()
    if hasattr(value, "tolist"):
        listed = value.tolist()
        return listed if getattr(value, "dtype", None) in _NUMBERS else plain(listed)
    return str(value) if hasattr(value, "__fspath__") else value


def _layers(layers: Any) -> Any:
    if not isinstance(layers, list | tuple):
        return plain(layers)
    return [_layer(layer) for layer in layers]


def _layer(layer: Any) -> Any:
    if isinstance(layer, Layer):
        return layer.model_dump()
    if isinstance(layer, list | tuple) and len(layer) == 2:
        return {"units": plain(layer[0]), "activation": layer[1]}
    return plain(layer)


def _data(data: Any) -> Any:
    """The [data] section from a mapping, a data frame, or a pair."""
    if _is_frame(data):
        return _frame(data)
    if isinstance(data, list | tuple) and len(data) == 2:
        return _pair((data[0], data[1]))
    if not isinstance(data, Mapping):
        return plain(data)
    rest = {key: plain(value) for key, value in data.items() if key not in ("x", "y", "rows")}
    if "x" in data and "y" in data:
        return {**_arrays(data["x"], data["y"]), **rest}
    rows = {key: data[key] for key in ("x", "y", "rows") if key in data}
    if _is_frame(rows.get("rows")):
        return {**_frame(rows["rows"]), **rest}
    return {**plain(rows), **rest}


def _is_frame(value: Any) -> bool:
    return hasattr(value, "columns") and hasattr(value, "to_numpy")


def _frame(frame: Any) -> dict[str, Any]:
    columns = [frame.iloc[:, k].tolist() for k in range(len(frame.columns))]
    rows = zip(*(map(_cell, column) for column in columns), strict=True)
    return {"columns": [str(name) for name in frame.columns], "rows": [list(row) for row in rows]}


def _cell(value: Any) -> Any:
    """A cell of a table, where True and False are 1 and 0."""
    if type(value) is bool:
        return int(value)
    return value if type(value) in _PLAIN else plain(value)


def _pair(pair: Pair) -> dict[str, Any]:
    """(frame, target names) or (X, y)."""
    first, second = pair
    if _is_frame(first) and _names_columns(second, first):
        target = [second] if isinstance(second, str) else list(second)
        return {**_frame(first), "target": target[0] if len(target) == 1 else target}
    return _arrays(first, second)


def _names_columns(names: Any, frame: Any) -> bool:
    if isinstance(names, str):
        return True
    texts = isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)
    return texts and (len(names) != len(frame) or all(name in frame.columns for name in names))


def _arrays(x: Any, y: Any) -> dict[str, Any]:
    """A table of inputs x (N, n_0) and targets y (N,) or (N, targets)."""
    targets = [[*map(_cell, row if isinstance(row, list) else [row])] for row in _rows(y)]
    whole = array_rows(x, targets)
    if whole is not None:
        return _table(x, y, whole.inputs.shape[1], len(targets[0]), whole)
    inputs = _rows(x)
    if len(inputs) != len(targets):
        _refuse("y", f"{len(inputs)} rows, as x has", f"{len(targets)}")
    flat = [row for row in inputs if not isinstance(row, list)]
    if flat:
        _refuse("x", "rows of numbers (two dimensions)", found_text(flat[0]))
    width, ends = max(map(len, inputs), default=0), max(map(len, targets), default=0)
    rows = [[*map(_cell, row), *end] for row, end in zip(inputs, targets, strict=True)]
    return _table(x, y, width, ends, rows)


def _table(x: Any, y: Any, width: int, ends: int, rows: Any) -> dict[str, Any]:
    names = _named(x, "x", width), _named(y, "y", ends)
    target = names[1][0] if ends == 1 else names[1]
    return {"columns": [*names[0], *names[1]], "rows": rows, "target": target}


def _check_size(key: str, value: Any, *, insist: bool) -> None:
    """Refuse an array of too many cells before its lists are made."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            _check_size(f"{key}.{name}", item, insist=insist)
    elif isinstance(value, list | tuple) and len(value) <= 2:
        for item in value:
            _check_size(key, item, insist=insist)
    size = math.prod(_shape(value))
    if size > MAX_CELLS and not insist:
        message = f"expected an array of at most {MAX_CELLS:,} cells, found {size:,}"
        hint = f"Take fewer rows or columns. {INSIST}"
        raise ExperimentError(Problem(message, key=key, hint=hint))


def _shape(value: Any) -> tuple[int, ...]:
    try:
        return tuple(int(length) for length in value.shape)
    except (AttributeError, TypeError, ValueError):
        return ()


def _rows(values: Any) -> list[Any]:
    if _is_frame(values):
        return list(_frame(values)["rows"])
    listed = plain(values)
    return listed if isinstance(listed, list) else [listed]


def _named(values: Any, letter: str, number: int) -> list[str]:
    """Names of columns: the frame's or the series' own, else x1, x2 and so on."""
    if _is_frame(values):
        return [str(name) for name in values.columns]
    own = getattr(values, "name", None)
    if number == 1 and isinstance(own, str):
        return [own]
    if letter == "y" and number == 1:
        return [letter]
    return [f"{letter}{k + 1}" for k in range(number)]


def _refuse(key: str, expected: str, found: str) -> None:
    raise ExperimentError(Problem(f"expected {expected}, found {found}", key=f"data.{key}"))
