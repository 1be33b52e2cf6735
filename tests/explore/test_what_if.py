"""Runs that go another way: another start, the rest of a run, odd numbers, what diverges."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each
from networks import experiment
from scripted import repr_of
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.errors import RenderError
from tracer.experiment import load_experiment
from tracer.explore.program import program
from tracer.explore.tapes import tape
from tracer.registry import registered
from tracer.trace import Trace
from tracer.training import run
from traces import trace_of
from trained import answers, asking

ODD = [*(sign * 10.0**k for k in (-320, -9, -1, 0, 1, 2, 3, 300) for sign in (1, -1)), 0.0, -0.0]
EDGES = [*ODD, 0.3, 2.0, -2.0, 7.5, -7.5, 27.0, -27.0, 745.0, -745.0, math.inf, -math.inf, math.nan]
NEAR = 4e-15  # of a value: some roundings of exponentials that were made of others
Kernel = Callable[..., Any]


def kernels() -> Iterator[tuple[str, Kernel, list[int], int]]:
    """(name, kernel, widths of its inputs, numbers that it gives) of each row's kernels."""
    for name, row in ACTIVATIONS.items():
        width = 3 if row.vector else 1
        yield f"{name} a", row.kernel, [width], width
        yield f"{name} dL_dz", row.backward, [width] * 3, width
    for name, loss in LOSSES.items():
        yield f"{name} L", loss.kernel, [2] * 3, 1
        yield f"{name} slope", loss.slope, [2] * 3, 2
        yield f"{name} by scikit-learn", loss.sklearn_loss, [2] * 3, 1


def inputs_of(name: str, widths: list[int], rng: np.random.Generator) -> np.ndarray:
    """Rows of inputs: odd numbers and those between them, with y that are shares or labels."""
    z = rng.choice([*EDGES, *rng.normal(0, 4, 40)], (60, sum(widths)))
    if len(widths) == 3 and widths[0] == 2:
        z[:, :2] = rng.choice([0.0, 1.0], (60, 1)) * [1, -1] + [0, 1]
    elif len(widths) == 3:  # a is f of z
        n, row = widths[0], ACTIVATIONS[name.split(maxsplit=1)[0]]
        z[:, n : 2 * n] = row.kernel(z[:, :n])
    return z


def test_kernels_are_the_same_at_odd_numbers() -> None:
    rng, rows, wanted = np.random.default_rng(0), [], []
    for name, kernel, widths, results in kernels():
        with np.errstate(all="ignore"):
            given = inputs_of(name, widths, rng)
            parts = np.split(given, np.cumsum(widths)[:-1], axis=1)
            wanted.append((name, given, np.reshape(kernel(*parts), (60, results))))
        rows.append([tape(kernel, widths, results), [list(map(repr_of, row)) for row in given]])
    (found,) = answers([{"what": ["tapes"], "rows": rows}])
    for (name, given, theirs), mine in zip(wanted, found["tapes"], strict=True):
        ours = np.array(mine, dtype=float)
        with np.errstate(all="ignore"):
            close = (
                np.abs(ours - theirs) <= NEAR * np.maximum(np.abs(theirs), np.abs(ours)) + 1e-323
            )
        same = close | (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
        bad = np.flatnonzero(~same.all(axis=1))
        assert bad.size == 0, (name, given[bad[0]], ours[bad[0]], theirs[bad[0]])


def test_functions_that_javascript_lacks() -> None:
    places = [*EDGES, *np.linspace(-7, 28, 400)]
    names = {"erf": math.erf, "erfc": math.erfc}
    data: dict[str, Any] = {"inputs": 1, "constants": [], "results": [1]}
    rows: list[Any] = [
        [{**data, "steps": [[name, 0]]}, [[repr_of(x)] for x in places]] for name in names
    ]
    (found,) = answers([{"what": ["tapes"], "rows": rows}])
    for function, values in zip(names.values(), found["tapes"], strict=True):
        theirs = [function(x) for x in places]
        np.testing.assert_allclose(np.array(values, float)[:, 0], theirs, rtol=1e-14, atol=1e-310)


def test_exponentials_are_those_of_c_but_for_one_in_some_hundred() -> None:
    rng = np.random.default_rng(2)
    x, n = [*rng.normal(0, 3, 3000), *rng.normal(0, 200, 1000)], rng.integers(0, 9000, 2000)
    places: dict[str, tuple[list[Any], Callable[..., float]]] = {
        "exp": ([[v] for v in [*x, *EDGES]], math.exp),
        "log": ([[abs(v)] for v in [*x, 1e-310, 1.0]], math.log),
        "pow": ([[base, float(k)] for base in (0.9, 0.999) for k in n], math.pow),
    }
    rows = [
        [
            {"inputs": len(given[0]), "constants": [], "steps": [[name, *range(len(given[0]))]]}
            | {"results": [len(given[0])]},
            [list(map(repr_of, row)) for row in given],
        ]
        for name, (given, _) in places.items()
    ]
    (found,) = answers([{"what": ["tapes"], "rows": rows}])
    for (name, (rows_of, function)), values in zip(places.items(), found["tapes"], strict=True):
        mine = np.array(values, float)[:, 0]
        theirs = np.array([_or_infinite(function, *row) for row in rows_of])
        np.testing.assert_allclose(mine, theirs, rtol=3e-16, atol=1e-310, err_msg=name)
        same = (mine == theirs) | np.isnan(theirs)
        assert np.mean(~same) < 0.005, name


def _or_infinite(function: Callable[..., float], *row: float) -> float:
    try:
        return function(*row)
    except OverflowError:
        return math.inf


PLAIN = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.integers(-(2**53), 2**53),
    st.booleans(),
    st.floats(-1e6, 1e6).filter(lambda value: value != int(value)),
)
TABLES = st.dictionaries(
    st.text(st.characters(codec="utf-8"), max_size=5),
    PLAIN | st.lists(PLAIN, max_size=3),
    max_size=4,
)
DOCUMENTS = st.fixed_dictionaries(
    {"title": PLAIN, "data": TABLES, "layers": st.lists(TABLES, min_size=1, max_size=2)}
)


