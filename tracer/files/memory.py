"""How much memory this process can still get, as the system tells it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PAGE = 4096
"""Bytes that a page of memory has where the system does not say it: what processors start with."""
UNLIMITED = 2**60
"""Bytes: a limit that is larger is none. Systems write such numbers where nobody set one."""
PROC, GROUP = Path("/proc"), Path("/sys/fs/cgroup")


def free_memory() -> int | None:
    """Bytes that can still be taken; None where the system does not tell.

    The least of what the machine has to give, of what a container leaves, and of the limits of the
    process (``ulimit -v``, ``ulimit -d``).
    """
    known = [size for size in (_of_machine(), _of_group(), *_of_limits()) if size is not None]
    return max(0, min(known)) if known else None


def _of_machine() -> int | None:
    """What Linux says is available without swapping, and what swapping adds."""
    names = ("MemAvailable", "SwapFree")
    lines = _text(PROC / "meminfo").splitlines()
    found = {name: line.split()[1] for line in lines for name in names if line.startswith(name)}
    if "MemAvailable" not in found:
        return None
    return sum(int(kilobytes) for kilobytes in found.values()) * 1024


def _of_group() -> int | None:
    """What is left of the limit of a control group; pages of files are given back when needed."""
    most, used = _text(GROUP / "memory.max").strip(), _text(GROUP / "memory.current").strip()
    if not (most.isdigit() and used.isdigit()) or int(most) > UNLIMITED:
        return None
    lines = _text(GROUP / "memory.stat").splitlines()
    files = sum(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))
    return int(most) - int(used) + files


def _of_limits() -> Iterator[int]:
    """What is left of the limits on addresses and on data of this process."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    fields = _text(PROC / "self" / "statm").split()
    page = resource.getpagesize() or PAGE
    for kind, place in ((resource.RLIMIT_AS, 0), (resource.RLIMIT_DATA, 5)):
        most = resource.getrlimit(kind)[0]
        if 0 <= most < UNLIMITED and len(fields) > place:
            yield most - int(fields[place]) * page


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
