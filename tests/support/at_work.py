"""When the processes that another one has started are at work, and when they are gone."""

from __future__ import annotations

import os
import time

PATIENCE = 60.0
"""Seconds that a busy machine may take."""
LOOK = 0.02
"""Seconds from one look to the next."""
IMPORTED = 1.0
"""Seconds of a processor in which a process has imported what it needs."""


def wait_until_at_work(pid: int, count: int = 2) -> None:
    """Wait until so many processes that one has started do what they are for."""
    import psutil  # type: ignore[import-untyped]

    watched, until = psutil.Process(pid), time.monotonic() + PATIENCE
    while sum(child.cpu_times().user > IMPORTED for child in watched.children()) < count:
        assert time.monotonic() < until, "they do not begin"
        time.sleep(LOOK)


def gone(group: int) -> bool:
    """Whether every process of a group has ended; the last one may take a moment."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(LOOK)
    return False
