"""The benchmarks run, both ways give the same, and no time decides about a test."""

from __future__ import annotations

import sys

import pytest

from sites import ROOT

sys.path.append(str(ROOT))  # the benchmarks are no part of what is installed

from benchmarks import reading, report
from benchmarks.__main__ import main
from benchmarks.bytes_kept import raw
from benchmarks.entries import Entry, entries, rows_of
from benchmarks.measure import Comparison, Row, Way, at_least, at_most, counted, measure
from benchmarks.replay import milliseconds
from networks import mapping
from tracer.experiment import Experiment
from tracer.training import run


def test_the_benchmarks_print_a_table_of_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    main(["training", "rendering", "--repeat", "1"])
    shown = capsys.readouterr()
    titles = [entries()[name].title for name in ("training", "rendering")]
    lines = [line for line in shown.out.splitlines() if line]
    heads = [line.split() for line in lines if line.startswith("task ")]
    assert [line for line in lines if line in titles] == titles
    assert heads == [["task", "tracer", "otherwise", "ratio", "goal", "reached"]] * 2
    assert [line.split()[0] for line in lines if line.startswith("t")] == [
        *("task", "train", "train"),
        *("task", "typeset"),
    ]
    assert shown.err == ""


def test_a_name_that_is_no_benchmark() -> None:
    for arguments in (["painting"], ["--repeat", "0"], ["training", "--write"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2


def test_every_entry_says_what_it_measures() -> None:
    known = {"training", "peers", "building", "serving", "handcalcs_lines", "replay"}
    assert known | {"bytes_kept", "changing", "pages_in_browser"} <= entries().keys()
    assert all(entry.title.endswith(".") for entry in entries().values())


def test_what_is_read_is_of_every_kind_of_task() -> None:
    found = reading.cases()
    tasks = {case.made.dataset.task for case in found}
    assert tasks == {"binary", "multiclass", "regression"}
    assert max(len(case.made.layers) for case in found) == 5


def test_a_ratio_is_held_against_its_goal_from_the_side_that_the_goal_says() -> None:
    assert counted("nodes", 24.0, 2.0, "nodes", at_most(12)) == Row(
        "nodes", "24 nodes", "2 nodes", 12.0, "≤ 12"
    )
    assert counted("lines", 2.0, 24.0, "s", at_least(20)).ratio == 12.0
    runs: list[str] = []
    ways = Way("fast", lambda: runs.append("ours")), Way("slow", lambda: runs.append("theirs"))
    assert measure(Comparison("a task", *ways, cold=True), 2).ratio > 0
    assert runs == ["ours", "theirs"] * 2


def test_what_is_not_installed_is_said_in_its_row_and_ends_nothing() -> None:
    def fails(_repeat: int):
        yield Row("first", "1 s", "2 s", 0.5)
        raise ModuleNotFoundError("No module named 'peer'")

    found = list(rows_of(Entry("one", "One.", fails), 1))
    assert [row.ratio for row in found] == [0.5, None]
    assert found[1].ours == "not measured: ModuleNotFoundError: No module named 'peer'"


def test_the_readme_holds_every_row_and_the_machine() -> None:
    rows = [
        Row("a | b", "1 s", "2 s", 0.5, "≤ 2"),
        Row("c", "not measured", "", None),
        Row("d", "2 s", "1 s", 0.5, "≥ 0.6"),
    ]
    text = report.readme([report.Table("Some rows.", rows)], 61.0)
    assert "## Some rows\n\n| task | tracer | otherwise | ratio | goal | reached |\n" in text
    assert "| a \\| b | 1 s | 2 s | 0.5 | ≤ 2 | yes |\n" in text
    assert "| c | not measured |  |  |  |  |\n| d | 2 s | 1 s | 0.5 | ≥ 0.6 | no |\n" in text
    assert "cores; " in text
    assert "numpy " in text
    assert "in 61 s" in text


def made_of(record: dict[str, int]) -> Experiment:
    return Experiment.from_mapping({**mapping(rows=4, epochs=2), "record": record})


def test_a_table_and_an_update_are_measured_as_they_are_made() -> None:
    """What rows are of: the bytes of the numbers alone, updates that nobody asked for before."""
    made = run(made_of({}))
    fields = (value for name in ("x", "y", "loss", "penalty") for value in [getattr(made, name)])
    assert raw(made) > sum(value.nbytes for value in fields)
    part = run(made_of({"every": 3}))
    times = milliseconds(part)
    assert len(times) == part.updates
    assert min(times) > 0
    assert len(milliseconds(part, 2, before=True)) == 2
