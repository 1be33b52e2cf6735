"""The JSON of a run says everything that was decided, and the guide every key that it holds."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from networks import experiment
from tracer import Experiment, run
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.examples import built_in, built_in_names
from tracer.experiment import load_experiment
from tracer.trace.json import write_json
from traces import EXPERIMENTS, every, same, trace_of

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "site/guide/json.md").read_text(encoding="utf-8")
OF_THE_FILE = (ROOT / "site/guide/experiment-file.md").read_text(encoding="utf-8")
OPTIMIZERS_AND_VARIANTS = [
    (name, {row.variant: variant} if row.variant else {})
    for name, row in OPTIMIZERS.items()
    for variant in row.programs
]


def document_of(trace, **chosen: Any) -> Any:
    stream = io.StringIO()
    write_json(trace, stream, **chosen)
    return json.loads(stream.getvalue(), parse_constant=pytest.fail)


def decided(trace) -> dict[str, Any]:
    """The JSON's experiment without the engine, which no file names."""
    found: dict[str, Any] = document_of(trace, updates=[1])["experiment"]
    assert found.pop("engine") == trace.engine
    return found


@every
def test_the_experiment_in_the_json_gives_the_same_trace(name: str) -> None:
    again = Experiment.from_mapping(decided(trace_of(name)))
    assert same(run(again), trace_of(name))


@pytest.mark.parametrize("name", built_in_names())
def test_the_experiment_in_the_json_is_the_built_in_one(name: str) -> None:
    held = load_experiment(built_in(name))
    few = held.training.model_copy(update={"epochs": 1, "order": held.training.order[:1]})
    short = replace(held, training=few, pages=held.pages.model_copy(update={"epochs": (1,)}))
    assert Experiment.from_mapping(decided(run(short))) == short


@pytest.mark.parametrize(("optimizer", "options"), OPTIMIZERS_AND_VARIANTS)
def test_every_option_of_the_optimizer_is_said(optimizer: str, options: dict[str, str]) -> None:
    trace = run(experiment(optimizer=optimizer, epochs=1, **options))
    training = decided(trace)["training"]
    assert training["optimizer"] == optimizer
    assert OPTIMIZERS[optimizer].options.keys() <= training.keys()
    assert {key: training[key] for key in options} == options


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_update_has_its_learning_rate(schedule: str) -> None:
    trace = run(experiment(schedule=schedule, epochs=25, batch_size=3, learning_rate=0.5))
    document = document_of(trace)
    found = [update["learning_rate"] for update in document["updates"]]
    assert found == trace.learning_rate.tolist()
    assert found[0] == document["experiment"]["training"]["learning_rate"] == 0.5
    assert SCHEDULES[schedule].options.keys() <= document["experiment"]["training"].keys()
    assert len(set(found)) > 1 or schedule in ("constant", "adaptive")


def test_everything_that_was_decided_is_said() -> None:
    options = {"l2": 0.1, "stop": {"tolerance": 0.5, "patience": 2}, "train": [3, 1, 2]}
    document = decided(run(experiment(optimizer="adam", shuffle=True, epochs=2, **options)))
    assert document["training"]["stop"] == {"tolerance": 0.5, "patience": 2, "measure": "loss"}
    assert document["data"]["train"] == [1, 2, 3]
    assert {"rows", "columns", "inputs", "target", "task"} <= document["data"].keys()
    named = {"loss", "reduction", "learning_rate", "epochs", "batch_size", "schedule", "shuffle"}
    assert named | {"order", "l2", "l2_per_batch", "train_biases"} <= document["training"].keys()
    assert {"scheme", "seed", "low", "high", "biases"} <= document["init"].keys()


# The guide


@pytest.mark.usefixtures("in_its_folder")
def test_what_the_guide_shows_gives_the_same_trace() -> None:
    (shown,) = re.findall(r"(?ms)^```python\n(.*?)^```", GUIDE)
    with Path("first.json").open("w", encoding="utf-8") as file:
        write_json(trace_of("shuffled"), file)
    names: dict[str, Any] = {}
    exec(shown, names)
    assert same(names["trace"], trace_of("shuffled"))


@pytest.fixture
def in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def keys(value: Any, below: str = "") -> Iterator[tuple[str, str]]:
    """(where, key) of every key of a document; `below` is the key of the whole it stands in."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield below, key
            yield from keys(item, below if below == "experiment" else key)
    elif isinstance(value, list):
        for item in value:
            yield from keys(item, below)


def is_documented(where: str, key: str) -> bool:
    return f"`{key}`" in GUIDE or (where == "experiment" and f"`{key}`" in OF_THE_FILE)


def all_documents() -> Iterator[Any]:
    for name in EXPERIMENTS:
        yield document_of(trace_of(name))
    for optimizer, options in OPTIMIZERS_AND_VARIANTS:
        yield document_of(run(experiment(optimizer=optimizer, epochs=1, train=5, **options)))
    for schedule in SCHEDULES:
        yield document_of(run(experiment(schedule=schedule, epochs=2)))


def test_the_guide_documents_every_key() -> None:
    found = {place for document in all_documents() for place in keys(document)}
    assert {("", "experiment"), ("updates", "learning_rate"), ("state", "m_hat")} <= found
    assert sorted(place for place in found if not is_documented(*place)) == []


def test_the_guide_documents_no_key_that_is_not_there() -> None:
    there = {key for document in all_documents() for _, key in keys(document)}
    tables = re.findall(r"^\| (`[^|]+) \|", GUIDE, re.MULTILINE)
    named = {key for row in tables for key in re.findall(r"`([^`]+)`", row)}
    assert len(named) > 30
    assert sorted(named - there) == []


def test_an_undocumented_key_is_found() -> None:
    assert not is_documented("updates", "learning_rates")
    assert list(keys({"a": [{"b": 1}]})) == [("", "a"), ("a", "b")]


def test_numbers_that_are_not_finite_are_texts_everywhere() -> None:
    document = document_of(trace_of("diverged"))
    last = document["updates"][-1]
    found = set(re.findall(r'"(nan|inf|-inf)"', json.dumps(last)))
    assert found
    assert not re.search(r"NaN|Infinity", json.dumps(document, allow_nan=False))
    values = [float(number) for row in last["W_after"][0] for number in row]
    assert np.array_equal(values, trace_of("diverged").W[0][-1].ravel(), equal_nan=True)
