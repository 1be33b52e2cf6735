"""A run of which only a part is kept is shown on the same pages, checked, and said to be that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import rendering
from tracer.experiment import load_experiment
from tracer.experiment.model import Record
from tracer.studies.model import fingerprint
from tracer.studies.run import study
from tracer.trace import Trace
from tracer.training import run

MINI = Path("tracer/examples/xor-adam.toml")
RECORDS = ({"every": 7}, {"epochs": (2,)})


def run_of(record: dict[str, Any]) -> Trace:
    experiment = load_experiment(MINI)
    training = experiment.training.model_copy(update={"epochs": 6})
    return run(replace(experiment, training=training, record=Record(**record)))


@pytest.mark.parametrize("record", RECORDS, ids=["every", "epochs"])
def test_pages_are_those_of_the_whole_run(record: dict[str, Any]) -> None:
    whole, part = run_of({}), run_of(record)
    studies = study(part)
    assert fingerprint(part) == studies.again
    mine = rendering.render_pages(part, studies, proofs=False)
    yours = rendering.render_pages(whole, study(whole), proofs=False)
    assert mine.keys() == yours.keys()
    assert {name for name in mine if mine[name] != yours[name]} == {"determinism/index.md"}
    assert "too long to hold all its numbers" in mine["determinism/index.md"]
    assert "too long to hold all its numbers" not in yours["determinism/index.md"]


def test_large_runs_beside_it_keep_their_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run_of({})
    before = study(whole)
    monkeypatch.setattr("tracer.studies.beside.MAX_BESIDE", 0)
    after = study(whole)
    assert [one.losses.tolist() for one in before.batches] == [
        one.losses.tolist() for one in after.batches
    ]
    assert repr(before.rates.tried) == repr(after.rates.tried)
    assert any(one.trace.recording is not None for one in after.batches)
