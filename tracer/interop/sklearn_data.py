"""Arrays and data frames as scikit-learn's networks take them, as the table of an experiment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracer.errors import DataError, Problem

_OUTPUTS = {
    "binary": ("sigmoid", "binary_cross_entropy"),
    "multilabel": ("sigmoid", "binary_cross_entropy"),
    "multiclass": ("softmax", "cross_entropy"),
    "regression": ("identity", "half_squared_error"),
}
_TASKS = {
    "binary": "binary",
    "multiclass": "multiclass",
    "multilabel-indicator": "multilabel",
}


@dataclass(frozen=True)
class TaskTable:
    """The [data] section of an experiment, and the output layer and loss that belong to it."""

    mapping: dict[str, Any]
    outputs: int

    @property
    def output_activation(self) -> str:
        """The activation of the output layer."""
        return _OUTPUTS[self.mapping["task"]][0]

    @property
    def loss(self) -> str:
        """The loss that is descended."""
        return _OUTPUTS[self.mapping["task"]][1]


def read_table(estimator: Any, X: Any, y: Any) -> TaskTable:
    """The table that an estimator would see in ``X`` and ``y``.

    Raises:
        DataError: what they hold, or how, cannot be expressed, or does not fit a fitted estimator.
    """
    x, target = _array("X", X), _array("y", y)
    if x.ndim != 2 or len(x) == 0:
        raise DataError(Problem(f"expected a table of rows and inputs, found {x.shape}", key="X"))
    if x.dtype in (np.float32, np.dtype(">f4")):
        hint = "scikit-learn would compute in float32; give X.astype(float)"
        raise DataError(Problem("float32 cannot be expressed", key="X", hint=hint))
    if target.ndim not in (1, 2) or len(target) != len(x):
        found = f"expected one answer for each of the {len(x)} rows, found {target.shape}"
        raise DataError(Problem(found, key="y"))
    target = target.reshape(len(x), -1)
    task, classes = _task(estimator, target)
    _check_fitted(estimator, x, target, classes)
    inputs, answers = _names(X, x.shape[1], "x"), _names(y, target.shape[1], "y")
    columns = _distinct([*inputs, *answers])
    names = columns[len(inputs) :]
    mapping = {
        "columns": columns,
        "rows": [[*_plain(a), *_plain(b)] for a, b in zip(_numbers(x), target, strict=True)],
        "inputs": columns[: len(inputs)],
        "target": names if len(names) > 1 else names[0],
        "task": task,
    }
    if classes:
        mapping["classes"] = list(classes)
    return TaskTable(mapping, len(classes) if task == "multiclass" else len(names))


def _array(name: str, values: Any) -> Any:
    from scipy.sparse import issparse

    if issparse(values):
        hint = f"give {name}.toarray()"
        raise DataError(Problem("a sparse matrix cannot be expressed", key=name, hint=hint))
    return np.asarray(values)


def _numbers(x: Any) -> Any:
    try:
        return x.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(Problem(f"expected numbers, found others ({error})", key="X")) from None


def _task(estimator: Any, y: Any) -> tuple[str, tuple[Any, ...]]:
    """The task and, where there are some, the classes in the order of scikit-learn."""
    from sklearn.base import is_classifier
    from sklearn.utils.multiclass import type_of_target

    if not is_classifier(estimator):
        return "regression", ()
    kind = str(type_of_target(y[:, 0] if y.shape[1] == 1 else y))
    if kind not in _TASKS:
        raise DataError(Problem(f"answers of the kind {kind!r} cannot be expressed", key="y"))
    if kind == "multilabel-indicator":
        if not np.isin(y, (0, 1)).all():
            raise DataError(Problem("expected labels of 0 and 1 in several columns", key="y"))
        return "multilabel", ()
    classes = tuple(_plain(np.unique(y[:, 0])))
    if len(classes) == 1:
        raise DataError(Problem("expected at least two classes, found one", key="y"))
    return _TASKS[kind], classes


def _check_fitted(estimator: Any, x: Any, y: Any, classes: Sequence[Any]) -> None:
    """Refuse data that a fitted estimator does not know; one without classes has none to fit."""
    if not hasattr(estimator, "coefs_"):
        return
    if estimator.coefs_[0].shape[0] != x.shape[1]:
        found = f"expected {estimator.coefs_[0].shape[0]} inputs as in fit, found {x.shape[1]}"
        raise DataError(Problem(found, key="X"))
    outputs = y.shape[1] if not classes else len(classes) if len(classes) > 2 else 1
    if estimator.coefs_[-1].shape[1] != outputs:
        found = f"expected {estimator.coefs_[-1].shape[1]} outputs as in fit, found {outputs}"
        raise DataError(Problem(found, key="y"))
    known = tuple(_plain(estimator.classes_)) if classes else ()
    if known != tuple(classes):
        raise DataError(Problem(f"expected the classes {known}, found {tuple(classes)}", key="y"))


def _plain(values: Iterable[Any]) -> list[Any]:
    """Python's own numbers and texts, with 0 and 1 for false and true."""
    plain = (value.item() if isinstance(value, np.generic) else value for value in values)
    return [int(value) if isinstance(value, bool) else value for value in plain]


def _names(values: Any, count: int, letter: str) -> list[str]:
    """The names of a data frame's columns, or of a series; else x1, x2, … or y."""
    if hasattr(values, "columns"):
        return [str(name).strip() for name in values.columns]
    own = getattr(values, "name", None)
    if own is not None and count == 1:
        return [str(own).strip()]
    return [letter] if letter == "y" and count == 1 else [f"{letter}{k + 1}" for k in range(count)]


def _distinct(names: Sequence[str]) -> list[str]:
    """The same names, with a number behind one that is empty or was there before."""
    found: list[str] = []
    for place, name in enumerate(names, start=1):
        unique = name or f"column {place}"
        while unique in found:
            unique += f" ({place})"
        found.append(unique)
    return found
