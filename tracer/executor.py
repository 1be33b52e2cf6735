"""Many of one thing: a function for each of some items, here, in processes, or on a Dask cluster.

An executor has one method, ``map(function, items)``, which gives the results in the order of the
items, whatever runs where. The function is one of a module and items and results can be pickled, so
that another machine can be an executor too. What a call gives may depend on its item alone.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tracer.errors import BuildError, Problem
from tracer.extras import install_hint
from tracer.messages import gettext

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
Result = TypeVar("Result")
Results = Generator[Result, None, None]
PATIENCE = 10
"""Seconds: a scheduler that has not answered by then is not there."""
AHEAD = 4
"""Items that are handed out for each process before the first result is taken: one that it works
on, one that waits for it, and as many more while the results before them are still awaited."""


class Executor(Protocol):
    """Calls a function for many items."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """The result for each item, in order, each as soon as it and those before it are there.

        Raises what the function raised for the first item that has no result; later items may not
        be tried then. Closing the iterator ends what has not begun.
        """


class Here:
    """Calls the function in this process, one item after the other, when its result is taken."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """The result for each item, in order."""
        for item in items:
            yield function(item)


class Processes:
    """Calls the function in processes, of which a pool has some."""

    def __init__(self, pool: ProcessPoolExecutor, jobs: int, *, lasts: bool = True) -> None:
        self._pool, self._most, self._lasts = pool, AHEAD * jobs, lasts

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """The result for each item, in order.

        Raises BuildError where the system ended a process, or starts none.
        """
        from concurrent.futures.process import BrokenProcessPool

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
        except GeneratorExit:
            # A pool that is ended tells what waits itself, and stumbles over what was cancelled.
            for future in waiting if self._lasts else ():
                future.cancel()
            raise

    def _submit(self, function: Callable[[Item], Result], item: Item) -> Future[Result]:
        with _deaf_to_interrupts(), _startable():
            return self._pool.submit(function, item)


class Cluster:
    """Calls the function on the workers of a Dask cluster, to which a client leads.

    A worker that is lost costs time only: what it worked on is begun again on another one.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """The result for each item, in order.

        Raises BuildError where the cluster is gone, or loses a worker each time with one item.
        """
        distributed: Any = import_module("distributed")
        waiting: deque[Any] = deque()
        try:
            for item in items:
                if self._client.status == "closed":  # it looked for its scheduler, and gave up
                    raise ConnectionError
                waiting.append(self._client.submit(function, item, pure=False))
                if len(waiting) >= self._most:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except distributed.KilledWorker as error:
            raise BuildError(gettext("several workers were lost with the same work")) from error
        except (distributed.CancelledError, OSError) as error:
            waiting.clear()  # a client that has closed itself refuses to cancel anything
            raise BuildError(gettext("the Dask cluster is lost")) from error
        finally:
            if waiting:
                self._client.cancel(list(waiting))

    @property
    def _most(self) -> int:
        """Workers may come and go; without any yet, what is handed out waits for the first."""
        threads: dict[str, int] = self._client.nthreads()
        return AHEAD * max(1, sum(threads.values()))


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """An executor on the Dask cluster whose scheduler has this address, as ``tcp://host:8786``.

    Raises BuildError where Dask is not installed, or where no scheduler answers.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        message = gettext("a Dask cluster needs dask.distributed")
        raise BuildError(Problem(message, hint=install_hint("dask"))) from None
    with _unlogged("distributed", "distributed.client"):
        try:
            client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            message = gettext("no Dask scheduler answers at %(address)s", address=address)
            hint = gettext("`dask scheduler` starts one and says its address")
            raise BuildError(Problem(message, hint=hint)) from error
        with client:
            yield Cluster(client)


@contextmanager
def _unlogged(*names: str) -> Iterator[None]:
    """Let loggers be silent: what goes wrong is raised, and said once, in words of ours."""
    import logging

    found = [(logger, logger.level) for logger in map(logging.getLogger, names)]
    try:
        for logger, _ in found:
            logger.setLevel(logging.CRITICAL)
        yield
    finally:
        for logger, level in found:
            logger.setLevel(level)


@contextmanager
def executor(jobs: int = 1, dask: str | None = None) -> Iterator[Executor]:
    """An executor with so many processes; with one job it is this process.

    ``dask`` is the address of a Dask cluster, which then does the work.

    At the end of the ``with`` block no process is left. Where an error or Ctrl-C ends the block,
    what the processes are still working on is given up.
    """
    if dask is not None:
        with cluster(dask) as many:
            yield many
        return
    if jobs == 1:
        yield Here()
        return
    with _processes(jobs) as many:
        yield many


class Forked:
    """Calls the function in copies of this process, which begin with all that it knows.

    So the function may be any, and hold anything; items and results are pickled still.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """The result for each item, in order. Raises BuildError where a process was ended."""
        with _processes(self._jobs, "fork", function) as many:
            yield from many.map(_call_held, items)


