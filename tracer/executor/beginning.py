"""How a process of ours begins, and what it hears while it does: who started it ends it."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CAN_HOLD_BACK = hasattr(signal, "pthread_sigmask")
"""Whether signals can be made to wait: Windows has none that could."""
_held: list[Any] = []
"""In a process of a pool, the function that it was made for, if it was made for one."""


def hold(function: Any) -> None:
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


def call_held(item: Any) -> Any:
    """In a process of a pool: call the function that it holds."""
    return _held[0](item)


def can_copy() -> bool:
    """Whether a process may be copied: Windows has no such call, libraries of macOS fail in one."""
    return hasattr(os, "fork") and sys.platform != "darwin"


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
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
