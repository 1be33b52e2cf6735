"""Lines → MathML for pages or LaTeX for notebooks, with every number linked to its origin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from markupsafe import Markup

from tracer.formula import Expr
from tracer.notation import LETTERS, Notation, Number, plain_text
from tracer.numerals import exact_text
from tracer.refs import Ref
from tracer.typeset import markup as marks
from tracer.typeset.compiled import Compiled, first_branch
from tracer.typeset.convention import (
    as_it_lies,
    bound_in_columns,
    line_in_columns,
    matrix_in_columns,
    written_in_columns,
)
from tracer.typeset.grids import GridSetter, GridsSet
from tracer.typeset.keyed import key_of, read_of, refs_of, spot_of
from tracer.typeset.line import Bound, Line, MatrixLine, MatrixTerm, Operand, SymbolPart, Written
from tracer.typeset.matrices import latex_of, result_of, terms_of
from tracer.typeset.named import NamedSymbol
from tracer.typeset.pieces import Filling, Piece, fill_mathml, infix
from tracer.typeset.printed import numbers_of
from tracer.typeset.set_line import NO_FLAGS, SetLine, Source
from tracer.typeset.settled import Settled, operand_numeral
from tracer.typeset.sooner import PLANS, LineSetter
from tracer.typeset.spoken import SILENT, Voice
from tracer.typeset.stencils import LinePlan, Stencil
from tracer.typeset.symbol_links import Meaning, linked_letters, linked_symbol, nowhere
from tracer.typeset.truth import settle, settle_matrix
from tracer.typeset.written import pieced, symbolic, transposed

Locate = Callable[[Ref], str]
"""Where the line that computes a number stands, seen from the page being written."""


@dataclass(frozen=True)
class Typesetter:
    """Typesets lines for one page: its digits, its symbols and its way to find other lines.

    With ``latex`` the formulas that stand alone are LaTeX too; lines always carry both. A symbol
    links to its ``meaning``, except in a formula that is not ``linked``: what stands in a link, a
    heading or a caption. ``voice`` has the words in which symbols are said. What is set of symbols
    alone is ``known`` from then on, to all that share it: typesetters of one notation and voice.
    """

    decimals: int
    notation: Notation
    address: Locate
    latex: bool = False
    meaning: Meaning = nowhere
    voice: Voice = SILENT
    known: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

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

    def number(self, operand: Operand) -> Number:
        """A number that stands alone, as text with its link."""
        return Number(operand_numeral(operand, self.decimals).text, self.address(operand.ref))

    def line(self, line: Line, *, quoted: bool = False) -> SetLine:
        """Typeset a line; its digits are chosen so that it is true.

        A ``quoted`` line has its home elsewhere: it has no anchor, and its result leads there.
        """
        line = self.line_as_set(line)
        soon = None
        if self.meaning is nowhere:
            soon = self.for_lines.line(line, self.address(line.target) if quoted else None)
        return self.closely(line, quoted=quoted) if soon is None else soon

    def lines(self, lines: Sequence[Line]) -> list[SetLine]:
        """Typeset many lines; their numbers are made all at once."""
        if self.meaning is not nowhere or self.notation.column:
            return [self.line(line) for line in lines]
        soon, closely = self.for_lines, self.closely
        soon.ready(lines)
        pairs = zip(lines, soon.lines(lines), strict=True)
        return [found or closely(line, quoted=False) for line, found in pairs]

    @cached_property
    def for_lines(self) -> LineSetter:
        """What sets lines whose digits are plain at the first look."""
        ways = self.address, self._plan_anew, self._latex_anew
        plans = self.known.setdefault(PLANS, {})
        return LineSetter(numbers_of(self.decimals), plans, *ways)

    def for_matrices(self, line: MatrixLine) -> tuple[LinePlan, GridSetter]:
        """What all lines of these matrices share, and what sets them."""
        return self._matrix_plan(line), self._grids

    def line_as_set(self, line: Line) -> Line:
        """A line in the convention that it is set in."""
        return line_in_columns(line) if self.notation.column else line

    def matrix_as_set(self, line: MatrixLine) -> MatrixLine:
        """The same of matrices."""
        return matrix_in_columns(line) if self.notation.column else line

    def _latex_anew(self, line: Line) -> str:
        return self._latex_of((line, settle(line, self.decimals)))

    def closely(self, line: Line, *, quoted: bool) -> SetLine:
        """Any line, in the convention that it is set in, with all ways tried to make it true."""
        settled = settle(line, self.decimals)
        bound, branch, texts, result, relation, _ = settled
        plan, operands, address = self._plan(line, settled), bound.operands, self.address
        links = tuple([address(operand.ref) for operand in operands])
        numbers = list(map(marks.number, texts, links))
        home = address(line.target) if quoted else ""
        parts, lone = [*plan.stated], branch.is_lone
        copied = lone and texts[0].text == result.text
        if plan.put_in and not copied:
            parts.append(("tr-numbers", plan.put_in.fill(numbers, texts, lone)))
        # a copy of one operand leads to where that operand is computed
        shown = marks.number(result, links[0] if copied and not home else home)
        parts.append(("tr-result", marks.stretch(relation, shown)))
        if plan.when:
            parts.append(("tr-branch", plan.when.fill(numbers, texts, lone)))
        return SetLine(
            line.target,
            "" if quoted else line.target.anchor,
            tuple(parts),
            self._latex_of,
            (line, settled),
            operands,
            links,
            plan.quantities,
            result.text,
            line.value,
            exact_text(line.value),
            home,
            _flags(settled),
        )

    def _plan(self, line: Line, settled: Settled) -> LinePlan:
        """What all lines of this kind share."""
        named, operands = line.named, settled.bound.operands
        key = (
            settled.branch,
            line.target.spot,
            tuple([operand.place for operand in operands]),
            named and (named.form, *[operand.place for operand in named.operands]),
            None if self.meaning is nowhere else self.meaning,
        )
        found: LinePlan | None = self.known.get(key)
        if found is None:
            found = self.known[key] = self._plan_anew(line, settled.branch, settled.bound)
        return found

    def _plan_anew(self, line: Line, branch: Compiled, bound: Bound) -> LinePlan:
        mathml, _ = self._written((line.target,), self.meaning)
        stated = [("tr-symbol", marks.formula(mathml))]
        if line.named is not None:
            formula, _ = self._symbolic(first_branch(line.named.form), line.named)
            stated.append(("tr-named", marks.stretches("=", formula)))
        if not branch.is_constant:
            stated.append(("tr-formula", self.formula(branch, bound)))
        refs = [line.target, *refs_of(line.named), *refs_of(bound)]
        return LinePlan(tuple(stated), *self._stencils(branch), self._quantities(refs))

    def _stencils(self, branch: Compiled) -> tuple[Stencil | None, Stencil | None]:
        """What all lines of a form share: its numbers, and the condition that they meet."""
        key = "stencils", branch
        if key not in self.known:
            numeric, when = (
                [self._worded(piece) for piece in pieces]
                for pieces in (() if branch.is_constant else branch.numeric, branch.condition)
            )
            self.known[key] = (
                Stencil.of(numeric, self.voice, "=") if numeric else None,
                Stencil.of(when, self.voice) if when else None,
            )
        found: tuple[Stencil | None, Stencil | None] = self.known[key]
        return found

    def _latex_of(self, pair: tuple[Line, Settled]) -> str:
        line, settled = pair
        branch, found = settled.branch, [self._written((line.target,), self.meaning)[1]]
        if line.named is not None:
            found.append(self._symbolic(first_branch(line.named.form), line.named)[1])
        if not branch.is_constant:
            found.append(self._symbolic(branch, settled.bound)[1])
            if not _is_copy(settled):
                found.append(self._numeric_latex(settled))
        result = marks.number_latex(settled.result)
        return f"{' = '.join(found)} {marks.relation_latex(settled.relation)} {result}"

    def _numeric_latex(self, settled: Settled) -> str:
        lone = settled.branch.is_lone
        numbers = [
            marks.filling(marks.number_latex(text), text, lone, latex=True)
            for text in settled.operands
        ]
        pieces = [self._worded(piece) for piece in settled.branch.numeric]
        return " ".join(piece.fill_latex(numbers) for piece in pieces)

    def matrix(self, line: MatrixLine) -> SetLine:
        """Typeset a line of matrices; one number of digits makes every entry true."""
        line = self.matrix_as_set(line)
        soon = self._grids.matrix(line)
        if soon is None:
            digits, relation, results, remarks = settle_matrix(line, self.decimals)
            terms = terms_of(line, digits, self.decimals, self.address, self.joint)
            soon = GridsSet(relation, terms, result_of(results), remarks)
        plan = self._matrix_plan(line)
        html = (
            *plan.stated,
            ("tr-numbers", marks.terms("=", soon.terms)),
            ("tr-result", marks.terms(soon.relation, [[soon.result]])),
        )
        return SetLine(
            ref=None,
            anchor="",
            parts=html,
            flags=soon.remarks,
            quantities=plan.quantities,
            as_latex=self._matrix_latex,
            made_of=line,
        )

    @cached_property
    def _grids(self) -> GridSetter:
        """Sets lines of matrices whose digits are plain at the first look."""
        return GridSetter(self.for_lines, self.joint)

    def _matrix_plan(self, line: MatrixLine) -> LinePlan:
        """What all lines of these matrices share."""
        meaning = None if self.meaning is nowhere else self.meaning
        key = "matrix", line.symbol.spot, tuple(map(spot_of, line.formula)), meaning
        found: LinePlan | None = self.known.get(key)
        if found is None:
            symbol, _ = self._written((line.symbol,), self.meaning)
            formula = self.formula_of_matrices(line)
            stated = (("tr-symbol", marks.formula(symbol)), ("tr-formula", formula))
            quantities = self._quantities([line.symbol, *line.formula])
            found = self.known[key] = LinePlan(stated, None, None, quantities)
        return found

    def _matrix_latex(self, line: MatrixLine) -> str:
        found = settle_matrix(line, self.decimals)
        symbol = self._written((line.symbol,), self.meaning)[1]
        formula = self._written(line.formula, self.meaning)[1]
        return latex_of(line, found, self.decimals, f"{symbol} = {formula} =")

    def source(self, operand: Operand, href: str) -> Source:
        """An operand as an ordinary link."""
        text = self.notation.plain_of(operand.ref, operand.sample)
        return Source(operand.ref, text, href, exact_text(operand.value))

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


_SIGNS = {r"\odot": "⊙"}


def _is_copy(settled: Settled) -> bool:
    """Whether the result only repeats the one operand of the formula."""
    return settled.branch.is_lone and settled.operands[0].text == settled.result.text


def _flags(settled: Settled) -> frozenset[str]:
    if not (settled.remarks or settled.branch.condition or settled.result.mantissa == "nan"):
        return NO_FLAGS
    flags = {"nan": settled.result.mantissa == "nan", "branch": bool(settled.branch.condition)}
    return settled.remarks.union(name for name, is_set in flags.items() if is_set)
