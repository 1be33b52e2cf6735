"""``tracer trace`` as a user meets it: readable at 80 columns, and every way to go wrong."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import warm
from networks import experiment
from sites import SMALL
from tracer import Trace, run
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.cli.grids import TextGrid, lines_of
from tracer.cli.tables import update_lines
from tracer.experiment import load_experiment
from tracer.numerals import show
from traces import same

WIDE = """\
[data]
columns = ["a", "b", "c", "d", "e", "f", "g", "h", "y", "z"]
rows = [[0.123, 0.2, 3, 4, 5, 6, 7, 80000.5, 1, 0], [1, 2, 3, 4, 5, 6, 7, 8, 0, 1]]
target = ["y", "z"]
[[layers]]
units = 17
activation = "tanh"
[[layers]]
units = 2
activation = "identity"
[training]
optimizer = "adam"
epochs = 1
batch_size = 2
"""


def tracer(
    *arguments: str, folder: Path, columns: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder that holds small.toml and wide.toml."""
    (folder / "small.toml").write_text(SMALL, encoding="utf-8")
    (folder / "wide.toml").write_text(WIDE, encoding="utf-8")
    return warm.ended("tracer", arguments, folder, {"COLUMNS": str(columns or "")})


# What is read


@pytest.mark.parametrize("columns", [None, 80, 120])
def test_no_line_is_longer_than_the_terminal(columns: int | None, tmp_path: Path) -> None:
    done = tracer("trace", "wide.toml", folder=tmp_path, columns=columns)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert max(map(cell_len, lines)) <= (columns or 80)
    assert max(map(cell_len, lines)) > (columns or 80) - 20


def grid_of(lines: list[str], title: str) -> dict[tuple[str, str], str]:
    """The cells of the grids of a title by (label, heading), read by where they stand."""
    found: dict[tuple[str, str], str] = {}
    for k, line in enumerate(lines):
        for match in re.finditer(rf"(?<=  )({re.escape(title)})(?=  |$)", line):
            start = match.start(1)
            stop = start + max(len(title), _width(lines[k + 1 :], start))
            found |= _cells([text[start:stop] for text in lines[k + 1 :]])
    return found


def _width(lines: list[str], start: int) -> int:
    """How wide a grid is: up to the four spaces that stand between grids, in every line."""
    block = []
    for line in lines:
        if not line.strip():
            break
        block.append(line)
    longest = max(map(len, block))
    for column in range(start + 4, longest):
        if all(line[column : column + 4].ljust(4) == "    " for line in block):
            return column - start
    return longest - start


def _cells(lines: list[str]) -> dict[tuple[str, str], str]:
    heads = [(m.group(), m.end()) for m in re.finditer(r"(?:to )?\d+", lines[0])]
    found: dict[tuple[str, str], str] = {}
    for line in lines[1:]:
        if not line.strip():
            break
        label = re.match(r"from \d+|\S+", line)
        begin = label.end() if label else 0
        for head, end in heads:
            found[label.group() if label else "", head] = line[begin:end].strip()
            begin = end
    return found


def expected(W, b, decimals: int) -> dict[tuple[str, str], str]:
    named = [(f"from {i + 1}", row) for i, row in enumerate(W)] + [("b", b)]
    return {
        (label, f"to {j + 1}"): show(float(value), decimals)
        for label, row in named
        for j, value in enumerate(row)
    }


def test_every_parameter_stands_in_its_row_and_column(tmp_path: Path) -> None:
    lines = tracer("trace", "wide.toml", folder=tmp_path).stdout.splitlines()
    trace = run(load_experiment(tmp_path / "wide.toml"))
    for k in range(2):
        title, d = f"layer {k + 1}", 4
        assert grid_of(lines, f"{title} before") == expected(trace.W[k][0], trace.b[k][0], d)
        assert grid_of(lines, f"{title} after") == expected(trace.W[k][1], trace.b[k][1], d)
        gradient = expected(trace.grad_W[k][0], trace.grad_b[k][0], d)
        assert grid_of(lines, f"{title}, batch gradient") == gradient
        for name, kinds in trace.state.items():
            values = expected(kinds["W"][k][1], kinds["b"][k][1], d)
            assert grid_of(lines, f"{title}, {name} after") == values


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_optimizer_s_state_is_shown(optimizer: str) -> None:
    trace = run(experiment((2, 3, 1), ("tanh", "identity"), optimizer=optimizer, epochs=2))
    text = "\n".join(update_lines(trace, 1, 80))
    for name, kinds in trace.state.items():
        assert f"layer 2, {name} after" in text
        assert show(float(kinds["W"][1][2][0, 0]), 4) in text
    assert (", v after" in text) == ("v" in trace.state)


