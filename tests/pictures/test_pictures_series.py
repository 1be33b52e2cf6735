"""Tests of the pictures: several curves over epochs or updates."""

from __future__ import annotations

import math
import re
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from pictures import check_svg, check_texts, svg_of
from tracer.numerals import show
from tracer.pictures import Series, SeriesPicture, series_picture
from tracer.pictures.series import MOST_NAMED
from tracer.pictures.series_model import SeriesKind

KINDS: tuple[Any, ...] = get_args(SeriesKind)
LOSSES = ("error", "batches_by_epoch", "batches_by_update", "rates")
EPOCHS = np.arange(1.0, 61.0)


def curve(text: str, y: Any, x: Any = None, **more: Any) -> Series:
    values = np.asarray(y, dtype=float)
    at = np.arange(1.0, len(values) + 1) if x is None else np.asarray(x, dtype=float)
    return Series(text, at, values, **more)


def falling(rate: float, start: float = 0.7) -> np.ndarray:
    return np.asarray(start * np.exp(-rate * EPOCHS))


def runaway(factor: float, start: float = 0.7) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.asarray(start * factor ** (EPOCHS - 1.0))


def walks(count: int, length: int = 60, layers: int = 3) -> list[Series]:
    rng = np.random.default_rng(0)
    steps = rng.normal(0, 0.1, (count, length)).cumsum(axis=1)
    return [curve(f"W[1]₁,{k}", y, group=1 + k % layers) for k, y in enumerate(steps)]


RUNS: dict[str, list[Series]] = {
    "one curve": [curve("train", falling(0.1))],
    "rows": [curve("train", falling(0.1)), curve("test", falling(0.05, 0.9))],
    "three runs": [curve(f"B = {b}", falling(0.2 / b)) for b in (1, 4, 8)],
    "other updates": [curve("B = 1", falling(0.2), 8 * EPOCHS), curve("B = 8", falling(0.02))],
    "decades": [curve("η = 0.1", falling(0.5)), curve("η = 0.01", falling(0.05))],
    "one runs away": [curve("η = 0.1", falling(0.1)), curve("η = 3", runaway(9.0))],
    "overflow": [curve("η = 0.1", falling(0.1)), curve("η = 3", runaway(1e20))],
    "all run away": [curve(f"η = {k}", runaway(10.0**k)) for k in (2, 20, 200)],
    "at once": [curve("η = 0.1", falling(0.1)), curve("η = 1", [0.7, math.inf, math.nan])],
    "never": [curve("η = 1", [math.nan] * 3), curve("η = 2", [math.inf] * 3)],
    "one epoch": [curve("B = 1", [0.7]), curve("B = 4", [0.75])],
    "two epochs": [curve("B = 1", [0.7, 0.5]), curve("B = 4", [0.75, 0.7])],
    "long": [curve("η = 3", 1 / np.arange(1.0, 10_001)), curve("η = 4", np.ones(10_000))],
    "zero": [curve("η = 1", np.zeros(9)), curve("η = 2", np.zeros(9))],
    "from the start": [curve("train", [0.5, 0.6, 0.7], [0, 1, 2])],
    "nine": walks(9),
    "as many as have names": walks(MOST_NAMED),
    "forty": walks(40),
    "forty run away": [curve(s.text, s.y * runaway(90.0), group=s.group) for s in walks(40)],
    "long names": [curve("a name that is far too long " * 4, falling(k)) for k in (0.1, 0.2)],
}


def drawn(name: str, kind: Any = "rates") -> SeriesPicture:
    return series_picture(RUNS[name], kind, decimals=4)


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("error")
def test_any_series_of_any_kind(name: str, kind: Any) -> None:
    picture = drawn(name, kind)
    check_texts(picture, picture.labels)
    svg = svg_of(picture)
    check_svg(svg)
    assert len(svg) < 120_000
    assert not picture.scrolls
    assert_inside_of_the_plot(picture)


@examples(80)
@pytest.mark.filterwarnings("error")
@given(st.lists(st.lists(st.floats(), min_size=1, max_size=20), min_size=1, max_size=15))
@pytest.mark.parametrize("kind", ["rates", "parameters"])
def test_any_values_at_all(kind: Any, values: list[list[float]]) -> None:
    picture = series_picture([curve(f"η = {k}", y) for k, y in enumerate(values)], kind, decimals=4)
    check_texts(picture, picture.labels)
    check_svg(svg_of(picture))


def assert_inside_of_the_plot(picture: SeriesPicture) -> None:
    box = picture.plot.box.grown(0.1)
    for strand in picture.strands:
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", strand.path)]
        numbers += strand.dot or ()
        assert all(box.left <= x <= box.right for x in numbers[0::2])
        assert all(box.top <= y <= box.bottom for y in numbers[1::2])
    for sign in picture.exits:
        assert box.left <= sign.x <= box.right


def test_a_curve_of_one_value_is_a_point() -> None:
    picture = drawn("one epoch")
    assert [strand.path for strand in picture.strands] == ["", ""]
    assert all(strand.dot for strand in picture.strands)


