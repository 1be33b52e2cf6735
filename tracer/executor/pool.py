"""The executors in processes of this machine: a pool of new ones, or copies of this one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from tracer.errors import BuildError, Problem
from tracer.executor.beginning import call_held, can_copy, deaf_to_interrupts, hold
from tracer.executor.interface import AHEAD, Executor, Here, Item, Result, Results
from tracer.messages import gettext

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor


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
        with deaf_to_interrupts(), _startable():
            return self._pool.submit(function, item)


class Forked:
    """Calls the function in copies of this process, which begin with all that it knows.

    So the function may be any, and hold anything; items and results are pickled still.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """The result for each item, in order. Raises BuildError where a process was ended."""
        with processes(self._jobs, "fork", function) as many:
            yield from many.map(call_held, items)


def forked(jobs: int) -> Executor:
    """So many copies of this process, each time that something is mapped; else this process.

    That is where one is enough, or where the system cannot copy a process.
    """
    return Forked(jobs) if jobs > 1 and can_copy() else Here()


@contextmanager
def processes(
    jobs: int, method: str = "spawn", held: Callable[[Any], Any] | None = None
) -> Iterator[Executor]:
    """A pool of processes; those that are forked hold a function, which is not pickled."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    before = set(multiprocessing.active_children())
    context = multiprocessing.get_context(method)
    with _startable():
        pool = ProcessPoolExecutor(jobs, context, hold, (held,))
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
