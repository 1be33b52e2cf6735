"""One copy of this process that calls a function while this one goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from tracer.executor.beginning import can_copy, deaf_to_interrupts, hold
from tracer.executor.interface import Result

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


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
        with tell, suppress(OSError), deaf_to_interrupts():
            copy.start()
        try:
            yield partial(_told, answer, function)
        finally:
            if copy.pid is not None:
                copy.terminate()
                copy.join()


def _tell(function: Callable[[], Any], answer: Connection, tell: Connection) -> None:
    """In a copy: tell the result, or nothing where there is none."""
    hold(function)
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