@pytest.mark.parametrize("name", ["three runs", "nine", "as many as have names"])
def test_curves_are_told_apart_by_colour_and_dash(name: str) -> None:
    picture = drawn(name, "parameters")
    looks = [(strand.style, strand.dash) for strand in picture.strands]
    assert len(set(looks)) == len(looks)
    assert [(key.style, key.dash) for key in picture.keys] == looks
    assert [key.label.text for key in picture.keys] == [strand.text for strand in picture.strands]


def test_a_style_of_ones_own() -> None:
    runs = [curve("B = 4", [1, 2], style=3), curve("B = 8", [1, 2], style=2)]
    assert [strand.style for strand in series_picture(runs, "rates", decimals=4).strands] == [3, 2]


def test_many_parameters_are_told_apart_by_their_layer() -> None:
    picture = drawn("forty", "parameters")
    assert picture.grouped
    assert [(key.kind, key.label.text) for key in picture.keys] == [
        ("layer", "1"),
        ("layer", "2"),
        ("layer", "3"),
    ]
    assert ">layer 2</text>" in svg_of(picture)
    assert len(picture.twin) == 40
    assert not series_picture(walks(MOST_NAMED), "parameters", decimals=4).grouped


def test_words_for_parts_of_the_rows() -> None:
    svg = svg_of(drawn("rows", "error"))
    assert ">training rows</text>" in svg
    assert ">test rows</text>" in svg
    assert "mean absolute error" in svg


@pytest.mark.parametrize("kind", LOSSES)
def test_a_curve_that_runs_away_leaves_the_others_alone(kind: Any) -> None:
    picture = drawn("one runs away", kind)
    assert picture.plot.y.high < 5
    (sign,) = picture.exits
    assert (sign.name, sign.up, sign.text) == ("η = 3", True, show(runaway(9.0)[-1], 4))
    assert picture.plot.box.left <= sign.x < picture.plot.x(2)
    assert f"η = 3 leaves the plot, up to {sign.text}." in svg_of(picture)
    assert f">up to {sign.text}</text>" in svg_of(picture)


def test_a_logarithmic_axis_has_room_for_a_decade_more() -> None:
    runs = [curve("η = 0.1", falling(0.3)), curve("η = 3", falling(0.0, 10.0))]
    assert not series_picture(runs, "rates", decimals=4).exits
    assert series_picture([curve("η = 0.1", falling(0.1)), runs[1]], "rates", decimals=4).exits


def test_where_all_run_away_their_start_is_seen() -> None:
    plot = drawn("all run away").plot
    assert plot.y.low == 0
    assert 1.4 < plot.y.high < 2.8


def test_a_curve_ends_before_what_is_not_finite() -> None:
    picture = drawn("at once")
    (halt,) = picture.halts
    assert (halt.names, halt.at, halt.text, halt.style) == (("η = 1",), "2", "∞", 2)
    assert picture.strands[1].path == ""
    assert picture.strands[1].dot
    assert ">η = 1, epoch 2: ∞</text>" in svg_of(picture)
    assert ">η = 1, update 2: ∞</text>" in svg_of(drawn("at once", "batches_by_update"))


def test_curves_that_end_together_share_a_mark() -> None:
    picture = drawn("never")
    (halt,) = picture.halts
    assert (halt.names, halt.at, halt.text, halt.style) == ((), "1", "nan, ∞", 0)
    assert [strand.path for strand in picture.strands] == ["", ""]


def test_accuracy_runs_from_zero_to_one() -> None:
    plot = series_picture([curve("train", [0.5, 0.55, 0.5])], "accuracy", decimals=4).plot
    assert (plot.y.low, plot.y.high) == (0, 1)
    assert [mark.label.text for mark in plot.y_ticks] == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]


def test_losses_over_decades_have_a_logarithmic_axis() -> None:
    assert drawn("decades").log
    assert "The vertical axis is logarithmic" in svg_of(drawn("decades"))
    assert not drawn("two epochs").log
    assert not drawn("one runs away").log
    assert not drawn("decades", "parameters").log


def test_the_error_of_each_part_is_seen() -> None:
    rows = [curve("train", falling(0.1, 0.01)), curve("test", falling(0.01, 2.0))]
    assert series_picture(rows, "error", decimals=4).exits == ()


def test_the_twin_has_the_values_of_some_epochs() -> None:
    picture = drawn("other updates", "batches_by_update")
    assert picture.columns[0] == "1"
    assert picture.columns[-1] == "480"
    first, second = picture.twin
    assert (first[0], second[0]) == ("B = 1", "B = 8")
    assert first[1] == ""
    assert first[-1] == show(float(falling(0.2)[-1]), 4)
    assert second[1] == show(float(falling(0.02)[0]), 4)
    assert second[-1] == ""
    at = int(picture.columns[2])
    assert first[3] == show(float(falling(0.2)[at // 8 - 1]), 4)
    short = drawn("at once")
    assert short.columns[:2] == ("1", "10")
    assert short.twin[1][1:3] == ("0.7", "")


@pytest.mark.parametrize("series", [[], [curve("B = 1", [])], [curve("B = 1", [1, 2], [1])]])
def test_series_without_values_are_refused(series: list[Series]) -> None:
    with pytest.raises(ValueError, match="as many x as y"):
        series_picture(series, "rates", decimals=4)
