"""The loop of an author: a file is saved, the site is made anew, the open page shows it."""

from __future__ import annotations

from threading import Condition, Thread
from typing import Protocol

from tracer.errors import Problem
from tracer.files.packs import pack
from tracer.serving.board import Board
from tracer.serving.server import Server
from tracer.serving.watching import Watch
from tracer.serving.workshop import SupersededError, Workshop

ENDING = 5.0
"""Seconds in which a rendering notices that it is not wanted any more: a step of it takes less."""


class Teller(Protocol):
    """Is told what happened."""

    def __call__(self, problems: tuple[Problem, ...]) -> None:
        """The site was made anew; these are the problems."""


class Crew:
    """One thread that makes the site, always for the newest change."""

    def __init__(self, workshop: Workshop, board: Board, tell: Teller) -> None:
        self._workshop, self._board, self._tell = workshop, board, tell
        self._wanted, self._done, self._ends = 0, 0, False
        self._changed = Condition()
        self.failure: BaseException | None = None
        self._thread = Thread(target=self._run, name="tracer workshop", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def ask(self) -> None:
        """Something was changed: what is being made is old."""
        with self._changed:
            self._wanted += 1
            self._changed.notify_all()

    def end(self) -> None:
        """Stop working."""
        with self._changed:
            self._ends = True
            self._wanted += 1
            self._changed.notify_all()
        self._thread.join(ENDING)

    def _run(self) -> None:
        try:
            while not self._ends:
                self._work(self._next())
        except BaseException as error:  # noqa: BLE001 - told to the thread that watches
            self.failure = error

    def _next(self) -> int:
        with self._changed:
            self._changed.wait_for(lambda: self._wanted != self._done)
            self._done = self._wanted
            return self._done

    def _work(self, number: int) -> None:
        if self._ends:
            return
        try:
            self._workshop.work(lambda: self._wanted != number)
        except SupersededError:
            return
        version = self._board.version
        problems = [*version.problems]
        for path in self._board.open:
            problems += [one for one in version.trouble(path) if one not in problems]
        self._tell(tuple(problems))
        pack().write()  # while nobody waits: a process that is killed leaves what it worked out


def watch_and_serve(server: Server, crew: Crew, watch: Watch) -> None:
    """Serve, and make the site anew after each change, until somebody interrupts.

    Raises what the making of the site raised, if that was no problem of a file.
    """
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    serving.start()
    crew.start()
    crew.ask()
    try:
        while crew.failure is None:
            if watch.changed():
                crew.ask()
        raise crew.failure
    finally:
        crew.end()
        server.end()
