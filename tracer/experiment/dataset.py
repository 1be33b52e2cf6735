"""A table as the network sees it: arrays with names, encoded targets, rows to train and to test."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tracer.errors import DataError
from tracer.experiment.arrayrows import unwritable

Label = int | float | str
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Dialect:
    """How the file of a table was written, as it was recognized.

    Attributes:
        file: the file's name, without its folder.
        separator: "comma", "semicolon" or "tab".
        decimal: "point" or "comma".
        header: whether the first line holds the names of the columns.
        bom: whether a byte order mark stands at its start.
        line_end: "lf", "crlf" or "cr".
    """

    file: str
    separator: str = "comma"
    decimal: str = "point"
    header: bool = True
    bom: bool = False
    line_end: str = "lf"

    @property
    def is_plain(self) -> bool:
        """Whether it is what a CSV file is everywhere: a header, commas, points, no more."""
        return self == Dialect(self.file)


@dataclass(frozen=True)
class Story:
    """What a table is about, in its author's words; empty where the file says nothing.

    Attributes:
        question: what the network shall answer, such as "Was a rainbow seen?".
        meaning: what columns stand for: (name, words) of each column that has words.
        words: what classes are called: (class, words) of each class that has words.
    """

    question: str = ""
    meaning: tuple[tuple[str, str], ...] = ()
    words: tuple[tuple[Label, str], ...] = ()

    def titled(self, name: str) -> str:
        """A column as it is called at first: ``hours of sun (x1)``, or its bare name."""
        words = dict(self.meaning).get(name)
        return f"{words} ({name})" if words else name

    def label(self, label: Label) -> Label:
        """What a class is called: its words, or the class itself."""
        return dict(self.words).get(label, label)


@dataclass(frozen=True, eq=False)
class Dataset:
    """A named table of N rows, ready for a network of n_0 inputs and n_L outputs.

    Attributes:
        input_names: a name for each input, n_0 of them.
        target_names: the columns that are predicted.
        output_names: a name for each output unit, n_L of them: the classes of a multiclass
            task, else the targets.
        task: binary, multiclass, multilabel or regression.
        classes: the classes in order (of a binary task the last is the positive one), or None.
        x: inputs, float64 of shape (N, n_0), read-only.
        y: encoded targets, float64 of shape (N, n_L), read-only. Binary: 1 for the positive
            class; multiclass: one-hot, or the shares given; else the targets themselves.
        labels: what is to be predicted in each row, in the words of the file: a class, a number,
            or a tuple of numbers where there are several targets.
        train: the rows to train on, from 0, ascending.
        test: all other rows, from 0, ascending.
        dialect: how its file was written; None for a table that comes from no file of its own.
            It takes no part in comparing.
        story: what question, columns and classes are called in words.

    Raises:
        DataError: arrays, names and rows do not fit together, or a number is not finite.
    """

    input_names: tuple[str, ...]
    target_names: tuple[str, ...]
    output_names: tuple[str, ...]
    task: str
    classes: tuple[Label, ...] | None
    x: FloatArray
    y: FloatArray
    labels: tuple[Label | tuple[Label, ...], ...]
    train: tuple[int, ...]
    test: tuple[int, ...]
    dialect: Dialect | None = None
    story: Story = Story()

    def __post_init__(self) -> None:
        rows = len(self.labels)
        for name, names in (("x", self.input_names), ("y", self.output_names)):
            array = unwritable(getattr(self, name))
            if array.shape != (rows, len(names)):
                raise DataError(
                    f"{name}: expected the shape {(rows, len(names))}, found {array.shape}"
                )
            if not np.isfinite(array).all():
                raise DataError(f"{name}: expected finite numbers only")
            object.__setattr__(self, name, array)
        if sorted(self.train + self.test) != list(range(rows)):
            raise DataError("train and test: expected every row in exactly one of them")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dataset):
            return NotImplemented
        same = np.array_equal(self.x, other.x) and np.array_equal(self.y, other.y)
        return same and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        names = (self.input_names, self.target_names, self.output_names)
        return (*names, self.task, self.classes, self.labels, self.train, self.test, self.story)

    def decode(self, y_hat: FloatArray) -> Label | tuple[Label, ...]:
        """What an output ŷ of shape (n_L,) means in the words of the file.

        Binary: the positive class if ŷ > 0.5; multiclass: the class with the largest ŷ (the first
        of equals); multilabel: 1 where ŷ > 0.5, else 0; regression: ŷ. Several targets give a
        tuple. An output that is nan decides nothing: nan.
        """
        values = [float(value) for value in np.ravel(y_hat)]
        if self.task == "multiclass" and self.classes is not None:
            lost = any(math.isnan(value) for value in values)
            return math.nan if lost else self.classes[int(np.argmax(values))]
        decoded = tuple(self._decode_one(value) for value in values)
        return decoded[0] if len(decoded) == 1 else decoded

    def right(self, y_hat: FloatArray, rows: Sequence[int]) -> int:
        """How many of ``rows`` (from 0) are answered rightly by their outputs (rows, n_L)."""
        return int(np.count_nonzero(self.agrees(y_hat, rows)))

    def agrees(self, y_hat: FloatArray, rows: Sequence[int]) -> BoolArray:
        """Whether outputs (…, rows, n_L) mean the labels of ``rows`` (from 0), of shape (…, rows).

        Raises ValueError where there are not as many of them.
        """
        if y_hat.shape[-2] != len(rows):
            raise ValueError(f"expected outputs of {len(rows)} rows, found {y_hat.shape[-2]}")
        if self.task == "multiclass" and self.classes is not None:
            chosen = np.argmax(y_hat, axis=-1)
        elif self.task != "regression" and y_hat.shape[-1] == 1:
            chosen = (y_hat[..., 0] > 0.5).astype(int)
        else:
            flat = y_hat.reshape(-1, *y_hat.shape[-2:])
            told = [
                self.decode(output) == self.labels[row]
                for outputs in flat
                for output, row in zip(outputs, rows, strict=True)
            ]
            return np.array(told, dtype=bool).reshape(y_hat.shape[:-1])
        found: BoolArray = self._is_class[list(rows), chosen] & ~np.isnan(y_hat).any(axis=-1)
        return found

    @cached_property
    def _is_class(self) -> BoolArray:
        """Of each row and class whether that is the row's label, (rows, classes)."""
        classes = self.classes if self.classes is not None else (0, 1)
        return np.array([[label == each for each in classes] for label in self.labels], dtype=bool)

    def _decode_one(self, value: float) -> Label:
        if self.task == "regression" or math.isnan(value):
            return value
        zero, one = self.classes if self.classes is not None else (0, 1)
        return one if value > 0.5 else zero


def sort_labels(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Distinct labels, numbers by size and before texts, texts by alphabet; 1 and 1.0 are one."""
    distinct = dict.fromkeys(labels)
    return tuple(sorted(distinct, key=lambda v: (isinstance(v, str), v)))


def encode_binary(labels: Sequence[Label], classes: tuple[Label, ...]) -> FloatArray:
    """1 for the last class, 0 for the other: shape (N, 1). Raises DataError for other labels."""
    _check_known(labels, classes)
    return np.array([[float(label == classes[-1])] for label in labels]).reshape(-1, 1)


def encode_one_hot(labels: Sequence[Label], classes: tuple[Label, ...]) -> FloatArray:
    """A 1 in the column of the row's class: (N, classes). Raises DataError for other labels."""
    _check_known(labels, classes)
    column = {label: index for index, label in enumerate(classes)}
    y = np.zeros((len(labels), len(classes)))
    for row, label in enumerate(labels):
        y[row, column[label]] = 1.0
    return y


def _check_known(labels: Sequence[Label], classes: tuple[Label, ...]) -> None:
    known = set(classes)
    unknown = [label for label in dict.fromkeys(labels) if label not in known]
    if unknown:
        raise DataError(f"expected one of the classes {list(classes)}, found {unknown}")
