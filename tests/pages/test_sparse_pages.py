"""A run of which only a part is kept is shown on the same pages, checked, and said to be that."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from claims import markdown
from tracer.errors import TracerError
from tracer.experiment import load_experiment
from tracer.experiment.model import Record
from tracer.studies.model import Studies, fingerprint
from tracer.studies.run import study
from tracer.trace import Trace
from tracer.training import run
from tracer.writing.site import render_pages

MINI = Path("tracer/examples/xor-adam.toml")
SIZE = re.compile(r"(?<=a file of )[0-9.]+ kB")  # it says how the run was kept, too
RECORDS = ({"every": 7}, {"epochs": (2,)})


def run_of(record: dict[str, Any], **training: Any) -> Trace:
    experiment = load_experiment(MINI)
    changed = experiment.training.model_copy(update={"epochs": 6, **training})
    pages = experiment.pages.model_copy(update={"rows": "2-3"})
    chosen = replace(experiment, training=changed, pages=pages, record=Record(**record))
    return run(chosen, engine="" if record else "numpy")


@cache
def whole_run() -> tuple[Trace, Studies, dict[str, str]]:
    """The run of which everything is kept, the runs beside it, and its pages."""
    trace = run_of({})
    studies = study(trace)
    return trace, studies, render_pages(trace, studies, proofs=False)


@pytest.mark.parametrize("record", RECORDS, ids=["every", "epochs"])
def test_pages_are_those_of_the_whole_run(record: dict[str, Any]) -> None:
    part, (_, _, yours) = run_of(record), whole_run()
    studies = study(part)
    assert fingerprint(part) == studies.again
    mine = render_pages(part, studies, proofs=False)
    assert mine.keys() == yours.keys()
    others = {name for name in mine if SIZE.sub("", mine[name]) != SIZE.sub("", yours[name])}
    assert others == {"determinism/index.md"}
    assert "too long to hold all its numbers" in mine["determinism/index.md"]
    assert "too long to hold all its numbers" not in yours["determinism/index.md"]


def test_parameters_are_asked_for_at_the_moments_that_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    part, whole = (run_of(record, batch_size=1) for record in ({"every": 7}, {}))
    monkeypatch.setattr("tracer.trace.sparse.MAX_WHOLE", whole.W[0].nbytes // 3)
    with pytest.raises(TracerError, match="at once"):
        np.asarray(part.W[0])
    assert markdown(part, "epochs") == markdown(whole, "epochs")
    monkeypatch.setattr("tracer.pages.epochs.AT_A_TIME", 1)
    assert markdown(part, "epochs") == markdown(whole, "epochs")


def test_large_runs_beside_it_keep_their_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, before, _ = whole_run()
    monkeypatch.setattr("tracer.studies.beside.MAX_BESIDE", 0)
    after = study(whole)
    for one, other in zip(before.batches, after.batches, strict=True):
        np.testing.assert_allclose(one.losses, other.losses, rtol=1e-12)
    for tried, again in zip(before.rates.tried, after.rates.tried, strict=True):
        assert (tried.rate, tried.verdict) == (again.rate, again.verdict)
        np.testing.assert_allclose([tried.first, tried.last], [again.first, again.last], rtol=1e-12)
    assert any(one.trace.recording is not None for one in after.batches)
