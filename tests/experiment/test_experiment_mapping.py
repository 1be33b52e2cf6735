"""Experiments as plain data: there and back again, defaults, and the schema for editors."""

from __future__ import annotations

import json
import pickle
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import pytest

from tracer.catalog.activations import ACTIVATIONS
from tracer.errors import DataError, ExperimentError, Problem, TracerError
from tracer.experiment import Experiment, Layer, experiment_schema, load_experiment
from tracer.experiment.naming import slug
from tracer.experiment.section import Section

CONTRACT = """\
title = "A tiny network learns from eight examples"

[data]
path = "mini2d.csv"            # beside this file
inputs = ["🌞", "💧"]
target = "y"
task = "binary"
classes = [-1, 1]
train = 8

[[layers]]
units = 3
activation = "relu"
[[layers]]
units = 2
activation = "relu"
[[layers]]
units = 1
activation = "sigmoid"

[init]
scheme = "uniform"
low = -1.0
high = 1.0
biases = "same"
seed = 7
decimals = 2

[training]
loss = "binary_cross_entropy"
reduction = "mean"
optimizer = "sgd"
learning_rate = 0.1
epochs = 1000
batch_size = 1
shuffle = false
order = []
l2 = 0.0
l2_per_batch = false
train_biases = true
stop = { tolerance = 1e-4, patience = 10 }
schedule = "constant"

[notation]
convention = "column"

[pages]
epochs = [10, 1]
decimals = 4
"""
TABLE = "🌞,💧,y\n0,0,1\n1,0,-1\n1,1,-1\n2,0,-1\n3,1,1\n3,2,1\n2,3,1\n3,3,-1\n0,3,1\n"


