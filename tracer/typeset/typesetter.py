"""Lines → MathML for pages or LaTeX for notebooks, with every number linked to its origin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tracer.notation import Notation, Number
from tracer.numerals import exact_text
from tracer.refs import Ref
from tracer.typeset import markup as marks
from tracer.typeset.compiled import Compiled, first_branch
from tracer.typeset.convention import line_in_columns, matrix_in_columns
from tracer.typeset.grids import GridSetter, GridsSet
from tracer.typeset.keyed import refs_of, spot_of
from tracer.typeset.line import Bound, Line, MatrixLine, Operand
from tracer.typeset.matrices import latex_of, result_of, terms_of
from tracer.typeset.printed import numbers_of
from tracer.typeset.set_line import NO_FLAGS, SetLine, Source
from tracer.typeset.settled import Settled, operand_numeral
from tracer.typeset.sooner import PLANS, LineSetter
from tracer.typeset.spoken import SILENT, Voice
from tracer.typeset.stencils import LinePlan, Stencil
from tracer.typeset.symbol_links import Meaning, nowhere
from tracer.typeset.symbol_setter import SymbolSetter
from tracer.typeset.truth import settle, settle_matrix

Locate = Callable[[Ref], str]
"""Where the line that computes a number stands, seen from the page being written."""


@dataclass(frozen=True)
class Typesetter(SymbolSetter):
    """Typesets lines for one page: its digits, its symbols and its way to find other lines.

    Its formulas of symbols are those of a ``SymbolSetter``; lines always carry MathML and LaTeX.
    ``known`` is shared by typesetters of one notation and voice.
    """

    decimals: int
    notation: Notation
    address: Locate
    latex: bool = False
    meaning: Meaning = nowhere
    voice: Voice = SILENT
    known: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

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


def _is_copy(settled: Settled) -> bool:
    """Whether the result only repeats the one operand of the formula."""
    return settled.branch.is_lone and settled.operands[0].text == settled.result.text


def _flags(settled: Settled) -> frozenset[str]:
    if not (settled.remarks or settled.branch.condition or settled.result.mantissa == "nan"):
        return NO_FLAGS
    flags = {"nan": settled.result.mantissa == "nan", "branch": bool(settled.branch.condition)}
    return settled.remarks.union(name for name, is_set in flags.items() if is_set)
