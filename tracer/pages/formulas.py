"""Formulas that stand alone on a page: what templates ask of the desk that it is written with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from tracer.notation import Notation, plain_text
from tracer.refs import Ref
from tracer.typeset import Typesetter, Written
from tracer.typeset.named import NamedSymbol


class WritesFormulas(ABC):
    """Writes the formulas of one page."""

    @property
    @abstractmethod
    def typesetter(self) -> Typesetter:
        """Typesets for this page."""

    @property
    @abstractmethod
    def notation(self) -> Notation:
        """The symbols that the experiment chose."""

    def symbol(self, name: str, layer: int = 0, *index: int, linked: bool = True) -> Any:
        """A symbol as a formula of its own; not ``linked`` inside a link, heading or caption."""
        return self.typesetter.symbol(name, layer, index, linked=linked)

    def symbol_of(self, ref: Ref, *, linked: bool = True) -> Any:
        """The symbol of a reference as a formula of its own."""
        return self.written((ref,), linked=linked)

    def math(self, latex: str, *, linked: bool = True) -> Any:
        """Any LaTeX as a formula of its own."""
        return self.typesetter.math(latex, linked=linked)

    def written(self, parts: Written, *, linked: bool = True) -> Any:
        """A formula of symbols on its own."""
        return self.typesetter.written(parts, linked=linked)

    def latex(self, formula: str | Written, *, linked: bool = True) -> str:
        """A formula as LaTeX: given so, or as parts."""
        parts = (formula,) if isinstance(formula, str) else formula
        self.written(parts, linked=linked)
        return self.typesetter.latex_of(parts)

    def unit(self, number: int) -> int:
        """How a unit, input or output (from 1) is counted for readers."""
        return self.notation.unit(number)

    def general(self, name: str) -> str:
        """The symbol of a quantity wherever it stands, in plain text."""
        return plain_text(self.notation.general(name))

    def plain(self, name: str, layer: int = 0, *index: int) -> NamedSymbol:
        """A symbol in plain text that knows how it is drawn, set and said."""
        return self.typesetter.named(name, layer, index)
