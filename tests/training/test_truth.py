"""Worked examples from outside: tracer gives their numbers, through files and through JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from each import each
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.cli import main
from tracer.experiment import load_experiment
from tracer.trace import Trace
from tracer.trace.json import write_json
from tracer.training import run
from truth_cases import Case, as_step, at, cases, differences

CASES = {case.name: case for case in cases()}
#: The cases that wait for their optimizer, and for which. They run as soon as it is there.
WAITING: dict[str, str] = {}
#: Figures of a case that follow from its source's mistake, which tracer does not make.
MISTAKES = "derived.seq_"
RUNNABLE = [name for name, case in CASES.items() if case.optimizer in OPTIMIZERS]
SKLEARN = [name for name in RUNNABLE if CASES[name].from_sklearn]
PRINTED = [
    (name, row)
    for name in RUNNABLE
    for row in CASES[name].printed
    if not row["path"].startswith(MISTAKES)
]


@dataclass(frozen=True)
class Result:
    """A case as tracer runs it: its trace, its JSON, and that in the words of the case."""

    case: Case
    trace: Trace
    document: Mapping[str, Any]

    @property
    def steps(self) -> list[dict[str, Any]]:
        return [as_step(update) for update in self.document["updates"]]

    @property
    def again(self) -> list[Mapping[str, Any]]:
        """What the final network says of the rows it was trained on."""
        return list(self.document["predictions"][-self.rows :])

    @property
    def tested(self) -> list[Mapping[str, Any]]:
        return list(self.document["predictions"][: -self.rows])

    @property
    def rows(self) -> int:
        return len(self.trace.experiment.dataset.train)

    @property
    def computed(self) -> dict[str, Any]:
        steps, known = self.steps, self.case.computed
        history = [step["loss_total"] for step in steps]
        return {
            "steps": steps[: len(known["steps"])],
            "n_steps": self.trace.updates,
            "loss_history": history,
            "loss_history_first": history,
            "final": self._final(),
            "derived": self._derived(),
        }

    def _final(self) -> dict[str, Any]:
        data, layers = self.trace.experiment.dataset, range(self.trace.layers)
        z, a = self.trace.forward(data.x[: self.rows])
        losses = LOSSES[self.trace.experiment.training.loss].kernel(
            data.y[: self.rows], a[-1], z[-1]
        )
        return {
            **self.document["final"],
            "z": [layer.tolist() for layer in z],
            "a": [[row["a"][layer] for row in self.again] for layer in layers],
            "loss_per_sample": losses.tolist(),
            "loss": float(np.mean(losses)),
        }

    def _derived(self) -> dict[str, Any]:
        if self.case.name == "mazur_2_2_2":
            known = self.case.computed["derived"]
            return {**known, "std_E9999": float(self.trace.loss_curve[9999])}
        if self.case.name == "tfdocs_sgd_momentum":
            first, second = (step["W_after"][0][0][0] for step in self.steps)
            return {"step2": first - second}
        return {}

    @property
    def of_sklearn(self) -> dict[str, Any]:
        """What scikit-learn's estimator would answer."""
        curve = [epoch["loss"] for epoch in self.document["epochs"]]
        return {
            "n_iter": len(curve),
            "loss_curve": curve,
            "loss_curve_first5": curve[:5],
            "loss_last": curve[-1],
            "best_loss": min(curve),
            "converged_before_max_iter": len(curve) < self.trace.experiment.training.epochs,
            "coefs_final": self.document["final"]["W"],
            "intercepts_final": self.document["final"]["b"],
            "classes": list(self.trace.experiment.dataset.classes or ()),
            "train_predictions": [row["predicted"] for row in self.again],
            "train_proba": [[1 - row["y_hat"][0], row["y_hat"][0]] for row in self.again],
            "train_score": _score(self.again, self.trace.experiment.dataset.task),
            "test_X": [row["x"] for row in self.tested],
            "test_y": [row["actual"] for row in self.tested],
            "test_predictions": [row["predicted"] for row in self.tested],
            "test_proba": [[1 - row["y_hat"][0], row["y_hat"][0]] for row in self.tested],
            "test_accuracy": _score(self.tested, "binary") if self.tested else None,
        }


def _score(rows: list[Mapping[str, Any]], task: str) -> float:
    """The accuracy; of a regression R²."""
    predicted, actual = ([row[name] for row in rows] for name in ("predicted", "actual"))
    if task != "regression":
        return float(np.mean(np.equal(predicted, actual)))
    left = np.sum(np.subtract(actual, predicted) ** 2)
    return float(1 - left / np.sum((actual - np.mean(actual)) ** 2))


@cache
def result(name: str) -> Result:
    case = CASES[name]
    with TemporaryDirectory() as folder:
        trace = run(load_experiment(case.write(Path(folder))))
    stream = io.StringIO()
    write_json(trace, stream, updates=range(1, case.updates_listed + 1))
    return Result(case, trace, json.loads(stream.getvalue()))


