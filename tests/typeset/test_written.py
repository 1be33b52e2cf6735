"""Formulas of symbols: parts with references, set as MathML and as LaTeX, and read back."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
import sympy as sp

from each import each
from tracer.notation import QUANTITIES, Notation
from tracer.refs import Ref
from tracer.reread.latex import read_latex
from tracer.reread.mathml import read_math
from tracer.reread.tokens import Row, text_of
from tracer.typeset import SymbolPart, Typesetter, Written
from tracer.typeset.written import pieced, symbolic, transposed

A, L, W, Z = sp.symbols("A L W Z", real=True)
REFS = {L: Ref("loss"), W: Ref("W", 1, (2, 1)), Z: Ref("z", 2)}


def typesetter(*, latex: bool = False) -> Typesetter:
    return Typesetter(4, Notation(2), lambda ref: f"#{ref.anchor}", latex)


def reads(parts: Written) -> tuple[Row, Row]:
    """What a formula says in MathML and in LaTeX."""
    shown = typesetter().written(parts)
    return read_math(ET.fromstring(shown)), read_latex(typesetter().latex_of(parts))


@each("name", sorted(QUANTITIES))
def test_every_quantity_is_a_part(name: str) -> None:
    quantity = QUANTITIES[name]
    index = () if quantity.shape == "1" else (1, 2) if quantity.pair else (1,)
    ref = Ref(name, 1, index)
    for part in (ref, SymbolPart(ref), SymbolPart(ref, transposed=True)):
        shown = typesetter().written((part, "=", part))
        assert str(shown).count("<math>") == 1
        assert not re.search("[\ue000-\uf8ff]", shown)
    assert typesetter().latex_of((ref,)) == Notation(2).symbol(name, 1, ref.index)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((Ref("z", 1), "=", Ref("x"), Ref("W", 1), "+", Ref("b", 1)), "z = x W + b"),
        ((r"\frac{", Ref("loss"), "}{", Ref("z", 2), "}"), "( L )/( z )"),
        ((Ref("a", 2), "-", Ref("y")), "yˆ − y"),
        ((Ref("loss"),), "L"),
        ((r"\eta \cdot", Ref("W", 1)), "η ⋅ W"),
    ],
)
def test_both_prints_say_the_same(parts: Written, said: str) -> None:
    in_html, in_latex = (
        re.sub(r" \^\(\[ \d \]\)|(?<=\()(?=\S)|(?<=\S)(?=\))", " ", text_of(row)).replace("  ", " ")
        for row in reads(parts)
    )
    assert in_html.strip() == said
    assert in_latex.replace("hat", "ˆ").replace("eta", "η").strip() == said


def test_a_symbol_may_be_transposed_and_name_its_sample() -> None:
    latex = typesetter().latex_of(
        (SymbolPart(Ref("W", 2), transposed=True), "+", SymbolPart(Ref("loss")))
    )
    assert latex == r"W^{[2]\top} + L"
    assert transposed("W^{[2]+}") == r"W^{[2]+\top}"
    assert transposed("x") == r"{x}^{\top}"
    assert typesetter().latex_of((SymbolPart(Ref("loss"), sample=3),)) == "L^{(3)}"


@pytest.mark.parametrize(
    ("expression", "latex"),
    [
        (sp.Derivative(L, Z), r"\frac{\mathrm{d}}{\mathrm{d} z^{[2]}} L"),
        (
            sp.Derivative(L * W, Z),
            r"\frac{\partial}{\partial z^{[2]}} L W^{[1]}_{2,1}",
        ),
        (sp.log(Z), r"\ln{\left( z^{[2]} \right)}"),
        (W**2, "{W^{[1]}_{2,1}}^{2}"),
        (L**2, "L^{2}"),
        (sp.Matrix([[L, Z]]), r"\left[\begin{matrix} L & z^{[2]} \end{matrix}\right]"),
        (A * Z, "A z^{[2]}"),
    ],
)
def test_an_expression_becomes_a_formula_of_symbols(expression: sp.Expr, latex: str) -> None:
    parts = typesetter().symbolic(expression, REFS)
    assert typesetter().latex_of(parts) == latex
    wanted = {ref for symbol, ref in REFS.items() if expression.has(symbol)}
    assert {part for part in parts if not isinstance(part, str)} == wanted
    assert typesetter().written(parts).startswith("<math>")


def test_a_function_in_pieces_has_its_symbols_too() -> None:
    parts = symbolic(sp.Piecewise((Z, Z > 0), (0, True)), REFS)
    assert parts.count(Ref("z", 2)) == 2
    assert "<mtable" in typesetter().written(parts)


def test_what_was_printed_stands_in_the_order_it_was_written() -> None:
    expression = sp.Add(Z, -A, L, evaluate=False)
    assert typesetter().latex_of(symbolic(expression, REFS)) == "z^{[2]} - A + L"


def test_in_latex_a_formula_is_its_latex_marked_as_such() -> None:
    parts: Written = (Ref("a", 1), "< 1")
    shown = str(typesetter(latex=True).written(parts))
    assert shown == '<span class="tr-tex">a^{[1]} &lt; 1</span>'


def test_a_formula_of_text_alone_has_no_slots() -> None:
    piece, symbols = pieced((r"J = \frac{1}{2}",))
    assert (piece.latex, symbols) == (r"J = \frac{1}{2}", ())
