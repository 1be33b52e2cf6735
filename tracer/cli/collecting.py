"""How often Python looks for objects that hold each other, while a command runs."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

MORE_OBJECTS = 500_000
"""New objects after which Python looks; its own 700 make it look at every page several times. Pages
are made of objects that mostly live to the end, and looking at 50,000 takes 15 milliseconds. The
built-in example makes 200,000, so it ends before the first look and needs 15 MB more for that;
500,000 take less than 100 MB."""


DONE_AT_THE_END = "_run_exitfuncs"
"""What calls all that was registered: Python's own copies of a process end in the same way."""


@contextmanager
def seldom_collected(*, to_the_end: bool = False) -> Iterator[None]:
    """Look seldom; what nothing refers to any more is freed at once, as always.

    ``to_the_end``: the process ends soon after. Then nothing is looked at any more, neither when
    this is over nor when Python ends: the system takes back the memory as a whole, in no time,
    where to free object by object takes an eighth of a rendering. Files are closed as ever.
    """
    before = gc.get_threshold()
    gc.set_threshold(MORE_OBJECTS, *before[1:])
    try:
        yield
    finally:
        if to_the_end:
            gc.disable()
            atexit.register(gc.freeze)
        else:
            gc.set_threshold(*before)


def end_at_once(status: int) -> None:
    """End the process with a status, without what Python takes apart before: modules and classes.

    What was registered for the end is done. Nothing happens, so that Python ends as ever, where
    other threads are to be waited for, where somebody looks at what runs, or where what is printed
    cannot be written.
    """
    is_looked_at = sys.gettrace() or sys.getprofile() or sys.flags.inspect
    if is_looked_at or threading.active_count() > 1 or not hasattr(atexit, DONE_AT_THE_END):
        return
    getattr(atexit, DONE_AT_THE_END)()
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
