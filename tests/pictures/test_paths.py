"""Paths of pictures: every number with one digit after the point, in its shortest text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.pictures.plot.geometry import tidy
from tracer.pictures.plot.paths import line_path, written_points

NUMBERS = (
    st.floats(-400, 400)
    | st.floats(99_990, 100_010)
    | st.floats()
    | st.integers(-80, 80).map(lambda k: k / 20)
)
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6)


@settings(max_examples=100)
@given(POINTS)
def test_a_path_writes_each_number_as_tidy_rounds_it(points: list[tuple[float, float]]) -> None:
    assert written_points(points) == [f"{tidy(x):g} {tidy(y):g}" for x, y in points]


def test_a_path_has_no_point_twice_in_a_row() -> None:
    assert line_path([(1.01, 2), (0.99, 2.04), (3, 4), (1, 2)]) == "M1 2L3 4L1 2"
    assert line_path([]) == ""
