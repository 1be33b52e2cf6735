"""A large trace is mapped: opened at once, read where it is asked for; damage is told as before."""

from __future__ import annotations

import mmap
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from networks import mapping
from tracer.errors import TraceFileError
from tracer.experiment import Experiment
from tracer.trace import Trace, npz
from tracer.trace.fields import Over
from tracer.training import run
from traces import EXPERIMENTS, arrays_of, same, trace_of


def whole(record: dict[str, Any] | None = None) -> Trace:
    file = mapping((3, 4, 2), ("tanh", "identity"), rows=20, epochs=10, optimizer="adam")
    return run(Experiment.from_mapping({**file, "record": record or {}}))


@pytest.fixture(params=[None, {"every": 50}], ids=["all", "every"])
def saved(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Trace, Path]:
    trace = whole(request.param)
    trace.save(tmp_path / "run.npz")
    return trace, tmp_path / "run.npz"


@pytest.fixture
def mapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every array counts as a large one."""
    monkeypatch.setattr("tracer.trace.npz.LARGE", 0)


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.usefixtures("mapped")
def test_what_is_mapped_is_what_is_read(name: str, tmp_path: Path) -> None:
    trace, path = trace_of(name), tmp_path / "run.npz"
    trace.save(path)
    loaded = Trace.load(path)
    assert same(trace, loaded)
    for array in arrays_of(loaded).values():
        assert array.flags.aligned
        assert not array.flags.writeable


def test_every_member_is_aligned_and_an_ordinary_archive(saved: tuple[Trace, Path]) -> None:
    _, path = saved
    with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
        assert archive.testzip() is None
        for info in archive.infolist():
            stream.seek(info.header_offset)
            _, *lengths = npz.LOCAL.unpack(stream.read(npz.LOCAL.size))
            assert (info.header_offset + npz.LOCAL.size + sum(lengths)) % npz.ALIGNED == 0
    with np.load(path) as found:
        assert all(found[name].size for name in ("loss", "W/0", "row"))


@pytest.mark.usefixtures("mapped")
def test_an_archive_of_numpy_itself_is_read(saved: tuple[Trace, Path], tmp_path: Path) -> None:
    """As traces were written before: nothing in them is aligned."""
    trace, path = saved
    with np.load(path) as found:
        np.savez(tmp_path / "old.npz", **found)
    loaded = Trace.load(tmp_path / "old.npz")
    assert all(
        np.array_equal(one, other)
        for one, other in zip(arrays_of(loaded).values(), arrays_of(trace).values(), strict=True)
    )


@pytest.mark.usefixtures("mapped")
def test_only_what_is_asked_for_is_read(tmp_path: Path) -> None:
    """The numbers may be anything: nobody looks at them before they are asked for."""
    path = tmp_path / "run.npz"
    whole().save(path)
    with zipfile.ZipFile(path) as archive:
        offset, size = (
            archive.getinfo("W/0.npy").header_offset,
            archive.getinfo("W/0.npy").file_size,
        )
    with path.open("r+b") as stream:
        stream.seek(offset + size - 400)
        stream.write(np.full(8, 7.0).tobytes())
    assert np.count_nonzero(np.asarray(Trace.load(path).W[0]) == 7.0) >= 7


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.usefixtures("mapped")
def test_a_file_cut_short_is_refused(saved: tuple[Trace, Path], share: float) -> None:
    _, path = saved
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(TraceFileError, match="not a trace"):
        Trace.load(path)


@pytest.mark.usefixtures("mapped")
def test_damaged_headers_are_refused(saved: tuple[Trace, Path]) -> None:
    _, path = saved
    data = path.read_bytes()
    for sign in (b"PK\3\4", b"PK\1\2", b"\x93NUMPY", b"'shape'"):
        path.write_bytes(data.replace(sign, b"?" * len(sign)))
        with pytest.raises(TraceFileError, match="not a trace"):
            Trace.load(path)


def test_what_is_said_to_be_kept_must_be_so(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    whole({"every": 50}).save(path)
    with np.load(path) as found:
        members = dict(found)
    for name, value in (
        ("kept/said", np.array('{"every": 49}')),
        ("kept/said", np.array('{"every": 0}')),
        ("kept/said", np.array('{"keep": "all"}')),
        ("kept/said", np.array("[]")),
        ("kept/moments", members["kept/moments"] + 1),
        ("kept/updates", np.array([1])),
        ("format", np.array("tracer trace 1")),
    ):
        np.savez(path, **{**members, name: value})
        with pytest.raises(TraceFileError, match="not a trace"):
            Trace.load(path)
    np.savez(path, **{name: value for name, value in members.items() if name != "kept/said"})
    with pytest.raises(TraceFileError, match="not a trace"):
        Trace.load(path)


@pytest.mark.parametrize("outputs", [1, 3])
def test_a_table_stands_in_an_archive_once_and_is_mapped(outputs: int, tmp_path: Path) -> None:
    """Its inputs are not told in words, so the file is hardly larger than the numbers."""
    x, path = np.random.default_rng(0).normal(size=(400, 600)), tmp_path / "run.npz"
    y = np.arange(400) % 5 if outputs == 1 else x[:, :outputs]
    layers = [(5, "softmax") if outputs == 1 else (3, "tanh")]
    training = {"epochs": 1, "batch_size": "all"}
    trace = run(Experiment(data=(x, y), layers=layers, training=training))
    trace.save(path)
    raw = sum(array.nbytes for array in arrays_of(trace).values())
    assert raw < path.stat().st_size < 1.1 * raw
    loaded = Trace.load(path)
    assert np.shares_memory(loaded.x, loaded.experiment.dataset.x)
    assert not loaded.x.flags.writeable
    assert same(loaded, trace)


class Told(mmap.mmap):
    """A mapped file that notes of which of its bytes it is said that they are read next."""

    said: list[bytes]

    def madvise(self, option: int, start: int = 0, length: int | None = None) -> None:
        if option == mmap.MADV_WILLNEED:
            assert length is not None
            assert start % mmap.PAGESIZE == 0
            self.said.append(self[start : start + length])
        super().madvise(option, start, len(self) if length is None else length)


@pytest.mark.skipif(not hasattr(mmap, "MADV_WILLNEED"), reason="the system takes no advice")
@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.usefixtures("mapped")
def test_what_an_update_begins_with_is_read_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, loaded: bool
) -> None:
    """Checkpoints on the disk, or all of a saved trace: just these bytes, from their page on."""
    monkeypatch.setattr(mmap, "mmap", Told)
    monkeypatch.setattr(Told, "said", [], raising=False)
    trace, path = whole({"every": 50} if loaded else {"every": 50, "disk": 1}), tmp_path / "run.npz"
    if loaded:
        trace.save(path)
        trace = Trace.load(path)
    recording = trace.recording
    assert recording is not None
    recording.update(101)
    of_moments = (f for f in recording.fields.values() if f.over is Over.MOMENTS)
    names = [field.name for field in of_moments if not field.passing]
    wanted = [layer[2].tobytes() for name in names for layer in recording.stored[name]]
    rows = recording.stored["row"][100:102]
    wanted += [trace.x[row].tobytes() for row in rows] if loaded else []
    assert len(Told.said) == len(wanted)
    for values in wanted:
        assert any(s.endswith(values) and len(s) - len(values) < mmap.PAGESIZE for s in Told.said)


def test_a_large_trace_is_opened_in_no_time(tmp_path: Path) -> None:
    file = mapping((60, 200, 2), ("tanh", "identity"), rows=4, epochs=100, batch_size="all")
    trace, path = run(Experiment.from_mapping(file)), tmp_path / "run.npz"
    trace.save(path)
    assert path.stat().st_size > 20e6
    took = []
    for _ in range(5):
        begun = time.thread_time()
        loaded = Trace.load(path)
        took.append(time.thread_time() - begun)
    assert not isinstance(loaded.W[0].base, bytes)
    assert same(trace, loaded)
    assert min(took) < 0.1
