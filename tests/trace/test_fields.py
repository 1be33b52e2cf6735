"""Each field of a trace is declared once; archive, table, JSON, terminal and size follow."""

from __future__ import annotations

import io
import json
from dataclasses import fields as attributes
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networks import experiment
from tracer.cli.tables import update_lines
from tracer.errors import CatalogError, TraceFileError, TracerError
from tracer.experiment import Experiment
from tracer.registry import registered
from tracer.trace import Trace
from tracer.trace.fields import FIELDS, JSON, TABLE, TERMINAL, Each, Over, TraceField, stored
from tracer.trace.json import update_document, write_json
from tracer.trace.layout import STATE_AFTER, expanded, fields_of, stored_fields
from tracer.trace.table import tidy_columns
from tracer.training import run
from tracer.training.size import run_size

SIZES = (2, 3, 1)


def made(**training: Any) -> Experiment:
    options = {"batch_size": 2, "optimizer": "adam", "epochs": 2, "rows": 5, **training}
    return experiment(SIZES, ("tanh", "sigmoid"), "binary_cross_entropy", **options)


NEW = (
    TraceField(
        "sign", Over.VISITS, Each.UNITS, "sgn z", take=lambda done: tuple(map(np.sign, done.z))
    ),
    TraceField("margin", Over.VISITS, Each.NUMBER, take=lambda done: done.a[-1][:, 0] - 0.5),
    TraceField(
        "steepness", Over.UPDATES, Each.NUMBER, take=lambda done: np.abs(done.gradients).max()
    ),
    TraceField(
        *("spread", Over.UPDATES, Each.WEIGHTS),
        take=lambda done: tuple(np.full(pair, done.penalty + 1.0) for pair in ((2, 3), (3, 1))),
    ),
    TraceField(
        "doubled", Over.MOMENTS, Each.WEIGHTS, take=lambda done: 2 * done.after, row="doubled"
    ),
    TraceField(
        "highest", Over.EPOCHS, Each.NUMBER, take=lambda done: done.loss.max(), by_epoch=True
    ),
    TraceField(
        *("order", Over.VISITS, Each.NUMBER),
        take=lambda done: done.row,
        by_epoch=True,
        kind=np.int64,
    ),
    TraceField("twice", Over.VISITS, Each.UNITS, derive=lambda t, v: tuple(2 * z[v] for z in t.z)),
)


@pytest.fixture(params=[None, *NEW], ids=lambda field: "as it is" if field is None else field.name)
def trace(request: pytest.FixtureRequest) -> Any:
    """A run with the fields that tracer declares, and with one more."""
    with registered(*([] if request.param is None else [request.param])):
        yield run(made())


def parts(trace: Trace, place: str) -> list[tuple[TraceField, TraceField]]:
    """(declared field, itself or its part for a variable) of what is shown at a place."""
    names = tuple(trace.state)
    shown = [field for field in FIELDS.values() if place in field.shown]
    return [(field, part) for field in shown for part in expanded(field, names)]


