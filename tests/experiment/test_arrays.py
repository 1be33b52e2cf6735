"""Experiments from arrays: the same as from lists, without a look at each cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tracer.errors import ExperimentError
from tracer.experiment import Experiment
from tracer.experiment.arrayrows import array_rows
from tracer.experiment.table import Table

LAYERS = [(2, "tanh"), (1, "identity")]
TYPES = ("float64", "float32", "int64", "int8", "uint8", "bool")


def made(x: Any, y: Any, **data: Any) -> Experiment:
    return Experiment(data={"x": x, "y": y, **data}, layers=LAYERS)


def told(x: Any, y: Any) -> str:
    """What is wrong with them; "" where nothing is."""
    try:
        made(x, y)
    except ExperimentError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("kind", TYPES)
@given(data=st.data())
def test_an_array_is_the_table_that_its_lists_are(kind: str, data: st.DataObject) -> None:
    shape = st.tuples(st.integers(1, 5), st.integers(1, 4))
    x = data.draw(arrays(kind, shape))
    y = data.draw(arrays("float64", len(x), elements=st.floats(-9, 9)))
    problem = told(x, y)
    assert problem == told(x.tolist(), y.tolist())
    if not problem:
        one, other = made(x, y), made(x.tolist(), y.tolist())
        assert one == other
        np.testing.assert_array_equal(one.dataset.x, other.dataset.x)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_number_that_is_none_is_told_with_its_place(wrong: float) -> None:
    x = np.ones((3, 2))
    x[1, 0] = wrong
    with pytest.raises(ExperimentError, match=r"data\.rows\[2\]\[1\]: expected a finite number"):
        made(x, [0.0, 1.0, 2.0])


@pytest.mark.parametrize("y", [["a", "b", "a"], [1, None, 2], [[1, 2], [1, 2], [1, 2]], [1, 2]])
def test_targets_are_looked_at_as_ever(y: Any) -> None:
    x = np.arange(6.0).reshape(3, 2)
    assert told(x, y) == told(x.tolist(), y)


def test_inputs_can_be_chosen_and_ordered() -> None:
    x = np.arange(12.0).reshape(4, 3)
    for chosen in (["x3", "x1"], ["x2"]):
        one, other = (made(v, [0.0, 1.0, 2.0, 3.0], inputs=chosen) for v in (x, x.tolist()))
        assert one == other
        assert one.dataset.input_names == tuple(chosen)


def test_rows_of_an_array_are_read_like_a_list_of_rows() -> None:
    x, ends = np.arange(6.0).reshape(3, 2), [(0.0,), (1.0,), (2.0,)]
    rows, plain = (
        array_rows(x, ends),
        [(*row, *end) for row, end in zip(x.tolist(), ends, strict=True)],
    )
    assert rows is not None
    assert [*rows] == plain
    assert [rows[0], rows[-1], *rows[1:]] == [plain[0], plain[-1], *plain[1:]]
    assert [list(rows.column(k)) for k in range(3)] == [
        list(cells) for cells in zip(*plain, strict=True)
    ]
    assert (len(rows), rows.cells) == (3, 9)
    for other in (np.zeros((0, 2)), x.astype(np.longdouble), x.astype(complex), x[0]):
        assert array_rows(other, ends) is None  # each cell is looked at


def test_the_array_is_copied() -> None:
    x = np.zeros((2, 2))
    one = made(x, [0.0, 1.0])
    x[0, 0] = 7.0
    assert one.dataset.x[0, 0] == 0.0


def test_no_cell_of_an_array_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Any] = []
    cell = Table.cell

    def look(self: Table, value: Any) -> Any:
        looked.append(value)
        return cell(self, value)

    monkeypatch.setattr(Table, "cell", look)
    made(np.ones((50, 40)), np.arange(50.0))
    assert len(looked) <= 4 * 50
