"""Whatever a file or a table holds: an experiment, or problems in words; never a traceback."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from tracer.errors import TracerError
from tracer.experiment import Experiment, load_experiment

GOOD = """\
title = "fuzz"
[data]
path = "t.csv"
inputs = ["a", "b"]
target = "y"
classes = [0, 1]
train = [1, 2, 3]
[[layers]]
units = 2
activation = "relu"
[[layers]]
units = 1
activation = "sigmoid"
[init]
scheme = "given"
weights = [[[1, 2], [3, 4]], [[1], [2]]]
biases = [[0, 0], [0]]
[training]
loss = "binary_cross_entropy"
optimizer = "sgd"
epochs = 2
batch_size = 2
order = [[1, 2, 3], [3, 1, 2]]
stop = { tolerance = 1e-4, patience = 3 }
[pages]
epochs = [1, 2]
decimals = 4
"""
TABLE = "a,b,y\n1,2,0\n3,4,1\n5,6,1\n7,8,0\n"

junk = st.sampled_from(
    ["", "0", "-1", "1e999", "nan", "true", '"x"', "[]", "[[]]", "{}", "[1,'a']", "{a.b=1}"]
) | st.sampled_from(
    ["[[[1]]]", "1979-05-27", "0xfffffffffffffffff", '"all"', '"softmax"', "[[1,2,3,9]]", "~"]
)
lines = st.sampled_from(
    [*GOOD.splitlines(), "[trainig]", "lr = 1", "[[data]]", '"😀" = 1', "]", "#"]
)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    rows = GOOD.splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(rows) - 1))
        match draw(st.sampled_from(["drop", "value", "line", "swap", "cut"])):
            case "drop" if len(rows) > 1:
                del rows[at]
            case "value":
                rows[at] = rows[at].split("=")[0] + "= " + draw(junk)
            case "line":
                rows.insert(at, draw(lines))
            case "swap":
                other = draw(st.integers(0, len(rows) - 1))
                rows[at], rows[other] = rows[other], rows[at]
            case _:
                rows[at] = rows[at][: draw(st.integers(0, 20))] + draw(st.text(max_size=3))
    return "\n".join(rows).encode("utf-8", "surrogatepass")


@st.composite
def csv_bytes(draw: st.DrawFn) -> bytes:
    cells = st.sampled_from(["1", "0", "-2.5", "", "x", "nan", '"a,b"', '"', "é", "1e999", "\0"])
    rows = draw(st.lists(st.lists(cells, max_size=4), max_size=5))
    header = draw(st.sampled_from(["a,b,y\n", "a,b,y\r\n", "\ufeffa,b,y\n", "a,a\n", "", "a;b\n"]))
    ending = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    return (header + ending.join(",".join(row) for row in rows)).encode()


def outcome(path: Path) -> Experiment | TracerError:
    try:
        return load_experiment(path)
    except TracerError as error:
        return error


def attempt(document: bytes, table: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.toml"
        path.write_bytes(document)
        (Path(folder) / "t.csv").write_bytes(table)
        result = outcome(path)
    if isinstance(result, Experiment):
        assert Experiment.from_mapping(result.to_mapping()) == result
        return
    assert result.problems
    for problem in result.problems:
        assert len(str(problem).splitlines()) == 1, problem
        assert problem.file
        assert "expected" in problem.message or "more" in problem.message, problem


@examples(250)
@given(documents())
def test_mutated_documents(document: bytes) -> None:
    attempt(document, TABLE.encode())


@examples(60)
@given(
    st.binary(max_size=60)
    | st.text(alphabet="a=[]{}'\"#.\n\r\\,10 \ufeff", max_size=40).map(str.encode)
)
def test_random_documents(document: bytes) -> None:
    attempt(document, TABLE.encode())


@examples(200)
@given(csv_bytes() | st.binary(max_size=60), st.sampled_from(["sigmoid", "identity", "softmax"]))
def test_random_tables(table: bytes, activation: str) -> None:
    head = GOOD.split("[[layers]]", maxsplit=1)[0]
    for word in ("classes", "inputs", "train", "target"):
        head = "\n".join(row for row in head.splitlines() if not row.startswith(word))
    units = 2 if activation == "softmax" else 1
    layers = f'\n[[layers]]\nunits = {units}\nactivation = "{activation}"\n'
    attempt((head + layers).encode(), table)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=5,
)
sections = st.dictionaries(
    st.sampled_from(
        ["rows", "columns", "units", "activation", "weights", "scheme", "epochs", "stop"]
    )
    | st.sampled_from(["order", "biases", "target", "inputs", "train", "classes", "momentum"]),
    plain,
    max_size=4,
)


@examples(200)
@given(
    st.dictionaries(
        st.sampled_from(
            ["title", "data", "layers", "init", "training", "pages", "notation", "name"]
        ),
        sections | plain | st.lists(sections, max_size=2),
        max_size=5,
    )
)
def test_random_mappings(mapping: dict[str, Any]) -> None:
    with suppress(TracerError):
        Experiment.from_mapping(mapping)
