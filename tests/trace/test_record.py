"""What is kept of a run: the section ``[record]``, and what is chosen without one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from networks import experiment, mapping, recorded
from tracer.errors import ExperimentError
from tracer.experiment import Experiment, load_experiment
from tracer.experiment.model import Record
from tracer.training import run
from tracer.training.size import run_size


def test_without_a_word_everything_is_kept_while_it_is_small(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = recorded({}, batch_size=1)
    assert run(small).record == {"keep": "all"}
    monkeypatch.setattr("tracer.training.size.MAX_TRACE", run_size(small).trace - 1)
    monkeypatch.setattr("tracer.training.size.MAX_KEPT", 3500)
    trace = run(small)
    assert set(trace.record) == {"every"}
    assert run_size(small).trace <= 3500
    closer = replace(small, record=Record(every=trace.record["every"] - 1))
    assert run_size(closer).trace > 3500


def test_more_than_is_sensible_is_refused_with_the_line_to_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tracer.training.size.MAX_TRACE", 3000)
    monkeypatch.setattr("tracer.training.size.MAX_KEPT", 3500)
    chosen = run(recorded({})).record["every"]
    with pytest.raises(ExperimentError, match=rf"every = {chosen}\b.*\[record\]"):
        run(recorded({"keep": "all"}))
    assert run(replace(recorded({"keep": "all"}), insist=True)).record == {"keep": "all"}
    with pytest.raises(ExperimentError, match=r"at most 3\.5 kB"):
        run(recorded({"every": 1}))


# The section


def problems(record: Any) -> list[Any]:
    with pytest.raises(ExperimentError) as caught:
        Experiment.from_mapping({**mapping(), "record": record})
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("record", "key", "said"),
    [
        ({"keep": "some"}, "record.keep", 'expected "all"'),
        ({"every": 0}, "record.every", "at least 1"),
        ({"epochs": [4]}, "record.epochs", "epochs from 1 to 3, found 4"),
        ({"epochs": [1, 1]}, "record.epochs", "each epoch once"),
        ({"keep": "all", "every": 2}, "record.every", "one of the keys keep, epochs, every"),
        ({"epochs": [1], "disk": 2}, "record.disk", "disk goes with every"),
        ({"evry": 2}, "record.evry", "expected one of the keys"),
        (3, "record", "expected a table"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(record: Any, key: str, said: str) -> None:
    (problem,) = problems(record)
    assert str(problem.key).startswith(key)
    assert said in str(problem)


@pytest.mark.parametrize(
    "record", [{"every": 7, "disk": 3}, {"epochs": [3, 1]}, {"keep": "all"}, {}]
)
def test_the_section_is_saved(record: Any, tmp_path: Any) -> None:
    one = Experiment.from_mapping({**mapping(), "record": record})
    one.save(tmp_path / "one.toml")
    again = load_experiment(tmp_path / "one.toml")
    assert again == replace(one, name="one")
    assert again.record == one.record
    assert "[record]" in (tmp_path / "one.toml").read_text() or not record
    assert experiment().record.given == {}


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"every": 7}, "every 7 updates"),
        ({"every": 1}, "what each update begins with"),
        ({"epochs": [1, 3]}, "the epochs 1, 3"),
        ({}, ""),
    ],
)
def test_what_is_kept_is_said(record: Any, said: str, call_main: Any, tmp_path: Any) -> None:
    path = tmp_path / "one.toml"
    Experiment.from_mapping({**mapping(), "record": record}).save(path)
    status, _, err = call_main("trace", str(path), "--updates", "2")
    assert status == 0
    assert (f"kept: {said}" in err) == bool(record)
    assert bool(re.search(r"computed again in \d+ ms at most", err)) == bool(record)
