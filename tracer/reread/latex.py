"""LaTeX → tokens, for walkthroughs that were written with ``--math latex``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tracer.reread.tokens import (
    Name,
    Numeral,
    Power,
    Ratio,
    Root,
    Row,
    Sign,
    Subscript,
    Table,
    Token,
    UnreadableError,
)

_WORD = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_SIGNS = {
    r"\cdot": "⋅",
    r"\times": "×",
    r"\odot": "⊙",
    r"\approx": "≈",
    r"\leq": "≤",
    r"\geq": "≥",
    r"\le": "≤",
    r"\ge": "≥",
    "-": "−",
    r"\wedge": "∧",
    r"\vee": "∨",
    **{sign: sign for sign in "+=<>(),[]|"},
}
_SPACES = frozenset([r"\,", r"\;", r"\!", r"\ ", r"\left", r"\right", r"\displaystyle"])
_CONSTANTS = {r"\infty": "∞", r"\pi": "π", r"\sigma": "σ"}


def read_latex(text: str) -> Row:
    """The tokens of a formula. Raises UnreadableError for LaTeX that no formula of ours has."""
    return _LatexReader(text).all()


class _LatexReader:
    """Reads words from left to right."""

    def __init__(self, text: str) -> None:
        self.words: list[str] = [word for word in _WORD.findall(text) if not word.isspace()]
        self.at = 0
        self.commands: dict[str, Callable[[], Token]] = {
            r"\frac": lambda: Ratio(self._group(), self._group()),
            r"\sqrt": lambda: Root(self._group()),
            r"\operatorname": lambda: Name(self._raw()),
            r"\mathrm": lambda: Name(self._raw()),
            r"\text": lambda: _named_number(self._raw()),
            r"\hat": lambda: Name(self._index() + "ˆ"),
            r"\tilde": lambda: Name(self._index() + "˜"),
            r"\begin": self._matrix,
            "^": lambda: Power(self._group()),
            "_": lambda: Subscript(self._index()),
        }

    def all(self) -> Row:
        found = self._until("")
        if self.at < len(self.words):
            raise UnreadableError(f"{self.words[self.at]!r} without its counterpart")
        return found

    def _until(self, *ends: str) -> Row:
        return tuple(self._tokens(ends))

    def _tokens(self, ends: tuple[str, ...]) -> Iterator[Token]:
        while self.at < len(self.words) and self.words[self.at] not in ends:
            if self.words[self.at] == "}":
                return
            word = self._next()
            if word == "{":
                yield from self._until("}")
                self._expect("}")
            elif word not in _SPACES:
                yield self._token(word)

    def _token(self, word: str) -> Token:
        if word in self.commands:
            return self.commands[word]()
        if word in _SIGNS:
            return Sign(_SIGNS[word])
        if word[0].isdigit() or word == r"\infty":
            return Numeral(_CONSTANTS.get(word, word))
        if word.isalpha() or word[:1] == "\\":
            return Name(_CONSTANTS.get(word, word.lstrip("\\")))
        raise UnreadableError(f"{word!r} in a formula")

    def _next(self) -> str:
        if self.at >= len(self.words):
            raise UnreadableError("a formula that breaks off")
        self.at += 1
        return self.words[self.at - 1]

    def _expect(self, word: str) -> None:
        found = self._next()
        if found != word:
            raise UnreadableError(f"{found!r} where {word!r} belongs")

    def _group(self) -> Row:
        if self.at < len(self.words) and self.words[self.at] == "{":
            self.at += 1
            found = self._until("}")
            self._expect("}")
            return found
        return (self._token(self._next()),)

    def _raw(self) -> str:
        """The words of a group as they stand, with the groups inside it."""
        self._expect("{")
        start, depth = self.at, 1
        while depth:
            depth += {"{": 1, "}": -1}.get(self._next(), 0)
        return "".join(self.words[start : self.at - 1])

    def _index(self) -> str:
        return self._raw() if self.words[self.at : self.at + 1] == ["{"] else self._next()

    def _matrix(self) -> Token:
        kind, rows, row = self._raw(), [], list[Row]()
        while True:
            row.append(self._until("&", r"\\", r"\end"))
            end = self._next()
            if end != "&":
                rows.append(tuple(row))
                row = []
            if end == r"\end":
                break
        if self._raw() != kind:
            raise UnreadableError(f"{kind} without its end")
        return Table(tuple(rows))


def _named_number(text: str) -> Token:
    return Numeral(text) if text == "nan" else Name(text)
