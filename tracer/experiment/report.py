"""Collecting problems: what is wrong, and where it stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from tracer.errors import Problem
from tracer.experiment.words import found_text

KeyPath = tuple[str | int, ...]
LIMIT = 20  # problems on one screen; whoever mends these sees the next
# of one group: enough to sort and count, and a table of a million bad cells fills no memory
KEPT = 2_000


class Report:
    """The problems of one experiment file and of its table, in the order of their lines.

    `insist` says that the user wants what is only large.
    """

    def __init__(
        self,
        file: str | None = None,
        lines: Mapping[KeyPath, int] | None = None,
        *,
        insist: bool = False,
    ) -> None:
        self.file, self.insist = file, insist
        self._lines = lines or {}
        self._own: list[tuple[KeyPath, Problem]] = []
        self._foreign: list[Problem] = []
        self._counts: Counter[KeyPath] = Counter()

    def line(self, path: KeyPath) -> int | None:
        """The line of a key, or of the nearest thing around it that stands in the file."""
        for end in range(len(path), 0, -1):
            if path[:end] in self._lines:
                return self._lines[path[:end]]
        return None

    def has(self, path: KeyPath) -> bool:
        """Whether this very key stands in the file."""
        return path in self._lines

    def first(self, *paths: KeyPath) -> KeyPath:
        """The first of these keys that stands in the file, else simply the first."""
        return next((path for path in paths if self.has(path)), paths[0])

    def add(self, path: KeyPath, message: str, hint: str | None = None) -> None:
        """Note that the key at `path` is wrong."""
        group = path[:2]
        self._counts[group] += 1
        if self._counts[group] <= KEPT:
            problem = Problem(message, self.file, self.line(path), key_text(path), hint)
            self._own.append((group, problem))

    def add_foreign(self, problem: Problem) -> None:
        """Note a problem of the table's own file."""
        self._counts[()] += 1
        if self._counts[()] <= KEPT:
            self._foreign.append(problem)

    def problems(self) -> tuple[Problem, ...]:
        """Everything that was noted: by line, what has no line last, then the table's.

        Of one key, and of one table, only the first 20 are told; then how many more there are.
        """
        groups: dict[KeyPath, list[Problem]] = {}
        for group, problem in self._own:
            groups.setdefault(group, []).append(problem)
        own = [
            problem
            for path, group in groups.items()
            for problem in _capped(group, self._counts[path])
        ]
        return (*sorted(own, key=_by_line), *_capped(self._foreign, self._counts[()]))


def _capped(problems: list[Problem], number: int) -> list[Problem]:
    """The first of so many problems, of which only some were kept."""
    ordered = sorted(problems, key=_by_line)
    more = number - LIMIT
    if more <= 0:
        return ordered
    last = ordered[LIMIT - 1]
    note = Problem(f"and {more} more like these", last.file, last.line)
    return [*ordered[:LIMIT], note]


def _by_line(problem: Problem) -> tuple[bool, int]:
    return problem.line is None, problem.line or 0


def key_text(path: KeyPath) -> str:
    """`("layers", 0, "units")` as ``layers[1].units``: lists count from 1."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += ("." if text else "") + _key(part)
    return text


def _key(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name) else found_text(name)
