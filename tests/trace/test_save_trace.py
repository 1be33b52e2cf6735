"""Where a trace is saved: over nothing, or over a saved trace, never over anything else."""

from __future__ import annotations

import os

import pytest

from tracer.errors import TraceFileError
from tracer.trace import Trace
from traces import same, trace_of

TRACE = "one batch"


def test_a_saved_trace_is_replaced(tmp_path):
    path = tmp_path / "run.npz"
    trace_of("batches").save(path)
    trace_of(TRACE).save(path)
    assert same(Trace.load(path), trace_of(TRACE))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "content", [b"", b'title = "mine"\n', b"PK\x05\x06" + bytes(18), b"\x93NUMPY"]
)
def test_any_other_file_is_left_as_it_is(content, tmp_path):
    path = tmp_path / "mine"
    path.write_bytes(content)
    with pytest.raises(TraceFileError) as caught:
        trace_of(TRACE).save(path)
    (problem,) = caught.value.problems
    assert problem.file == str(path)
    assert "found another file" in problem.message
    assert "another name" in str(problem.hint)
    assert path.read_bytes() == content
    trace_of(TRACE).save(path, overwrite=True)
    assert same(Trace.load(path), trace_of(TRACE))


def test_folders_links_and_devices_are_left_as_they_are(tmp_path):
    saved = tmp_path / "run.npz"
    trace_of(TRACE).save(saved)
    (tmp_path / "link").symlink_to(saved)
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    before = saved.read_bytes()
    for place in (tmp_path, tmp_path / "link", tmp_path / "dangling", tmp_path / "pipe", ""):
        with pytest.raises(TraceFileError, match="expected a saved trace to replace"):
            trace_of("batches").save(place)
    with pytest.raises(TraceFileError):
        trace_of("batches").save("/dev/null")
    assert saved.read_bytes() == before
    assert (tmp_path / "link").is_symlink()
    assert not (tmp_path / "nothing").exists()


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for place in ("gone/run.npz", "file/run.npz", "x" * 300, "nul\0"):
        with pytest.raises(TraceFileError):
            trace_of(TRACE).save(tmp_path / place)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
