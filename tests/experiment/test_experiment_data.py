"""Tables, tasks, classes and targets: what a file and its CSV become."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from each import each
from tracer.errors import ExperimentError, Problem
from tracer.experiment import Experiment, load_experiment


def written(folder: Path, table: str | bytes, data: str = "", **keys: str) -> Path:
    """An experiment over a CSV; keys: units, activation, loss."""
    raw = table if isinstance(table, bytes) else table.encode()
    (folder / "t.csv").write_bytes(raw)
    loss = f'loss = "{keys["loss"]}"' if "loss" in keys else ""
    activation, units = keys.get("activation", "sigmoid"), keys.get("units", "1")
    text = f'[data]\npath = "t.csv"\n{data}\n[[layers]]\nunits = {units}\n'
    text += f'activation = "{activation}"\n[training]\n{loss}\n'
    (folder / "x.toml").write_text(text, encoding="utf-8")
    return folder / "x.toml"


def load(folder: Path, table: str | bytes, data: str = "", **keys: str) -> Experiment:
    return load_experiment(written(folder, table, data, **keys))


def problems(folder: Path, table: str | bytes, data: str = "", **keys: str) -> list[Problem]:
    with pytest.raises(ExperimentError) as caught:
        load(folder, table, data, **keys)
    return list(caught.value.problems)


# Reading CSV


@pytest.mark.parametrize(
    "table",
    [
        "🌞,💧,y\n0,1,0\n1,0.5,1\n",
        "\ufeff🌞,💧,y\r\n0,1,0\r\n1,0.5,1\r\n\r\n\r\n",
        "\n 🌞 , 💧 ,y\n0, 1 ,0\n1,5e-1,1",
        '"🌞","💧","y"\n"0","1","0"\n"1", "0.5",1\n  \n',
        "🌞,💧,y\r0,1,0\r+1.,.5,1\r",
    ],
)
def test_ways_to_write_the_same_table(tmp_path: Path, table: str) -> None:
    dataset = load(tmp_path, table).dataset
    assert dataset.input_names == ("🌞", "💧")
    assert dataset.target_names == dataset.output_names == ("y",)
    assert dataset.x.tolist() == [[0, 1], [1, 0.5]]
    assert dataset.y.tolist() == [[0], [1]]


def test_quoted_fields(tmp_path: Path) -> None:
    table = 'size,"kind, in\nwords"\n1,"big, ""very"""\n2,"small\nand thin"\n'
    dataset = load(tmp_path, table).dataset
    assert dataset.target_names == ("kind, in\nwords",)
    assert dataset.classes == ('big, "very"', "small\nand thin")


CSV_PROBLEMS: list[tuple[str | bytes, list[tuple[int | None, str | None, str]]]] = [
    (b"", [(1, None, "expected a header and rows, found an empty file")]),
    (b"\n\r\n \n", [(1, None, "an empty file")]),
    ("a,y\n", [(1, None, "expected rows under the header, found none")]),
    (b"a,y\n1,\xe9\n", [(2, None, "expected UTF-8, found the byte 0xe9")]),
    ("a,y\n1,2,3\n4\n5,6\n", [(2, None, "2 cells, found 3"), (3, None, "2 cells, found 1")]),
    ("a,y\n1,0\n\n2,1\n", [(3, None, "expected 2 cells, found an empty line")]),
    ("a,y\nx,0\n,1\n", [(2, "a", 'found the text "x"'), (3, "a", "found an empty cell")]),
    ("a,y\nx,0\n,1\n3,1\n", [(2, "a", 'number, found "x"'), (3, "a", "found an empty cell")]),
    ("a,y\nnan,0\n1e999,1\n-inf,1\n", [(n, "a", "expected a finite number") for n in (2, 3, 4)]),
    ("a,y\n1_0,0\n٣,1\n1,1\n", [(2, "a", "expected a number"), (3, "a", "expected a number")]),
    ("a,y\n1,0\n2,\n", [(3, "y", "expected a number, found an empty cell")]),
    ("a,y\n1,no\n2,\n3,yes\n", [(3, "y", "expected a label, found an empty cell")]),
    ("a,a,y\n1,2,0\n", [(1, "a", 'found "a" for the columns 1 and 2')]),
    ("a,,y\n1,2,0\n", [(1, None, "expected a name for column 2")]),
    ('a,y\n1,"0\n2,1\n', [(2, None, 'a closing quote ("), found the end of the file')]),
    ('a,y\n"1"x,0\n2,1\n', [(2, None, "expected a comma after the closing quote")]),
    ('a,b,y\n1,"x\ny",0\nz,2,1\n', [(2, "b", "a number"), (4, "a", "a number")]),
]


@each(("table", "expected"), CSV_PROBLEMS)
def test_csv_problems(
    tmp_path: Path, table: str | bytes, expected: list[tuple[int | None, str | None, str]]
) -> None:
    found = problems(tmp_path, table)
    assert [(p.line, p.key) for p in found] == [(line, key) for line, key, _ in expected], found
    for problem, (_, _, fragment) in zip(found, expected, strict=True):
        assert fragment in str(problem)
        assert problem.file == str(tmp_path / "t.csv")


