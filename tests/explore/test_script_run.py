"""The scripts make of the run's file, for any cycle, what Python sets: string by string."""

from __future__ import annotations

from itertools import cycle as turns
from math import prod
from typing import Any

import pytest

from explored import differences, run_file
from rendering import DEFAULT, EXPERIMENTS, given, layers, trace_of
from scripted import EXHAUSTIVE
from tracer.experiment import Experiment
from tracer.trace import Trace
from tracer.training import run
from wide_networks import CASES, traced

#: So many cycles of each experiment, spread over its run: more than 500 when all are asked for.
#: The decimals that they are shown with take turns.
MOST, MOST_OF_DEFAULT = (12, 240) if EXHAUSTIVE else (1, 3)
DECIMALS = (4, 1, 6, 2, 12, 3, 8, 5, 10, 7, 9, 11)
SOME = (
    *("batch of 4 of 10, l2", "l2 a batch", "multiclass", "saturated at 800", "logits of 1000"),
    *("zeros at relu", "diverging", "diverging classes", "mixed sizes"),
    *("adam, uncorrected", "rate by the root", "mean squared error", "column"),
)
NOTATIONS: dict[str, dict[str, Any]] = {
    "delta": {"errors": "delta"},
    "from 0": {"first_index": 0},
    "log": {"logarithm": "log"},
    "columns": {"convention": "column"},
}


def spread(trace: Trace, most: int) -> list[tuple[int, int]]:
    """Some visits of a run, each with its decimals; the last one is among them."""
    visits = range(len(trace.row) - 1, -1, -max(len(trace.row) // most, 1))[:most]
    return list(zip(visits, turns(DECIMALS), strict=False))


@pytest.mark.parametrize("name", [DEFAULT, *(EXPERIMENTS if EXHAUSTIVE else SOME)])
def test_every_line_of_a_cycle_is_the_same(name: str) -> None:
    trace = trace_of(name)
    most = MOST_OF_DEFAULT if name == DEFAULT else MOST
    assert differences(trace, spread(trace, most)) == []


@pytest.mark.parametrize("name", NOTATIONS)
def test_every_line_is_the_same_in_other_notations(name: str) -> None:
    told = EXPERIMENTS["multiclass"]
    experiment = Experiment.from_mapping({"title": name, **told, "notation": NOTATIONS[name]})
    trace = run(experiment)
    assert differences(trace, spread(trace, 2)) == []


@pytest.mark.parametrize("name", CASES)
def test_every_line_of_a_wide_network_is_the_same(name: str) -> None:
    assert differences(traced(name), spread(traced(name), 2)) == []


@pytest.mark.parametrize("size", [300, 3000])
def test_equal_powers_of_any_size_leave_a_fraction(size: int) -> None:
    rows = {"columns": ["u", "t"], "rows": [[1, "a"], [-1, "b"]]}
    told = {**EXPERIMENTS["logits of 1000"], "data": rows, **given([[size, size]])}
    told |= {"layers": layers((2, "softmax")), "pages": {}}
    trace = run(Experiment.from_mapping({"title": "equal logits", **told}))
    assert differences(trace, spread(trace, 2)) == []


def test_of_a_wide_layer_only_what_is_named_is_carried() -> None:
    score, _ = run_file(traced("a hidden layer, adam")).parts()
    sizes = {(each["name"], each["layer"]): prod(each["shape"][1:]) for each in score["arrays"]}
    assert sizes["rest", 2] == 2
    assert sizes["m_W", 2] == 3 * 2  # of 22 units three are written


def test_a_run_file_tells_what_it_carries() -> None:
    score, data = run_file(trace_of("multiclass")).parts()
    last = score["arrays"][-1]
    size = last["offset"] + prod(last["shape"])
    assert len(data) == 8 * size
    assert score["counts"]["carried"] == [1, 2]
