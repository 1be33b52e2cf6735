"""Checkpoints that stand on the disk: no memory, no name, and what it does not have room for."""

from __future__ import annotations

import errno
import mmap
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from networks import experiment
from tracer.errors import BuildError, ExperimentError
from tracer.experiment import Experiment
from tracer.experiment.model import Record
from tracer.files.keeping import FOLDER
from tracer.trace import Trace
from tracer.trace.layout import sparse_fields
from tracer.trace.scratch import Scratch
from tracer.training import run
from tracer.training.size import chosen, run_size


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the disk is used."""
    monkeypatch.setenv(FOLDER, str(tmp_path / "scratch"))
    return tmp_path / "scratch"


def made(**record: Any) -> Experiment:
    return replace(experiment(optimizer="adam"), record=Record(**record))


def on_disk(array: Any) -> bool:
    """Whether the numbers stand in a mapped file."""
    while isinstance(array, np.ndarray):
        array = array.base
    return isinstance(array, memoryview) and isinstance(array.obj, mmap.mmap)


def test_what_a_checkpoint_has_stands_on_the_disk_and_what_it_takes_is_told(folder: Path) -> None:
    one = made(every=3, disk=1)
    held = run(one).recording
    assert held is not None
    there, here = [0], [0]
    for item in sparse_fields(one):
        values = held.stored[item.name]
        for array in values if item.layered else (values,):
            wanted = item.name.startswith(("W", "b", "state.m.", "state.v."))
            assert on_disk(array) is wanted, item.name
            (there if wanted else here)[0] += array.nbytes
    assert run_size(one).disk == (there[0], 10**9)
    assert run_size(one).trace + there[0] == run_size(made(every=3)).trace
    assert list(folder.rglob("*")) == []


def test_what_was_released_is_read_again(folder: Path) -> None:
    scratch = Scratch()
    found = scratch.room((3, 1000))
    assert not found.any()
    found[1] = np.arange(1000)
    scratch.release()
    assert found[1].tolist() == list(range(1000))
    assert folder.is_dir()


def test_what_was_written_is_released_within_an_epoch(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    one, released = made(every=1, disk=1), list[int]()
    whole = run(one)
    entry = run_size(one).disk[0] // (whole.updates + 1)
    monkeypatch.setattr("tracer.trace.scratch.MOST_HELD", 2 * entry)
    monkeypatch.setattr(Scratch, "release", lambda _: released.append(1))
    run(one)
    assert len(released) == whole.updates // 3 > whole.epochs
    assert folder.is_dir()


def test_as_many_are_kept_as_the_disk_has_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (100, 5_000, 30_000):
        monkeypatch.setattr("tracer.trace.kept.GIGABYTE", room)
        monkeypatch.setattr("tracer.training.size.GIGABYTE", room)
        kept = chosen(made(disk=2))
        assert kept is not None
        every = kept.said["every"]
        assert kept.said["disk"] == 2
        assert every == kept.total or run_size(made(disk=2)).disk[0] <= 2 * room
        assert every == 1 or run_size(made(every=max(1, every - 2), disk=2)).disk[0] > 2 * room


def test_more_than_was_granted_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracer.training.size.GIGABYTE", 1_000)
    with pytest.raises(ExperimentError, match=r"at most 1 kB on the disk, found about .* kB"):
        run(made(every=1, disk=1))


@pytest.mark.parametrize("reserves", [True, False])
def test_a_disk_without_room_is_an_error_of_our_own(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *, reserves: bool
) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full, raising=False)
    if not reserves:
        monkeypatch.delattr("os.posix_fallocate")
        monkeypatch.setattr("tracer.trace.scratch.shutil.disk_usage", lambda _: Full)
    with pytest.raises(BuildError, match="of the disk for checkpoints: ") as refused:
        run(made(every=3, disk=1))
    assert str(folder) in str(refused.value)
    assert list(folder.rglob("*")) == []


class Full:
    """A disk."""

    free = 10


def test_a_saved_trace_is_the_same_one(folder: Path, tmp_path: Path) -> None:
    kept = run(made(every=3, disk=1))
    kept.save(tmp_path / "kept.npz")
    again = Trace.load(tmp_path / "kept.npz")
    assert again.record == kept.record == {"every": 3, "disk": 1}
    assert all(np.array_equal(a, b) for a, b in zip(again.W, kept.W, strict=True))
    assert folder.is_dir()
