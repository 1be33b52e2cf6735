"""Tests of the pictures: the slope of the loss."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from pictures import check_svg, check_texts, svg_of
from tracer.pictures import SlopePicture, slope_picture

VALUES = np.linspace(-1, 1, 81)


def parabola(at: float = 0.5, slope: float = 1.0) -> SlopePicture:
    return slope_picture(VALUES, VALUES**2, at, slope, "W[1]₁,₂", decimals=4)


def points(path: str) -> list[tuple[float, float]]:
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_the_tangent_touches_the_curve_at_the_mark() -> None:
    picture = parabola()
    assert picture.mark is not None
    (x, y), curve = picture.mark, points(picture.path)
    assert any(math.dist(point, (x, y)) < 0.2 for point in curve)
    (x1, y1), (x2, y2) = points(picture.tangent)
    rise = (y2 - y1) / (x2 - x1)
    assert y == pytest.approx(y1 + rise * (x - x1), abs=0.2)
    unit = picture.plot.y(0) - picture.plot.y(1), picture.plot.x(1) - picture.plot.x(0)
    assert -rise * unit[1] / unit[0] == pytest.approx(1.0, abs=0.02)
    assert all(b <= y1 + rise * (a - x1) + 0.2 for a, b in curve)


def test_what_it_says() -> None:
    svg = svg_of(parabola(-0.25, -0.5))
    assert ">slope −0.5</text>" in svg
    assert "Where W[1]₁,₂ is −0.25, the loss is 0.0625 and its slope −0.5." in svg
    assert ("−0.25", "0.0625") in parabola(-0.25, -0.5).twin


def test_nothing_leaves_the_plot() -> None:
    picture = parabola(0.5, 100.0)
    for x, y in [*points(picture.tangent), *points(picture.path)]:
        assert picture.plot.box.left <= x <= picture.plot.box.right
        assert picture.plot.box.top <= y <= picture.plot.box.bottom


@pytest.mark.parametrize("lost", [math.nan, math.inf])
def test_a_curve_ends_where_the_loss_does(lost: float) -> None:
    losses = np.where(VALUES > 0.6, lost, VALUES**2)
    picture = slope_picture(VALUES, losses, 0.5, 1.0, "b[1]₁", decimals=4)
    assert max(x for x, _ in points(picture.path)) == pytest.approx(picture.plot.x(0.6), abs=2.5)
    assert picture.mark
    nowhere = slope_picture(VALUES, losses, 0.75, 1.0, "b[1]₁", decimals=4)
    assert (nowhere.mark, nowhere.tangent) == (None, "")
    check_svg(svg_of(nowhere))


def test_values_that_float64_cannot_tell_apart() -> None:
    picture = slope_picture(np.full(9, -1e17), np.ones(9), -1e17, 0.5, "w", decimals=4)
    check_texts(picture, picture.labels)
    check_svg(svg_of(picture))


@pytest.mark.parametrize("values", [[1.0], [1.0, math.nan], [2.0, 1.0, 3.0]])
def test_values_that_do_not_rise_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="rising values"):
        slope_picture(np.array(values), np.zeros(len(values)), 1.0, 0.0, "w", decimals=4)


@examples(80)
@pytest.mark.filterwarnings("error")
@given(
    st.lists(st.floats(), min_size=2, max_size=30), st.floats(-3, 40), st.floats(), st.booleans()
)
def test_any_losses_at_all(losses: list[float], at: float, slope: float, small: bool) -> None:
    values = np.arange(float(len(losses)))
    picture = slope_picture(values, np.array(losses), at, slope, "W[1]₁,₂", small=small, decimals=4)
    check_texts(picture, picture.labels)
    check_svg(svg_of(picture))
