"""A Dask cluster on this machine: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
PATH = os.pathsep.join([str(CHECKOUT), str(HERE)])
HOST = "127.0.0.1"


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of Dask that runs until the block ends."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{arguments[0]}", *arguments[1:]]
    with (folder / "dask.log").open("ab") as log:
        environment = {**os.environ, "PYTHONPATH": PATH}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)


@contextmanager
def scheduler(folder: Path) -> Iterator[str]:
    """A scheduler at a free port; gives its address."""
    place = folder / "scheduler.json"
    options = ("--host", HOST, "--port", "0", "--no-dashboard", "--scheduler-file", str(place))
    with started(folder, "scheduler", *options):
        yield _address(place)


@contextmanager
def worker(folder: Path, address: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with one thread, which nobody starts again."""
    options = ("--host", HOST, "--nthreads", "1", "--no-nanny", "--no-dashboard")
    with started(folder, "worker", address, *options) as process:
        yield process


def _address(place: Path) -> str:
    import json

    until = time.monotonic() + 60
    while time.monotonic() < until:
        if place.exists() and place.stat().st_size:
            return str(json.loads(place.read_text())["address"])
        time.sleep(0.1)
    raise TimeoutError("the scheduler does not start")


def marked(item: tuple[Path, int, int]) -> int:
    """Say which process works on an item, and square it when a certain one has begun, too."""
    folder, number, awaited = item
    (folder / f"{number}-{os.getpid()}").touch()
    until = time.monotonic() + 60
    while not list(folder.glob(f"*-{awaited}")) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.3)
    return number * number


def begun_by(folder: Path, process: subprocess.Popen[bytes]) -> bool:
    """Whether a process has begun work."""
    return bool(list(folder.glob(f"*-{process.pid}")))


def noted(folder: Path, function: Callable[[Any], Any], item: Any) -> Any:
    """What a function gives for an item, after it has been said which process works on it."""
    (folder / f"item-{os.getpid()}").touch()
    return function(item)


def kill_at_work(process: subprocess.Popen[bytes], folder: Path) -> None:
    """End a process as soon as it works on something that is :func:`noted`."""
    until = time.monotonic() + 240  # who hands it out may have to import everything first
    while not begun_by(folder, process):
        assert time.monotonic() < until
        time.sleep(0.01)
    kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process at once, without a word."""
    process.send_signal(signal.SIGKILL)
