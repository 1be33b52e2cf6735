"""Tests of the pictures: small ones side by side, with the same axes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pictures import MINI_X, MINI_Y, check_svg, check_texts, fake_trace, half, svg_of
from tracer.pictures import AgreementPicture, DataPicture, Picture, panels

Answer = Callable[[np.ndarray], np.ndarray]
WIDEST, HIGHEST = 230, 170


def turning(*answers: Answer, **how: Any) -> Any:
    """A trace that answers before update k as the k-th of ``answers``."""
    trace = fake_trace(**how, answer=answers[-1])

    def forward(points: np.ndarray, update: int = -1) -> Any:
        with np.errstate(all="ignore"):
            found = answers[update](points)
        return (found,), (found,)

    trace.forward = forward
    return trace


def line(factor: float, columns: int = 1) -> Answer:
    return lambda points: np.repeat(factor * points[:, :1], columns, axis=1)


RISING = (line(0.1), line(1.0), line(2.5))
WILD = (line(1.0), line(1e300), line(math.nan), line(-40.0))
ONE: dict[str, Any] = {"x": [[0], [1], [2]], "y": [[0], [1], [4]], "train": 2}
FOUR: dict[str, Any] = {"x": np.eye(4), "y": np.arange(4.0)[:, None], "train": 3}
SEVERAL: dict[str, Any] = {"x": np.eye(4), "y": np.eye(4)[:, :2], "task": "regression"}
#: name: the trace and how many panels are asked of it.
SERIES: dict[str, tuple[Any, int]] = {
    "classes": (turning(half, line(1.0), x=MINI_X, y=MINI_Y, train=8), 2),
    "classes of one input": (turning(*RISING, x=[[0], [1], [2]], y=[[0], [1], [1]]), 3),
    "levels": (turning(*RISING, x=MINI_X, y=MINI_Y, task="regression"), 3),
    "curve": (turning(*RISING, **ONE, task="regression"), 3),
    "wild curve": (turning(*WILD, **ONE, task="regression"), 4),
    "wild levels": (turning(*WILD, x=MINI_X, y=MINI_Y, task="regression"), 4),
    "agreement": (turning(*RISING, **FOUR, task="regression"), 3),
    "wild agreement": (turning(*WILD, **FOUR, task="regression"), 4),
    "several outputs": (turning(line(1.0, 2), line(9.0, 2), **SEVERAL), 2),
}


def made(name: str) -> tuple[Any, ...]:
    trace, count = SERIES[name]
    return panels(trace, range(count), decimals=4)


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.filterwarnings("error")
def test_panels_are_small_and_sound(name: str) -> None:
    pictures = made(name)
    assert len(pictures) == SERIES[name][1]
    for picture in pictures:
        assert picture.width <= WIDEST
        assert picture.height <= HIGHEST
        assert (picture.numbers, picture.keys) == ((), ())
        assert 2 <= len(picture.plot.x_ticks) <= 4
        assert 2 <= len(picture.plot.y_ticks) <= 4
        check_texts(picture, picture.labels)
        check_svg(svg_of(picture))


@pytest.mark.parametrize("name", SERIES)
def test_panels_share_their_axes(name: str) -> None:
    assert len({(p.plot.x, p.plot.y, p.plot.x_ticks, p.plot.y_ticks) for p in made(name)}) == 1
    assert len({getattr(p, "levels", ()) for p in made(name)}) == 1


@pytest.mark.parametrize("name", SERIES)
def test_nothing_is_drawn_outside_of_the_axes(name: str) -> None:
    for picture in made(name):
        box = picture.plot.box.grown(0.2)
        for curve in getattr(picture, "curves", ()):
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", curve.path)]
            assert all(box.top <= y <= box.bottom for y in numbers[1::2])
        assert all(box.top <= marker.y <= box.bottom for marker in picture.markers)


def test_a_value_beyond_the_axis_is_pointed_to() -> None:
    first, far, lost, down = made("wild agreement")
    assert isinstance(far, AgreementPicture)
    assert (first.beyond, far.beyond, lost.beyond, down.beyond) == ((), (1,), (), (1,))
    assert lost.missing == (1, 2, 3, 4)
    assert [m.y for m in far.markers if m.beyond] == [far.plot.box.top]
    assert [m.y for m in down.markers if m.beyond] == [down.plot.box.bottom]
    assert "beyond the axis: row 1" in svg_of(far)
    assert ">no finite answer</text>" in svg_of(lost)
    assert ">no finite answer</text>" not in svg_of(far)


def test_a_curve_beyond_the_axis_is_told() -> None:
    answers = (line(1.0), lambda points: 1e300 + points, line(math.nan))
    first, far, lost = panels(turning(*answers, **ONE, task="regression"), range(3), decimals=4)
    assert isinstance(far, DataPicture)
    assert [getattr(p, "beyond", None) for p in (first, far, lost)] == [False, True, False]
    assert far.twin[0][-1] == "1 × 10³⁰⁰"
    assert ">answers beyond the axis</text>" in svg_of(far)
    assert ">answers beyond the axis</text>" not in svg_of(first)


def test_colours_mean_the_same_in_every_panel() -> None:
    weak, _, strong = made("levels")
    assert {a.style for a in weak.areas} < {a.style for a in strong.areas}
    assert [m.style for m in weak.markers] == [m.style for m in strong.markers]


def test_a_picture_of_each_kind() -> None:
    assert all(isinstance(p, DataPicture) and p.kind == "scatter" for p in made("classes"))
    assert all(isinstance(p, DataPicture) and p.kind == "curve" for p in made("curve"))
    assert all(isinstance(p, AgreementPicture) for p in made("agreement"))


def test_no_panels_where_there_is_nothing_to_draw() -> None:
    many: tuple[Picture, ...] = panels(
        fake_trace(np.eye(3), [[0], [1], [1]], half), (0, 1), decimals=4
    )
    assert many == panels(SERIES["curve"][0], (), decimals=4) == ()
