"""Encoding, decoding and the checks of a dataset."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.errors import DataError
from tracer.experiment.dataset import Dataset, encode_binary, encode_one_hot, sort_labels


def dataset(task: str = "binary", outputs: int = 1, classes: object = (-1, 1)) -> Dataset:
    return Dataset(
        input_names=("a", "b"),
        target_names=("y",),
        output_names=tuple("uvw"[:outputs]),
        task=task,
        classes=classes,  # type: ignore[arg-type]
        x=np.zeros((3, 2)),
        y=np.zeros((3, outputs)),
        labels=(-1, -1, -1),
        train=(0, 2),
        test=(1,),
    )


@pytest.mark.parametrize(
    ("task", "classes", "y_hat", "decoded"),
    [
        ("binary", (-1, 1), [0.51], 1),
        ("binary", (-1, 1), [0.5], -1),
        ("binary", ("no", "yes"), [2.0], "yes"),
        ("multiclass", ("a", "b", "c"), [0.1, 0.6, 0.3], "b"),
        ("multiclass", ("a", "b", "c"), [0.4, 0.4, 0.2], "a"),
        ("multilabel", None, [0.7, 0.2, 0.5], (1, 0, 0)),
        ("multilabel", None, [0.7], 1),
        ("regression", None, [0.7], 0.7),
        ("regression", None, [0.7, -math.inf], (0.7, -math.inf)),
    ],
)
def test_decode(task: str, classes: object, y_hat: list[float], decoded: object) -> None:
    assert dataset(task, len(y_hat), classes).decode(np.array(y_hat)) == decoded


@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel", "regression"])
def test_nan_decides_nothing(task: str) -> None:
    classes = {"binary": (0, 1), "multiclass": ("a", "b")}.get(task)
    outputs = 2 if task == "multiclass" else 1
    decoded = dataset(task, outputs, classes).decode(np.full(outputs, np.nan))
    assert isinstance(decoded, float)
    assert math.isnan(decoded)


def test_encodings() -> None:
    assert encode_binary(["b", "a", "b"], ("a", "b")).tolist() == [[1], [0], [1]]
    assert encode_one_hot([3, 1.0], (1, 2, 3)).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert encode_binary([], (0, 1)).shape == (0, 1)
    with pytest.raises(DataError, match=r"expected one of the classes \[0, 1\], found \[2\]"):
        encode_binary([0, 2], (0, 1))
    with pytest.raises(DataError):
        encode_one_hot(["x"], ("a", "b"))


def test_labels_are_sorted_numbers_by_size() -> None:
    assert sort_labels([10, 9, 9.0, -1]) == (-1, 9, 10)
    assert sort_labels(["b", "a", "b", "10", "9"]) == ("10", "9", "a", "b")


def test_arrays_are_copied_and_read_only() -> None:
    x = np.ones((3, 2))
    made = replace(dataset(), x=x)
    x[0, 0] = 7
    assert made.x[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        made.x[0, 0] = 7


def test_equality() -> None:
    assert dataset() == dataset()
    assert hash(dataset()) == hash(dataset())
    assert dataset() != replace(dataset(), x=np.ones((3, 2)))
    assert dataset() != replace(dataset(), train=(0, 1), test=(2,))
    assert dataset() != 3


@pytest.mark.parametrize(
    ("change", "fragment"),
    [
        ({"x": np.zeros((3, 1))}, r"x: expected the shape \(3, 2\), found \(3, 1\)"),
        ({"y": np.zeros((2, 1))}, "y: expected the shape"),
        ({"y": np.full((3, 1), np.nan)}, "y: expected finite numbers only"),
        ({"train": (0, 1)}, "every row in exactly one"),
        ({"train": (0, 1, 2)}, "every row in exactly one"),
    ],
)
def test_parts_must_fit(change: dict[str, object], fragment: str) -> None:
    with pytest.raises(DataError, match=fragment):
        replace(dataset(), **change)  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.sampled_from([-1, 1]), st.floats(0, 1)), max_size=6))
def test_right_answers_are_counted_row_by_row(pairs: list[tuple[int, float]]) -> None:
    labels = (-1, *(label for label, _ in pairs))
    rows = range(1, len(labels))
    x, y = np.zeros((len(labels), 2)), np.zeros((len(labels), 1))
    data = replace(dataset(), labels=labels, x=x, y=y, train=(0,), test=tuple(rows))
    y_hat = np.array([[value] for _, value in pairs]).reshape(-1, 1)
    assert data.right(y_hat, rows) == sum((p > 0.5) == (label == 1) for label, p in pairs)
    with pytest.raises(ValueError, match="rows, found"):
        data.right(y_hat, [*rows, 0])