@settings(max_examples=3, deadline=None)
@given(st.lists(DOCUMENTS, min_size=10, max_size=30))
def test_toml_of_the_page_reads_back_the_same(documents: list[dict[str, Any]]) -> None:
    (found,) = answers([{"what": ["toml"], "documents": documents}])
    for document, text in zip(documents, found["toml"], strict=True):
        assert tomllib.loads(text) == document


def what_ifs() -> Iterator[tuple[Trace, dict[str, Any]]]:
    """A trace, and what is changed of it."""
    rng = np.random.default_rng(1)
    adam = {"optimizer": "adam", "shuffle": True, "batch_size": 3, "epochs": 4}
    labels = run(experiment((2, 2, 1), ("tanh", "sigmoid"), "binary_cross_entropy", **adam))
    yield labels, {"w": rng.normal(size=9).tolist(), "data": [[1, {"y": [0.0]}], [2, {"y": [1.0]}]]}
    shares = run(experiment((2, 3), ("softmax",), "cross_entropy", train=[4, 1, 2], l2=0.1))
    yield shares, {"w": rng.normal(size=9).tolist(), "eta0": 0.75, "data": [[0, {"y": [0, 0, 1]}]]}
    several = run(experiment((2, 2), ("identity",), "half_squared_error", schedule="step", every=1))
    yield several, {"eta0": 0.25, "data": [[3, {"x": [5.0, -1e-7], "y": [1e21, -3.5]}]]}


def test_a_what_if_is_an_experiment(tmp_path: Path) -> None:
    cases = list(what_ifs())
    asked = [{**asking(trace, ["whatIf"], most=1), "changes": changes} for trace, changes in cases]
    for (trace, changes), answer in zip(cases, answers(asked), strict=True):
        found = answer["whatIf"]
        path = tmp_path / "what-if.toml"
        path.write_text(found["toml"], encoding="utf-8")
        again = run(load_experiment(path))
        start = [*(w[0].ravel() for w in again.W), *(b[0].ravel() for b in again.b)]
        known = [*(w[0].ravel() for w in trace.W), *(b[0].ravel() for b in trace.b)]
        assert np.concatenate(start).tolist() == changes.get("w", np.concatenate(known).tolist())
        final = [*(w[-1].ravel() for w in again.W), *(b[-1].ravel() for b in again.b)]
        np.testing.assert_allclose(np.array(found["w"], float), np.concatenate(final), rtol=1e-11)
        losses = np.array(found["losses"], float)
        np.testing.assert_allclose(losses[:, 1], again.loss_curve, rtol=1e-11)
        assert losses[:, 0].tolist() == [*range(1, again.epochs + 1)]
        assert again.experiment.layers == trace.experiment.layers
        assert again.experiment.dataset.input_names == trace.experiment.dataset.input_names


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_run_goes_on_from_any_cycle(optimizer: str) -> None:
    options = {"optimizer": optimizer, "batch_size": 2, "schedule": "exponential", "epochs": 5}
    trace = run(experiment((2, 2, 1), ("tanh", "identity"), "squared_error", l2=0.01, **options))
    (found,) = answers([{**asking(trace, ["onward"]), "from": 10}])
    onward = found["onward"]
    assert int(onward["updates"]) == trace.updates
    final = [*(w[-1].ravel() for w in trace.W), *(b[-1].ravel() for b in trace.b)]
    np.testing.assert_allclose(np.array(onward["w"], float), np.concatenate(final), rtol=1e-11)
    whole = np.array(onward["losses"], float)
    np.testing.assert_allclose(whole[:, 1], trace.loss_curve[-len(whole) :], rtol=1e-11)


FROM_HERE: list[tuple[dict[str, Any], list[str], int]] = [
    ({"schedule": "exponential"}, ["schedule-anew"], 2),  # until η changes
    ({}, [], 8),
    ({"rows": 5}, ["other-batches"], 1),  # the next one here is short
    ({"shuffle": True}, ["other-batches"], 2),  # until the epoch ends
    ({"optimizer": "momentum"}, ["forgets"], 0),
    ({"optimizer": "adam", "stop": {"patience": 9}}, ["forgets", "stop-anew"], 0),
    ({"optimizer": "momentum", "momentum": 0.0}, [], 8),
]
"""How a run is trained, what a file from its second epoch leaves out, updates that are the same."""