CAN_HOLD_BACK = hasattr(signal, "pthread_sigmask")
"""Whether signals can be made to wait: Windows has none that could."""
_held: list[Any] = []
"""In a process of a pool, the function that it was made for, if it was made for one."""


def _hold(function: Any) -> None:
    """What a process of a pool begins with.

    It ends when it is told to: a copy would do what the first process does then, and go on. It ends
    as well when the first process is gone, however that ended.

    What a copy begins with is never looked through for garbage: to look writes to each object, so
    that the memory of it all would be copied, which took a fifth of a copy's time.
    """
    if function is not None:
        gc.freeze()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if CAN_HOLD_BACK:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    _held[:] = [function]


def _end_with_the_first() -> None:
    """Wait for the end of the process that started this one; nobody else would tell of it.

    A copy that waits for work holds both ends of the pipe that it would come through, and would
    wait for ever.
    """
    from multiprocessing import parent_process

    first = parent_process()
    if first is not None:
        first.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _call_held(item: Any) -> Any:
    return _held[0](item)


def forked(jobs: int) -> Executor:
    """So many copies of this process, each time that something is mapped; else this process.

    That is where one is enough, or where the system cannot copy a process.
    """
    return Forked(jobs) if jobs > 1 and can_copy() else Here()


@contextmanager
def aside(function: Callable[[], Result], *, copied: bool = True) -> Iterator[Callable[[], Result]]:
    """Let a copy of this process call a function meanwhile; what is yielded gives its result.

    Nothing depends on the copy. Where there is none, as ``copied`` is false or the system starts
    none, or where it came to no result, the function is called here, and raises what it raises. At
    the end of the ``with`` block no copy is left.
    """
    if not (copied and can_copy()):
        yield function
        return
    import multiprocessing

    context = multiprocessing.get_context("fork")
    answer, tell = context.Pipe(duplex=False)
    copy = context.Process(target=_tell, args=(function, answer, tell), daemon=True)
    with answer:
        with tell, suppress(OSError), _deaf_to_interrupts():
            copy.start()
        try:
            yield partial(_told, answer, function)
        finally:
            if copy.pid is not None:
                copy.terminate()
                copy.join()


def _tell(function: Callable[[], Any], answer: Connection, tell: Connection) -> None:
    """In a copy: tell the result, or nothing where there is none."""
    _hold(function)
    answer.close()
    with suppress(Exception):
        tell.send(function())


def _told(answer: Connection, function: Callable[[], Result]) -> Result:
    """What the copy tells; without that, what the function gives here."""
    try:
        found: Result = answer.recv()
    except (EOFError, OSError):  # the latter where it ends in the middle of a word
        return function()
    return found


def can_copy() -> bool:
    """Whether a process may be copied: Windows has no such call, libraries of macOS fail in one."""
    return hasattr(os, "fork") and sys.platform != "darwin"


@contextmanager
def _processes(
    jobs: int, method: str = "spawn", held: Callable[[Any], Any] | None = None
) -> Iterator[Executor]:
    """A pool of processes; those that are forked hold a function, which is not pickled."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    before = set(multiprocessing.active_children())
    context = multiprocessing.get_context(method)
    with _startable():
        pool = ProcessPoolExecutor(jobs, context, _hold, (held,))
    try:
        yield Processes(pool, jobs, lasts=held is None)
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
        raise
    finally:
        with suppress(BrokenProcessPool):
            pool.shutdown(cancel_futures=True)


@contextmanager
def _startable() -> Iterator[None]:
    """What the system refuses to many processes is told so; one process needs none of it."""
    try:
        yield
    except OSError as error:
        message = gettext("no more processes can be started: %(error)s", error=error.strerror)
        hint = gettext("`--jobs 1` does it in one process")
        raise BuildError(Problem(message, hint=hint)) from error


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes that are started here ignore Ctrl-C: the one that started them ends them.

    Python warns of copies of a process that has threads. Those of ours compute, or draw a bar, and
    a copy needs neither.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
        with _deaf(), _held_back():
            yield


@contextmanager
def _held_back() -> Iterator[None]:
    """Processes that are started here take a request to end when they know their own answer to it.

    Before, a copy would answer as this process does, and while it starts nobody hears the answer.
    """
    if not CAN_HOLD_BACK:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _deaf() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: Any = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def is_one_free() -> bool:
    """Whether a processor has nothing to do, by what the last minute was like.

    Where all are busy, a copy waits for its turn as others do, and makes nothing sooner.
    """
    try:
        return os.getloadavg()[0] < processors()
    except (AttributeError, OSError):  # Windows has no such call, and some systems no answer
        return False


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