def arrays(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def test_each_stored_field_is_in_the_trace_with_its_shape_and_type(trace: Trace) -> None:
    length = {"rows": 5, "visits": 10, "updates": 6, "moments": 7, "epochs": 2}
    for field in stored_fields(trace.experiment):
        found = arrays(stored(trace, field.name))
        assert [a.shape for a in found] == [
            (length[field.over.value], *entry) for entry in field.entries(SIZES)
        ]
        assert all(a.dtype == field.kind and not a.flags.writeable for a in found)


def test_the_attributes_of_a_trace_are_the_declared_fields() -> None:
    own = {item.name for item in attributes(Trace)} - {"experiment", "more", "engine", "recording"}
    assert own == {field.name for field in FIELDS.values() if field.stored}


def test_each_stored_field_is_in_the_archive(trace: Trace, tmp_path: Any) -> None:
    path = tmp_path / "run.npz"
    trace.save(path)
    names = {name.rpartition("/")[0] or name for name in np.load(path).files}
    wanted = {"/".join(field.path) for field in stored_fields(trace.experiment)}
    assert names == {*wanted, "format", "experiment", "engine"}
    loaded = Trace.load(path)
    for field in stored_fields(trace.experiment):
        both = zip(
            arrays(stored(trace, field.name)), arrays(stored(loaded, field.name)), strict=True
        )
        assert all(np.array_equal(one, other) for one, other in both)


def test_each_stored_field_is_counted_in_the_size(trace: Trace) -> None:
    found = [f for f in stored_fields(trace.experiment) if f.over is not Over.ROWS]
    total = sum(array.nbytes for field in found for array in arrays(stored(trace, field.name)))
    assert run_size(trace.experiment).trace == total


def test_each_shown_field_is_in_the_table(trace: Trace) -> None:
    columns = tidy_columns(trace)
    assert set(columns["quantity"]) == {part.name for _, part in parts(trace, TABLE)}
    for field, part in parts(trace, TABLE):
        chosen = tidy_columns(trace, quantities=[field.name])
        here = [
            v for q, v in zip(chosen["quantity"], chosen["value"], strict=True) if q == part.name
        ]
        ends = {Over.VISITS: range(10), Over.ROWS: range(10), Over.EPOCHS: (4, 9)}
        visits = np.array(ends.get(part.over, (1, 3, 4, 6, 8, 9)))
        wanted = np.concatenate([np.ravel(a) for a in arrays(part.at(trace, visits))])
        assert sorted(here) == sorted(wanted)


def test_each_shown_field_is_in_the_json(trace: Trace) -> None:
    stream = io.StringIO()
    write_json(trace, stream)
    document = json.loads(stream.getvalue())
    for _, part in parts(trace, JSON):
        if part.over is Over.EPOCHS:
            found = [epoch[part.key or part.name] for epoch in document["epochs"]]
            assert found == part.at(trace, np.array([0, 5])).tolist()
            continue
        update = document["updates"][1]
        place = update["visits"][0] if part.over in (Over.VISITS, Over.ROWS) else update
        for key in (part.key,) if part.key else part.path:
            place = place[key]
        value = part.at(trace, 2)
        assert place == ([a.tolist() for a in value] if part.layered else np.array(value).tolist())


def test_each_shown_field_is_in_the_terminal(trace: Trace) -> None:
    text = "\n".join(update_lines(trace, 2, 200))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for _, part in parts(trace, TERMINAL):
        if part.each is Each.NUMBER:
            assert any(line.startswith(f"{part.label} = ") for line in lines)
        else:
            state = part.path[-2:][0]
            assert part.heading.replace(STATE_AFTER, f", {state} after") in text
            assert f" {part.label} " in text or part.each is Each.WEIGHTS


def test_a_field_is_found_at_one_visit_as_at_many(trace: Trace) -> None:
    for field in fields_of(tuple(trace.state)):
        many = arrays(field.at(trace, np.arange(10)))
        for visit in range(10):
            one = arrays(field.at(trace, visit))
            assert all(np.array_equal(a, b[visit]) for a, b in zip(one, many, strict=True))


@pytest.mark.parametrize("field", [field for field in NEW if field.stored], ids=lambda f: f.name)
def test_a_field_declared_anew_has_what_it_was_told_to_take(field: TraceField) -> None:
    with registered(field):
        trace = run(made())
    found, (z, a) = trace.more[field.name], (trace.z, trace.a)
    curve = trace.loss.reshape(2, 5).max(axis=1)
    gradients = [*trace.grad_W, *trace.grad_b]
    wanted: dict[str, Any] = {
        "sign": tuple(np.sign(layer) for layer in z),
        "margin": a[-1][:, 0] - 0.5,
        "steepness": np.max([np.abs(g).reshape(6, -1).max(axis=1) for g in gradients], axis=0),
        "spread": (np.ones((6, 2, 3)), np.ones((6, 3, 1))),
        "doubled": tuple(2 * w * (np.arange(7) > 0)[:, None, None] for w in trace.W),
        "highest": curve,
        "order": trace.row,
    }
    for one, other in zip(arrays(found), arrays(wanted[field.name]), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_trace_with_another_field_is_not_read_as_one_without(tmp_path: Any) -> None:
    with registered(NEW[0]):
        run(made()).save(tmp_path / "run.npz")
    with pytest.raises(TraceFileError, match="not those of its experiment"):
        Trace.load(tmp_path / "run.npz")


def test_a_run_cut_short_is_cut_in_every_field() -> None:
    stop = {"tolerance": 10.0, "patience": 1}
    with registered(*NEW):
        trace = run(made(epochs=9, stop=stop))
    assert trace.epochs < 9
    assert len(trace.more["sign"][0]) == len(trace.loss) == trace.epochs * 5
    assert len(trace.more["highest"]) == trace.epochs
    assert len(trace.more["doubled"][0]) == trace.updates + 1


def test_names_are_taken_once_and_gone_afterwards() -> None:
    with (
        pytest.raises(CatalogError, match="taken by another row"),
        registered(replace(NEW[0], name="loss")),
    ):
        pass
    trace = run(made())
    with pytest.raises(TracerError, match="there is no quantity 'sign'"):
        tidy_columns(trace, quantities=["sign"])
    assert "sign" not in update_document(trace, 0)["visits"][0]
