"""Waiting until a file changes: told by the system where it can tell, else by looking."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Event, Thread

from tracer.serving.inputs import Inputs, Signature

LOOK = 0.2
"""Seconds between two looks without help of the system: short enough to be shown in a second."""
STILL = 0.03
"""Seconds without a change after which a file counts as written: editors write in one go."""
AGAIN = 1.0
"""Seconds after which one looks also where the system told nothing: some disks are silent."""

BETWEEN, MOST = 10, 200
"""Milliseconds without a change after which the system's news are passed on, and at the latest."""


class Watch:
    """Tells of changes in what pages are made of; ``polls`` never asks the system to tell."""

    def __init__(self, inputs: Inputs, *, polls: bool = False) -> None:
        self._inputs = inputs
        self._polls = polls or not _can_be_told()
        self._known = inputs.signature()
        self._folders: frozenset[Path] = frozenset()
        self._news, self._old = Event(), Event()

    def changed(self) -> bool:
        """Wait a second at most, and say whether something was changed and is whole again."""
        found = self._inputs.signature()
        if found == self._known:
            self._pause()
            found = self._inputs.signature()
        if found == self._known:
            return False
        self._known = self._still(found)
        return True

    def _still(self, found: Signature) -> Signature:
        while True:
            time.sleep(STILL)
            now = self._inputs.signature()
            if now == found:
                return now
            found = now

    def _pause(self) -> None:
        if self._polls:
            time.sleep(LOOK)
            return
        folders = self._inputs.folders()
        if folders != self._folders:
            self._old.set()
            self._folders, self._old = folders, Event()
            Thread(target=_tell, args=(folders, self._news, self._old), daemon=True).start()
        self._news.wait(AGAIN)
        self._news.clear()


def _can_be_told() -> bool:
    try:
        import watchfiles  # noqa: F401
    except ImportError:
        return False
    return True


def _tell(folders: frozenset[Path], news: Event, old: Event) -> None:
    """Pass on what the system tells of some folders, until it is old.

    In a thread of its own: the library takes every signal for Ctrl-C where it runs in the first.
    """
    from watchfiles import watch

    places = sorted(folders)
    try:
        for _ in watch(
            *places,
            watch_filter=None,
            recursive=False,
            debounce=MOST,
            step=BETWEEN,
            stop_event=old,
        ):
            news.set()
    except OSError:
        return  # a folder went away, or the system tells nothing more: one looks every second
