"""Tables of rows are whole where they are small, and say which rows they have where not."""

from __future__ import annotations

import re

import numpy as np
import pytest

from networks import mapping
from rendering import pages_of
from tracer.experiment import Experiment
from tracer.pages import shown
from tracer.pages.shown import MOST_LISTED, Shown, listed
from tracer.pages.verdicts import repeats
from tracer.training import run


def test_small_tables_stand_whole_and_large_ones_have_the_rows_with_pages() -> None:
    paged, none = Shown((7, 3000), 60_000), Shown((), 60_000)
    assert listed(range(MOST_LISTED), none).is_all
    assert listed(range(60_000), none).rows == tuple(range(1, MOST_LISTED + 1))
    assert listed(range(60_000), paged).rows == (7, 3000)
    assert listed(range(60_000), none, paged).of == 60_000
    whole = Shown(tuple(range(1, 60_001)), 60_000)
    assert len(listed(range(60_000), whole).rows) == MOST_LISTED


def test_pages_say_which_rows_of_how_many_a_table_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "MOST_LISTED", 4)
    file = mapping((2, 2, 1), ("tanh", "identity"), rows=6, epochs=3)
    trace = run(Experiment.from_mapping({**file, "pages": {"rows": ["2-3"]}}))
    pages = pages_of(trace)
    for name in ("task", "epochs", "predictions"):
        assert "Of the 6 rows, this table has the rows 2 and 3." in pages[f"{name}/index.md"]
    assert re.findall(r'<tr id="row-(\d+)"', pages["task/index.md"]) == ["2", "3"]


def test_repeated_inputs_are_found_by_their_numbers() -> None:
    file = mapping((2, 2, 1), ("tanh", "identity"), rows=4, train=2, epochs=1)
    rows = np.array(file["data"]["rows"])
    rows[0, 0], rows[3, :2] = 0.0, rows[0, :2]
    rows[3, 0] = -0.0
    data = Experiment.from_mapping({**file, "data": {**file["data"], "rows": rows.tolist()}})
    assert [(r.row, r.of) for r in repeats(data.dataset)] == [(4, (1,))]