def test_many_csv_problems_are_cut_at_twenty(tmp_path: Path) -> None:
    found = problems(tmp_path, "a,b,y\n1,1,1\n" + "x,y,1\n" * 50)
    assert len(found) == 21
    assert found[-1].message == "and 80 more like these"
    assert [p.line for p in found[:4]] == [3, 3, 4, 4]


def test_columns_that_are_not_used_may_hold_anything(tmp_path: Path) -> None:
    dataset = load(tmp_path, "id,a,y,note\nx,1,0,\n,2,1,nan\n", 'inputs = ["a"]\ntarget = "y"')
    assert dataset.dataset.x.tolist() == [[1], [2]]


def test_missing_table_names_the_nearest_file(tmp_path: Path) -> None:
    path = written(tmp_path, "a,y\n1,0\n")
    (tmp_path / "t.csv").rename(tmp_path / "tt.csv")
    with pytest.raises(ExperimentError, match=r'x\.toml:2: data\.path: .*mean "tt\.csv"\?'):
        load_experiment(path)


def test_near_names_of_columns(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "☀️,y\n1,0\n", 'inputs = ["☀"]')
    assert found.hint == 'Did you mean "☀️"?'
    (found,) = problems(tmp_path, "Age,y\n1,0\n", 'inputs = ["age"]')
    assert found.hint == 'Did you mean "Age"?'


# Tasks: inferred, with classes, losses and encodings

BITS = "a,y\n1,0\n2,1\n3,1\n"
SHARES = "a,y\n1,0.2\n2,0.8\n"
SIGNS = "a,y\n1,1\n2,-1\n"
WORDS = "a,y\n1,yes\n2,no\n3,yes\n"
THREE = "a,y\n1,10\n2,9\n3,10.0\n4,0.5\n"
PAIRS = "a,p,q\n1,0,1\n2,1,0\n"
TARGETS = 'target = ["p", "q"]'

INFERRED = [
    # table, keys of [data], activation, units, loss → task, loss, classes, y
    (BITS, "", "sigmoid", "", "binary", "binary_cross_entropy", (0, 1), [[0], [1], [1]]),
    ("a,y\n1,1\n", "", "sigmoid", "", "binary", "binary_cross_entropy", (0, 1), [[1]]),
    ("a,y\n1,0.0\n", "", "sigmoid", "", "binary", "binary_cross_entropy", (0, 1), [[0]]),
    (SIGNS, "", "sigmoid", "", "binary", "binary_cross_entropy", (-1, 1), [[1], [0]]),
    (SIGNS, "classes = [1, -1]", "sigmoid", "", "binary", "binary_cross_entropy", (1, -1), None),
    (SIGNS, 'classes = ["1", -1.0]', "sigmoid", "", "binary", "binary_cross_entropy", None, None),
    (WORDS, "", "sigmoid", "", "binary", "binary_cross_entropy", ("no", "yes"), [[1], [0], [1]]),
    (SHARES, "", "sigmoid", "", "regression", "half_squared_error", None, [[0.2], [0.8]]),
    (SHARES, 'task = "binary"', "sigmoid", "", "binary", None, (0.2, 0.8), [[0], [1]]),
    (BITS, "", "sigmoid", "half_squared_error", "regression", None, None, [[0], [1], [1]]),
    (BITS, "", "identity", "", "regression", "half_squared_error", None, [[0], [1], [1]]),
    (BITS, 'task = "binary"', "tanh", "", "binary", "half_squared_error", (0, 1), None),
    (BITS, 'task = "binary"', "sigmoid", "squared_error", "binary", None, (0, 1), None),
    (SHARES, "", "sigmoid", "binary_cross_entropy", "regression", None, None, [[0.2], [0.8]]),
    (PAIRS, TARGETS, "sigmoid", "", "multilabel", "binary_cross_entropy", None, [[0, 1], [1, 0]]),
    (PAIRS, TARGETS, "sigmoid", "squared_error", "regression", None, None, [[0, 1], [1, 0]]),
    (PAIRS, TARGETS, "softmax", "", "multiclass", "cross_entropy", ("p", "q"), [[0, 1], [1, 0]]),
    (PAIRS, TARGETS, "identity", "", "regression", "half_squared_error", None, [[0, 1], [1, 0]]),
    (BITS, "", "softmax", "", "multiclass", "cross_entropy", (0, 1), [[1, 0], [0, 1], [0, 1]]),
    (BITS, 'target = ["y"]', "softmax", "", "multiclass", None, (0, 1), None),
    (THREE, "", "softmax", "", "multiclass", "cross_entropy", (0.5, 9, 10), None),
    (THREE, 'task="multiclass"', "sigmoid", "binary_cross_entropy", "multiclass", None, None, None),
    (WORDS, 'classes = ["yes", "no", "may"]', "softmax", "", "multiclass", None, None, None),
]


