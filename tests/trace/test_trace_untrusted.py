"""A trace that somebody else made: it leads nowhere, expands to nothing and quotes nothing."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from each import each
from networks import experiment, mapping
from tracer import Experiment, Trace, run
from tracer.errors import TraceFileError
from tracer.experiment.model import Record
from tracer.trace.archive import OLD, OLD_SPARSE, self_contained
from traces import EXPERIMENTS, arrays_of, same, trace_of

MARK = "s3cret"


def members(trace, folder):
    """The arrays of a trace's file by name."""
    path = folder / "made.npz"
    trace.save(path)
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def refused(path):
    """The one problem of loading a file."""
    with pytest.raises(TraceFileError) as caught:
        Trace.load(path)
    (problem,) = caught.value.problems
    assert problem.file == str(path)
    return problem.message


@pytest.fixture
def changed(tmp_path):
    """Write a trace's file with some arrays changed, and return why it is refused."""

    def change(trace=None, **arrays):
        path = tmp_path / "changed.npz"
        stored = members(trace or trace_of("batches"), tmp_path) | arrays
        with path.open("wb") as stream:
            np.savez(stream, **{k: v for k, v in stored.items() if v is not None})
        return refused(path)

    return change


def as_of_old(trace):
    """What stood in a trace's file when its table was told in words, too."""
    kind = OLD if trace.recording is None else OLD_SPARSE
    text = json.dumps(self_contained(trace.experiment))
    return {"format": np.array(kind), "experiment": np.array(text)}


OF_OLD = {**dict.fromkeys(EXPERIMENTS), "kept in part": {"every": 3}}


@pytest.mark.parametrize(("name", "record"), OF_OLD.items(), ids=OF_OLD)
def test_an_archive_of_old_is_read(name, record, tmp_path):
    trace = (
        trace_of(name) if record is None else run(replace(experiment(), record=Record(**record)))
    )
    np.savez(tmp_path / "old.npz", **members(trace, tmp_path) | as_of_old(trace))
    loaded = Trace.load(tmp_path / "old.npz")
    assert loaded.experiment == trace.experiment
    assert loaded.record == trace.record
    for one, other in zip(arrays_of(loaded).values(), arrays_of(trace).values(), strict=True):
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()
    loaded.save(tmp_path / "new.npz")
    assert (tmp_path / "new.npz").read_bytes() == (tmp_path / "made.npz").read_bytes()


def document(trace, tmp_path):
    return json.loads(str(members(trace, tmp_path)["experiment"]))


def test_a_saved_trace_names_no_templates(tmp_path):
    made = experiment()
    named = replace(made, pages=made.pages.model_copy(update={"templates": "mine"}))
    trace = run(named)
    assert "templates" not in document(trace, tmp_path)["pages"]
    trace.save(tmp_path / "run.npz")
    loaded = Trace.load(tmp_path / "run.npz")
    assert loaded.experiment.pages.templates is None
    assert same(replace(loaded, experiment=named), trace)


def test_a_saved_trace_carries_the_table_of_its_file(tmp_path):
    (tmp_path / "t.csv").write_text("a,b,y\n0,1,1\n1,0,0\n", encoding="utf-8")
    layers = [{"units": 1, "activation": "sigmoid"}]
    held = Experiment.from_mapping({"data": {"path": "t.csv"}, "layers": layers}, base=tmp_path)
    trace = run(held)
    assert "path" not in document(trace, tmp_path)["data"]
    (tmp_path / "t.csv").unlink()
    assert same(Trace.load(tmp_path / "made.npz"), trace)


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [("pages", "templates", "mine"), ("data", "path", "t.csv")],
)
def test_a_trace_that_names_another_file_is_refused(section, key, value, changed, tmp_path):
    (tmp_path / "t.csv").write_text(f"{MARK}\n", encoding="utf-8")
    text = document(trace_of("batches"), tmp_path)
    text[section][key] = value
    if key == "path":
        del text["data"]["columns"]
    said = changed(experiment=np.array(json.dumps(text)))
    assert f"names another file in {section}.{key}" in said
    assert MARK not in said


@pytest.mark.timeout(60)  # who opens a pipe waits for ever, and who reads a device never ends
def test_a_pipe_and_a_device_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "no ordinary file" in refused(tmp_path / "pipe")
    assert "no ordinary file" in refused("/dev/zero")


def test_what_a_file_holds_is_not_quoted(changed, tmp_path):
    text = document(trace_of("batches"), tmp_path)
    text["data"]["task"] = MARK
    assert MARK not in changed(experiment=np.array(json.dumps(text)))
    assert MARK not in changed(format=np.array(MARK))
    assert MARK not in changed(**{MARK: np.zeros(3)})
    assert MARK not in changed(loss=np.zeros(9, dtype=[(MARK, "<f8")]))
    assert MARK not in changed(loss=np.array([MARK] * 9))
    (tmp_path / "text").write_bytes(MARK.encode() * 9)
    assert MARK not in refused(tmp_path / "text")


@pytest.mark.parametrize("name", ["x", "y"])
def test_a_table_that_contradicts_the_experiment_s(name, changed):
    trace = trace_of("batches")
    wrong = np.array(getattr(trace, name))
    wrong[0, 0] += 1.0
    said = changed(**as_of_old(trace), **{name: wrong})
    assert f"{name}: expected the numbers of the experiment's table" in said


