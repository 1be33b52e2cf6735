"""How many processors there are for this process, and whether one has nothing to do."""

from __future__ import annotations

import os


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