@each("case", FROM_HERE)
def test_a_file_begins_where_the_page_is(case: Any, tmp_path: Path) -> None:
    options, left, same = case
    sizes, rows = {"rows": 6, "epochs": 4, "batch_size": 2, **options}, options.get("rows", 6)
    trace = run(experiment((2, 2, 1), ("tanh", "identity"), "squared_error", **sizes))
    start = rows + 2  # a visit in the middle of the second epoch, the first of its batch
    (found,) = answers([{**asking(trace, ["onward"]), "from": start}])
    assert found["onward"]["left"] == left
    path = tmp_path / "from-here.toml"
    path.write_text(found["onward"]["toml"], encoding="utf-8")
    head = path.read_text(encoding="utf-8").splitlines()[: len(left) + 1]
    assert [line.removeprefix("# ") for line in head[:-1]] == left
    assert not head[-1].startswith("#")
    again, update = run(load_experiment(path)), int(trace.update_of[start])
    np.testing.assert_allclose(again.grad_W[0][0], trace.grad_W[0][update], rtol=1e-12)
    told = [*[False] * (same + 1), *[True] * bool(left)]  # whether weights are others
    mine, own = again.W[0][: len(told)], trace.W[0][update : update + len(told)]
    assert (abs(mine - own).max(axis=(1, 2)) > 1e-12).tolist() == told
    begin = {**asking(trace, ["onward"]), "from": 0}
    assert answers([begin])[0]["onward"]["left"] == []


def test_a_long_run_takes_little_memory() -> None:
    asked = asking(run(experiment((1, 1), ("identity",), "squared_error", rows=1)), ["whatIf"])
    asked["program"]["training"]["epochs"] = 9000
    (found,) = answers([{**asked, "changes": {}}])
    epochs = [int(epoch) for epoch, _ in found["whatIf"]["losses"]]
    assert int(found["whatIf"]["updates"]) == 9000
    assert len(epochs) < 4096
    assert set(np.diff(epochs)) == {epochs[0]}
    assert epochs[-1] > 9000 - 8


def test_what_diverges_says_where() -> None:
    trace = trace_of("diverged")
    (found,) = answers([{**asking(trace, ["whatIf"], most=1), "changes": {}}])
    trouble, bad = found["whatIf"]["trouble"], trace.first_nonfinite
    assert bad is not None
    assert trouble["name"] == bad.ref.anchor
    assert [int(trouble["epoch"]), int(trouble["row"])] == [bad.epoch, bad.row]


def test_a_slope_by_differences_is_the_traced_one() -> None:
    trace = run(experiment((2, 2, 1), ("relu", "sigmoid"), "binary_cross_entropy"))
    (found,) = answers([asking(trace, ["slopes"], most=1)])
    assert len(found["slopes"]) == 9
    for slope in found["slopes"]:
        assert float(slope["apart"]) < 1e-9, slope


def test_a_wrong_slope_is_noticed() -> None:
    asked = asking(run(experiment((1, 1), ("sigmoid",), "squared_error")), ["slopes"], most=1)
    rule = asked["program"]["activations"][0]["rule"]
    rule["steps"].append(["+", rule["results"][0], rule["results"][0]])
    rule["results"] = [rule["inputs"] + len(rule["constants"]) + len(rule["steps"]) - 1]
    (found,) = answers([asked])
    assert all(float(slope["apart"]) > 1e-3 for slope in found["slopes"])


def by_hand(z: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.vectorize(math.tanh, otypes=[float])(z)
    return found


def test_a_kernel_that_cannot_be_recorded_is_taken_from_its_definition() -> None:
    row = replace(ACTIVATIONS["tanh"], name="by_hand", kernel=by_hand)
    with registered(row):
        trace = run(experiment((2, 2, 1), ("by_hand", "identity"), "squared_error"))
        (found,) = answers([asking(trace, ["prove"], most=4)])
    assert float(found["prove"]["largest"]["apart"]) < 1e-12


def test_a_row_without_any_form_is_refused() -> None:
    softmax = ACTIVATIONS["softmax"]
    row = replace(softmax, name="mixed", kernel=lambda z: np.sort(z) * 0 + softmax.kernel(z))
    with registered(row):
        trace = run(experiment((2, 2, 1), ("mixed", "identity"), "squared_error"))
        with pytest.raises(RenderError, match="mixed"):
            program(trace)


def test_a_target_that_is_no_class_is_refused() -> None:
    asked = asking(
        run(experiment((1, 1), ("sigmoid",), "binary_cross_entropy")), ["whatIf"], most=1
    )
    asked["changes"] = {"data": [[0, {"y": [0.5]}]]}
    with pytest.raises(AssertionError, match=r"RangeError: 0\.5"):
        answers([asked])