def test_every_case_runs_but_those_that_wait_for_their_optimizer():
    waiting = {
        name: case.optimizer for name, case in CASES.items() if case.optimizer not in OPTIMIZERS
    }
    assert waiting == WAITING
    assert len(CASES) == 16
    assert len(RUNNABLE) + len(WAITING) == len(CASES)


@pytest.mark.parametrize("name", RUNNABLE)
def test_every_computed_number(name):
    found, expected = result(name), dict(CASES[name].computed)
    for key in ("loss_history", "loss_history_first"):
        if key in expected:
            assert len(expected[key]) <= len(found.computed[key])
    if "final" not in expected:
        assert CASES[name].from_sklearn
    assert differences(expected, found.computed, CASES[name].tolerance) == []


@pytest.mark.parametrize("name", [name for name in RUNNABLE if "mpmath50" in CASES[name].expected])
def test_every_number_of_fifty_digits(name):
    expected = CASES[name].expected["mpmath50"]
    assert differences(expected, result(name).steps, CASES[name].tolerance) == []


@pytest.mark.parametrize("name", SKLEARN)
def test_everything_that_sklearn_says(name):
    expected = {key: value for key, value in CASES[name].expected.items() if key != "computed"}
    assert expected.keys() <= result(name).of_sklearn.keys()
    assert differences(expected, result(name).of_sklearn, CASES[name].tolerance) == []


@each(("name", "row"), PRINTED)
def test_printed_digits(name, row):
    value = at(result(name).computed, row["path"])
    unit = 10.0 ** -row["decimals"]
    off = abs(value - float(row["printed"]))
    agrees = off <= (1e-12 * abs(value) if row["decimals"] >= 15 else unit / 2 * (1 + 1e-9))
    assert differences(row["computed"], value, CASES[name].tolerance) == []
    assert agrees == (row["verdict"] == "ok")
    assert row["verdict"] != "last_digit" or off <= unit


def test_mazur_error_and_w5():
    first = result("mazur_2_2_2").document["updates"][0]
    error, w5 = first["loss"], first["W_after"][1][0][0]
    assert f"{error:.9f}" == "0.298371109"
    assert f"{w5:.8f}" == "0.35891648"
    assert abs(error - 0.2983711087600027) <= 1e-12
    assert abs(w5 - 0.35891647971788465) <= 1e-12
    assert first["b_after"] == first["b"], "the biases of this example stay as they are"


def test_short_binary_fractions_agree_to_the_last_bit():
    case, found = CASES["e02_dead_relu_and_exact_zero"], result("e02_dead_relu_and_exact_zero")
    assert differences(case.computed, found.computed, (0.0, 0.0)) == []
    dead = [
        visit["dL_dz"][0][2] for update in found.document["updates"] for visit in update["visits"]
    ]
    assert dead == [0.0] * len(dead), "z is exactly 0 there, and so is relu's slope"


def test_saturated_losses_are_the_true_ones_not_the_naive_or_the_clipped():
    name = "e03_saturated_sigmoid_bce_40_800"
    losses, derived = result(name).steps[0]["loss_per_sample"], CASES[name].expected["derived"]
    assert losses[4:] == [40.0, 40.0, 800.0, 800.0]
    for wrong in derived.values():
        assert differences(wrong, losses, CASES[name].tolerance)


def test_seed_program_learns_what_sklearn_learns():
    found = result("seed_program")
    assert len(found.document["epochs"]) == 423
    assert [row["predicted"] for row in found.tested] == [-1, -1, -1, -1, 1]
    assert found.of_sklearn["test_accuracy"] == 0.6


@pytest.mark.parametrize(
    "name", ["mazur_2_2_2", "e06_softmax_logits_1000", "hmkcode_2_2_1_linear", "seed_program"]
)
def test_the_command_line_writes_the_same_json(name, tmp_path, capfd):
    file, found = CASES[name].write(tmp_path), result(name)
    updates = f"1:{CASES[name].updates_listed}"
    with pytest.raises(SystemExit) as left:
        main(["trace", str(file), "--format", "json", "--updates", updates])
    written = capfd.readouterr()
    assert (left.value.code, written.err) == (0, "")
    assert json.loads(written.out, parse_constant=pytest.fail) == found.document


def test_a_spoiled_number_is_noticed():
    case, found = CASES["mazur_2_2_2"], result("mazur_2_2_2")
    spoiled = json.loads(json.dumps(found.computed))
    spoiled["steps"][1]["dW"][0][1][0] += 2e-12
    (difference,) = differences(case.computed, spoiled, case.tolerance)
    assert difference.startswith("steps.1.dW.0.1.0: expected ")
    assert differences({"n": 1, "list": [1.0, "inf"]}, {"list": [1.0, "-inf"]}, (1.0, 1.0)) == [
        "n: expected 1, found 'nothing'",
        "list.1: expected 'inf', found '-inf'",
    ]
    assert differences([1.0], [1.0, 2.0], (1.0, 1.0)) == [
        ": expected a list of 1, found [1.0, 2.0]"
    ]
