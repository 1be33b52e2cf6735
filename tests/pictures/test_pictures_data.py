"""Tests of the pictures: data."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from pictures import MINI_X, MINI_Y, check_svg, check_texts, fake_trace, half, mini, svg_of
from tracer.pictures import (
    AgreementPicture,
    DataPicture,
    agreement_picture,
    data_picture,
)
from tracer.pictures.sample import MOST_MARKS

# The data


def shown(picture: DataPicture | None) -> DataPicture:
    assert picture is not None
    return picture


def test_rows_of_one_place_share_a_mark() -> None:
    picture = shown(data_picture(mini(), boundary=False, decimals=4))
    both = next(marker for marker in picture.markers if marker.rows == (5, 13))
    assert both.fill == "both"
    assert both.ring
    assert "5, 13" in {label.text for label in picture.numbers}
    assert len(picture.markers) == len(picture.numbers) == 12
    assert picture.numbered
    assert "rows 5, 13: y = 1" in svg_of(picture)


def test_classes_at_one_place_stand_side_by_side() -> None:
    trace = fake_trace([[1, 1], [1, 1], [0, 0]], [[0], [1], [1]], half)
    picture = shown(data_picture(trace, boundary=False, decimals=4))
    first, second, _ = picture.markers
    assert first.path != second.path
    assert first.style != second.style
    assert not first.box.overlaps(second.box)
    assert [label.text for label in picture.numbers] == ["1, 2", "3"]


def test_train_and_test_rows_differ() -> None:
    picture = shown(data_picture(mini(), boundary=False, decimals=4))
    fills = {row: marker.fill for marker in picture.markers for row in marker.rows}
    assert (fills[1], fills[9]) == ("train", "test")
    assert {key.kind for key in picture.keys} == {"class", "train", "test"}


def test_the_boundary_lies_where_the_decision_changes() -> None:
    picture = shown(data_picture(mini(), boundary=True, decimals=4))
    assert picture.boundary
    assert {area.style for area in picture.areas} == {1, 2}
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", picture.curves[0].path)]
    assert numbers[0::2] == pytest.approx([picture.plot.x(1.5)] * len(numbers[0::2]), abs=0.2)


def test_regions_of_many_classes_cover_the_plot() -> None:
    rng = np.random.default_rng(1)
    y = np.eye(3)[rng.integers(0, 3, 30)]
    centres = np.array([[0, 0], [2, 0], [1, 2]])

    def answer(points: np.ndarray) -> np.ndarray:
        return np.asarray(-((points[:, None, :] - centres) ** 2).sum(axis=2))

    trace = fake_trace(rng.uniform(-1, 3, (30, 2)), y, answer, task="multiclass")
    picture = shown(data_picture(trace, boundary=True, decimals=4))
    assert {area.style for area in picture.areas} == {1, 2, 3}
    check_texts(picture, picture.labels)


def test_labels_of_several_outputs_have_a_line_each() -> None:
    trace = fake_trace(
        MINI_X, [[k % 2, k // 7] for k in range(13)], lambda p: p / 3, task="multilabel"
    )
    picture = shown(data_picture(trace, boundary=True, decimals=4))
    assert not picture.areas
    assert {curve.style for curve in picture.curves} == {1, 2}
    assert [key.label.text for key in picture.keys if key.kind == "line"] == [
        "out 0 = 0.5",
        "out 1 = 0.5",
    ]


def test_regression_of_two_inputs_has_levels() -> None:
    trace = fake_trace(MINI_X, MINI_Y, lambda p: p[:, :1] * p[:, 1:], task="regression")
    picture = shown(data_picture(trace, boundary=True, decimals=4))
    assert picture.bar is not None
    assert len(picture.areas) >= 4
    assert len(picture.bar.swatches) == len({swatch.style for swatch in picture.bar.swatches})
    check_texts(picture, picture.labels)


def test_one_input_is_a_curve() -> None:
    trace = fake_trace([[0], [1], [2]], [[0], [1], [4]], lambda p: p**2, task="regression")
    picture = shown(data_picture(trace, boundary=True, decimals=4))
    assert picture.kind == "curve"
    assert len(picture.curves) == 1
    assert not shown(data_picture(trace, boundary=False, decimals=4)).curves


@pytest.mark.parametrize("task", ["multiclass", "regression", "multilabel"])
def test_one_input_with_several_outputs(task: str) -> None:
    y = np.eye(2)[[0, 1, 1, 0]]
    trace = fake_trace([[0], [1], [2], [3]], y, lambda p: np.hstack([p, -p]), task=task)
    picture = shown(data_picture(trace, boundary=True, decimals=4))
    assert {curve.style for curve in picture.curves} == {1, 2}
    check_texts(picture, picture.labels)
    check_svg(svg_of(picture))


def test_more_inputs_have_no_plot() -> None:
    trace = fake_trace(np.eye(3), [[0], [1], [1]], half)
    assert data_picture(trace, boundary=True, decimals=4) is None
    assert agreement_picture(trace, decimals=4) is None


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("inputs", [1, 2])
@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.filterwarnings("error")
def test_a_network_without_answers_has_no_boundary(bad: float, inputs: int, task: str) -> None:
    trace = fake_trace(
        np.array(MINI_X)[:, :inputs], MINI_Y, lambda p: np.full((len(p), 1), bad), task=task
    )
    picture = shown(data_picture(trace, boundary=True, decimals=4))
    assert picture.lost
    assert not picture.boundary
    assert not picture.areas
    assert not picture.curves
    check_svg(svg_of(picture))
    assert ">the network gives no finite answer</text>" in svg_of(picture)
    small = shown(data_picture(trace, boundary=True, small=True, decimals=4))
    assert ">no finite answer</text>" in svg_of(small)
    assert not shown(data_picture(trace, boundary=False, decimals=4)).lost


@pytest.mark.filterwarnings("error")
@examples(40)
@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 3)),
        min_size=1,
        max_size=25,
    ),
    st.sampled_from(["binary", "regression", "multiclass"]),
    st.floats(),
)
def test_any_data(rows: list[tuple[float, int]], task: str, scale: float) -> None:
    y = np.eye(2)[[int(v > 0) for v, _ in rows]]
    outputs = y if task == "multiclass" else y[:, 1:]

    def answer(points: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            found = points[:, :1] * scale
            return np.hstack([found, 1 - found])[:, : outputs.shape[1]]

    trace = fake_trace(rows, outputs, answer, task=task, train=len(rows) // 2)
    picture = shown(data_picture(trace, boundary=True, decimals=4))
    check_texts(picture, picture.labels)
    check_svg(svg_of(picture))
    assert not [m for m in picture.markers if not m.box.within(picture.plot.box.grown(30))]


def test_numbers_of_rows_never_cover_anything() -> None:
    points = np.random.default_rng(0).normal(size=(45, 2))
    trace = fake_trace(points, np.zeros((45, 1)), half)
    picture = shown(data_picture(trace, boundary=False, decimals=4))
    assert len(picture.numbers) > 25
    marks = [marker.box for marker in picture.markers]
    assert not [n for n in picture.numbers if any(n.box.overlaps(mark) for mark in marks)]
    check_texts(picture, picture.labels)


def test_a_large_table_is_not_numbered() -> None:
    points = np.random.default_rng(0).normal(size=(500, 2))
    picture = shown(
        data_picture(fake_trace(points, np.zeros((500, 1)), half), boundary=True, decimals=4)
    )
    assert picture.numbers == ()
    assert not picture.numbered


@pytest.mark.parametrize(("inputs", "task"), [(1, "regression"), (2, "binary"), (2, "regression")])
def test_of_a_large_table_a_part_is_drawn_and_said(inputs: int, task: str) -> None:
    rows = 60_000
    x, y = np.random.default_rng(0).normal(size=(rows, inputs)), np.arange(rows)[:, None] % 2.0
    trace = fake_trace(x, y, lambda at: half(at)[:, :1], task=task, train=rows // 2)
    pictures = [shown(data_picture(trace, boundary=True, decimals=4))]
    if task == "regression":
        pictures += [agreement_picture(trace, decimals=4)]  # type: ignore[list-item]
    for picture in pictures:
        assert picture.drawn == (MOST_MARKS, rows)
        assert len(picture.twin) == MOST_MARKS == sum(len(m.rows) for m in picture.markers)
        numbers = [int(row[0]) for row in picture.twin]
        assert numbers == sorted(set(numbers))
        assert 0.4 < np.mean(np.array(numbers) % 2) < 0.6  # whatever takes turns is seen
        assert 0.4 < np.mean(np.array(numbers) <= rows / 2) < 0.6
        text = svg_of(picture)
        check_svg(text)
        assert f"Of {rows} rows {MOST_MARKS} are drawn" in text
        assert f"some of {rows} rows" in text
        check_texts(picture, picture.labels)


def test_long_names_of_features_and_classes() -> None:
    name = "a feature whose name is so long that it can never stand at an axis of this plot 💧"
    trace = fake_trace(MINI_X, MINI_Y, half, inputs=(name, name), targets=(name * 2,))
    picture = shown(data_picture(trace, boundary=True, decimals=4))
    check_texts(picture, picture.labels)
    assert picture.plot.x_name.full == picture.plot.y_name.full == name
    check_svg(svg_of(picture))


def test_the_twin_of_the_data_has_every_row() -> None:
    picture = shown(data_picture(mini(), boundary=False, decimals=4))
    assert picture.twin[12] == ("13", "test", "3", "1", "y = 1")
    answered = shown(data_picture(mini(), boundary=True, decimals=4))
    assert answered.twin[12] == ("13", "test", "3", "1", "y = 1", "y = 1")
    assert answered.twin[1][-1] == "y = −1"


def test_agreement_of_a_regression() -> None:
    def answer(points: np.ndarray) -> np.ndarray:
        return np.array([[0.0], [1.5], [math.nan], [3.0]])

    trace = fake_trace(np.eye(4), np.arange(4.0)[:, None], answer, task="regression", train=3)
    picture = agreement_picture(trace, decimals=4)
    assert isinstance(picture, AgreementPicture)
    assert picture.missing == (3,)
    assert picture.twin[1] == ("2", "out 0", "1", "1.5")
    assert "No finite prediction for row 3" in svg_of(picture)
    check_texts(picture, picture.labels)
