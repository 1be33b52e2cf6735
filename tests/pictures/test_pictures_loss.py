"""Tests of the pictures: loss."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from pictures import check_svg, check_texts, svg_of
from tracer.pictures import (
    loss_picture,
)
from tracer.pictures.loss import MOST_POINTS, thin

# The loss


CURVES: dict[str, Any] = {
    "falls": np.geomspace(1, 0.1, 1000),
    "one": [0.7],
    "two": [0.7, 0.1],
    "constant": [0.5] * 40,
    "zero": [0.0] * 5,
    "decades": np.geomspace(3, 1e-9, 300),
    "diverges": [0.7, 0.9, 40.0, 1e5, math.inf, math.nan],
    "diverges late": [*np.linspace(1, 0.2, 99), math.nan],
    "never": [math.nan, math.nan],
    "largest": [1.7e308, 1e300, 1.7e308],
    "smallest": [5e-324, 1.0, 5e-324],
    "negative": [-3.0, -1e308, 1e308],
    "noise": np.random.default_rng(0).normal(1, 0.3, 5000),
}


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.filterwarnings("error")
def test_any_curve_of_the_loss(name: str) -> None:
    picture = loss_picture(np.array(CURVES[name]), decimals=4)
    check_texts(picture, picture.labels)
    check_svg(svg_of(picture))


@examples(60)
@given(st.lists(st.floats(), min_size=1, max_size=60))
def test_any_losses_at_all(values: list[float]) -> None:
    picture = loss_picture(np.array(values), decimals=4)
    check_texts(picture, picture.labels)
    check_svg(svg_of(picture))


def test_first_and_last_loss_are_marked() -> None:
    picture = loss_picture(np.geomspace(1, 0.1, 1000), decimals=3)
    assert [(mark.epoch, mark.label.text) for mark in picture.marks] == [(1, "1"), (1000, "0.1")]
    assert picture.twin[0] == ("1", "1")
    assert picture.twin[-1] == ("1000", "0.1")


def test_one_epoch_is_a_point() -> None:
    picture = loss_picture(np.array([0.7]), decimals=4)
    assert picture.path == ""
    assert len(picture.marks) == 1


def test_a_curve_ends_where_the_loss_does() -> None:
    picture = loss_picture(np.array([1.0, 2.0, 3.0, math.inf, math.nan]), decimals=4)
    assert picture.stop is not None
    assert (picture.stop.epoch, picture.stop.text) == (4, "∞")
    assert picture.marks[-1].epoch == 3
    svg = svg_of(picture)
    assert "From epoch 4 on there is no finite loss" in svg
    assert ">epoch 4: ∞</text>" in svg


def test_a_wide_span_has_a_logarithmic_axis() -> None:
    assert loss_picture(np.geomspace(1, 1e-4, 9), decimals=4).log
    assert not loss_picture(np.geomspace(1, 1e-2, 9), decimals=4).log
    assert not loss_picture(np.array([1.0, 0.0]), decimals=4).log


def test_long_curves_are_thinned_and_keep_their_extremes() -> None:
    values = np.random.default_rng(0).normal(size=100_000)
    values[54_321], values[77_777] = 99.0, -99.0
    kept = thin(values.tolist())
    assert len(kept) <= MOST_POINTS + 2
    assert {0, 54_321, 77_777, 99_999} <= set(kept)
    assert kept == sorted(kept)
    assert len(svg_of(loss_picture(values, decimals=4))) < 20_000


def test_a_loss_without_epochs_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one epoch"):
        loss_picture(np.array([]), decimals=4)