def test_one_of_a_thing_is_not_called_several(tmp_path: Path) -> None:
    said = tracer("trace", "wide.toml", folder=tmp_path).stdout
    assert re.search(r"run +1 epoch, 1 update\b(?!s)", said)


cells = st.text(alphabet="0123456789.−× ∂", min_size=1, max_size=12)


@st.composite
def grids(draw: st.DrawFn) -> list[TextGrid]:
    def grid() -> TextGrid:
        count = draw(st.integers(1, 12))
        texts = st.lists(cells, min_size=count, max_size=count).map(tuple)
        rows = st.lists(st.tuples(cells, texts), min_size=1, max_size=4)
        return TextGrid(draw(cells), draw(texts), tuple(draw(rows)))

    return [grid() for _ in range(draw(st.integers(1, 4)))]


@given(grids(), st.integers(30, 120))
def test_grids_keep_every_cell_and_the_width(made: list[TextGrid], width: int) -> None:
    lines = list(lines_of(made, width, 2))
    assert max(map(cell_len, lines)) <= width
    text = "\n".join(lines)
    for grid in made:
        for label, row in grid.rows:
            for cell in (label, *row, *grid.heads):
                assert cell.strip() in text


# What goes wrong


def test_an_experiment_is_never_overwritten(tmp_path: Path) -> None:
    done = tracer("trace", "small.toml", "--save", "small.toml", folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "expected a saved trace to replace, or nothing, found another file" in done.stderr
    assert "Choose another name." in done.stderr
    assert (tmp_path / "small.toml").read_text(encoding="utf-8") == SMALL


@pytest.mark.parametrize("place", ["", ".", "small.toml/run.npz", "gone/run.npz", "/dev/null"])
def test_a_place_that_cannot_be_saved_to(place: str, tmp_path: Path) -> None:
    done = tracer("trace", "small.toml", "--save", place, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--save" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.toml", "wide.toml"]


def test_a_saved_trace_is_replaced(tmp_path: Path) -> None:
    for name in ("wide.toml", "small.toml"):
        assert tracer("trace", name, "--save", "run.npz", folder=tmp_path).returncode == 0
    known = run(load_experiment(tmp_path / "small.toml"))
    assert same(Trace.load(tmp_path / "run.npz"), known)


def test_an_empty_name_is_no_experiment(tmp_path: Path) -> None:
    done = tracer("trace", "", folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "an argument is empty" in done.stderr


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_reader_that_leaves_early(form: str, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL.replace("epochs = 3", "epochs = 2000"), "utf-8")
    command = [sys.executable, "-m", "tracer", "trace", "small.toml", "--format", form]
    chosen = ["--updates", "1:6000"] if form == "table" else []
    with subprocess.Popen(
        [*command, *chosen], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()
    assert said == b""
    assert process.returncode in (0, 1)


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_disk_that_is_full(form: str, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL, "utf-8")
    line = f'"{sys.executable}" -m tracer trace small.toml --format {form} > /dev/full'
    done = subprocess.run(
        line, cwd=tmp_path, shell=True, capture_output=True, text=True, check=False
    )
    assert done.returncode not in (0, 70), done.stderr
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert "fault" not in done.stderr


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(
            ("--updates", text)
            for text in ("0", "3:2", "x", "", "1:", "10", "²", "1_0", "9" * 5000)
        ),
        *(("--epochs", text) for text in ("0", "1,,2", "x", "", "4", "-1", "9" * 5000)),
    ],
)
def test_a_choice_that_is_none(
    option: str, value: str, tmp_path: Path, call_main, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text(SMALL, "utf-8")
    status, out, err = call_main("trace", "small.toml", option, value)
    assert (status, out) == (2, "")
    assert option in err
    assert len(err) < 1000


def test_numbers_that_are_not_finite_are_texts(tmp_path: Path) -> None:
    text = SMALL.replace("epochs = 3", "epochs = 3\nlearning_rate = 1e308")
    (tmp_path / "huge.toml").write_text(text.replace("0.25, 1,", "1e200, 1,"), "utf-8")
    done = tracer("trace", "huge.toml", "--format", "json", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout, parse_constant=pytest.fail)
    assert {"nan", "inf", "-inf"} & set(re.findall(r'"(nan|-?inf)"', json.dumps(document)))
