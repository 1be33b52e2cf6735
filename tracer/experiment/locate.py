"""Where each key of a TOML document stands. `tomllib` reads values, but tells no lines.

The scanner runs only over text that `tomllib` has accepted, so it need not check anything.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from contextlib import suppress

from tracer.experiment.report import KeyPath

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r"|\"(?:[^\"\\\n]|\\.)*\""
    r"|'[^'\n]*'"
)
_SCALAR = re.compile(r"[^,\[\]{}#\n\"']+")


def locate(text: str) -> dict[KeyPath, int]:
    """The line, from 1, of every key, table and list element of a valid TOML document.

    A path mixes names and positions from 0: ``("layers", 0, "units")``. A table that was only
    implied (``a`` of ``[a.b]``) stands where it was first implied.
    """
    scanner = _Scanner(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    # Absurdly deep, or not TOML: what was seen so far is still right.
    with suppress(RecursionError, _LostError):
        scanner.document()
    return scanner.lines


class _LostError(Exception):
    pass


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._tables: dict[KeyPath, int] = {}

    def document(self) -> None:
        here: KeyPath = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            here = self._header() if self._next("[") else self._pair(here)
            self._skip(_BLANK)

    def _header(self) -> KeyPath:
        many = self.text.startswith("[[", self.at)
        line = self._line()
        self.at += 2 if many else 1
        names = self._names()
        path = (*self._current(names[:-1], line), names[-1])
        self.lines.setdefault(path, line)
        if many:
            self._tables[path] = self._tables.get(path, 0) + 1
            path += (self._tables[path] - 1,)
            self.lines[path] = line
        self._expect("]]" if many else "]")
        return path

    def _current(self, names: list[str], line: int) -> KeyPath:
        """A header's path, in which the name of a list of tables means its last table."""
        path: KeyPath = ()
        for name in names:
            path += (name,)
            self.lines.setdefault(path, line)
            if path in self._tables:
                path += (self._tables[path] - 1,)
        return path

    def _pair(self, table: KeyPath) -> KeyPath:
        path, line = table, self._line()
        for name in self._names():
            path += (name,)
            self.lines.setdefault(path, line)
        self._expect("=")
        self._value(path)
        return table

    def _names(self) -> list[str]:
        names: list[str] = []
        while not names or self._next("."):
            self.at += bool(names)
            self._skip(_SPACE)
            names.append(_name(self._take(_KEY)))
            self._skip(_SPACE)
        return names

    def _value(self, path: KeyPath) -> None:
        self._skip(_SPACE)
        if self._next("["):
            self._array(path)
        elif self._next("{"):
            self._inline_table(path)
        else:
            self._take(_STRING if self._next('"') or self._next("'") else _SCALAR)

    def _array(self, path: KeyPath) -> None:
        self.at += 1
        self._skip(_BLANK)
        index = 0
        while not self._next("]"):
            self.lines[(*path, index)] = self._line()
            self._value((*path, index))
            self._comma()
            index += 1
        self.at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        self._skip(_BLANK)
        while not self._next("}"):
            self._pair(path)
            self._comma()
        self.at += 1

    def _comma(self) -> None:
        self._skip(_BLANK)
        if self._next(","):
            self.at += 1
            self._skip(_BLANK)

    def _line(self) -> int:
        return bisect_right(self._breaks, self.at - 1) + 1

    def _next(self, mark: str) -> bool:
        return self.text.startswith(mark, self.at)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise _LostError
        self.at = match.end()
        return match.group()

    def _expect(self, mark: str) -> None:
        self._skip(_SPACE)
        if not self._next(mark):
            raise _LostError
        self.at += len(mark)


def _name(token: str) -> str:
    if token[0] == "'":
        return token[1:-1]
    return str(tomllib.loads(f"k = {token}")["k"]) if token[0] == '"' else token
