"""Which epochs the file of a run carries, and what the page says of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims import markdown, words
from explored import ALONE, run_file
from networks import mapping
from rendering import EXPERIMENTS
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.errors import ExperimentError
from tracer.experiment import Experiment
from tracer.explore.columns import Columns
from tracer.explore.runfile import AT_A_TIME, RunFile, chosen_epochs
from tracer.pages import kinds
from tracer.pages.explore import each_explorer
from tracer.pages.walk import Walk
from tracer.trace import Trace
from tracer.trace.recording import MAX_CACHE, _bytes
from tracer.training import run
from wide_networks import CASES

SMALL = {**EXPERIMENTS["l2 a batch"], "training": {"epochs": 9, "batch_size": 2}}


def trace_with(**pages: Any) -> Trace:
    return run(Experiment.from_mapping({"title": "t", **SMALL, "pages": pages}))


def carried(trace: Trace, **keys: Any) -> list[int]:
    return list(replace(run_file(trace), **keys).columns.carried.epochs)


def test_all_epochs_are_carried_that_are_wanted() -> None:
    assert carried(trace_with()) == list(range(1, 10))
    assert carried(trace_with(explore="all"), budget=1) == list(range(1, 10))
    assert carried(trace_with(explore=[4, 2])) == [1, 2, 4]


def test_no_explorer_is_made_where_none_is_wanted() -> None:
    walk = Walk(trace_with(explore=[]), ALONE, "mathml", kinds())
    assert each_explorer(walk) == []
    assert "explore" not in {page.name for page in walk.pages}


def test_an_epoch_that_is_too_much_is_not_carried_unless_it_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    traces = trace_with(), trace_with(explore=[1])
    assert "no page here that shows any cycle" not in markdown(traces[0], "")
    monkeypatch.setattr("tracer.pages.shown.MOST_CARRIED", 10)
    for trace, made in zip(traces, (False, True), strict=True):
        walk = Walk(trace, ALONE, "mathml", kinds())
        assert ("explore" in {page.name for page in walk.pages}) is made
        assert ("no page here that shows any cycle" in words(markdown(trace, ""))) is not made
        assert "no page here that shows any cycle" not in words(markdown(trace, "", math="latex"))


@pytest.mark.parametrize("name", CASES)
def test_a_wide_network_is_gathered_piece_by_piece(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    longer = {"training": {**case["training"], "epochs": 4}}
    shown = {"pages": {**case["pages"], "explore": [1, 2, 4]}}  # not all follow each other
    file = run_file(run(Experiment.from_mapping({**case, **longer, **shown})))
    at_once = file.parts()
    assert file.columns.carried.updates.size > 1
    monkeypatch.setattr("tracer.explore.runfile.AT_A_TIME", 1)
    assert replace(file).parts() == at_once
    whole = Columns(file.columns.carried)
    for key in file._named:
        found = file.columns.column(key).values
        places = tuple(np.array([*file._named[key]]).T)
        assert np.array_equal(found, whole.column(key).values[(slice(None), *places)])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_is_computed_again_for_a_piece_is_held_until_it_is_gathered(optimizer: str) -> None:
    file = mapping((60, 40, 2), ("relu", "identity"), rows=2, epochs=9, optimizer=optimizer)
    trace = run(Experiment.from_mapping({**file, "record": {"every": 9}}))
    assert trace.recording is not None
    piece = AT_A_TIME // sum(W[0].nbytes for W in trace.W)
    assert piece * _bytes(trace.recording.update(7)) < MAX_CACHE


def test_a_budget_is_spread_over_the_run() -> None:
    file: RunFile = run_file(trace_with(epochs=[2]))
    whole = len(file.parts()[1]) // 8
    some = replace(file, budget=whole // 2)
    found = list(some.columns.carried.epochs)
    assert 2 in found
    assert 3 <= len(found) <= 5
    assert len(some.parts()[1]) // 8 <= whole * 2 // 3


@given(st.integers(1, 500), st.integers(1, 60), st.lists(st.integers(1, 500), min_size=1))
def test_chosen_epochs_are_some_of_the_run(epochs: int, most: int, first: list[int]) -> None:
    first = [epoch for epoch in first if epoch <= epochs] or [1]
    found = chosen_epochs(epochs, most, first)
    assert list(found) == sorted(set(found))
    assert 1 <= found[0] <= found[-1] <= epochs
    assert first[0] in found
    assert len(found) <= most or most >= epochs


@pytest.mark.parametrize(
    ("told", "said"),
    [([1, 99], "from 1 to 9, found 99"), ([1, 1], "1 again"), ("some", '"all", or a list')],
)
def test_other_choices_are_named(told: Any, said: str) -> None:
    with pytest.raises(ExperimentError, match=said):
        trace_with(explore=told)
