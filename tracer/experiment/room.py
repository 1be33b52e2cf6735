"""Whether what a run takes is there: asked before anything of it is allocated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracer.errors import MemoryShortError, Problem
from tracer.experiment.limits import size_text
from tracer.files.memory import free_memory

SMALL = 2**26
"""64 megabytes: the system is not asked for less. Reading what is free takes some 0.1 ms, which is
as long as a small run, and such a run leaves no machine without memory."""
HINT = "Fewer epochs, rows or units make it smaller; so does a larger K of every = K in [record]."
SUDDEN = "End other programs, raise the limit of this one, or make the network smaller."


def check_room(wanted: int, what: str, file: Path | None = None, hint: str = HINT) -> None:
    """Refuse what does not fit into memory. Nobody can insist on that.

    ``file`` is the one that asks for it.

    Raises:
        MemoryShortError: says how much ``what`` takes, how much is free, and what makes it smaller.
    """
    free = free_memory() if wanted > SMALL else None
    if free is not None and wanted > free:
        needs, left = size_text(wanted), size_text(free)
        message = f"expected {needs} of free memory for {what}, found {left}"
        raise MemoryShortError(Problem(message, _name(file), hint=hint))


@contextmanager
def told(what: str, file: Path | None = None) -> Iterator[None]:
    """Where memory ends all the same, which no estimate can exclude, it is told in our words.

    Raises:
        MemoryShortError: the system gave no more memory.
    """
    try:
        yield
    except MemoryError:
        message = f"expected enough memory for {what}, found no more of it"
        raise MemoryShortError(Problem(message, _name(file), hint=SUDDEN)) from None


def _name(file: Path | None) -> str | None:
    return None if file is None else str(file)
