"""Tests of the pictures: axes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracer.pictures as package
from examples import examples
from pictures import TEMPLATES, collisions
from tracer.pictures import PICTURES
from tracer.pictures.plot.geometry import Label, clean, clusters, fit, text_width
from tracer.pictures.plot.scale import Scale, log_ticks, nice_ticks, spread, whole_ticks

# Axes and texts


finite = st.floats(allow_nan=False, allow_infinity=False)


@examples(300)
@given(st.lists(finite, min_size=1, max_size=5), st.integers(2, 9), st.sampled_from([0, 0.1]))
def test_ticks_are_round_and_inside(values: list[float], count: int, pad: float) -> None:
    low, high = spread(values, pad)
    ticks = nice_ticks(low, high, count)
    numbers = [tick.value for tick in ticks]
    assert 2 <= len(ticks) <= max(count + 1, 5)
    assert all(low <= value <= high for value in numbers)
    assert numbers == sorted(set(numbers))
    assert len({tick.text for tick in ticks}) == len(ticks)
    for tick in ticks:
        assert read(tick.text) == pytest.approx(tick.value, rel=1e-9, abs=(high - low) * 1e-8)
    places = [Scale(low, high, 0, 1000)(value) for value in numbers]
    assert places == sorted(places)
    assert 0 <= places[0] <= places[-1] <= 1000


@examples(100)
@given(st.lists(finite, min_size=1, max_size=5), st.booleans(), st.floats(-1e3, 1e3))
def test_many_values_are_placed_as_each_alone(values: list[float], log: bool, start: float) -> None:
    low, high = spread([abs(value) + 1e-3 for value in values] if log else values)
    scale = Scale(low, high, start, start + 321.7, log)
    asked = [abs(v) + 1e-300 if log else v for v in (*values, low, high)]
    assert scale.places(np.array(asked)) == [scale(value) for value in asked]
    assert scale.far_places(np.array(asked)) == [scale.far(value) for value in asked]


def read(text: str) -> float:
    superscripts = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
    mantissa, _, power = text.partition(" × 10")
    plain = mantissa.translate(superscripts)
    return float(f"{plain}e{power.translate(superscripts)}" if power else plain)


def test_ticks_as_one_expects_them() -> None:
    assert [t.text for t in nice_ticks(-0.3, 3.3)] == ["0", "1", "2", "3"]
    assert [t.text for t in nice_ticks(0, 0.1)] == ["0.00", "0.02", "0.04", "0.06", "0.08", "0.10"]
    assert [t.text for t in nice_ticks(-2e9, 2e9, 3)] == ["−2 × 10⁹", "0", "2 × 10⁹"]
    assert [t.text for t in whole_ticks(1, 1000)] == ["1", "200", "400", "600", "800", "1000"]
    assert [t.text for t in whole_ticks(1, 1)] == ["1"]
    assert [t.text for t in log_ticks(1e-3, 1)] == ["10⁻³", "10⁻²", "10⁻¹", "1"]


@given(st.integers(1, 10**6), st.integers(2, 9))
def test_whole_ticks_have_both_ends(high: int, count: int) -> None:
    numbers = [tick.value for tick in whole_ticks(1, high, count)]
    assert numbers[0] == 1
    assert numbers[-1] == high
    assert numbers == sorted(set(numbers))
    assert len(numbers) <= count + 2


@given(st.text(max_size=30), st.floats(10, 200))
def test_a_fitted_text_fits(text: str, width: float) -> None:
    short = fit(text, width, 11)
    assert text_width(short, 11) <= max(width, text_width("…", 11))
    assert short == clean(text) or short.endswith("…")


def test_joined_emoji_are_never_cut() -> None:
    assert list(clusters("a👩‍👩‍👧🇩🇪🇫🇷é👍🏽")) == ["a", "👩‍👩‍👧", "🇩🇪", "🇫🇷", "é", "👍🏽"]


@dataclass(frozen=True)
class Case:
    """A label and another that does or does not touch it."""

    other: Label
    meets: bool
    first: Label = field(default_factory=lambda: Label(50, 50, "0.1234", 12))


@pytest.mark.parametrize(
    "case",
    [
        Case(Label(60, 50, "0.1234", 12), True),
        Case(Label(120, 50, "0.1234", 12), False),
        Case(Label(50, 64, "0.1234", 12), False),
        Case(Label(50, 55, "0.1234", 12, turned=True), True),
        Case(Label(50, 50, "", 12), False),
    ],
)
def test_collisions_are_seen(case: Case) -> None:
    assert bool(collisions([case.first, case.other])) is case.meets


def test_kinds_of_pictures_are_public() -> None:
    kinds = {kind.model.__name__: kind.drawing for kind in PICTURES.values()}
    assert kinds.keys() <= set(package.__all__)
    drawn = {path.name.removesuffix(".svg.j2") for path in (TEMPLATES / "svg").glob("*.svg.j2")}
    assert set(kinds.values()) == {f"svg/{name}.svg.j2" for name in drawn - {"parts"}}
