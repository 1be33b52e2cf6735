"""The overview says what was recognized in a table, and what was taken by default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from claims import markdown
from tracer.cli import commands
from tracer.experiment import Experiment, load_experiment
from tracer.training import run

HALF = "\ufeffGröße;krank\r\n1,72;nein\r\n1,65;ja\r\n"
FILE = '[data]\npath = "t.csv"\n[[layers]]\nunits = 1\nactivation = "sigmoid"\n'
TARGETS: dict[str, Any] = {
    "columns": ["i1", "i2", "o1", "o2"],
    "rows": [[0.05, 0.10, 0.01, 0.99]],
    "target": ["o1", "o2"],
}
WEIGHTS = [[[0.15, 0.25], [0.20, 0.30]], [[0.40, 0.50], [0.45, 0.55]]]
BIASES = [[0.35, 0.35], [0.60, 0.60]]


def overview(experiment: Experiment) -> str:
    return markdown(run(experiment), "", compared=True)


def two_targets(**training: Any) -> Experiment:
    return Experiment(
        data=TARGETS,
        layers=[(2, "sigmoid"), (2, "sigmoid")],
        init={"scheme": "given", "weights": WEIGHTS, "biases": BIASES},
        training={"learning_rate": 0.5, "epochs": 1, **training},
    )


def test_regression_takes_half_the_squared_error() -> None:
    trace = run(two_targets())
    experiment = trace.experiment
    assert (experiment.dataset.task, experiment.training.loss) == (
        "regression",
        "half_squared_error",
    )
    assert trace.cycle(1, 1).dL_dW[1][0][0] == pytest.approx(0.08216704, abs=5e-9)
    assert trace.W[1][-1][0][0] == pytest.approx(0.35891648, abs=5e-9)
    assert two_targets(loss="binary_cross_entropy").dataset.task == "multilabel"


@pytest.mark.parametrize(("units", "activation"), [(1, "sigmoid"), (1, "tanh"), (2, "softmax")])
def test_regression_takes_it_with_any_output(units: int, activation: str) -> None:
    target = ["p", "q"][:units]
    experiment = Experiment(
        data={
            "columns": ["x", *target],
            "rows": [[1, 0.25, 0.75][: units + 1], [2, 0.5, 0.5][: units + 1]],
            "target": target,
            "task": "regression",
        },
        layers=[(units, activation)],
    )
    assert experiment.training.loss == "half_squared_error"


def test_the_overview_says_what_was_recognized_and_taken(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(HALF.encode())
    (tmp_path / "x.toml").write_text(FILE + "[training]\nepochs = 1\n", encoding="utf-8")
    page = overview(load_experiment(tmp_path / "x.toml"))
    assert "separated by semicolons, its numbers have a decimal comma" in page
    assert "it begins with a byte order mark, its lines end as on Windows (CRLF)" in page
    for taken in ("the task (binary)", "the loss (binary cross entropy)", "the seed (0)"):
        assert taken in page
    assert "number of epochs" not in page
    told = CliRunner().invoke(commands, ["trace", str(tmp_path / "x.toml")], catch_exceptions=False)
    assert "semicolon between cells, decimal comma" in told.output


def test_the_overview_is_silent_where_everything_was_said() -> None:
    said = two_targets(loss="half_squared_error", optimizer="sgd", batch_size=1)
    page = overview(Experiment.from_mapping(said.to_mapping()))
    assert "by default" not in page
    assert "as it was recognized" not in page


def test_epsilon_may_be_zero() -> None:
    experiment = Experiment(
        data={"columns": ["x", "y"], "rows": [[0, 0.5], [1, 0.25]], "task": "regression"},
        layers=[(1, "identity")],
        training={"optimizer": "adam", "epsilon": 0, "epochs": 1},
    )
    assert experiment.training.options["epsilon"] == 0
    trace = run(experiment)
    assert trace.first_nonfinite is not None
    assert "The first value that is not finite" in overview(experiment)
