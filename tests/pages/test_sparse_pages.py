"""A run of which only a part is kept is shown on the same pages, checked, and said to be that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tracer.experiment import load_experiment
from tracer.experiment.model import Record
from tracer.studies.model import fingerprint
from tracer.studies.run import study
from tracer.trace import Trace
from tracer.training import run
from tracer.writing.site import render_pages

MINI = Path("tracer/examples/xor-adam.toml")
RECORDS = ({"every": 7}, {"epochs": (2,)})


def run_of(record: dict[str, Any]) -> Trace:
    experiment = load_experiment(MINI)
    training = experiment.training.model_copy(update={"epochs": 6})
    chosen = replace(experiment, training=training, record=Record(**record))
    return run(chosen, engine="" if record else "numpy")


@pytest.mark.parametrize("record", RECORDS, ids=["every", "epochs"])
def test_pages_are_those_of_the_whole_run(record: dict[str, Any]) -> None:
    whole, part = run_of({}), run_of(record)
    studies = study(part)
    assert fingerprint(part) == studies.again
    mine = render_pages(part, studies, proofs=False)
    yours = render_pages(whole, study(whole), proofs=False)
    assert mine.keys() == yours.keys()
    assert {name for name in mine if mine[name] != yours[name]} == {"determinism/index.md"}
    assert "too long to hold all its numbers" in mine["determinism/index.md"]
    assert "too long to hold all its numbers" not in yours["determinism/index.md"]


def test_large_runs_beside_it_keep_their_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run_of({})
    before = study(whole)
    monkeypatch.setattr("tracer.studies.beside.MAX_BESIDE", 0)
    after = study(whole)
    for one, other in zip(before.batches, after.batches, strict=True):
        np.testing.assert_allclose(one.losses, other.losses, rtol=1e-12)
    for tried, again in zip(before.rates.tried, after.rates.tried, strict=True):
        assert (tried.rate, tried.verdict) == (again.rate, again.verdict)
        np.testing.assert_allclose([tried.first, tried.last], [again.first, again.last], rtol=1e-12)
    assert any(one.trace.recording is not None for one in after.batches)
