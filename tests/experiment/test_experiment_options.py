"""The optimizer's own keys: taken by those who have them, refused to the others."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.errors import ExperimentError
from tracer.experiment import Experiment, options
from tracer.experiment.report import Report

CATALOG = {
    "sgd": SimpleNamespace(options={}),
    "momentum": SimpleNamespace(options={"momentum": 0.9}),
    "rmsprop": SimpleNamespace(options={"rho": 0.99}),
    "adam": SimpleNamespace(
        variant="epsilon_placement",
        programs={"corrected": None, "uncorrected": None},
        options={
            "beta1": 0.9,
            "beta2": 0.999,
            "epsilon": 1e-8,
            "epsilon_placement": "corrected",
            "novel": 3.0,
        },
    ),
}


@pytest.fixture(autouse=True)
def catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "OPTIMIZERS", CATALOG)


def checked(optimizer: str | None, **given: Any) -> tuple[dict[str, Any], list[str]]:
    report = Report("x.toml")
    filled = options.check_options(given, optimizer, report)
    return filled, [str(problem) for problem in report.problems()]


def test_defaults_are_filled_in() -> None:
    assert checked("sgd") == ({}, [])
    assert checked("momentum", momentum=0) == ({"momentum": 0.0}, [])
    filled, found = checked("adam", epsilon_placement="uncorrected", novel=7)
    assert filled == CATALOG["adam"].options | {"epsilon_placement": "uncorrected", "novel": 7.0}
    assert found == []


@pytest.mark.parametrize(
    ("optimizer", "name", "value", "fragment"),
    [
        ("adam", "beta1", 1, "a number of at least 0 and below 1, found 1"),
        ("adam", "beta2", -0.1, "found -0.1"),
        ("adam", "beta2", True, "found true"),
        ("adam", "epsilon", -1e-9, "a number of at least 0, found -1e-09"),
        ("adam", "epsilon", 16**900, "found a number too large for a computer"),
        ("adam", "novel", "x", 'expected a number, found "x"'),
        ("adam", "novel", float("inf"), "expected a number, found inf"),
        ("adam", "epsilon_placement", "correct", 'Did you mean "corrected"?'),
        ("adam", "momentum", 0.9, "momentum belongs to: momentum."),
        ("sgd", "momentum", 0.9, 'the optimizer "sgd" (it has none), found momentum'),
        (
            "momentum",
            "rho",
            0.9,
            'the optimizer "momentum" (momentum), found rho. rho belongs to: r',
        ),
        (None, "momentum", 1.5, "below 1, found 1.5"),
        (None, "weight_decay", -1, "at least 0, found -1"),
    ],
)
def test_wrong_options(optimizer: str | None, name: str, value: Any, fragment: str) -> None:
    _, found = checked(optimizer, **{name: value})
    assert len(found) == 1
    assert found[0].startswith(f"x.toml: training.{name}: expected ")
    assert fragment in found[0]


def test_every_option_has_a_schema() -> None:
    for name in (*options.OPTION_NAMES, "novel"):
        schema = options.option_schema(name)
        assert schema["title"]
        assert schema["description"].startswith("An option of ")
        assert schema["type"]


def test_options_of_the_real_catalog_are_taken_by_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "OPTIMIZERS", OPTIMIZERS)
    for name, row in OPTIMIZERS.items():
        mapping = {
            "data": {"columns": ["a", "y"], "rows": [[0, 0], [1, 1]]},
            "layers": [{"units": 1, "activation": "sigmoid"}],
            "training": {"optimizer": name, **row.options},
        }
        experiment = Experiment.from_mapping(mapping)
        assert experiment.training.options == dict(row.options)
        assert Experiment.from_mapping(experiment.to_mapping()) == experiment
        for foreign in set(options.OPTION_NAMES) - set(row.options):
            training = {"optimizer": name, foreign: 0.5}
            with pytest.raises(ExperimentError, match=f"{foreign} belongs to: "):
                Experiment.from_mapping(mapping | {"training": training})
