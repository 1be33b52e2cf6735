"""Pictures of many numbers as colours: each cell has the colour of its number."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pictures import ENV, collisions
from tracer.pictures import HeatPicture, draw, heat_picture
from tracer.pictures.heat import LEVELS, MOST_CELLS, Summary
from tracer.pictures.plot.geometry import NARROW

RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\d+z")
values = arrays(
    np.float64,
    array_shapes(max_dims=2, max_side=90),
    elements=st.floats(-10, 10) | st.sampled_from([0.0, np.nan, np.inf]),
    fill=st.floats(-1, 1),
)


def picture(array: np.ndarray, name: str = "W") -> HeatPicture:
    return heat_picture(array, name, 1, lambda index: f"w{index}", decimals=4)


def painted(made: HeatPicture) -> dict[tuple[int, int], int]:
    found: dict[tuple[int, int], int] = {}
    for shade in made.shades:
        for x, y, count in RUN.findall(shade.path):
            for k in range(int(count)):
                place = (int(y), int(x) + k)
                assert place not in found
                found[place] = shade.level
    return found


@given(values)
def test_whatever_is_drawn_fits_and_is_described(array: np.ndarray) -> None:
    made = picture(array)
    assert made.width == NARROW
    assert made.frame.right - made.frame.left <= NARROW
    assert len(painted(made)) <= MOST_CELLS**2
    assert collisions(made.labels) == []
    html = str(draw(ENV, made, id="heat", caption="c"))
    root = ET.fromstring(html[html.index("<svg") : html.index("</svg>") + len("</svg>")])
    assert root.find(".//{*}title") is not None
    assert made.summary.count == array.size
    assert len(made.largest) == min(10, array.size)


@given(arrays(np.float64, (5, 7), elements=st.floats(-3, 3)))
def test_a_cell_has_the_sign_and_the_strength_of_its_number(array: np.ndarray) -> None:
    levels, most = painted(picture(array)), np.abs(array).max()
    for place, level in levels.items():
        value = array[place]
        assert np.sign(level) == np.sign(value)
        if most:
            assert (abs(level) - 1) / LEVELS <= abs(value) / most <= abs(level) / LEVELS + 1e-12


def test_many_numbers_share_cells_that_show_their_mean() -> None:
    array = np.zeros((784, 128))
    array[500, 100] = -2.0
    array[300:306, 10] = 0.1
    made = picture(array)
    assert (made.high, made.wide) == (13, 2)
    assert painted(made)[500 // 13, 50] == -LEVELS
    assert list(painted(made).values()).count(-LEVELS) == 1
    assert painted(made)[300 // 13, 5] == 1 + (300 // 13 == 305 // 13)
    assert (made.labels[0].text, made.labels[-1].text) == ("−0.0769", "0.0769")
    assert made.largest[0] == ("w(501, 101)", "−2")
    words = str(draw(ENV, made, id="heat", caption=""))
    assert "A cell stands for 13 × 2 of them" in words
    assert len(words) < 10_000


@pytest.mark.parametrize(
    ("shape", "says"), [((1, 30), "one row of 30."), ((2, 30), "2 rows of 30.")]
)
def test_one_row_of_a_matrix_is_one(shape: tuple[int, int], says: str) -> None:
    words = str(draw(ENV, picture(np.ones(shape)), id="heat", caption=""))
    assert f"as they lie in the matrix, {says}" in " ".join(words.split())


def test_a_vector_that_fills_a_square_is_drawn_as_one() -> None:
    made = picture(np.arange(784.0), "x")
    assert (made.rows, made.columns, made.wrapped) == (28, 28, True)
    assert painted(made)[27, 27] == LEVELS


def test_the_summary_counts_what_is_zero_and_what_is_no_number() -> None:
    found = Summary.of(np.array([0.0, -1.5, np.nan, 0.0, 3.0]), 4)
    assert (found.count, found.zeros, found.lost) == (5, 2, 1)
    assert (found.least, found.greatest, found.mean) == ("−1.5", "3", "0.375")
    nothing = Summary.of(np.array([np.nan]), 4)
    assert (nothing.least, nothing.lost) == ("", 1)
