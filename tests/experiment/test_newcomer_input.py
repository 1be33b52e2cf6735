"""What newcomers have in their tables: one error that says what to do, or a right reading."""

from __future__ import annotations

from pathlib import Path

import pytest

import warm
from tracer.errors import ExperimentError
from tracer.experiment import load_experiment
from tracer.experiment.words import did_you_mean

LAYER = '[[layers]]\nunits = 1\nactivation = "sigmoid"\n'


def load(folder: Path, table: str | bytes):
    (folder / "t.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    (folder / "x.toml").write_text(f'[data]\npath = "t.csv"\n{LAYER}', encoding="utf-8")
    return load_experiment(folder / "x.toml")


def the_problem(folder: Path, table: str | bytes) -> str:
    with pytest.raises(ExperimentError) as caught:
        load(folder, table)
    (problem,) = caught.value.problems
    return str(problem)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_empty_cells_at_the_right_edge_do_no_harm(tmp_path: Path, mark: str) -> None:
    table = "a,b,y\n1,2,0,\n3,4,1,,\n5,6,0\n".replace(",", mark)
    assert load(tmp_path, table).dataset.x.tolist() == [[1, 2], [3, 4], [5, 6]]


@pytest.mark.parametrize("cell", ["", "NA", "n/a", "null", "?", "#N/A", "#DIV/0!"])
def test_a_missing_value_says_what_to_do(tmp_path: Path, cell: str) -> None:
    message = the_problem(tmp_path, f"a,b,y\n{cell},2,0\n3,4,1\n")
    assert "t.csv:2: a: expected a number" in message
    assert "fill it in, or leave the row out" in message


@pytest.mark.parametrize("minus", ["\u2212", "\u2013"])
def test_a_typeset_minus_is_named(tmp_path: Path, minus: str) -> None:
    assert "minus sign as a hyphen" in the_problem(tmp_path, f"a,b,y\n{minus}1.5,2,0\n3,4,1\n")


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
def test_a_spreadsheet_is_no_csv_file(tmp_path: Path, start: bytes) -> None:
    assert "Save a spreadsheet as CSV" in the_problem(tmp_path, start + b"\xa1\xff\n\xfe")


@pytest.mark.parametrize(
    ("name", "meant", "others"),
    [
        ("max_iter", "epochs", ("epochs", "every")),
        ("lambda", "l2", ("l2", "rho")),
        ("early_stopping", "stop", ("stop", "order")),
        ("nag", "nesterov", ("adam", "nesterov")),
        ("GradientDescent", "sgd", ("adam", "sgd")),
        ("he", "he_normal", ("he_uniform", "he_normal")),
        ("glorot", "glorot_uniform", ("glorot_normal", "glorot_uniform")),
        ("features", "inputs", ("inputs", "target")),
        ("labels", "target", ("inputs", "target")),
        ("BCEWithLogits", "binary_cross_entropy", ("cross_entropy", "binary_cross_entropy")),
    ],
)
def test_names_of_other_libraries(name: str, meant: str, others: tuple[str, ...]) -> None:
    assert did_you_mean(name, others) == f'Did you mean "{meant}"?'


@pytest.mark.parametrize("command", [["render", "x.toml", "--out"], ["new"]])
def test_no_folder_is_refused_before_anything_is_trained(
    tmp_path: Path, command: list[str]
) -> None:
    load(tmp_path, "a,b,y\n1,2,0\n3,4,1\n")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for name in ("file/below", "/dev/null"):
        ended = warm.ended("tracer", [*command, name], tmp_path)
        assert (ended.returncode, "is no folder" in ended.stderr) == (2, True)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_the_guide_explains_the_first_line_of_a_table() -> None:
    guide = Path(__file__).parents[2] / "site" / "guide" / "experiment-file.md"
    assert "| `header` |" in guide.read_text(encoding="utf-8")


def test_lint_refuses_what_is_too_large_before_it_trains(tmp_path: Path) -> None:
    wide = '[[layers]]\nunits = 9000\nactivation = "tanh"\n' * 2
    data = '[data]\ncolumns = ["a", "y"]\nrows = [[0, 0], [1, 1]]\n'
    (tmp_path / "x.toml").write_text(data + wide + LAYER, encoding="utf-8")
    ended = warm.ended("tracer", ["lint", "x.toml"], tmp_path)
    assert ended.returncode == 2
    assert "--insist" in ended.stderr
