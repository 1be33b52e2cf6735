"""Many of one thing: a function for each of some items, here or in processes of this machine.

An executor has one method, ``map(function, items)``, which gives the results in the order of the
items, whatever runs where. The function is one of a module and items and results can be pickled, so
that another machine can be an executor too. What a call gives may depend on its item alone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TypeVar

from tracer.errors import BuildError
from tracer.messages import gettext

Item = TypeVar("Item")
Result = TypeVar("Result")
AHEAD = 4
"""Items that are handed out for each process before the first result is taken: one that it works
on, one that waits for it, and as many more while the results before them are still awaited."""


class Executor(Protocol):
    """Calls a function for many items."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """The result for each item, in order, each as soon as it and those before it are there.

        Raises what the function raised for the first item that has no result; later items may not
        be tried then. Closing the iterator ends what has not begun.
        """


class Here:
    """Calls the function in this process, one item after the other, when its result is taken."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """The result for each item, in order."""
        return map(function, items)


class Processes:
    """Calls the function in processes, of which a pool has some."""

    def __init__(self, pool: ProcessPoolExecutor, jobs: int) -> None:
        self._pool, self._most = pool, AHEAD * jobs

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """The result for each item, in order.

        Raises BuildError where the system ended a process.
        """
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(self._submit(function, item))
                if len(waiting) >= self._most:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise BuildError(
                gettext("a process was ended by the system; fewer jobs need less memory")
            ) from error
        finally:
            for future in waiting:
                future.cancel()

    def _submit(self, function: Callable[[Item], Result], item: Item) -> Future[Result]:
        with _deaf_to_interrupts():
            return self._pool.submit(function, item)


@contextmanager
def executor(jobs: int = 1) -> Iterator[Executor]:
    """An executor with so many processes; with one job it is this process.

    At the end of the ``with`` block no process is left. Where an error or Ctrl-C ends the block,
    what the processes are still working on is given up.
    """
    if jobs == 1:
        yield Here()
        return
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"))
    try:
        yield Processes(pool, jobs)
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
        raise
    finally:
        with suppress(BrokenProcessPool):
            pool.shutdown(cancel_futures=True)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes that are started here ignore Ctrl-C: the one that started them ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: Any = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
