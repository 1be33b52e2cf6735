"""Many of one thing, here or in processes: the same results, in order, and nothing left behind."""

from __future__ import annotations

import errno
import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from networks import experiment
from tracer.errors import BuildError, ExperimentError, TracerError
from tracer.executor import (
    Here,
    aside,
    beginning,
    can_copy,
    copy,
    executor,
    forked,
    is_one_free,
    machine,
    pool,
)
from tracer.executor.pool import Forked, Processes
from tracer.files.keeping import FOLDER
from tracer.studies.model import fingerprint
from tracer.studies.run import study
from tracer.training import run

JOBS = (1, 2)
AGES = 600
"""Seconds that nobody waits: before them a test is ended from outside."""
PATIENCE, LOOK = 60.0, 0.01
#: For a test that takes the alarm by which others are ended.
own_alarm = pytest.mark.timeout(method="thread")


def squared(number: int) -> int:
    return number * number


def slow_at_first(number: int) -> int:
    time.sleep(0.2 * (number == 0))
    return number


def refused(number: int) -> int:
    if number in (2, 4):
        raise ExperimentError(f"no {number}")
    return number


def touched(path: Path) -> bool:
    path.touch()
    time.sleep(AGES)
    return True


def ended(_: int) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("jobs", JOBS)
def test_results_come_in_the_order_of_the_items_and_an_error_in_its_place(jobs: int) -> None:
    found: list[int] = []
    with pytest.raises(ExperimentError, match="no 2"):
        _refused_at_last(jobs, found)
    assert found == [0, 1]
    assert not multiprocessing.active_children()


def _refused_at_last(jobs: int, found: list[int]) -> None:
    with executor(jobs) as many:
        for function in (squared, slow_at_first):
            assert list(many.map(function, range(20))) == [function(k) for k in range(20)]
        assert list(many.map(squared, [])) == []
        assert isinstance(many, Processes) == (jobs > 1)
        found.extend(many.map(refused, range(6)))


@own_alarm
def test_an_interruption_ends_what_the_processes_work_on(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _interrupted(tmp_path / "begun")
    assert not multiprocessing.active_children()


def _interrupted(place: Path) -> None:
    with executor(2) as many:
        assert next(many.map(squared, [3])) == 9
        _interrupt_when(place)
        next(many.map(touched, [place] * 9))


def _interrupt_when(place: Path) -> None:
    """Interrupt this process as soon as another one has made a file."""

    def alarm() -> None:
        until = time.monotonic() + PATIENCE
        while not place.exists() and time.monotonic() < until:
            time.sleep(LOOK)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)

    signal.signal(signal.SIGALRM, _interrupt)
    threading.Thread(target=alarm, daemon=True).start()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_process_that_the_system_ends_is_an_error_of_our_own() -> None:
    with pytest.raises(BuildError, match="ended by the system"), executor(2) as many:
        list(many.map(ended, [1]))


@pytest.mark.parametrize("refusing", ["os.fork", "_multiprocessing.SemLock"])
def test_a_process_that_the_system_does_not_start_is_an_error_of_our_own(
    monkeypatch: pytest.MonkeyPatch, refusing: str
) -> None:
    """There are as many as there may be; or no room for what they share."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EAGAIN, "there are enough")

    monkeypatch.setattr(pool, "can_copy", lambda: True)
    monkeypatch.setattr(refusing, refuse, raising=False)
    with pytest.raises(BuildError, match="started: there are enough") as found:
        list(forked(2).map(squared, [1]))
    assert "--jobs 1" in str(found.value)
    assert not multiprocessing.active_children()


copying = pytest.mark.skipif(not can_copy(), reason="this system copies no processes")


@copying
def test_a_copy_of_this_process_knows_what_this_one_knows() -> None:
    lock, mine = threading.Lock(), os.getpid()  # neither a lock nor this function can be pickled
    given = list(range(9))

    def known(place: int) -> tuple[int, bool]:
        with lock:
            return given[place], os.getpid() == mine

    assert list(forked(2).map(known, given)) == [(k, False) for k in given]
    assert list(forked(1).map(known, given)) == [(k, True) for k in given]
    assert not multiprocessing.active_children()


@copying
def test_a_copy_never_looks_for_garbage_among_what_it_began_with() -> None:
    mine = [[number] for number in range(100_000)]
    found = list(forked(2).map(lambda _: _looked_at(), range(2)))
    assert max(found) < len(mine) / 2


def _looked_at() -> int:
    return len(gc.get_objects())


@copying
@pytest.mark.parametrize(
    ("function", "error", "said"),
    [(refused, ExperimentError, "no 2"), (ended, BuildError, "ended by the system")],
)
def test_an_error_in_a_copy_is_ours_and_no_copy_is_left(
    function: Callable[[int], int], error: type[TracerError], said: str
) -> None:
    with pytest.raises(error, match=said):
        list(forked(2).map(function, range(6)))
    assert not multiprocessing.active_children()


@copying
def test_a_copy_works_aside_and_this_process_does_what_it_could_not() -> None:
    mine = os.getpid()

    def made(way: str) -> tuple[int, Any]:
        if way == "fails" and os.getpid() != mine:
            raise ValueError(way)
        if way == "ends" and os.getpid() != mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid(), threading.Lock() if way == "cannot be told" else None

    found = {}
    for way in ("works", "fails", "ends", "cannot be told"):
        with aside(partial(made, way)) as result:
            found[way] = result()[0] == mine
    with aside(partial(made, "works"), copied=False) as result:
        found["no copy"] = result()[0] == mine
    assert found == {way: way != "works" for way in found}
    assert not multiprocessing.active_children()


@copying
def test_a_copy_aside_ends_with_what_it_was_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt), aside(partial(time.sleep, AGES)):
        raise KeyboardInterrupt
    with pytest.raises(ExperimentError, match="no 2"), aside(partial(refused, 2)) as result:
        result()
    monkeypatch.setattr("os.fork", _refuse)
    with aside(partial(squared, 3)) as result:
        assert result() == 9
    assert not multiprocessing.active_children()


@copying
def test_half_an_answer_is_none() -> None:
    answer, tell = multiprocessing.Pipe(duplex=False)
    with answer:
        os.write(tell.fileno(), (1000).to_bytes(4, "big") + b"half")
        tell.close()
        assert copy._told(answer, partial(squared, 3)) == 9


def _refuse() -> None:
    raise OSError(errno.EAGAIN, "there are enough")


def test_a_processor_is_free_where_fewer_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "processors", lambda: 2)
    for load, is_free in ((0.4, True), (1.9, True), (2.0, False), (7.5, False)):
        monkeypatch.setattr("os.getloadavg", lambda load=load: (load, 9, 9), raising=False)
        assert is_one_free() == is_free
    monkeypatch.setattr("os.getloadavg", _refuse)
    assert not is_one_free()
    monkeypatch.delattr("os.getloadavg")
    assert not is_one_free()


@own_alarm
@copying
def test_copies_end_with_an_interruption_or_when_nobody_asks_for_more(tmp_path: Path) -> None:
    results = forked(2).map(long_after_the_first, range(9))
    assert next(results) == 0
    results.close()
    assert not multiprocessing.active_children()
    with pytest.raises(KeyboardInterrupt):
        _interrupted_copies(tmp_path / "begun")
    assert not multiprocessing.active_children()


def _interrupted_copies(place: Path) -> None:
    with closing(forked(2).map(touched, [place] * 9)) as waiting:
        _interrupt_when(place)
        next(waiting)


def long_after_the_first(number: int) -> int:
    time.sleep(AGES * (number > 0))
    return number


@copying
def test_a_copy_ends_when_it_is_told_to_whatever_this_process_would_do() -> None:
    """Else one that waits for somebody to read its result would wait for ever."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        found = list(forked(2).map(lambda _: signal.getsignal(signal.SIGTERM), range(3)))
        with pytest.raises(BuildError, match="ended by the system"):
            list(forked(2).map(_killed_while_others_answer, range(8)))
    finally:
        signal.signal(signal.SIGTERM, before)
    assert found == [signal.SIG_DFL] * 3
    assert not multiprocessing.active_children()


