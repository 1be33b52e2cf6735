"""Terms as lines of Python, in which nothing is computed twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tracer.catalog.recorded import Entries, entries
from tracer.catalog.terms import Notes, Term

Names = list[str]
_LEVELS = {"+": 1, "-": 1, "*": 2, "/": 2}
_ATOM = max(_LEVELS.values()) + 1
_PAIRS = frozenset(["<", "<=", ">", ">=", "==", "!=", "and", "or"])


class Lines:
    """Lines of code, and the names of what they have computed."""

    def __init__(self, *, careful: bool, letter: str = "c") -> None:
        self.notes, self.careful = Notes(), careful
        self.lines: Names = []
        self.known: dict[Term, str] = {}
        self._letter, self._fresh = letter, 0

    def inside(self) -> Lines:
        """Lines of their own that know what was computed before them."""
        found = Lines(careful=self.careful, letter="p")
        found.notes, found.known = self.notes, dict(self.known)
        return found

    def of(self, target: str, term: Term) -> Names:
        """The lines that compute a term under a name that may stand in it."""
        self._share([term])
        return [*self.lines, f"{target} = {self.text(term)[0]}"]

    def row(self, names: Sequence[str]) -> Entries:
        """Numbers that have names, in place of an array."""
        return Entries(self.notes, [self.notes.name(name) for name in names], (len(names),))

    def number(self, name: str) -> Entries:
        """A number that has a name."""
        return Entries(self.notes, [self.notes.name(name)], ())

    def assign(self, targets: Sequence[str], value: Any) -> Names:
        """Compute the entries of ``value``; their names, which are older ones where they can be."""
        terms = entries(self.notes, value).terms
        terms = terms * len(targets) if len(terms) == 1 else terms
        self._share(terms)
        return [self._assigned(*pair) for pair in zip(targets, terms, strict=True)]

    def _assigned(self, target: str, term: Term) -> str:
        if term.operation == "name":
            return term.name
        if term not in self.known:
            self.lines.append(f"{target} = {self.text(term)[0]}")
            self.known[term] = target
        return self.known[term]

    def _share(self, terms: Iterable[Term]) -> None:
        """Give a name to everything that is needed more than once."""
        counts: Counter[Term] = Counter()
        order: dict[Term, None] = {}
        for term in terms:
            self._count(term, counts, order)
        for term in order:
            if counts[term] > 1 and term not in terms:
                self.named(term)

    def _count(self, term: Term, counts: Counter[Term], order: dict[Term, None]) -> None:
        if not term.parts or term in self.known:
            return
        counts[term] += 1
        if counts[term] == 1:
            for part in term.parts:
                self._count(part, counts, order)
            order[term] = None

    def named(self, term: Term) -> None:
        """Compute a term under a name of its own."""
        self._fresh += 1
        self._assigned(f"{self._letter}{self._fresh}", term)

    def text(self, term: Term) -> tuple[str, int]:
        """The code of a term, and how tightly it holds together."""
        if term in self.known:
            return self.known[term], _ATOM
        if term.operation == "name":
            return term.name, _ATOM
        if term.operation == "constant":
            text = repr(term.value)
            return (f"({text})" if text.startswith("-") else text), _ATOM
        return self._operation(term)

    def _operation(self, term: Term) -> tuple[str, int]:
        operation, texts = term.operation, [self.text(part) for part in term.parts]
        plain = [text for text, _ in texts]
        if operation in _LEVELS and not (self.careful and operation == "/"):
            level = _LEVELS[operation]
            (left, holds), (right, binds) = texts
            left = left if holds >= level else f"({left})"
            right = right if binds > level else f"({right})"
            return f"{left} {operation} {right}", level
        if operation == "where":
            return f"({plain[1]} if {plain[0]} else {plain[2]})", _ATOM
        if operation in _PAIRS:
            return f"({plain[0]} {operation} {plain[1]})", _ATOM
        if operation in ("neg", "not"):
            sign = {"neg": "-", "not": "not "}[operation]
            return f"({sign}{texts[0][0] if texts[0][1] == _ATOM else f'({plain[0]})'})", _ATOM
        name = "div" if operation == "/" else operation
        return f"{name}({', '.join(plain)})", _ATOM
