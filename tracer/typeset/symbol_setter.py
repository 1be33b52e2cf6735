"""Formulas of symbols alone → MathML for pages or LaTeX for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from tracer.formula import Expr
from tracer.notation import LETTERS, Notation, plain_text
from tracer.refs import Ref
from tracer.typeset import markup as marks
from tracer.typeset.compiled import Compiled
from tracer.typeset.convention import as_it_lies, bound_in_columns, written_in_columns
from tracer.typeset.keyed import key_of, read_of
from tracer.typeset.line import Bound, MatrixLine, MatrixTerm, SymbolPart, Written
from tracer.typeset.named import NamedSymbol
from tracer.typeset.pieces import Filling, Piece, fill_mathml, infix
from tracer.typeset.spoken import Voice
from tracer.typeset.symbol_links import Meaning, linked_letters, linked_symbol, nowhere
from tracer.typeset.written import pieced, symbolic, transposed

_SIGNS = {r"\odot": "⊙"}


class SymbolSetter:
    """Typesets what a formula says before numbers are put in: symbols, forms, matrices of symbols.

    With ``latex`` the formulas that stand alone are LaTeX. A symbol links to its ``meaning``,
    except in a formula that is not ``linked``: what stands in a link, a heading or a caption.
    ``voice`` has the words in which symbols are said. What is set is ``known`` from then on, to all
    that share it.
    """

    notation: Notation
    latex: bool
    meaning: Meaning
    voice: Voice
    known: dict[Any, Any]

    def symbol(
        self, name: str, layer: int = 0, index: tuple[int, ...] = (), *, linked: bool = True
    ) -> Markup:
        """A symbol as a formula of its own."""
        return self.written((Ref.of(name, layer, index),), linked=linked)

    def named(self, name: str, layer: int = 0, index: tuple[int, ...] = ()) -> NamedSymbol:
        """A symbol in plain text that knows how it is drawn, set and said."""
        latex = self.notation.symbol(name, layer, index)
        math = self.symbol(name, layer, index, linked=False)
        return NamedSymbol(plain_text(latex), latex, math, self.voice.spoken(latex))

    def math(self, latex: str, *, linked: bool = True) -> Markup:
        """Any LaTeX as a formula of its own."""
        return self.written((latex,), linked=linked)

    def written(self, parts: Written, *, linked: bool = True) -> Markup:
        """A formula of symbols on its own; one symbol in a link gives the link its name."""
        mathml, latex = self._written(parts, self.meaning if linked else nowhere)
        if self.latex:
            return marks.tex(latex)
        lone = not linked and len(parts) == 1 and not isinstance(parts[0], str)
        return marks.formula(mathml, self.voice.name(latex) if lone else "")

    def latex_of(self, parts: Written) -> str:
        """The same formula as LaTeX, whatever the page is written in."""
        return self._written(parts, nowhere)[1]

    def symbolic(self, expression: Expr, refs: Mapping[Expr, Ref]) -> Written:
        """A SymPy expression as a formula of the symbols that ``refs`` gives its symbols."""
        return symbolic(expression, refs)

    def symbols_of(self, bound: Bound) -> Written:
        """The formula of a bound form in symbols."""
        bound = bound_in_columns(bound) if self.notation.column else bound
        refs = {symbol: operand.ref for symbol, operand in bound.of.items()}
        return symbolic(bound.form.expression, refs)

    def as_it_lies(self, symbol: SymbolPart) -> SymbolPart:
        """The symbol of a matrix that lies as it does in rows, whatever the convention."""
        return as_it_lies(symbol) if self.notation.column else symbol

    def _quantities(self, parts: Iterable[str | Ref | SymbolPart]) -> tuple[str, ...]:
        """The names of the quantities of a formula, each once."""
        symbols = [part for part in parts if not isinstance(part, str)]
        refs = [part.ref if isinstance(part, SymbolPart) else part for part in symbols]
        layers = dict.fromkeys([(ref.name, ref.layer) for ref in refs])
        return tuple(dict.fromkeys([self.notation.quantity(*layer) for layer in layers]))

    def _written(self, parts: Written, meaning: Meaning) -> tuple[list[str], str]:
        """A formula of symbols as MathML and as LaTeX."""
        key = (*map(key_of, parts), *self._meant(parts, meaning))
        if key not in self.known:
            self.known[key] = self._set_anew(parts, meaning)
        mathml, latex = self.known[key]
        return [mathml], latex

    def _meant(self, parts: Iterable[str | Ref | SymbolPart], meaning: Meaning) -> Iterator[str]:
        """What decides the links of a formula: that of each symbol, and of a letter of the text."""
        if meaning is nowhere:
            return
        yield meaning(LETTERS[0])
        for part in parts:
            if not isinstance(part, str):
                yield meaning(self.quantity(part.ref if isinstance(part, SymbolPart) else part))

    def _set_anew(self, parts: Written, meaning: Meaning) -> tuple[str, str]:
        piece, symbols = pieced(written_in_columns(parts) if self.notation.column else parts)
        mathml, latex = self._fillings(symbols, meaning)
        piece = self._worded(piece)
        text = self.voice.signs(linked_letters(piece.latex, meaning, self.voice))
        return fill_mathml(text, mathml), piece.fill_latex(latex)

    def _worded(self, piece: Piece) -> Piece:
        """A stretch of a formula with the names of functions that the notation chose."""
        return Piece(piece.sign, self.notation.named(piece.latex))

    def _fillings(
        self, symbols: Sequence[SymbolPart], meaning: Meaning
    ) -> tuple[list[Filling], list[Filling]]:
        latex = [self._symbol_latex(symbol) for symbol in symbols]
        names = [self.quantity(symbol.ref) for symbol in symbols]
        pairs = zip(latex, names, strict=True)
        linked = [self.voice.symbol(linked_symbol(t, meaning(name)), t) for t, name in pairs]
        mathml = [marks.named(s, part.ref.anchor) for s, part in zip(linked, symbols, strict=True)]
        return [Filling(s, s) for s in mathml], [Filling(s, s) for s in latex]

    def quantity(self, ref: Ref) -> str:
        """The name of the quantity that a number belongs to."""
        return self.notation.quantity(ref.name, ref.layer)

    def formula(self, branch: Compiled, bound: Bound) -> Markup:
        """The formula of a line, for one branch of it."""
        return marks.stretches("=", self._symbolic(branch, bound)[0])

    def formula_of_matrices(self, line: MatrixLine) -> Markup:
        """The same of a line of matrices."""
        return marks.stretches("=", self._written(line.formula, self.meaning)[0])

    def _symbol_latex(self, symbol: SymbolPart) -> str:
        latex = self.notation.symbol_of(symbol.ref, symbol.sample)
        return transposed(latex) if symbol.transposed else latex

    def _symbolic(self, branch: Compiled, bound: Bound) -> tuple[list[str], str]:
        """The formula of a bound form in symbols."""
        operands, meaning = bound.operands, self.meaning
        meant = self._meant([operand.ref for operand in operands], meaning)
        key = (branch.named, *[read_of(operand) for operand in operands], *meant)
        if key not in self.known:
            symbols = [SymbolPart(o.ref, sample=o.sample) for o in operands]
            self.known[key] = self._filled(branch.symbolic, self._fillings(symbols, meaning))
        mathml, latex = self.known[key]
        return list(mathml), latex

    def _filled(
        self, pieces: Sequence[Piece], fillings: tuple[list[Filling], list[Filling]]
    ) -> tuple[list[str], str]:
        mathml, latex = fillings
        worded = [self._worded(piece) for piece in pieces]
        filled = [self.voice.signs(piece.fill_mathml(mathml)) for piece in worded]
        return filled, " ".join(piece.fill_latex(latex) for piece in worded)

    def joint(self, grid: MatrixTerm) -> str:
        """The sign between a matrix and the one before it."""
        return self.voice.signs(infix(_SIGNS.get(grid.sign, grid.sign)))
