"""The file of a trace: exact there and back, without pickles, and refused where it is damaged."""

from __future__ import annotations

import io
import json
import pickle
import warnings
import zipfile
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from tracer.errors import TraceFileError
from tracer.experiment import Experiment
from tracer.trace import Trace
from tracer.trace.archive import FORMAT
from tracer.training import run
from traces import arrays_of, every, same, trace_of


@cache
def saved(name, folder):
    """The bytes of a trace's file."""
    path = folder / "trace.npz"
    trace_of(name).save(path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("traces")


@every
def test_saved_and_loaded_it_is_the_same_bit_for_bit(name, folder):
    saved(name, folder)
    path = folder / "there and back"
    trace_of(name).save(path)
    loaded = Trace.load(path)
    assert same(loaded, trace_of(name))
    for which, array in arrays_of(loaded).items():
        assert not array.flags.writeable, which
    loaded.save(folder / "again")
    assert (folder / "again").read_bytes() == path.read_bytes()
    found, known = loaded.first_nonfinite, trace_of(name).first_nonfinite
    assert (found and found.quantity) == (known and known.quantity)


def test_the_file_has_no_pickle_inside(folder):
    with zipfile.ZipFile(io.BytesIO(saved("batches", folder))) as archive:
        for member in archive.namelist():
            array = np.load(io.BytesIO(archive.read(member)), allow_pickle=False)
            assert not array.dtype.hasobject


def test_a_missing_file_and_a_folder(folder):
    with pytest.raises(TraceFileError, match="there is no such file"):
        Trace.load(folder / "nothing.npz")
    with pytest.raises(TraceFileError, match="not a trace"):
        Trace.load(folder)


class Explosive:
    """What runs when it is unpickled."""

    def __reduce__(self):
        return pytest.fail, ("a pickle was read",)


def packed(save, *arguments, **named):
    stream = io.BytesIO()
    save(stream, *arguments, **named)
    return stream.getvalue()


def foreign_zip():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("format", FORMAT)
    return stream.getvalue()


FOREIGN = {
    "empty": b"",
    "text": b"not a trace at all\n",
    "toml": b'title = "mini"\n',
    "half a zip": b"PK\x03\x04",
    "an empty zip": b"PK\x05\x06" + b"\0" * 18,
    "a zip of text": foreign_zip(),
    "one array": packed(np.save, np.arange(3.0)),
    "other arrays": packed(np.savez, a=np.arange(3)),
    "compressed arrays": packed(np.savez_compressed, a=np.arange(3)),
    "a pickle": pickle.dumps(Explosive()),
    "a pickle among arrays": packed(np.savez, format=np.array([Explosive()], dtype=object)),
    "a pickle as array": packed(np.save, np.array([Explosive()], dtype=object)),
    "only the format": packed(np.savez, format=np.array(FORMAT)),
    "a later format": packed(np.savez, format=np.array("tracer trace 99")),
    "no experiment": packed(np.savez, format=np.array(FORMAT), experiment=np.array("{")),
    "an empty experiment": packed(np.savez, format=np.array(FORMAT), experiment=np.array("{}")),
    "a deep experiment": packed(
        np.savez, format=np.array(FORMAT), experiment=np.array("[" * 100_000)
    ),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_foreign_file_is_refused(content, tmp_path):
    path = tmp_path / "foreign.npz"
    path.write_bytes(content)
    with pytest.raises(TraceFileError) as caught:
        Trace.load(path)
    (problem,) = caught.value.problems
    assert problem.file == str(path)
    assert problem.message.startswith("not a trace: ")
    assert "Trace.save" in str(problem.hint)


def stored(folder, name="batches"):
    with np.load(io.BytesIO(saved(name, folder)), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def changed_experiment(text):
    document = json.loads(str(text))
    document["layers"][0]["units"] = 9
    return np.array(json.dumps(document))


SPOILED = {
    "cut": ("loss", lambda loss: loss[:-1]),
    "longer": ("W/0", lambda W: np.concatenate([W, W])),
    "a layer of other size": ("z/1", lambda z: z[:, :-1]),
    "float32": ("a/0", lambda a: a.astype(np.float32)),
    "other byte order": ("a/0", lambda a: a.astype(">f8")),
    "text for numbers": ("b/0", lambda b: b.astype(str)),
    "a number for an array": ("penalty", lambda penalty: penalty[0]),
    "float indices": ("row", lambda row: row.astype(float)),
    "a row beyond": ("row", lambda row: row + 7),
    "updates that go back": ("update_of", lambda of: of[::-1].copy()),
    "updates too few": ("update_of", lambda of: of * 0),
    "epochs too many": ("epoch_of", lambda of: np.arange(len(of))),
    "epochs from 1": ("epoch_of", lambda of: of + 1),
    "other experiment": ("experiment", changed_experiment),
    "missing": ("dL_dz/2", lambda _: None),
}


@pytest.mark.parametrize(("key", "spoil"), SPOILED.values(), ids=SPOILED.keys())
def test_arrays_that_do_not_fit_are_refused(key, spoil, folder, tmp_path):
    arrays, path = stored(folder), tmp_path / "spoiled.npz"
    arrays[key] = spoil(arrays[key])
    path.write_bytes(packed(np.savez, **{k: v for k, v in arrays.items() if v is not None}))
    with pytest.raises(TraceFileError, match="do not fit together"):
        Trace.load(path)


def refused_or_unharmed(content, path):
    """A damaged file raises TraceFileError and warns of nothing, or it lost nothing that counts."""
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            loaded = Trace.load(path)
        except TraceFileError:
            return True
    return same(loaded, trace_of("one batch"))


def test_a_file_cut_anywhere_is_refused(folder, tmp_path):
    content = saved("one batch", folder)
    lengths = {*range(0, len(content), 11), *range(len(content) - 120, len(content))}
    for length in sorted(lengths):
        (tmp_path / "cut").write_bytes(content[:length])
        with pytest.raises(TraceFileError):
            Trace.load(tmp_path / "cut")


def test_a_file_with_more_behind_it_or_before_it(folder, tmp_path):
    content = saved("one batch", folder)
    for other in (content + b"\0", b"\0" + content, content * 2, content[:500] + content):
        assert refused_or_unharmed(other, tmp_path / "other")


@examples(1000)
@given(data=st.data())
def test_a_file_with_a_changed_byte_is_refused_or_unharmed(data, folder):
    content = bytearray(saved("one batch", folder))
    for _ in range(data.draw(st.integers(1, 3), label="changes")):
        # What steers the reading stands at the beginning of members and at the end of the file.
        place = data.draw(
            st.integers(0, len(content) - 1) | st.integers(len(content) - 2000, len(content) - 1),
            label="place",
        )
        content[place] = data.draw(st.integers(0, 255), label="byte")
    assert refused_or_unharmed(bytes(content), folder / "damaged")


@examples(200)
@given(data=st.data())
def test_a_file_with_a_piece_cut_out_or_repeated(data, folder):
    content = saved("one batch", folder)
    first = data.draw(st.integers(0, len(content)), label="first")
    second = data.draw(st.integers(0, len(content)), label="second")
    assert refused_or_unharmed(content[:first] + content[second:], folder / "damaged")


@examples(100)
@given(content=st.binary(max_size=300), head=st.sampled_from([b"", b"PK\x03\x04", b"\x93NUMPY"]))
def test_any_bytes_are_refused(content, head, folder):
    (folder / "noise").write_bytes(head + content)
    with pytest.raises(TraceFileError):
        Trace.load(folder / "noise")


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(TraceFileError, match="nowhere"):
        trace_of("one batch").save(tmp_path / "nowhere" / "trace.npz")
    assert list(tmp_path.iterdir()) == []


def test_the_experiment_comes_along(folder):
    saved("shuffled", folder)
    path = folder / "with experiment"
    trace_of("shuffled").save(path)
    loaded = Trace.load(path).experiment
    assert isinstance(loaded, Experiment)
    assert same(run(loaded), trace_of("shuffled"))
