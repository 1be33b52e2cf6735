"""A message says what was expected, what was found, and what to do: read from real files."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import warm
from each import each
from tracer.errors import ExperimentError
from tracer.experiment import load_experiment
from tracer.experiment.advice import advice
from tracer.experiment.numbers import Clash, decimal_mark

DATA = 'path = "t.csv"\ntarget = "y"\n'
LAYER = '[[layers]]\nunits = 1\nactivation = "sigmoid"\n'
TABLE = "a,b,y\n1,2,0\n2,1,1\n3,4,1\n"


def load(folder: Path, data: str = DATA, more: str = "", table: str = TABLE):
    (folder / "t.csv").write_text(table, encoding="utf-8")
    (folder / "x.toml").write_text(f"[data]\n{data}{LAYER}{more}", encoding="utf-8")
    return load_experiment(folder / "x.toml")


def the_problem(folder: Path, **parts: str) -> str:
    with pytest.raises(ExperimentError) as caught:
        load(folder, **parts)
    (problem,) = caught.value.problems
    return str(problem)


TYPES = [
    ("[training]\nepochs = 1e3", "found 1000.0. Write 1000: a whole number has no point"),
    ("[training]\nbatch_size = 2.0", "found 2.0. Write 2: a whole number"),
    ("[training]\nepochs = 2.5", "found 2.5. Write 2 or 3: a whole number has no point."),
    ("[training]\norder = [[1.0, 2, 3]]", "found 1.0. Write 1: a whole number"),
    ("[init]\nseed = 1e3", "found 1000.0. Write 1000"),
    ("[pages]\nepochs = 1", "found 1. Write a list, in brackets: [1]."),
    ("[pages]\nepochs = [1.0]", "found 1.0. Write 1: a whole number"),
    ("[pages]\ndecimals = [4]", "found a list of 1. Write it without brackets: 4."),
    ("[training]\nepochs = [1]", "found a list of 1. Write it without brackets: 1."),
    ("[training]\nl2 = '10 %'", 'found "10 %". Write a share as a number: 0.1.'),
    ("[training]\nlearning_rate = '0,1'", "Numbers stand without quotes, with a point: 0.1."),
    ('[training]\nshuffle = "yes"', 'found "yes". Write true, without quotes.'),
    ("[training]\nshuffle = 0", "found 0. Write false, without quotes."),
    ("[init]\nchosen = 2024-01-01", 'the date 2024-01-01. Text stands in quotes: "2024-01-01"'),
]  # fmt: skip
COLUMNS = [
    ('inputs = "a"', 'found "a". Write a list, in brackets: ["a"].'),
    ('inputs = "a, b"', 'found "a, b". Write a list, in brackets: ["a", "b"].'),
    ("inputs = 1", 'found 1. Write a list, in brackets: ["1"].'),
    ('inputs = ["a", 7]', 'expected a list of column names, found 7. Text stands in quotes: "7".'),
    ("inputs = [2024-01-31]", 'found the date 2024-01-31. Text stands in quotes: "2024-01-31".'),
    ("inputs = [12:30:00]", 'found the time 12:30:00. Text stands in quotes: "12:30:00".'),
    ("train = 0.8", "found 0.8. A share of the rows is not taken: write how many"),
    ('train = "80%"', 'found "80%". A share of the rows is not taken: write how many'),
    ("train = 2.0", "found 2.0. Write 2: a whole number"),
    ("train = [1.0]", "found 1.0. Write 1: a whole number"),
    ("classes = 1", "found 1. Write a list, in brackets: [1]."),
]  # fmt: skip


@pytest.mark.parametrize(("more", "said"), TYPES, ids=[more for more, _ in TYPES])
def test_a_value_of_the_wrong_kind(tmp_path: Path, more: str, said: str) -> None:
    assert said in the_problem(tmp_path, more=more)


@pytest.mark.parametrize(("data", "said"), COLUMNS, ids=[data for data, _ in COLUMNS])
def test_columns_and_rows_of_the_wrong_kind(tmp_path: Path, data: str, said: str) -> None:
    assert said in the_problem(tmp_path, data=f"{DATA}{data}\n")


def test_what_is_advised_is_right(tmp_path: Path) -> None:
    """The advice, followed to the letter, gives a file that can be read."""
    data = DATA + 'inputs = ["a", "b"]\ntrain = 2\n'
    more = "[training]\nepochs = 1000\nbatch_size = 2\nshuffle = true\n[pages]\nepochs = [1]\n"
    made = load(tmp_path, data=data, more=more)
    assert (made.training.epochs, made.training.batch_size, made.data.train) == (1000, 2, (1, 2))


@given(st.integers(-(2**62), 2**62).map(float), st.sampled_from(["a whole number of at least 1"]))
def test_a_whole_float_is_written_without_point(found: float, expected: str) -> None:
    said = advice(expected, found)
    assert said is not None
    number = said.removeprefix("Write ").partition(":")[0]
    assert tomllib.loads(f"k = {number}")["k"] == found
    assert "." not in number
    assert "e" not in number


SINGLE = (st.none(), st.booleans(), st.floats(), st.text(), st.dates(), st.integers())
ANYTHING = st.recursive(st.one_of(*SINGLE), st.lists, max_leaves=3)


@given(
    st.sampled_from(["a number above 0", "a list of epochs", "true or false", "a column name"]),
    ANYTHING,
    st.booleans(),
)
def test_any_value_gets_advice_or_none(expected: str, found: object, inside: bool) -> None:
    said = advice(expected, found, inside=inside)
    assert said is None or (said.endswith(".") and "\n" not in said)


# TOML itself


SYNTAX = [
    ("epochs = 3 // few", "Comments begin with #."),
    ("// few\nepochs = 3", "Comments begin with #."),
    ("epochs = 3 ; few", "Comments begin with #."),
    ("epochs = 3 -- few", "Comments begin with #."),
    ("epochs = 3 /* few */", "Comments begin with #."),
    ("l2 = 10 %", "Write a share as a number: 0.1."),
    ("epochs = 3 batch_size = 2", "A line holds one key = value"),
]


@pytest.mark.parametrize(("line", "advised"), SYNTAX, ids=[line for line, _ in SYNTAX])
def test_every_fault_of_syntax_says_what_to_do(tmp_path: Path, line: str, advised: str) -> None:
    message = the_problem(tmp_path, more=f"[training]\n{line}\n")
    assert "expected" in message
    assert "found" in message
    assert advised in message


# Tables


@pytest.mark.parametrize(
    "days",
    [
        ("2024-01-01", "2024-02-01", "2024-03-01"),
        ("1.2.2024", "2.2.2024", "13.2.2024"),
        ("1/2/24", "2/2/24", "12/13/24"),
        ("2024-01-01T12:00", "2024-01-01 13:00:05", "2024-01-02T12:00Z"),
        ("12:30", "9:05", "23:59:59"),
        ("9:30 am", "1:05 PM", "11:59pm"),
    ],
)
def test_dates_and_times_are_no_numbers(tmp_path: Path, days: tuple[str, ...]) -> None:
    table = "day,b,y\n" + "".join(f"{day},{k},{k % 2}\n" for k, day in enumerate(days))
    message = the_problem(tmp_path, table=table)
    assert "t.csv:2: day: expected numbers, found the texts" in message
    assert "write a date as the days since a first one" in message
    assert "day=" not in message


def test_words_beside_dates_are_words(tmp_path: Path) -> None:
    message = the_problem(tmp_path, table="a,y\n2024-01-01,0\nnever,1\n")
    assert "days since" not in message


def test_dates_in_the_file_itself(tmp_path: Path) -> None:
    data = 'columns = ["a", "y"]\nrows = [[2024-01-01, 0], [1, 1]]\n'
    message = the_problem(tmp_path, data=data)
    assert "data.rows[1][1]: expected a number or text, found the date 2024-01-01." in message
    assert "days since a first one" in message


TEXTS = [
    (("true", "False", "true"), "found false and true. Write 1 for true and 0 for false."),
    (("red", "red", "red"), 'found the text "red". Name the inputs without "b": inputs = [...].'),
    (("red", "blue", "red"), 'texts "blue", "red". Write 0 and 1 for the two texts of "b".'),
    (("red", "blue", "green"), 'each text of "b": "b=blue", "b=green", "b=red".'),
    (('"0,5"', "1.5", "2"), "Write all numbers with a point, or all with a comma."),
    (("1 234.5", "1", "2"), 'found "1 234.5". Write numbers without marks between thousands'),
]
"""What stands in a column that is to hold numbers, and what is said of it."""


@each("cells, said", TEXTS)
def test_a_column_of_words_is_told_how_to_become_numbers(
    cells: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    rows = "".join(f"{row},{cell},{row % 2}\n" for row, cell in enumerate(cells))
    assert said in the_problem(tmp_path, table=f"a,b,y\n{rows}")


def test_words_in_rows_of_the_file_itself_have_its_line(tmp_path: Path) -> None:
    for cells, said in (('"red"', '"blue"'), "0 and 1 for the two"), (("true", "false"), "1 for t"):
        rows = ", ".join(f"[{row}, {cell}, {row}]" for row, cell in enumerate(cells))
        data = f'columns = ["a", "b", "y"]\nrows = [{rows}]\ntarget = "y"\n'
        told = the_problem(tmp_path, data=data)
        assert "x.toml:3: data.rows[1][2]: " in told
        assert said in told


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such pipes")
def test_what_is_no_file_is_called_by_its_kind(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    for name, said in ("pipe.csv", "is a device or a pipe"), ("folder.csv", "is a folder"):
        assert said in the_problem(tmp_path, data=f'path = "{name}"\ntarget = "y"\n')


def test_decimal_commas_in_weights_are_recognised(tmp_path: Path) -> None:
    more = '[init]\nscheme = "given"\nweights = [[[0,15], [0,25]]]\nbiases = [[0]]\n'
    assert "Are there decimal commas?" in the_problem(tmp_path, more=more)


@pytest.mark.parametrize(
    "url", ["https://example.org/t.csv", "http://x/t.csv", "file:///data/t.csv", "s3://b/t.csv"]
)
def test_an_address_is_no_path(tmp_path: Path, url: str) -> None:
    message = the_problem(tmp_path, data=f'path = "{url}"\n')
    assert "x.toml:2: data.path: expected a CSV file, found the address" in message
    assert "download the file" in message


BOTH = [
    "a;b;y\n1.234;2.345;0\n2.345;1.500;1\n",
    "a;b;y\n1.234;2;0\n2;3;1\n",
    "a;b;y\n-1.234;2;0\n2;3;1\n",
]
ONE = [
    ("a;b;y\n1.234;0.345;0\n2.345;1.500;1\n", 1.234),
    ("a;b;y\n1.234;2.3;0\n2.345;1.500;1\n", 1.234),
    ("a;b;y\n1.2340;2.345;0\n2.345;1.500;1\n", 1.234),
    ("a,b,y\n1.234,2.345,0\n2.345,1.500,1\n", 1.234),
    ("a\tb\ty\n1.234\t2.345\t0\n2.345\t1.500\t1\n", 1.234),
    ("a;b;y\n1234;2345;0\n2345;1500;1\n", 1234),
]


@pytest.mark.parametrize("table", BOTH)
def test_a_point_that_may_be_either_is_asked_about(tmp_path: Path, table: str) -> None:
    message = the_problem(tmp_path, table=table)
    assert "t.csv:2: a: expected a number that can be read in one way, found" in message
    assert "1.2340 or " in message
    assert "1234, whichever is meant." in message


@pytest.mark.parametrize(("table", "first"), ONE)
def test_a_point_that_can_be_one_thing_only_is_read(
    tmp_path: Path, table: str, first: float
) -> None:
    assert load(tmp_path, table=table).dataset.x[0, 0] == first


@given(st.lists(st.sampled_from(["1.234", "12.500", "-3.000", "7"]), min_size=1))
def test_only_points_before_three_digits_are_ambiguous(texts: list[str]) -> None:
    mark = decimal_mark(texts, commas_usual=True)
    assert isinstance(mark, Clash) == any("." in text for text in texts)
    assert decimal_mark([*texts, "0.5"], commas_usual=True) == "."
    assert decimal_mark(texts) == "."


# The command


def told(folder: Path, *arguments: str, out: str = os.devnull) -> tuple[int, str]:
    with Path(out).open("wb") as stream:
        done = warm.ended("tracer", arguments, folder, out=stream)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mazzur", 'Did you mean "mazur"?'),
        ("Mazur.toml", 'Did you mean "mazur"?'),
        ("my-netwrk.toml", 'Did you mean "my-network.toml"?'),
        ("qqqqqq", "Built in are ai-by-hand-mlp, article-sklearn"),
    ],
)
def test_a_name_that_is_nothing_gets_the_nearest(tmp_path: Path, name: str, hint: str) -> None:
    (tmp_path / "my-network.toml").write_text("", encoding="utf-8")
    status, said = told(tmp_path, "trace", name)
    assert status == 2
    assert f'expected an experiment file or a built-in name, found neither: "{name}".' in said
    assert hint in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_a_full_disk_is_told_in_words(tmp_path: Path) -> None:
    status, said = told(tmp_path, "schema", out="/dev/full")
    assert status == 1
    assert "there is no room to write what is printed: No space left on device." in said
    assert "Make room, or write to another place." in said
    assert "Errno" not in said
