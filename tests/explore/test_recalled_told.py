"""What a run file tells beside its numbers is the same for every learning rate, or is not kept."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from explored import walk_of
from outside_rows import MISH
from tracer.experiment import Experiment
from tracer.explore.beside import Told, run_file
from tracer.explore.recalled import told_key
from tracer.explore.runfile import RunFile
from tracer.files import keeping
from tracer.pages import context_of
from tracer.pages.explore import explored_cycle, explorer_context
from tracer.registry import registered
from tracer.training import run
from tracer.typeset.spoken import SILENT
from tracer.writing.site import page_renderer

TABLE = {"columns": ["u", "v", "t"], "rows": [[0.5, -1.25, 0], [1.5, 0.0, 1], [-0.25, 2, 1]]}
LAYERS = [{"units": 2, "activation": "relu"}, {"units": 1, "activation": "sigmoid"}]
TRAININGS: dict[str, dict[str, Any]] = {
    "plain": {"batch_size": 1},
    "batches": {"batch_size": 2, "l2": 0.25},
    "momentum": {"optimizer": "momentum", "momentum": 0.5},
    "adam": {"optimizer": "adam", "batch_size": 2},
    "schedule": {"schedule": "invscaling"},
    "fixed": {"train_biases": False},
}


@cache
def file_of(training: str, rate: float, more: str = "{}") -> RunFile:
    """The file of a run of two epochs, as a page asks for it."""
    told = {"title": "t", "data": TABLE, "layers": LAYERS, "init": {"seed": 3, "decimals": 2}}
    learns = {"epochs": 2, "learning_rate": rate, **TRAININGS[training]}
    trace = run(Experiment.from_mapping({**told, "training": learns, **json.loads(more)}))
    walk, render = walk_of(trace), page_renderer(trace.experiment)
    built = explorer_context(walk, "explore", explored_cycle(walk))
    return run_file(context_of(walk, "explore", built), render.told)


RATES = dict(zip(TRAININGS, (1e-6, 3.0, 0.1, 1.0, 0.7, 0.001), strict=True))


@pytest.mark.parametrize("training", TRAININGS)
def test_another_rate_changes_nothing_that_is_kept(training: str) -> None:
    one, other = file_of(training, 0.3), file_of(training, RATES[training])
    keys = {told_key(file.desk) for file in (one, other)}
    assert None not in keys
    is_same = one.told_anew() == other.told_anew()  # told in megabytes where it is not
    assert is_same or len(keys) == 2
    assert len(keys) == 1 or training == "schedule"


@pytest.fixture
def kept_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(keeping.FOLDER, str(tmp_path))
    return tmp_path


def test_what_is_kept_makes_the_same_file(kept_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert file_of("batches", 0.3).is_kept
    _ = file_of("batches", 0.3).told
    (place,) = kept_in.glob("*.kept")
    wanted = RunFile(**{**vars_of(file_of("batches", 0.7)), "is_kept": False}).script
    with monkeypatch.context() as patch:
        patch.setattr(RunFile, "told_anew", lambda _: pytest.fail("made again"))
        assert file_of("batches", 0.7).script == wanted
    place.write_bytes(place.read_bytes()[:-1])
    assert RunFile(**vars_of(file_of("batches", 0.7))).script == wanted


def vars_of(file: RunFile) -> dict[str, Any]:
    names = ("desk", "more", "choices", "is_kept")
    return {name: getattr(file, name) for name in names}


def test_what_else_decides_has_a_part_in_the_key() -> None:
    others = [
        file_of("plain", 0.3, json.dumps({"pages": {"decimals": 3}})),
        file_of("plain", 0.3, json.dumps({"notation": {"convention": "column"}})),
        file_of("plain", 0.3, json.dumps({"init": {"seed": 4, "decimals": 2}})),
        file_of("momentum", 0.3),
        file_of("fixed", 0.3),
    ]
    keys = {told_key(file.desk) for file in (file_of("plain", 0.3), *others)}
    assert None not in keys
    assert len(keys) == 1 + len(others)
    said = file_of("plain", 0.3).desk
    assert told_key(replace(said, walk=replace(said.walk, voice=SILENT))) not in keys


def test_where_a_number_or_somebody_else_decides_nothing_is_kept() -> None:
    far = file_of(
        "plain", 0.3, json.dumps({"init": {"scheme": "given", "weights": FAR, "biases": "zeros"}})
    )
    assert told_key(far.desk) is None
    with registered(MISH):
        assert told_key(file_of("plain", 0.3).desk) is None


def test_other_templates_or_another_language_are_not_kept(tmp_path: Path) -> None:
    trace = file_of("plain", 0.3).desk.cycle.trace
    assert page_renderer(trace.experiment).told.is_own
    assert not page_renderer(trace.experiment, templates=tmp_path).told.is_own
    assert not Told(lambda *_: {}).is_own


FAR = [[[1e60, 0.0], [0.0, 1.0]], [[1.0], [1.0]]]
