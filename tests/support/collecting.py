"""How often Python looks for garbage in a process of tests: it is imported before what is large."""

from __future__ import annotations

import gc

#: Python looks for cycles after 700 new objects, at times among all that tests and SymPy hold.
#: These are some fifty MB of small objects: what a few pages make while they are rendered.
NEW_OBJECTS = 1_000_000
#: To look through all that stays takes a second by and by; what dies late is little.
SELDOM = 100

gc.set_threshold(NEW_OBJECTS, 10, SELDOM)


def settle() -> None:
    """Leave what stays to the end out of the search."""
    gc.collect()
    gc.freeze()
