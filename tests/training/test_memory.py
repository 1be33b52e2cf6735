"""Where memory is short: told before it is allocated, in words, whatever was insisted on."""

from __future__ import annotations

import resource
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tracer.training
from networks import mapping
from tracer.cli import main
from tracer.errors import MemoryShortError
from tracer.experiment import Experiment
from tracer.experiment.room import SMALL, told
from tracer.files import memory
from tracer.files.memory import free_memory
from tracer.studies.size import check_walkthrough
from tracer.training import run
from tracer.training.record import PAGE
from tracer.training.size import run_size

GROUP = {"memory.max": "3000000\n", "memory.current": "2900000\n", "memory.stat": "anon 1\n"}


def large(insist: bool = True, **training: Any) -> Experiment:
    """A trace of some 50 MB."""
    file = mapping((40, 300, 2), ("tanh", "identity"), rows=4, epochs=250, batch_size="all")
    return Experiment.from_mapping({**file, "pages": {"rows": "first 1"}}, insist=insist)


def with_free(patch: pytest.MonkeyPatch, size: int | None, small: int = 0) -> None:
    patch.setattr("tracer.experiment.room.SMALL", small)
    patch.setattr("tracer.experiment.room.free_memory", lambda: size)


def test_a_run_that_does_not_fit_is_refused_before_it_is_allocated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needed, made = run_size(large()).allocated, large()
    with_free(monkeypatch, needed - 1)
    home = sys.modules["tracer.training.run"]  # the function has the same name
    monkeypatch.setattr(home, "recorder_for", lambda *_: pytest.fail("allocated"))
    for call in (run, check_walkthrough):
        with pytest.raises(MemoryShortError, match=r"[\d.]+ MB of free memory for .*, found"):
            call(replace(made, source=Path("mine.toml")))
    with pytest.raises(MemoryShortError) as caught:
        run(replace(made, source=Path("mine.toml")))
    (problem,) = caught.value.problems
    assert problem.file == "mine.toml"
    assert "every = K" in str(problem.hint)


@pytest.mark.parametrize("sizes", [(90, 300, 2), (20, 40, 30, 30, 2)])
@pytest.mark.parametrize("record", [{"keep": "all"}, {"every": 3}, {"epochs": [2]}])
def test_a_run_takes_what_is_said(record: dict[str, Any], sizes: tuple[int, ...]) -> None:
    names = (*["tanh"] * (len(sizes) - 2), "identity")
    file = mapping(sizes, names, rows=500, epochs=2, batch_size="all")
    made = Experiment.from_mapping({**file, "record": record}, insist=True)
    run(made, engine="numpy")  # what is imported and cached
    tracemalloc.start()
    run(made, engine="numpy")
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    said, around = run_size(made).allocated, 2 * PAGE * 8  # so that the block begins with a page
    assert 0.9 * said <= taken <= 1.1 * said + around


def test_buffers_of_a_short_run_are_as_short() -> None:
    short = Experiment.from_mapping(mapping((4, 8, 8, 2), ["tanh"] * 3, rows=20, epochs=3))
    run(short, engine="scalar")  # what is imported and cached
    tracemalloc.start()
    run(short, engine="scalar")
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 4 * run_size(short).allocated  # twelve times without the limit


def test_what_fits_or_is_small_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Experiment.from_mapping(mapping((2, 2, 2), epochs=2))
    for free in (0, None, 2**40):
        with_free(monkeypatch, free, SMALL)
        assert run(made).epochs == 2


def test_what_is_asked_of_a_run_that_is_kept_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large strides too: what is gathered from anywhere is held as a whole."""
    file = mapping((60, 300, 2), ("tanh", "identity"), rows=2, epochs=500, batch_size="all")
    trace = run(Experiment.from_mapping({**file, "record": {"every": 200}}))
    with_free(monkeypatch, 10 * 2**20)
    with pytest.raises(MemoryShortError, match="these numbers of the run"):
        trace.W[0][::3]
    assert trace.W[0][::250].shape[0] == 3


def test_a_table_that_cannot_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.zeros((50, 4))
    with_free(monkeypatch, 50 * 4 * 8 - 1)
    with pytest.raises(MemoryShortError, match="a copy of the table"):
        Experiment(data=(x, np.zeros(len(x))), layers=[(1, "identity")])


def test_memory_that_ends_all_the_same_is_told_in_words() -> None:
    with (
        pytest.raises(MemoryShortError, match=r"mine\.toml: .* found no more of it"),
        told("a run", Path("mine.toml")),
    ):
        np.empty(2**50)


def test_the_command_line_says_it_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for error in (MemoryError(), MemoryShortError("expected more memory")):

        def fail(*_: object, raised: Exception = error) -> None:
            raise raised

        monkeypatch.setattr(tracer.training, "run", fail)
        with pytest.raises(SystemExit) as ended:
            main(["trace", "mini2d"])
        said = capsys.readouterr().err
        assert ended.value.code == 1
        assert said.startswith("error: ")
        assert said.count("\n") == 1
        assert "fault" not in said


# What the system tells


def test_the_least_of_machine_container_and_limits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(memory, "PROC", tmp_path)
    monkeypatch.setattr(memory, "GROUP", tmp_path)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY,) * 2)
    assert free_memory() is None
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable: 4000 kB\nSwapFree: 96 kB\n")
    assert free_memory() == 4096 * 1024
    for name, text in GROUP.items():
        (tmp_path / name).write_text(text)
    assert free_memory() == 100_000
    (tmp_path / "memory.stat").write_text("inactive_file 50000\n")
    assert free_memory() == 150_000
    (tmp_path / "memory.max").write_text("max\n")
    assert free_memory() == 4096 * 1024
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "statm").write_text("10 1 1 1 0 4 0\n")
    page = resource.getpagesize()
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (20 * page, 0))
    assert free_memory() == 10 * page
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (3 * page, 0))
    assert free_memory() == 0


LIMITED = """
import resource
from tracer.errors import MemoryShortError
from tracer.experiment import room
from tracer.files.memory import free_memory
from test_memory import large
from tracer.training import run
experiment = large()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
room.SMALL = 0
resource.setrlimit(resource.RLIMIT_AS, (used + 2**25, resource.RLIM_INFINITY))
assert free_memory() < 2**25 + 1
try:
    run(experiment)
except MemoryShortError as error:
    print(error)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="needs Linux")
def test_a_limit_on_addresses_is_seen() -> None:
    path = [str(Path(__file__).parent), *sys.path]
    code = f"import sys; sys.path[:0] = {path!r}\n{LIMITED}"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "of free memory for the trace of a run, found" in made.stdout