@pytest.fixture
def contract(tmp_path: Path) -> Experiment:
    (tmp_path / "mini2d.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "Mini 2D.toml").write_text(CONTRACT, encoding="utf-8")
    return load_experiment(str(tmp_path / "Mini 2D.toml"))


def test_the_file_of_the_contract(contract: Experiment) -> None:
    assert contract.title == "A tiny network learns from eight examples"
    assert contract.name == "mini-2d"
    assert contract.source is not None
    assert contract.layer_sizes == (2, 3, 2, 1)
    assert contract.layers[0] == Layer(units=3, activation="relu")
    assert contract.data.train == (1, 2, 3, 4, 5, 6, 7, 8)
    assert contract.dataset.classes == (-1, 1)
    assert contract.dataset.test == (8,)
    assert (contract.init.seed, contract.init.decimals, contract.init.low) == (7, 2, -1.0)
    assert contract.training.stop is not None
    assert contract.training.stop.patience == 10
    assert contract.training.options == {}
    assert contract.notation.convention == "column"
    assert contract.pages.epochs == (1, 10)


def test_there_and_back_again(contract: Experiment) -> None:
    stored = json.loads(json.dumps(contract.to_mapping(), allow_nan=False))
    again = Experiment.from_mapping(stored)
    assert again == contract
    assert hash(again) == hash(contract)
    assert again.dataset == contract.dataset
    assert (again.name, again.source) == ("mini-2d", None)
    assert again.to_mapping() == contract.to_mapping()


SMALL: dict[str, Any] = {
    "data": {"columns": ["a", "y"], "rows": [[0, 0], [1, 1]]},
    "layers": [{"units": 1, "activation": "sigmoid"}],
}
VARIANTS: list[dict[str, Any]] = [
    {},
    {"data": {"columns": ["a", "y"], "rows": [[0.1, "x"], [1, "1"]]}},
    {"data": {"columns": ["y", "a"], "rows": [[0.25, 1], [1, 1]], "target": "y"}},
    {"data": {"columns": ["a", "y"], "rows": [[1, 0], [2, 1]], "classes": ["1", 0], "train": [2]}},
    {
        "data": {"columns": ["a", "p", "q"], "rows": [[1, 0.5, 1]], "target": ["p", "q"]},
        "layers": [{"units": 2, "activation": "sigmoid"}],
    },
    {
        "data": {"columns": ["a", "p", "q"], "rows": [[1, 0.25, 0.75]], "target": ["p", "q"]},
        "layers": [{"units": 2, "activation": "softmax"}],
    },
    {
        "data": {"columns": ["a", "y"], "rows": [[1, "x"], [2, "z"]], "classes": ["z", "y", "x"]},
        "layers": [{"units": 3, "activation": "softmax"}],
    },
    {"init": {"scheme": "given", "weights": [[[0.1]]]}},
    {"init": {"scheme": "given", "weights": [[[1]]], "biases": [[0.1]]}},
    {"init": {"scheme": "normal", "std": 2, "biases": "zeros"}},
    {"init": {"scheme": "zeros"}},
    {"training": {"epochs": 1, "order": [[2, 1]], "batch_size": "all", "loss": "squared_error"}},
    {"title": " two\n words ", "name": "kept", "pages": {"templates": "mine"}},
]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_kind_comes_back(variant: dict[str, Any]) -> None:
    experiment = Experiment.from_mapping(SMALL | variant)
    again = Experiment.from_mapping(json.loads(json.dumps(experiment.to_mapping())))
    assert again == experiment
    assert again.dataset == experiment.dataset
    assert (again.init, again.training, again.pages) == (
        experiment.init,
        experiment.training,
        experiment.pages,
    )
    assert experiment != 3


def test_defaults() -> None:
    experiment = Experiment.from_mapping(SMALL)
    assert (experiment.title, experiment.name) == ("experiment", "experiment")
    training, init = experiment.training, experiment.init
    assert (training.reduction, training.optimizer, training.learning_rate) == ("mean", "sgd", 0.1)
    assert (training.epochs, training.batch_size, training.order) == (1000, 1, ())
    assert (training.shuffle, training.l2, training.train_biases) == (False, 0.0, True)
    assert training.stop is None
    assert (init.scheme, init.low, init.high, init.biases) == ("uniform", -1.0, 1.0, "same")
    assert (init.seed, init.decimals, init.weights) == (0, None, ())
    assert (experiment.pages.epochs, experiment.pages.decimals) == ((1,), 4)
    given = SMALL | {"init": {"scheme": "given", "weights": [[[1]]]}}
    assert Experiment.from_mapping(given).init.biases == "zeros"


def test_experiments_are_frozen() -> None:
    experiment = Experiment.from_mapping(SMALL)
    with pytest.raises(AttributeError):
        experiment.title = "other"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        experiment.training.epochs = 3  # type: ignore[misc]


def test_a_table_beside_the_mapping(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n1,0\n2,1\n")
    mapping = SMALL | {"data": {"path": "t.csv"}}
    assert Experiment.from_mapping(mapping, base=tmp_path).layer_sizes == (1, 1)


@pytest.mark.parametrize(
    "mapping",
    [[], {}, {3: 4}, {"name": 3}, SMALL | {"data": None}, SMALL | {"layers": [None]}, None],
)
def test_foreign_mappings(mapping: Any) -> None:
    with pytest.raises(ExperimentError) as caught:
        Experiment.from_mapping(mapping)
    assert all(p.file is None and p.line is None for p in caught.value.problems)


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("mini2d", "mini2d"),
        ("My Net_2", "my-net-2"),
        ("Übung ½", "übung-1-2"),
        ("🌞", "experiment"),
    ],
)
def test_slug(stem: str, name: str) -> None:
    assert slug(stem) == name
    assert slug(name) == name


# The schema