def test_labels_and_inputs_that_are_no_table(changed, tmp_path):
    trace, wrong = trace_of("one batch"), "expected the numbers of the experiment's table"
    assert f"y: {wrong}" in changed(trace, y=1.0 - trace.y)
    assert "x: expected a row for each label" in changed(trace, x=trace.x[1:])
    assert "x: expected a row for each label" in changed(trace, x=trace.x[:, 0])
    assert "is not valid" in changed(trace, x=trace.x * np.nan)
    text = document(trace, tmp_path)
    for labels in ([], 7, [MARK] * 7, [[1]] * 7, [None] * 7):
        text["data"]["labels"] = labels
        assert MARK not in changed(trace, experiment=np.array(json.dumps(text)))
    assert "table twice" in changed(trace, experiment=as_of_old(trace)["experiment"])
    assert "older one" in changed(trace, format=np.array("tracer trace 5"))


def test_rows_that_contradict_the_order(changed):
    trace = trace_of("batches")
    assert "row: expected" in changed(row=trace.row[::-1].copy())
    assert "row: expected" in changed(row=trace.row * 0)
    shuffled = trace_of("shuffled")
    assert "row: expected" in changed(shuffled, row=shuffled.row * 0)
    orders = [[1, 2, 3], [3, 1, 2], [2, 1, 3]]
    ordered = run(experiment(rows=3, order=orders, epochs=3))
    assert "row: expected" in changed(ordered, row=np.sort(ordered.row.reshape(3, 3)).ravel())


def test_batches_that_contradict_the_experiment_s(changed):
    trace = trace_of("batches")
    other = trace.update_of.copy()
    other[2] = other[3]
    assert "update_of: expected" in changed(update_of=other)


def test_members_that_do_not_belong_are_refused(changed):
    assert "not those of its experiment" in changed(more=np.zeros(2))
    assert "not those of its experiment" in changed(**{"state/v/W/0": np.zeros(2)})


def archive_of(folder, members, compression=zipfile.ZIP_STORED):
    path = folder / "made by hand.npz"
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def header(shape, descr="<f8"):
    stream = io.BytesIO()
    fields = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, fields)
    return stream.getvalue()


def peak(path):
    """The most memory that a refusal took, in bytes."""
    tracemalloc.start()
    refused(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def raw(folder):
    trace_of("batches").save(folder / "raw.npz")
    with zipfile.ZipFile(folder / "raw.npz") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_file_that_would_expand_is_refused_before_it_does(tmp_path):
    parts = raw(tmp_path) | {"loss.npy": header((2**22,)) + bytes(2**25)}
    path = archive_of(tmp_path, parts, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 2**20
    assert "compressed" in refused(path)
    assert peak(path) < 2**20


@each("name", ["loss", "a/0", "x", "row", "W/1"])
@each("shape", [(2**60,), (2**40, 2**40), (10**3000,), (-1,), (), (0,)])
def test_a_header_may_promise_what_it_likes(name, shape, tmp_path):
    parts = raw(tmp_path) | {f"{name}.npy": header(shape)}
    assert peak(archive_of(tmp_path, parts)) < 2**22


def test_an_experiment_may_promise_what_it_likes(tmp_path):
    trace_of("batches").save(tmp_path / "raw.npz")
    text = document(trace_of("batches"), tmp_path)
    text["layers"] = [{"units": 10_000, "activation": "relu"}] * 50 + text["layers"][-1:]
    text["training"]["epochs"] = 1_000_000
    stream = io.BytesIO()
    np.save(stream, np.array(json.dumps(text)))
    parts = raw(tmp_path) | {"experiment.npy": stream.getvalue()}
    assert peak(archive_of(tmp_path, parts)) < 2**22


def test_members_that_share_their_bytes_are_refused(tmp_path):
    """Many names for one place in the file would multiply what it holds."""
    path = archive_of(tmp_path, {"a.npy": bytes(2**16), "b.npy": b""})
    content = path.read_bytes().replace(b"b.npy", b"c.npy")
    directory = content.rindex(b"PK\x01\x02", 0, content.rindex(b"PK\x01\x02"))
    entry = content[directory : content.index(b"a.npy", directory) + 5]
    ended = content[content.rindex(b"PK\x05\x06") :]
    entries = b"".join(entry.replace(b"a.npy", b"%05d" % k) for k in range(200))
    count = (200).to_bytes(2, "little") * 2
    tail = ended[:8] + count + len(entries).to_bytes(4, "little") + ended[16:]
    path.write_bytes(content[:directory] + entries + tail)
    assert "larger than the file" in refused(path)


def test_a_trace_made_by_an_unusual_table_comes_back(tmp_path):
    names = {"columns": ["a\n\"b'", "日本 ☀️"], "target": "日本 ☀️"}
    data = {**names, "rows": [[0.1, "ja"], [2, "nein"], [3e-300, "ja"]], "task": "binary"}
    made = Experiment.from_mapping(mapping((1, 1), ("sigmoid",), rows=3) | {
        "data": data, "training": {"epochs": 2},
    })  # fmt: skip
    trace = run(made)
    trace.save(tmp_path / "run.npz")
    assert same(Trace.load(tmp_path / "run.npz"), trace)
