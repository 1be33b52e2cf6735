"""Tables as spreadsheets write them: recognized where one reading is possible, else one error."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from examples import examples
from tracer.errors import ExperimentError, Problem
from tracer.experiment import Experiment, load_experiment
from tracer.experiment.dataset import Dialect

MARKS = {"comma": ",", "semicolon": ";", "tab": "\t"}
ENDS = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


def load(
    folder: Path, table: str | bytes, data: str = "", activation: str = "sigmoid"
) -> Experiment:
    raw = table if isinstance(table, bytes) else table.encode()
    (folder / "t.csv").write_bytes(raw)
    text = f'[data]\npath = "t.csv"\n{data}\n[[layers]]\nunits = 1\nactivation = "{activation}"\n'
    (folder / "x.toml").write_text(text, encoding="utf-8")
    return load_experiment(folder / "x.toml")


def problems(folder: Path, table: str | bytes, data: str = "", **keys: str) -> list[Problem]:
    with pytest.raises(ExperimentError) as caught:
        load(folder, table, data, **keys)
    return list(caught.value.problems)


def the_problem(folder: Path, table: str | bytes, data: str = "", **keys: str) -> str:
    (problem,) = problems(folder, table, data, **keys)
    return str(problem)


HALF = (
    "\ufeffGröße;Gewicht;krank\r\n1,72;70,5;nein\r\n1,65;82,0;ja\r\n1,80;95,5;ja\r\n1,58;50,0;nein"
)


def test_the_spreadsheet_of_half_the_world(tmp_path: Path) -> None:
    dataset = load(tmp_path, HALF).dataset
    assert dataset.x.tolist() == [[1.72, 70.5], [1.65, 82], [1.8, 95.5], [1.58, 50]]
    assert dataset.classes == ("ja", "nein")
    assert dataset.dialect == Dialect("t.csv", "semicolon", "comma", bom=True, line_end="crlf")
    assert not dataset.dialect.is_plain


READ = [
    ("a;b;y\n1;2;0\n2;3;1\n", [[1, 2], [2, 3]], ("semicolon", "point")),
    ("a\tb\ty\n1.5\t,5\t0\n", None, None),
    ("a\tb\ty\n1,5\t,5\t0\n2\t3\t1\n", [[1.5, 0.5], [2, 3]], ("tab", "comma")),
    ('a,b,y\n"1,5","2,25",0\n2,3,1\n', [[1.5, 2.25], [2, 3]], ("comma", "comma")),
    ("a;b;y\n0,125;1,250;0\n2;3;1\n", [[0.125, 1.25], [2, 3]], ("semicolon", "comma")),
    ("a;b;y\n-1,5e3;1;0\n2;3;1\n", [[-1500, 1], [2, 3]], ("semicolon", "comma")),
    ("a;b;y\n1.2340;2;0\n2;3;1\n", [[1.234, 2], [2, 3]], ("semicolon", "point")),
    ("sep=;\na;b;y\n1;2;0\n2;3;1\n", [[1, 2], [2, 3]], ("semicolon", "point")),
    ("a;b;y;;\n1;2;0;;\n2;3;1;;\n;;;;\n\n", [[1, 2], [2, 3]], ("semicolon", "point")),
    ("a;b, c;y\n1;2;0\n2;3;1\n", [[1, 2], [2, 3]], ("semicolon", "point")),
    ('"a;b",c,y\n1,2,0\n2,3,1\n', [[1, 2], [2, 3]], ("comma", "point")),
    ("a,b,y\n1,2,yes; sure\n2,3,no; never\n", [[1, 2], [2, 3]], ("comma", "point")),
]


@pytest.mark.parametrize(("table", "x", "read"), READ)
def test_tables_with_one_reading(
    tmp_path: Path, table: str, x: list[list[float]] | None, read: tuple[str, str] | None
) -> None:
    if x is None:
        assert "one decimal mark" in the_problem(tmp_path, table)
        return
    dataset = load(tmp_path, table).dataset
    assert dataset.x.tolist() == x
    assert dataset.dialect is not None
    assert (dataset.dialect.separator, dataset.dialect.decimal) == read


ONE_PROBLEM = [
    # The table, its line, what the one problem says
    ("a;b;y\n1,5;2;0\n2;3.5;1\n", 2, 'one decimal mark, found "1,5" and in line 3 "3.5"'),
    ("a;b;y\n1,200;2;0\n2;3;1\n", 2, 'in one way, found "1,200". Write 1.2000 or 1200'),
    ('a,y\n"1,200",0\n2,1\n', 2, "Write 1.200 or 1200, whichever is meant."),
    ('a,b,y\n"1,200",1.5,0\n2,3,1\n', 2, "without marks between thousands"),
    ("a;b;y\n1.234,5;2;0\n2.200;3;1\n", 2, "(and 1 more like it). Write numbers without marks"),
    ("a;b;y\n1 200;2;0\n2;3;1\n", 2, "without marks between thousands"),
    ("a;b;y\n5 %;2;0\n2;3;1\n", 2, "without units or signs"),
    ("a,b,y\n1,5,2,5,0\n2,5,3,5,1\n", 2, "3 cells, found 5 (and 1 more such rows). If the commas"),
    ("a,b;y\n1,5;2\n2,5;3\n", 1, "may be separated by commas and by semicolons"),
    ("a,y\n1,0\n".encode("utf-16"), 1, "expected UTF-8, found UTF-16. Save the file"),
    ("größe,y\n1,0\n".encode("latin-1"), 1, "expected UTF-8, found the byte 0xf6"),
    ('a;y\n"1"x;0\n2;1\n', 2, "expected a semicolon after the closing quote"),
]


@pytest.mark.parametrize(("table", "line", "fragment"), ONE_PROBLEM)
def test_one_problem_where_none_or_two_readings_are_possible(
    tmp_path: Path, table: str | bytes, line: int, fragment: str
) -> None:
    (problem,) = problems(tmp_path, table)
    assert (problem.file, problem.line) == (str(tmp_path / "t.csv"), line)
    assert fragment in str(problem)


def test_decimal_commas_in_a_target_are_numbers(tmp_path: Path) -> None:
    dataset = load(tmp_path, 'a,y\n1,"1,5"\n2,"2,5"\n', activation="identity").dataset
    assert dataset.labels == (1.5, 2.5)
    assert dataset.task == "regression"


def test_columns_that_are_not_used_decide_nothing(tmp_path: Path) -> None:
    table = "note;a;y\n1.5;1,5;0\n1,200;2,5;1\n"
    assert load(tmp_path, table, 'inputs = ["a"]').dataset.x.tolist() == [[1.5], [2.5]]


# A first line of numbers


@pytest.mark.parametrize(
    "table",
    [
        "1.5,2\n2.5,3\n3.5,5\n",
        "1;2\n2;3\n",
        "5.1,3.5,setosa\n4.9,3.0,setosa\n6.1,2.2,virginica\n",
        "1,1,0\n0,1,1\n",
    ],
)
def test_a_row_in_place_of_the_names(tmp_path: Path, table: str) -> None:
    (problem,) = problems(tmp_path, table, activation="identity")
    assert (problem.line, problem.key) == (1, None)
    assert "expected the names of the columns, found" in str(problem)
    assert "header = false" in str(problem)


def test_without_a_header(tmp_path: Path) -> None:
    table = "5.1,3.5,setosa\n4.9,3.0,virginica\n"
    dataset = load(tmp_path, table, "header = false").dataset
    assert (dataset.input_names, dataset.target_names) == (("x1", "x2"), ("y",))
    assert dataset.x.tolist() == [[5.1, 3.5], [4.9, 3]]
    assert dataset.dialect == Dialect("t.csv", header=False)
    named = 'header = false\ncolumns = ["length", "width", "kind"]'
    assert load(tmp_path, table, named).dataset.input_names == ("length", "width")
    wrong = the_problem(tmp_path, table, 'header = false\ncolumns = ["length"]')
    assert "data.columns: expected 3 names, one a column of t.csv, found 1" in wrong


def test_years_as_names(tmp_path: Path) -> None:
    table = "2019,2020,2021\n1,2,0\n2,3,1\n"
    assert "header = true if these are names" in the_problem(tmp_path, table)
    for data in ("header = true", 'inputs = ["2019"]\ntarget = "2021"'):
        assert load(tmp_path, table, data).dataset.target_names == ("2021",)
    mixed = "country,2019,y\n1,2,0\n2,3,1\n"
    assert load(tmp_path, mixed).dataset.input_names == ("country", "2019")


def test_header_goes_with_a_file() -> None:
    with pytest.raises(ExperimentError, match=r"data\.header: expected no header without path"):
        Experiment(
            data={"columns": ["a", "y"], "rows": [[1, 0], [2, 1]], "header": False},
            layers=[(1, "sigmoid")],
        )


# Any table in any dialect

numbers = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6).filter(
    lambda value: len(repr(value)) < 24
)


def attempt(folder: Path, table: str) -> Experiment | ExperimentError:
    try:
        return load(folder, table, activation="identity")
    except ExperimentError as error:
        return error


@examples(150)
@given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(
            st.lists(numbers, min_size=width, max_size=width), min_size=2, max_size=5
        )
    ),
    st.sampled_from(sorted(MARKS)),
    st.booleans(),
    st.booleans(),
    st.sampled_from(sorted(ENDS)),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.integers(0, 2),
)
def test_any_table_in_any_dialect_reads_back(  # noqa: PLR0917
    table: list[list[float]],
    separator: str,
    comma: bool,
    bom: bool,
    end: str,
    quoting: Literal[0, 1],
    blank: int,
) -> None:
    """Whatever the marks are: the same numbers, or an error that two readings are possible."""
    written = io.StringIO()
    writer = csv.writer(
        written, delimiter=MARKS[separator], lineterminator=ENDS[end], quoting=quoting
    )
    width = len(table[0])
    writer.writerow(["t", *(f"c{k}" for k in range(width - 1))])
    for row in table:
        writer.writerow([repr(v).replace(".", ",") if comma else repr(v) for v in row])
    text = ("\ufeff" if bom else "") + written.getvalue() + ENDS[end] * blank
    with tempfile.TemporaryDirectory() as folder:
        made = attempt(Path(folder), text)
    if isinstance(made, ExperimentError):
        assert comma
        assert "one way" in str(made)
        return
    decimal = comma and any(isinstance(v, float) for row in table for v in row)
    assert made.dataset.x.tolist() == [row[:-1] for row in table]
    assert made.dataset.y.tolist() == [row[-1:] for row in table]
    expected = Dialect("t.csv", separator, "comma" if decimal else "point", bom=bom, line_end=end)
    found = made.dataset.dialect
    assert found is not None
    assume(not any("e" in repr(v) for row in table for v in row))
    assert found == expected