def properties(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = list(schema["properties"].items())
    for table in schema["$defs"].values():
        found += table["properties"].items()
    return found


def test_schema_describes_every_key() -> None:
    schema = experiment_schema()
    json.dumps(schema, allow_nan=False)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["required"] == ["data", "layers"]
    assert schema["additionalProperties"] is False
    for name, entry in properties(schema):
        assert entry.get("description"), name
        assert entry.get("title") or "$ref" in json.dumps(entry), name
    assert all(table["additionalProperties"] is False for table in schema["$defs"].values())
    assert '"null"' not in json.dumps(schema)
    keys = {name for name, _ in properties(schema)}
    assert {"title", "path", "units", "scheme", "beta1", "tolerance", "convention"} <= keys
    assert "options" not in keys
    layer = schema["$defs"]["Layer"]["properties"]
    assert layer["activation"]["enum"] == list(ACTIVATIONS)
    assert layer["units"] | {"minimum": 1, "type": "integer"} == layer["units"]


def test_valid_files_fit_the_schema(contract: Experiment) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    check = jsonschema.Draft202012Validator(experiment_schema())
    check.check_schema(experiment_schema())
    stored = {key: value for key, value in contract.to_mapping().items() if key != "name"}
    check.validate(stored)
    for variant in VARIANTS:
        check.validate({key: v for key, v in (SMALL | variant).items() if key != "name"})
    wrongs: tuple[dict[str, Any], ...]
    wrongs = ({"layers": []}, {"data": {}}, {"pages": {"decimals": 0}}, {"extra": 1})
    for wrong in wrongs:
        assert not check.is_valid(SMALL | wrong)


# Errors


def test_a_problem_is_one_line() -> None:
    assert str(Problem("expected x, found y")) == "expected x, found y"
    full = Problem("expected x", "f.toml", 3, "a.b", "Did you mean z?")
    assert str(full) == "f.toml:3: a.b: expected x. Did you mean z?"
    assert str(Problem("bad", line=3)) == "line 3: bad"
    assert str(Problem("bad", "f.toml")) == "f.toml: bad"


def test_errors_carry_problems() -> None:
    first, second = Problem("one"), Problem("two", "f")
    for error in (TracerError(first, second), TracerError([first, second])):
        assert error.problems == (first, second)
        assert str(error) == "one\nf: two"
        assert pickle.loads(pickle.dumps(error)).problems == error.problems
    assert DataError("plain words").problems == (Problem("plain words"),)
    assert issubclass(DataError, TracerError)


# One way to exist


def test_of_and_the_class_itself_are_the_same() -> None:
    data, layers = ([[0, 1], [1, 0]], [0, 1]), [(2, "tanh"), (1, "sigmoid")]
    sections: dict[str, Any] = {"training": {"epochs": 3}, "init": {"seed": 5}, "title": "Two"}
    made = Experiment.of(data, layers, **sections, name="Two rows", insist=True)
    old = Experiment(data=data, layers=layers, **sections, name="Two rows", insist=True)
    assert made == old == Experiment.from_mapping(made.to_mapping())
    assert vars(made).keys() == vars(old).keys()
    assert (made.name, made.source, made.insist) == (old.name, old.source, old.insist)
    assert pickle.loads(pickle.dumps(made)) == made


def test_every_way_tells_the_same_problems(tmp_path: Path) -> None:
    wrong: dict[str, Any] = {
        "data": {"columns": ["a", "y"], "rows": [[0, 0], [1, 1]], "train": 0.5},
        "layers": [{"units": 0, "activation": "sigmoyd"}],
        "training": {"epochs": 1.0, "stop": {"patience": 0, "tolerance": "x", "patients": 1}},
    }
    (tmp_path / "x.toml").write_text(
        'data = { columns = ["a", "y"], rows = [[0, 0], [1, 1]], train = 0.5 }\n'
        'layers = [{ units = 0, activation = "sigmoyd" }]\n'
        'training = { epochs = 1.0, stop = { patience = 0, tolerance = "x", patients = 1 } }\n'
    )
    ways = (
        lambda: Experiment.of(**wrong),
        lambda: Experiment(**wrong),
        lambda: Experiment.from_mapping(wrong),
        lambda: load_experiment(tmp_path / "x.toml"),
    )
    told = []
    for way in ways:
        with pytest.raises(ExperimentError) as caught:
            way()
        told.append({(p.key, p.message, p.hint) for p in caught.value.problems})
    assert told[0] == told[1] == told[2] == told[3]
    assert {key for key, _, _ in told[0]} == {
        *("data.train", "layers[1].units", "layers[1].activation", "training.epochs"),
        *(f"training.stop.{key}" for key in ("patience", "tolerance", "patients")),
    }
    assert {problem.line for problem in caught.value.problems} == {1, 2, 3}


def test_each_section_is_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    validate = Section.model_validate.__func__  # type: ignore[attr-defined]

    def counted(cls: type[Section], *arguments: Any, **named: Any) -> Any:
        seen.append(cls.__name__)
        return validate(cls, *arguments, **named)

    monkeypatch.setattr(Section, "model_validate", classmethod(counted))
    made = Experiment.from_mapping({**SMALL, "training": {"stop": {"patience": 3}}})
    assert sorted(seen) == [
        "DataSection",
        "Init",
        "Layer",
        "Notation",
        "Pages",
        "Record",
        "Training",
    ]
    assert made.training.stop is not None
    assert made.training.stop.patience == 3


@pytest.mark.parametrize(
    ("part", "value"), [("pages", {"epochs": [1]}), ("training", None), ("title", 3), ("init", [])]
)
def test_a_part_that_is_no_finished_section_is_refused(part: str, value: Any) -> None:
    made = Experiment.from_mapping(SMALL)
    with pytest.raises(ExperimentError, match=f"{part}: expected a .*, found .*Experiment.of"):
        replace(made, **{part: value})