LEFT = """
import os, sys, time
from tracer.executor import executor, forked

def busy(number):
    os.write(1, b"begun\\n")
    while number:  # the first item is done at once, and its process waits for work
        time.sleep(0.001)

if __name__ == "__main__":
    if sys.argv[1] == "copies":
        list(forked(2).map(busy, [0, 1]))
    with executor(2) as many:
        list(many.map(busy, [0, 1]))
"""


@pytest.mark.parametrize("method", [pytest.param("copies", marks=copying), "processes"])
def test_no_process_is_left_when_the_first_one_is_killed(method: str, tmp_path: Path) -> None:
    (tmp_path / "left.py").write_text(LEFT, encoding="utf-8")
    command = [sys.executable, "left.py", method]
    how: Any = {"cwd": tmp_path, "stdout": subprocess.PIPE, "start_new_session": True}
    with subprocess.Popen(command, text=True, **how) as first:
        assert first.stdout is not None
        timer = threading.Timer(PATIENCE, lambda: os.killpg(first.pid, signal.SIGKILL))
        timer.start()
        try:
            assert [first.stdout.readline() for _ in range(2)] == ["begun\n"] * 2
            first.kill()
            # The pipe ends when the last process that could print is gone.
            assert first.stdout.read() == ""
            assert timer.is_alive()
        finally:
            timer.cancel()


@copying
def test_a_copy_that_is_told_to_end_while_it_starts_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = beginning.hold

    def told_before(function: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        begin(function)

    monkeypatch.setattr(pool, "hold", told_before)
    before = signal.signal(signal.SIGTERM, lambda *_: None)  # an answer that nobody hears
    started = forked(2).map(long_after_the_first, range(1, 9))
    try:
        with pytest.raises(BuildError, match="ended by the system"):
            next(started)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert not multiprocessing.active_children()


def _killed_while_others_answer(number: int) -> bytes:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return bytes(2_000_000)


def test_without_copies_this_process_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert isinstance(forked(4), Here)
    monkeypatch.undo()
    monkeypatch.delattr("os.fork", raising=False)
    assert isinstance(forked(4), Here)
    monkeypatch.setattr("os.fork", object(), raising=False)
    assert isinstance(forked(4), Forked) == can_copy()


def test_runs_beside_a_run_are_the_same_wherever_they_are_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every loss, bit for bit; what more a page asks of such a run is made when it is asked."""
    made = experiment(rows=6, epochs=3)
    trace = run(made)
    monkeypatch.setenv(FOLDER, str(tmp_path / "here"))
    here = study(trace)
    monkeypatch.setenv(FOLDER, str(tmp_path / "there"))
    with executor(2) as many:
        there = study(trace, many=many)
    for mine, yours in zip(there.batches, here.batches, strict=True):
        assert mine.losses.tobytes() == yours.losses.tobytes()
        assert mine.updates.tobytes() == yours.updates.tobytes()
        assert (mine.batch, mine.rate) == (yours.batch, yours.rate)
        assert fingerprint(mine.trace) == fingerprint(yours.trace)
        assert mine.batch == int(mine.trace.batch_sizes[0])
    tried = [[(one.rate, one.first, one.last) for one in s.rates.tried] for s in (here, there)]
    assert tried[0] == tried[1]
    assert here.again == there.again
