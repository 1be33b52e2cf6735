"""Formulas that were compiled once and are filled, against formulas that are printed each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy as sp
from math_core import LatexToMathML

from benchmarks.example import trace
from benchmarks.measure import Comparison, Row, Way, timed
from tracer.explain.cycle import explain_cycle
from tracer.numerals import show
from tracer.typeset.compiled import Compiled, compiled
from tracer.typeset.line import Bound
from tracer.typeset.pieces import Filling


@dataclass(frozen=True)
class Formula:
    """The formula of one line and the numbers that go into it."""

    bound: Bound
    numbers: tuple[str, ...]

    @cached_property
    def branch(self) -> Compiled:
        """The compiled formula."""
        return compiled(self.bound.form)[0]

    def fill(self) -> list[str]:
        """The MathML with the numbers, by filling the slots of the compiled formula."""
        fillings = [Filling(f"<mn>{n}</mn>", f"<mrow>({n})</mrow>") for n in self.numbers]
        return [piece.fill_mathml(fillings) for piece in self.branch.numeric]

    def print_anew(self, converter: LatexToMathML) -> str:
        """The MathML with the numbers, by printing the SymPy expression with them."""
        names = dict(zip(self.bound.form.symbols, self.numbers, strict=True))
        expression, _ = self.bound.form.branches[0]
        latex = sp.latex(expression, symbol_names=names, order="none", mul_symbol="dot")
        return converter.convert_with_local_state(latex, displaystyle=False)


def rows(repeat: int) -> Iterator[Row]:
    """The rows of the comparisons."""
    return timed(comparisons(), repeat)


def comparisons() -> list[Comparison]:
    """Every formula of the cycles of the first epoch."""
    formulas = [
        Formula(line.bounds[0], tuple(show(o.value, 4) for o in line.bounds[0].operands))
        for cycle in trace().cycles(1)
        for line in explain_cycle(cycle).lines
    ]
    converter = LatexToMathML()
    return [
        Comparison(
            f"typeset {len(formulas)} formulas",
            Way("compiled, filled", lambda: _fill(formulas)),
            Way("printed by SymPy", lambda: _print(formulas, converter)),
        )
    ]


def _fill(formulas: Sequence[Formula]) -> None:
    for formula in formulas:
        formula.fill()


def _print(formulas: Sequence[Formula], converter: LatexToMathML) -> None:
    for formula in formulas:
        formula.print_anew(converter)
