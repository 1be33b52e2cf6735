"""A run of which only a part is kept gives every number that the whole one gives, bit for bit."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from networks import experiment, mapping
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.errors import ExperimentError, TracerError
from tracer.experiment import Experiment, load_experiment
from tracer.experiment.model import Record
from tracer.registry import registered
from tracer.trace import Trace
from tracer.trace.fields import Each, Over, TraceField, stored
from tracer.trace.json import write_json
from tracer.trace.layout import stored_fields
from tracer.trace.recording import NEAR
from tracer.trace.table import tidy_columns
from tracer.training import run
from tracer.training.size import run_size

RECORDS = st.one_of(
    st.integers(1, 40).map(lambda count: {"every": count}),
    st.integers(1, 40).map(lambda count: {"every": count, "disk": 1}),
    st.sets(st.integers(1, 4), min_size=1).map(lambda epochs: {"epochs": sorted(epochs)}),
)
TRAININGS = st.fixed_dictionaries(
    {
        "optimizer": st.sampled_from(sorted(OPTIMIZERS)),
        "schedule": st.sampled_from(sorted(SCHEDULES)),
        "batch_size": st.sampled_from([1, 2, 3, "all"]),
        "shuffle": st.booleans(),
        "train_biases": st.booleans(),
        "l2": st.sampled_from([0.0, 0.1]),
        "learning_rate": st.sampled_from([0.05, 1e150]),
        "reduction": st.sampled_from(["mean", "sum"]),
        "stop": st.sampled_from([None, {"tolerance": 1e9, "patience": 1}]),
    }
)


def made(record: dict[str, Any], **training: Any) -> Experiment:
    options = {key: value for key, value in training.items() if value is not None}
    file = mapping((2, 3, 2), ("tanh", "identity"), epochs=4, rows=5, **options)
    return Experiment.from_mapping({**file, "record": record})


def arrays(trace: Trace, name: str) -> tuple[Any, ...]:
    found = stored(trace, name)
    return found if isinstance(found, tuple) else (found,)


def pairs(one: Trace, other: Trace) -> Any:
    for field in stored_fields(one.experiment):
        yield from zip(arrays(one, field.name), arrays(other, field.name), strict=True)


@examples(60)
@given(record=RECORDS, training=TRAININGS, draw=st.randoms(use_true_random=False))
def test_what_is_computed_again_is_bit_for_bit_what_was_computed(
    record: dict[str, Any], training: dict[str, Any], draw: Any
) -> None:
    whole, part = run(made({}, **training), engine="numpy"), run(made(record, **training))
    assert whole.recording is None
    assert part.record == record
    for mine, yours in pairs(part, whole):
        assert mine.shape == yours.shape
        assert mine.dtype == yours.dtype
        places = list(range(len(yours)))
        draw.shuffle(places)
        assert all(np.asarray(mine[k]).tobytes() == yours[k].tobytes() for k in places)
        assert np.asarray(mine).tobytes() == yours.tobytes()
    assert repr(part.first_nonfinite) == repr(whole.first_nonfinite)
    assert part.recording is not None
    assert part.recording.finite == first_bad_update(whole)


def first_bad_update(whole: Trace) -> int:
    """The first update of which something is not finite, as the definition says; or how many."""
    place = whole.first_nonfinite
    if place is None:
        return whole.updates
    return int(whole.update_of[whole.cycle(place.epoch, place.row).visit])


@pytest.mark.parametrize("batch", [1, 2])
def test_rows_that_follow_each_other_are_taken_as_any_others(batch: int) -> None:
    """A product of matrices may end in other bits where a table lies otherwise in memory."""
    file = mapping((30, 8, 2), ("tanh", "identity"), rows=5, epochs=4, batch_size=batch)
    runs = [
        run(Experiment.from_mapping({**file, "record": record}), engine=engine)
        for record, engine in (({"keep": "all"}, "numpy"), ({"every": 3}, ""))
    ]
    for mine, yours in pairs(runs[1], runs[0]):
        assert np.asarray(mine).tobytes() == yours.tobytes()
    x = np.asfortranarray(runs[0].x)
    given_by_columns = Experiment((x, np.arange(5) % 2), [(1, "sigmoid")])
    assert given_by_columns.dataset.x.flags.c_contiguous


@examples(15)
@given(record=RECORDS, training=TRAININGS)
def test_bytes_are_counted_as_they_are_held(
    record: dict[str, Any], training: dict[str, Any]
) -> None:
    chosen = made(record, **{**training, "stop": None})
    held = run(chosen).recording
    assert held is not None
    names = [field.name for field in stored_fields(chosen) if field.over is not Over.ROWS]
    values = [held.stored[name] for name in names]
    found = sum(a.nbytes for v in values for a in (v if isinstance(v, tuple) else (v,)))
    assert run_size(chosen).trace + run_size(chosen).disk[0] == found


@pytest.fixture(params=[{"every": 3}, {"epochs": [2]}], ids=["every", "epochs"])
def sparse(request: pytest.FixtureRequest) -> Trace:
    return run(made(request.param, optimizer="adam", batch_size=2, shuffle=True))


@pytest.fixture
def whole(sparse: Trace) -> Trace:
    return run(replace(sparse.experiment, record=Record()), engine="numpy")


def test_it_is_read_like_an_array(sparse: Trace, whole: Trace) -> None:
    for mine, yours in pairs(sparse, whole):
        last = len(yours) - 1
        mask = np.arange(len(yours)) % 2 == 0
        chosen = np.array([last, 0, -1])
        for index in (-1, slice(1, None, 2), slice(None, 0, -1), mask, chosen, ..., [0, last]):
            assert np.array_equal(mine[index], yours[index])
        assert np.array_equal(mine[chosen[:, None]], yours[chosen[:, None]])
        assert np.array_equal(np.isfinite(mine), np.isfinite(yours))
        assert mine.max() == yours.max()
        for name in ("ndim", "size", "nbytes", "dtype"):
            assert getattr(mine, name) == getattr(yours, name)
        assert [a.tolist() for a in mine] == [a.tolist() for a in yours]
        if yours.ndim > 1:
            assert np.array_equal(mine[chosen, ..., 0], yours[chosen, ..., 0])
            assert np.array_equal(mine[1:, 0], yours[1:, 0])
            assert np.array_equal(mine[last, 0], yours[last, 0])
        for index in (last + 1, -last - 2):
            with pytest.raises(IndexError):
                mine[index]


def test_nothing_of_it_can_be_written(sparse: Trace) -> None:
    for update in range(sparse.updates):
        with pytest.raises((ValueError, TypeError)):
            sparse.W[0][update][0, 0] = 1.0
    with pytest.raises(TypeError):
        sparse.W[0][0] = 1.0


def test_what_is_asked_for_at_once_is_bounded(
    sparse: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracer.trace.sparse.MAX_WHOLE", 100)
    assert sparse.z[0][0].shape == (3,)
    with pytest.raises(TracerError, match="expected at most 100 bytes at once"):
        np.asarray(sparse.z[0])


def test_little_is_held_beside_what_is_kept(
    sparse: Trace, whole: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracer.trace.recording.MAX_CACHE", 1)
    assert all(np.array_equal(mine, yours) for mine, yours in pairs(sparse, whole))
    assert sparse.recording is not None
    assert len(sparse.recording._cache) == 1


def text_of(trace: Trace, **chosen: Any) -> str:
    stream = io.StringIO()
    write_json(trace, stream, **chosen)
    return stream.getvalue()


def test_exports_are_those_of_the_whole_run(sparse: Trace, whole: Trace) -> None:
    for chosen in ({}, {"updates": range(2, 5)}, {"epochs": [3]}):
        texts = [text_of(trace, **chosen) for trace in (sparse, whole)]
        mine, yours = (text[text.index('"updates"') :] for text in texts)
        assert mine == yours
    assert '"record": {"keep": "all"}' in text_of(whole)
    name, value = next(iter(sparse.record.items()))
    assert f'"record": {{"{name}": {value}}}' in text_of(sparse)
    columns = tidy_columns(sparse)
    assert all(np.array_equal(columns[name], right) for name, right in tidy_columns(whole).items())


def test_views_are_those_of_the_whole_run(sparse: Trace, whole: Trace) -> None:
    for epoch in (1, 2, 4):
        for one, other in zip(sparse.cycles(epoch), whole.cycles(epoch), strict=True):
            assert one.row == other.row
            for name in ("W", "a", "dL_dW", "grad_b", "W_after"):
                both = zip(getattr(one, name), getattr(other, name), strict=True)
                assert all(np.array_equal(mine, yours) for mine, yours in both)
    x = whole.x[:2]
    for mine, yours in (
        (sparse.forward(x, 2), whole.forward(x, 2)),
        (sparse.forward_at(x, sparse.epoch_ends), whole.forward_at(x, whole.epoch_ends)),
    ):
        assert all(np.array_equal(p, q) for p, q in zip(mine[1], yours[1], strict=True))


@pytest.mark.parametrize("rate", [0.1, 1e80, 1e150])
@pytest.mark.parametrize("target", [0.5, 1e200])
def test_the_first_number_that_is_not_finite_is_the_same(rate: float, target: float) -> None:
    """Also where the loss alone is not. What is found needs no update but its own once more."""
    file = mapping((2, 3, 2), ("tanh", "identity"), epochs=4, rows=5, batch_size=2)
    file["training"]["learning_rate"] = rate if target < 1 else rate * 1e-220
    file["data"]["rows"][3][-1] = target
    traces = [
        run(Experiment.from_mapping({**file, "record": record}))
        for record in ({}, {"every": 5}, {"epochs": [4]})
    ]
    places = [trace.first_nonfinite for trace in traces]
    assert repr(places[0]) == repr(places[1]) == repr(places[2])
    assert (places[0] is None) == (rate < 1 and target < 1)
    if target > 1:
        assert places[0] is not None
        assert places[0].quantity == "loss"
    for trace in traces[1:]:
        assert trace.recording is not None
        assert trace.recording.finite == first_bad_update(traces[0])
        assert bool(trace.recording._cache) == (places[0] is not None)


def test_it_is_saved_and_loaded(sparse: Trace, tmp_path: Any) -> None:
    path = tmp_path / "run.npz"
    sparse.save(path)
    again = Trace.load(path)
    assert again.experiment == sparse.experiment
    assert again.record == sparse.record
    assert all(np.array_equal(mine, yours) for mine, yours in pairs(again, sparse))
    again.save(path)


def test_a_file_with_every_variable_at_every_checkpoint_is_still_read(tmp_path: Any) -> None:
    """As files were until checkpoints had no more than an update needs from before."""
    trace = run(made({"every": 3}, optimizer="adam", batch_size=2))
    held = trace.recording
    assert held is not None
    assert {len(held.stored[f"state.{name}.W"][0]) for name in ("m_hat", "v_hat")} == {2}
    assert {len(held.stored[f"state.{name}.W"][0]) for name in ("m", "v")} == {5}
    trace.save(tmp_path / "new.npz")
    with np.load(tmp_path / "new.npz") as file:
        arrays = dict(file)
    for name in arrays:
        if name.startswith(("state/m_hat", "state/v_hat")):
            _, variable, kind, layer = name.split("/")
            arrays[name] = trace.state[variable][kind][int(layer)][held.kept.moments]
    arrays["format"] = np.array("tracer trace 3")
    np.savez(tmp_path / "old.npz", **arrays)
    old, new = (Trace.load(tmp_path / f"{name}.npz") for name in ("old", "new"))
    assert all(
        np.asarray(mine).tobytes() == np.asarray(yours).tobytes() for mine, yours in pairs(old, new)
    )
    old.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "new.npz").read_bytes()


@pytest.mark.parametrize("most", [5, 12])
def test_a_long_way_leaves_updates_behind_that_others_begin_with(most: int) -> None:
    """The second update that is asked for near a first one is computed from one near it."""
    trace = run(made({"every": 40}, optimizer="adam", batch_size=1))
    held = trace.recording
    assert held is not None
    calls: list[int] = []
    replay = held.replay

    def noted(before: Any, updates: Any) -> Any:
        calls.append(len(updates))
        return replay(before, updates)

    held.replay = noted
    held.update(19)
    assert sum(calls) == 20
    assert max(calls) < 20
    calls.clear()
    held.update(most)
    assert sum(calls) <= most % NEAR + 1


def test_fields_from_outside_are_computed_again_too() -> None:
    fields = (
        TraceField(
            "sign_again", Over.VISITS, Each.UNITS, take=lambda done: tuple(map(np.sign, done.z))
        ),
        TraceField(
            "double_again",
            Over.MOMENTS,
            Each.WEIGHTS,
            take=lambda d: 2 * d.after,
            row="double_again",
        ),
        TraceField("margin_again", Over.VISITS, Each.NUMBER, take=lambda done: done.a[-1][:, 0]),
    )
    with registered(*fields):
        whole, part = run(made({}), engine="numpy"), run(made({"every": 4}))
        assert all(np.array_equal(mine, yours) for mine, yours in pairs(part, whole))


# What is chosen


def test_without_a_word_everything_is_kept_while_it_is_small(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = made({}, batch_size=1)
    assert run(small).record == {"keep": "all"}
    monkeypatch.setattr("tracer.training.size.MAX_TRACE", run_size(small).trace - 1)
    monkeypatch.setattr("tracer.training.size.MAX_KEPT", 3500)
    trace = run(small)
    assert set(trace.record) == {"every"}
    assert run_size(small).trace <= 3500
    closer = replace(small, record=Record(every=trace.record["every"] - 1))
    assert run_size(closer).trace > 3500


def test_more_than_is_sensible_is_refused_with_the_line_to_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tracer.training.size.MAX_TRACE", 3000)
    monkeypatch.setattr("tracer.training.size.MAX_KEPT", 3500)
    chosen = run(made({})).record["every"]
    with pytest.raises(ExperimentError, match=rf"every = {chosen}\b.*\[record\]"):
        run(made({"keep": "all"}))
    assert run(replace(made({"keep": "all"}), insist=True)).record == {"keep": "all"}
    with pytest.raises(ExperimentError, match=r"at most 3\.5 kB"):
        run(made({"every": 1}))


# The section


def problems(record: Any) -> list[Any]:
    with pytest.raises(ExperimentError) as caught:
        Experiment.from_mapping({**mapping(), "record": record})
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("record", "key", "said"),
    [
        ({"keep": "some"}, "record.keep", 'expected "all"'),
        ({"every": 0}, "record.every", "at least 1"),
        ({"epochs": [4]}, "record.epochs", "epochs from 1 to 3, found 4"),
        ({"epochs": [1, 1]}, "record.epochs", "each epoch once"),
        ({"keep": "all", "every": 2}, "record.every", "one of the keys keep, epochs, every"),
        ({"epochs": [1], "disk": 2}, "record.disk", "disk goes with every"),
        ({"evry": 2}, "record.evry", "expected one of the keys"),
        (3, "record", "expected a table"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(record: Any, key: str, said: str) -> None:
    (problem,) = problems(record)
    assert str(problem.key).startswith(key)
    assert said in str(problem)


@pytest.mark.parametrize(
    "record", [{"every": 7, "disk": 3}, {"epochs": [3, 1]}, {"keep": "all"}, {}]
)
def test_the_section_is_saved(record: Any, tmp_path: Any) -> None:
    one = Experiment.from_mapping({**mapping(), "record": record})
    one.save(tmp_path / "one.toml")
    again = load_experiment(tmp_path / "one.toml")
    assert again == replace(one, name="one")
    assert again.record == one.record
    assert "[record]" in (tmp_path / "one.toml").read_text() or not record
    assert experiment().record.given == {}


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"every": 7}, "every 7 updates"),
        ({"every": 1}, "what each update begins with"),
        ({"epochs": [1, 3]}, "the epochs 1, 3"),
        ({}, ""),
    ],
)
def test_what_is_kept_is_said(record: Any, said: str, call_main: Any, tmp_path: Any) -> None:
    path = tmp_path / "one.toml"
    Experiment.from_mapping({**mapping(), "record": record}).save(path)
    status, _, err = call_main("trace", str(path), "--updates", "2")
    assert status == 0
    assert (f"kept: {said}" in err) == bool(record)
    assert bool(re.search(r"computed again in \d+ ms at most", err)) == bool(record)
