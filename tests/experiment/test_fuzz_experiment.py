"""Files, tables and arguments of any kind: an experiment, or problems in words; nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examples import PROFILE, examples
from tracer.errors import TracerError
from tracer.experiment import Experiment, load_experiment
from tracer.training.size import run_size

FACTOR = 50 if PROFILE == "fuzz" else 1
FILE = """\
[data]
path = "t.csv"
{data}
[[layers]]
units = {units}
activation = "{activation}"
[init]
{init}
[training]
{training}
"""


def limited(count: int) -> settings:
    return examples(count * FACTOR, HealthCheck.too_slow, HealthCheck.filter_too_much)


def judged(result: Experiment | TracerError) -> None:
    """An experiment gives itself again and has a size; an error has problems of one line each."""
    if isinstance(result, Experiment):
        assert Experiment.from_mapping(result.to_mapping()) == result
        assert run_size(result).trace > 0
        return
    assert result.problems
    for problem in result.problems:
        assert len(str(problem).splitlines()) == 1, problem


def attempt(make: Any, *arguments: Any, **named: Any) -> None:
    try:
        result = make(*arguments, **named)
    except TracerError as error:
        result = error
    judged(result)


def load(document: bytes, table: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.toml"
        path.write_bytes(document)
        (Path(folder) / "t.csv").write_bytes(table)
        attempt(load_experiment, path)


cells = st.sampled_from(
    ["1", "0", "-2.5", "1,5", "1,200", "1.234,5", "1.000.000", "", "x", "nan", '"a;b"', '"', "é"]
) | st.sampled_from(
    ["1e400", "\0", "TRUE", "50%", "٣", "9" * 5000, "\u202e", " 7 ", "'3", "\t", "-"]
)


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    mark = draw(st.sampled_from([",", ";", "\t", ", ", ";;"]))
    rows = draw(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=6))
    header = draw(
        st.sampled_from(["a,b,y", "a;b;y", "a\tb\ty", "1,2,3", "1;2;y", "sep=;", "", '"'])
    )
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    text = end.join([header, *(mark.join(row) for row in rows)])
    code = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]))
    return text.encode(code, "replace")


lines = st.sampled_from(
    ["", "header = false", "header = true", 'columns = ["a", "b", "y"]', 'target = ["a", "b"]']
) | st.sampled_from(['inputs = ["1"]', "train = 2", "classes = [1e400, 0]", "classes = ['x', 1]"])


@limited(150)
@given(
    tables() | st.binary(max_size=80),
    lines,
    st.sampled_from(["sigmoid", "identity", "softmax"]),
    st.integers(1, 3),
    st.sampled_from(["", "seed = 4294967295\nscheme = 'sklearn'", "low = -1\nhigh = 1e308"]),
    st.sampled_from(
        ["", "epochs = 0x" + "f" * 5000, "batch_size = 0x" + "f" * 5000, "order = [[1]]"]
    ),
)
def test_tables_of_any_kind(  # noqa: PLR0917
    table: bytes, data: str, activation: str, units: int, init: str, training: str
) -> None:
    document = FILE.format(
        data=data, units=units, activation=activation, init=init, training=training
    )
    load(document.encode(), table)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from([10**4000, -(10**400), complex(1, 2), b"x", {1, 2}, object, np.nan])
    | st.sampled_from(
        [np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, None]), np.zeros((2, 2, 2))]
    )
    | st.sampled_from([np.array("x"), np.array([], dtype=float), np.float32(2), np.bool_(True)]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(
            st.sampled_from(["x", "y", "rows", "columns", "units"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
tables_of_options = st.dictionaries(
    st.sampled_from(["scheme", "weights", "biases", "seed", "low", "decimals", "epochs", "order"])
    | st.sampled_from(["batch_size", "stop", "loss", "every", "power_t", "schedule", "momentum"]),
    values,
    max_size=3,
)
XOR = ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])


@limited(150)
@given(values | st.just(XOR), values | st.just([(2, "tanh"), (1, "sigmoid")]))
def test_arguments_of_any_kind(data: Any, layers: Any) -> None:
    attempt(Experiment, data, layers)


@limited(150)
@given(
    tables_of_options | values,
    tables_of_options | values,
    values,
    st.none() | st.text(max_size=4) | st.sampled_from(["\x01", "\ufffe", "a" * 2000, "\ud800"]),
    st.text(max_size=4) | st.sampled_from(["con", "LPT1", "\udcff", "a" * 300]),
)
def test_sections_of_any_kind(init: Any, training: Any, pages: Any, title: Any, name: str) -> None:
    layers = [(2, "tanh"), (1, "sigmoid")]
    named = {"init": init, "training": training, "pages": pages, "title": title, "name": name}
    attempt(Experiment, XOR, layers, **named)
