"""Labels and classes that cannot be: each mistake is told once, where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.errors import ExperimentError, Problem
from tracer.experiment import load_experiment

ROWS = "rows = [[0, 0, 0], [1, 0, 1], [0, 1, 1], [1, 1, 0]]"
GOOD = f"""\
[data]
columns = ["a", "b", "y"]
{ROWS}
[[layers]]
units = 1
activation = "sigmoid"
[training]
epochs = 2
"""
TABLES = {
    "booleans": "rows = [[0, 0, true], [1, 0, false], [0, 1, true], [1, 1, false]]",
    "one boolean": 'rows = [[0, 0, "a"], [1, 0, "b"], [0, 1, true], [1, 1, "a"]]',
}


def load(folder: Path, text: str) -> tuple[Problem, ...]:
    (folder / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ExperimentError) as refused:
        load_experiment(folder / "x.toml")
    return tuple(refused.value.problems)


@pytest.mark.parametrize(
    ("rows", "key", "more"),
    [
        ("booleans", "data.rows[1][3]", " (and 3 more like it)"),
        ("one boolean", "data.rows[3][3]", ""),
    ],
)
def test_true_and_false_are_no_labels(tmp_path: Path, rows: str, key: str, more: str) -> None:
    found = load(tmp_path, GOOD.replace(ROWS, TABLES[rows]))
    told = next(problem for problem in found if problem.key == key)
    assert told.message == f"expected a number or text, found true{more}"
    assert told.hint == "Write 1 and 0, or texts in quotes."


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (f"[0, 1{'0' * 400}]", "expected finite numbers or texts"),
        (r'["a\u0007", "b"]', "expected classes with no control characters"),
        ("[1, 1]", "expected different classes"),
    ],
)
def test_classes_that_cannot_be_are_refused(tmp_path: Path, classes: str, expected: str) -> None:
    text = GOOD.replace("[[layers]]", f"classes = {classes}\n[[layers]]", 1)
    (told,) = load(tmp_path, text)
    assert told.key == "data.classes"
    assert told.message.startswith(expected)
