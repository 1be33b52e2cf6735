"""What makes a poor lesson is found, named and explained; the built-in lesson is a good one."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from networks import experiment, mapping
from rendering import trace_of
from sites import ROOT, SMALL
from tracer.cli.wording import words
from tracer.experiment import Experiment
from tracer.numerals import show
from tracer.teaching import MEASURES, findings, lesson_of
from tracer.teaching.readings import vanished
from tracer.teaching.score import PARTS
from tracer.training import run

ROWS = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 1]]
NAMES = {measure.name for measure in MEASURES}


def lesson(weights, biases=None, activations=("relu", "sigmoid"), rows=ROWS, **training):
    """The lesson of a network with given weights, for two inputs and one 0-or-1 output."""
    decimals = training.pop("decimals", 4)
    init = {"scheme": "given", "weights": weights}
    document = {
        "title": "A lesson",
        "data": {"columns": ["u", "v", "t"], "rows": rows, "task": "binary", "classes": [0, 1]},
        "layers": [
            {"units": len(matrix[0]), "activation": name}
            for matrix, name in zip(weights, activations, strict=True)
        ],
        "init": init if biases is None else {**init, "biases": biases},
        "training": {"epochs": 30, **training},
        "pages": {"decimals": decimals},
    }
    return lesson_of(run(Experiment.from_mapping(document)))


def names(found):
    return [finding.measure.name for finding in findings(found)]


GOOD = [[[1.0, -0.5], [0.5, 1.0]], [[1.0], [1.0]]]
POOR = {
    "not-finite": lambda: lesson(
        GOOD, activations=("relu", "identity"), loss="squared_error", learning_rate=1e100
    ),
    "sorted-rows": lambda: lesson(GOOD, rows=[[n % 3, n % 2, int(n > 5)] for n in range(12)]),
    "dead-at-start": lambda: lesson([[[1.0, -1.0], [1.0, -1.0]], [[1.0], [1.0]]]),
    "dead-at-end": lambda: lesson(
        [[[1.0, 0.5], [0.5, 1.0]], [[-9.0], [-9.0]]], [[0.1, 0.1], [0.0]], learning_rate=1.0
    ),
    "layer-off": lambda: lesson([[[1.0, 1.0], [-1.0, -1.0]], [[1.0], [1.0]]], epochs=1),
    "saturated-at-start": lambda: lesson(
        [[[1.0, 1.0], [1.0, -1.0]], [[1.0], [1.0]]], [[9.0, 0.0], [0.0]], ("tanh", "sigmoid")
    ),
    "saturated-at-end": lambda: lesson(
        [[[0.1, 1.0], [0.1, -1.0]], [[9.0], [1.0]]],
        [[0.5, 0.0], [-3.0]],
        ("tanh", "sigmoid"),
        epochs=300,
        learning_rate=0.9,
    ),
    "tiny-gradients": lambda: lesson(GOOD, [[0.0, 0.0], [20.0]], rows=[*ROWS[1:], [2, 1, 1]]),
    "tiny-updates": lambda: lesson(GOOD, learning_rate=1e-5),
    "loss-stands": lambda: lesson(GOOD, learning_rate=1e-5),
    "loss-jumps": lambda: lesson(
        GOOD, rows=[[1, 0, 1], [1, 0, 0]], batch_size="all", learning_rate=1e-3, epochs=1
    ),
    "equal-answers": lambda: lesson([[[0.0], [0.0]], [[1.0]]], activations=("relu", "sigmoid")),
    "no-gain": lambda: lesson(GOOD, epochs=1, learning_rate=1e-3),
}


def test_the_built_in_lesson_is_a_good_one():
    assert names(lesson_of(trace_of("mini2d"))) == []


def test_every_measure_has_its_own_name_and_words():
    wording = words("lint")
    assert len(NAMES) == len(MEASURES)
    assert set(wording.measures) == NAMES
    for measure in MEASURES:
        about = wording.measures[measure.name]
        assert wording.title(measure, "0.01")
        assert about["why"].endswith(".")
        assert all(said == "start" or said.endswith(".") for said in about["advice"])


@pytest.mark.parametrize("name", sorted(NAMES - {"loss-jumps"}))
def test_each_measure_finds_what_it_looks_for(name):
    assert name in names(POOR[name]())


def test_a_loss_that_jumps_up_and_down():
    made = experiment((2, 2), ("identity",), "squared_error", learning_rate=0.9, epochs=40)
    assert "loss-jumps" in names(lesson_of(run(made)))
    assert "loss-jumps" not in names(POOR["loss-jumps"]())


def test_places_are_named():
    (dead,) = (one for one in findings(POOR["dead-at-start"]()) if "start" in one.measure.name)
    assert dead.units == ((1, 2),)
    assert words("lint").where(dead) == "layer 1, unit 2"
    assert dead.value == 1.0
    lost = findings(POOR["not-finite"]())[0]
    assert lost.measure.name == "not-finite"
    assert "epoch 1, row" in words("lint").where(lost)
    assert not math.isfinite(lost.value)


def test_nothing_is_said_where_nothing_can_be_told():
    one_row = lesson(GOOD, rows=[[1, 1, 1]], epochs=1)
    assert not {"equal-answers", "no-gain", "loss-jumps"} & set(names(one_row))
    fitted = experiment((2, 1), ("identity",), rows=1, train=1, epochs=1)
    assert "no-gain" not in names(lesson_of(run(fitted)))


def test_a_regression_is_held_to_the_mean():
    made = experiment((2, 2), ("identity",), epochs=1, learning_rate=1e-6)
    read = lesson_of(run(made))
    y, y_hat = made.dataset.y, read.y_hat
    spread = np.sum((y - y.mean(axis=0)) ** 2)
    assert read.explained(made.dataset.train) == pytest.approx(
        1 - np.sum((y - y_hat) ** 2) / spread
    )
    assert read.explained(made.dataset.train) < 0
    assert "no-gain" in names(read)


@pytest.mark.parametrize(
    "value", [0.0, 1e-9, 2.5e-7, 1e-6, 0.00012, -0.5, 999_999.0, 1e6, -3e8, math.inf, math.nan]
)
def test_what_vanishes_is_what_pages_print_so(value):
    text = show(value, 4)
    expected = text == "0" or "×" in text or not math.isfinite(value)
    assert bool(vanished(np.array([value]))[0]) is expected


def test_a_lesson_is_what_the_trace_says():
    trace = run(experiment((2, 3, 2), ("tanh", "identity"), epochs=4, batch_size=2, train=5))
    read = lesson_of(trace)
    np.testing.assert_array_equal(read.loss_curve, trace.loss_curve)
    np.testing.assert_array_equal(read.last.z[0], trace.z[0][-5:])
    grads = np.concatenate([np.ravel(g[-1]) for g in (*trace.grad_W, *trace.grad_b)])
    np.testing.assert_array_equal(read.last.gradients[-1], grads)
    ends = np.concatenate([np.ravel(p[-1]) for p in (*trace.W, *trace.b)])
    np.testing.assert_array_equal(read.last.after[-1], ends)
    np.testing.assert_array_equal(read.y_hat, trace.forward(trace.x)[1][-1])
    assert read.last.gradients.shape == (3, 9 + 8)
    fixed = lesson_of(run(experiment(train_biases=False)))
    assert fixed.first.gradients.shape == (7, 12)


def test_the_guide_explains_every_measure_and_every_part_of_the_score():
    guide = (ROOT / "site" / "guide" / "teaching.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([\w-]+)` \|", guide, re.MULTILINE)
    assert listed == [*(measure.name for measure in MEASURES), *(part.name for part in PARTS)]


# The command


@pytest.fixture
def tracer(tmp_path, monkeypatch, call_main):
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(SMALL, encoding="utf-8")
    return call_main


def test_lint_says_so_when_nothing_is_found(tracer):
    status, out, err = tracer("lint", "mini2d")
    assert (status, err) == (0, "")
    assert out.startswith("mini2d: ")
    assert len(out.splitlines()) == 1
    assert json.loads(tracer("lint", "mini2d", "--format", "json")[1])["findings"] == []


def test_lint_reports_what_it_finds(tracer):
    status, out, err = tracer("lint", "small.toml")
    assert (status, err) == (1, "")
    status, text, _ = tracer("lint", "small.toml", "--format", "json")
    document = json.loads(text, parse_constant=pytest.fail)
    assert (status, document["experiment"]) == (1, "small")
    for finding in document["findings"]:
        assert finding["title"] in out
        assert finding["why"] in out
        assert finding["advice"] in out
        assert finding["where"] in out
    assert str(len(document["findings"])) in out.splitlines()[0]


def test_lint_of_a_run_that_diverges_is_strict_json(tracer):
    wild = mapping((2, 2), ("identity",), "squared_error", learning_rate=1e150)
    data = ", ".join(json.dumps(row) for row in wild["data"]["rows"])
    head = '[data]\ncolumns = ["a", "b", "c", "d"]\ntarget = ["c", "d"]\n'
    body = '[[layers]]\nunits = 2\nactivation = "identity"\n[training]\nloss = "squared_error"\n'
    text = f"{head}rows = [{data}]\n{body}learning_rate = 1e150\nepochs = 3\n"
    Path("wild.toml").write_text(text, encoding="utf-8")
    status, out, _ = tracer("lint", "wild.toml", "--format", "json")
    first = json.loads(out, parse_constant=pytest.fail)["findings"][0]
    assert (status, first["measure"]) == (1, "not-finite")
    assert first["value"] in ("nan", "inf", "-inf")
    assert "nan" in tracer("lint", "wild.toml")[1]


def test_lint_of_a_file_with_mistakes(tracer):
    Path("wrong.toml").write_text("title = 1\n", encoding="utf-8")
    status, out, err = tracer("lint", "wrong.toml")
    assert (status, out) == (2, "")
    assert "wrong.toml" in err