@each(("table", "data", "activation", "given", "task", "loss", "classes", "y"), INFERRED)
def test_task_loss_classes_and_encoding(  # noqa: PLR0917
    tmp_path: Path,
    table: str,
    data: str,
    activation: str,
    given: str,
    task: str,
    loss: str | None,
    classes: tuple[object, ...] | None,
    y: list[list[float]] | None,
) -> None:
    units = "3" if table is THREE or "may" in data else "2" if activation == "softmax" else "1"
    units = "2" if table is PAIRS else units
    keys = {"activation": activation, "units": units} | ({"loss": given} if given else {})
    experiment = load(tmp_path, table, data, **keys)
    dataset = experiment.dataset
    assert (experiment.data.task, dataset.task) == (task, task)
    assert experiment.training.loss == (loss or given or experiment.training.loss)
    assert classes is None or dataset.classes == classes
    assert y is None or dataset.y.tolist() == y
    assert dataset.y.shape == (len(dataset.labels), int(units))
    assert len(dataset.output_names) == int(units)
    assert not dataset.x.flags.writeable
    assert not dataset.y.flags.writeable


# What the targets say, against what the file says: key or column, fragment
MISFITS = [
    (WORDS, "", {"activation": "identity"}, "data", 'the task "regression" (which was inferred)'),
    (THREE, 'task = "binary"', {}, "data.task", "found 3 labels: 0.5, 9, 10"),
    ("a,y\n1,7\n", 'task = "binary"', {}, "data.task", "found 1 label: 7"),
    ("a,y\n1,x\n", "", {}, "data", "expected two classes"),
    (
        THREE,
        "",
        {"activation": "softmax", "units": "2"},
        "layers[1].units",
        "3 units, one for each",
    ),
    (PAIRS, TARGETS + '\ntask = "binary"', {"units": "1"}, "data.task", "expected one target"),
    (PAIRS, TARGETS, {"units": "1"}, "layers[1].units", "2 units, one for each target"),
    (
        BITS,
        'task = "binary"',
        {"activation": "softmax", "units": "2"},
        "layers[1].units",
        "softmax",
    ),
    (SIGNS, "classes = [0, 1]", {}, "y", "expected one of the classes 0, 1, found -1"),
    (THREE, "classes = [0, 1]\ntask='regression'", {}, "data.classes", "expected no classes"),
    (
        PAIRS,
        TARGETS + "\nclasses = [0, 1]",
        {"activation": "softmax", "units": "2"},
        None,
        "beside",
    ),
    (THREE, "", {"loss": "binary_cross_entropy"}, "y", "from 0 to 1"),
    (
        "a,p,q\n1,0,2\n",
        TARGETS + '\ntask="multilabel"',
        {"units": "2"},
        "q",
        'from 0 to 1 for the task "multilabel"',
    ),
    ("a,p,q\n1,0,.5\n", TARGETS, {"activation": "softmax", "units": "2"}, None, "add up to 1"),
    (BITS, "", {"loss": "binary_cross_entropy", "activation": "tanh"}, "training.loss", "sigmoid"),
    ("y\n1\n", "", {}, "data.path", "at least one column beside the target"),
    (BITS, "columns = ['a']", {}, "data.columns", "expected no columns beside path"),
]


@each(("table", "data", "keys", "key", "fragment"), MISFITS)
def test_targets_that_do_not_fit(  # noqa: PLR0917
    tmp_path: Path, table: str, data: str, keys: dict[str, str], key: str | None, fragment: str
) -> None:
    found = problems(tmp_path, table, data, **keys)
    assert key is None or key in {p.key for p in found}
    assert any(fragment in str(p) for p in found), found


def test_what_is_told_without_the_table(tmp_path: Path) -> None:
    path = written(tmp_path, BITS, 'task = "binary"', units="2")
    (tmp_path / "t.csv").unlink()
    with pytest.raises(ExperimentError) as caught:
        load_experiment(path)
    assert [p.key for p in caught.value.problems] == ["data.path", "layers[1].units"]


def test_train_and_test_rows(tmp_path: Path) -> None:
    table = "a,y\n" + "".join(f"{n},{n % 2}\n" for n in range(5))
    dataset = load(tmp_path, table, "train = 2").dataset
    assert (dataset.train, dataset.test) == ((0, 1), (2, 3, 4))
    dataset = load(tmp_path, table, "train = [5, 1]").dataset
    assert (dataset.train, dataset.test) == ((0, 4), (1, 2, 3))
    dataset = load(tmp_path, table).dataset
    assert (dataset.train, dataset.test) == ((0, 1, 2, 3, 4), ())


def test_labels_and_decode_speak_the_words_of_the_file(tmp_path: Path) -> None:
    dataset = load(tmp_path, WORDS).dataset
    assert dataset.labels == ("yes", "no", "yes")
    assert dataset.decode(np.array([0.9])) == "yes"
    dataset = load(tmp_path, PAIRS, TARGETS, units="2").dataset
    assert dataset.labels == ((0, 1), (1, 0))
    assert dataset.decode(np.array([0.9, 0.1])) == (1, 0)
    dataset = load(tmp_path, PAIRS, TARGETS, units="2", activation="softmax").dataset
    assert dataset.labels == ("q", "p")
    assert dataset.decode(np.array([0.9, 0.1])) == "p"
