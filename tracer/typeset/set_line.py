"""A typeset line, as pages take it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from markupsafe import Markup

from tracer.refs import Ref
from tracer.typeset.line import Operand

Operands = tuple[Operand, ...]
Parts = tuple[tuple[str, Markup], ...]
"""(class, html) of each part of a line, in reading order."""
NO_FLAGS: frozenset[str] = frozenset()
BRANCH = frozenset(["branch"])


@dataclass(frozen=True)
class Source:
    """An operand of a line, as an ordinary link; ``kept`` is its value with all its digits."""

    ref: Ref
    text: str
    href: str
    kept: str = ""


class SetLine(NamedTuple):
    """A typeset line. ``parts`` are (class, html) in reading order; ``latex`` is the same line.

    ``operands`` are its numbers with their ``links``, given as ``numbers``. ``kept`` is the trace's
    value with all its digits. ``home`` leads to where the same line has its anchor, for a line that
    is quoted. ``flags`` tells the page what to say about it: "nan", "branch" and the remarks of a
    settled line. What only some pages ask for is made when it is asked: ``as_latex`` takes
    ``made_of``, and so do the ``numbers`` of a line that is set as those of other cycles are.
    """

    ref: Ref | None
    anchor: str
    parts: Parts
    as_latex: Callable[[Any], str]
    made_of: Any
    numbers: Operands | Callable[[Any], Operands] = ()
    links: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    result: str = ""
    value: float = 0.0
    kept: str = ""
    home: str = ""
    flags: frozenset[str] = NO_FLAGS

    @property
    def operands(self) -> Operands:
        """Its numbers."""
        return self.numbers(self.made_of) if callable(self.numbers) else self.numbers

    @property
    def latex(self) -> str:
        """The line as LaTeX."""
        return self.as_latex(self.made_of)
