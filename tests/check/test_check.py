"""The proofs: passed by what tracer makes, failed by what was spoiled."""

from __future__ import annotations

import dataclasses
import json
import re
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from rendering import pages_of
from sharing import shared
from tracer.catalog.activations import ACTIVATIONS
from tracer.check.proof import Proof
from tracer.check.proofs import LINKED, PRINTED, PROOFS, prove
from tracer.cli import commands
from tracer.experiment import Experiment
from tracer.studies.run import study
from tracer.training import run
from tracer.writing.site import render_pages

ROWS = [[0.2, 0.5, 0], [0.8, 0.6, 1], [0.9, 0.1, 0], [0.7, 0.5, 1]]
BASE: dict[str, Any] = {
    "data": {"columns": ["a", "b", "y"], "rows": ROWS},
    "layers": [{"units": 2, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
    "init": {"seed": 3, "decimals": 2},
    "training": {"epochs": 3, "learning_rate": 0.5},
    # What is proved of numbers is proved of all of them; of pages, of one of each kind.
    "pages": {"rows": [2, 4], "epochs": [1], "explore": []},
}
CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "batches with a penalty": {
        "training": {"epochs": 4, "optimizer": "adam", "batch_size": 3, "l2": 0.1}
    },
    "sklearn's adam": {
        "training": {"epochs": 4, "optimizer": "adam", "epsilon_placement": "uncorrected"}
    },
    "nesterov": {
        "layers": [{"units": 3, "activation": "relu"}, *BASE["layers"][1:]],
        "training": {"epochs": 4, "optimizer": "nesterov"},
    },
    "softmax": {
        "data": {"columns": ["a", "b", "y"], "rows": [*ROWS, [0.1, 0.1, 2]], "task": "multiclass"},
        "layers": [{"units": 1, "activation": "gelu"}, {"units": 3, "activation": "softmax"}],
        "training": {"epochs": 2, "train_biases": False},
    },
    "regression by a sum": {
        "layers": [{"units": 2, "activation": "elu"}, {"units": 1, "activation": "identity"}],
        "training": {
            "epochs": 3,
            "loss": "mean_squared_error",
            "batch_size": "all",
            "reduction": "sum",
            "optimizer": "adamw",
            "weight_decay": 0.1,
        },
    },
}


@cache
def trace_of(name="plain"):
    return run(Experiment.from_mapping({**BASE, **CASES[name]}))


def verdicts(trace, pages):
    return {proof.key: proof for proof in prove(trace, pages)}


@cache
def proved(name="plain"):
    """The proofs of a trace and its pages, as tracer made both."""
    trace = trace_of(name)
    found: dict[str, Proof] = shared(f"proofs {name}", lambda: verdicts(trace, pages_of(trace)))
    return found


def of_numbers(trace):
    """The proofs of a trace that was spoiled; nothing of it is printed."""
    return verdicts(trace, {})


def failed(found):
    return {key for key, proof in found.items() if not proof.ok}


@pytest.mark.parametrize("name", CASES)
def test_what_tracer_makes_is_proved(name):
    found = proved(name)
    assert failed(found) == set()
    assert len(found) == len(PROOFS)
    always = {"forward_pass", "finite_differences", "one_expression", "updates", PRINTED}
    assert all(found[proof].compared > 10 for proof in always)
    assert all(proof.applies or proof.reasons for proof in found.values())


def test_scikit_learn_takes_part_where_it_can():
    for name in ("plain", "nesterov", "sklearn's adam"):
        proof = proved(name)["sklearn"]
        assert proof.applies, proof.reasons
        assert proof.largest < 1e-12


def test_a_spoiled_derivative_fails(monkeypatch):
    wrong = dataclasses.replace(ACTIVATIONS["tanh"], slope=lambda _z, a: 1 - a)
    table = MappingProxyType({**ACTIVATIONS, "tanh": wrong})
    monkeypatch.setattr("tracer.training.step.ACTIVATIONS", table)
    trace = run(Experiment.from_mapping(BASE))
    found = of_numbers(trace)
    assert {"finite_differences", "one_expression"} <= failed(found)
    assert "updates" not in failed(found)
    where = found["one_expression"].where
    assert re.fullmatch(r"epoch-\d/row-\d#dL_d[Wb]-1-[\d-]+", where)


@pytest.mark.parametrize(
    ("name", "proof"),
    [
        ("z", "forward_pass"),
        ("a", "forward_pass"),
        ("dL_dz", "finite_differences"),
        ("grad_W", "updates"),
        ("W", "updates"),
    ],
)
def test_a_spoiled_trace_fails(name, proof):
    trace = trace_of()
    arrays = [array.copy() for array in getattr(trace, name)]
    arrays[0][1] += 1e-3
    spoiled = dataclasses.replace(trace, **{name: tuple(arrays)})
    found = of_numbers(spoiled)
    assert proof in failed(found)


def test_a_spoiled_loss_fails():
    trace = trace_of()
    loss = trace.loss.copy()
    loss[2] *= 1.01
    found = of_numbers(dataclasses.replace(trace, loss=loss))
    assert "forward_pass" in failed(found)
    assert found["forward_pass"].where == "epoch-1/row-3#loss"


def test_a_spoiled_page_fails():
    trace = trace_of()
    pages = pages_of(trace)
    path = "epoch-1/row-2/index.md"
    line = next(k for k in pages[path].splitlines() if 'id="z-2-1"' in k)
    (digits,) = re.findall(r'tr-result"><math>.*?<mn[^>]*>−?(\d\.\d+)</mn>', line)
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    spoiled = pages[path].replace(
        line, line.replace(f"{digits}</mn></math></", f"{wrong}</mn></math></")
    )
    assert spoiled != pages[path]
    found = verdicts(trace, {**pages, path: spoiled})
    assert PRINTED in failed(found) <= {PRINTED, LINKED}
    assert found[PRINTED].largest == 1
    assert found[PRINTED].where == "epoch-1/row-2#z-2-1"


def test_a_run_that_leaves_float64_is_judged_where_it_is_finite():
    trace = run(
        Experiment.from_mapping(
            {
                "data": {"columns": ["x", "y"], "rows": [[-20, 400], [10, 100], [30, 900]]},
                "layers": [
                    {"units": 2, "activation": "elu"},
                    {"units": 1, "activation": "identity"},
                ],
                "training": {"epochs": 6, "learning_rate": 0.5},
                "pages": {"epochs": [1, 2, 3, 4]},
            }
        )
    )
    assert not np.isfinite(trace.loss_curve[-1])
    assert failed(of_numbers(trace)) == set()


def write(folder, extra=""):
    path = folder / "small.toml"
    path.write_text(
        'data = { columns = ["a", "y"], rows = [[0.5, 0], [1, 1]] }\n'
        'layers = [{ units = 1, activation = "sigmoid" }]\n'
        f"training = {{ epochs = 2 }}\npages = {{ explore = [] }}\n{extra}",
        encoding="utf-8",
    )
    return str(path)


def test_the_command_passes_and_says_what_it_compared(tmp_path):
    done = CliRunner().invoke(commands, ["check", write(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "printed lines" in done.output
    assert "failed" not in done.output


def test_the_command_as_json_and_its_status(tmp_path, monkeypatch):
    path = write(tmp_path)
    done = CliRunner().invoke(commands, ["check", path, "--format", "json"])
    assert done.exit_code == 0
    assert next(row for row in json.loads(done.stdout) if row["compared"])["verdict"] == "passed"
    wrong = dataclasses.replace(ACTIVATIONS["sigmoid"], kernel=lambda z: z * 0 + 0.25)
    table = MappingProxyType({**ACTIVATIONS, "sigmoid": wrong})
    monkeypatch.setattr("tracer.training.step.ACTIVATIONS", table)
    done = CliRunner().invoke(commands, ["check", path, "--format", "json"])
    assert done.exit_code == 1
    rows = {row["key"]: row for row in json.loads(done.stdout)}
    assert rows["forward_pass"]["proof"] == "forward pass and loss"
    assert rows["forward_pass"]["verdict"] == "failed"
    assert rows["forward_pass"]["where"].startswith("epoch-")


def test_the_site_tells_what_was_proved():
    seen: list[Any] = []

    def proving(trace, pages):
        seen.append({path for path in pages if path.endswith(".md")})
        return tuple(proved().values())

    page = render_pages(trace_of(), study(trace_of()), prove=proving)["checks/index.md"]
    assert seen == [set(pages_of(trace_of()))]
    assert page.count("<tr class=") == len([p for p in proved().values() if p.published])
    assert "tr-wrong" not in page
