"""The re-reader knows functions in general: every one of the catalog, and those that SymPy has."""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from xml.etree import ElementTree as ET

import mpmath
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from each import each
from examples import compared, examples
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.formula import Form
from tracer.reread.arithmetic import ExactArithmetic, ManyDigits
from tracer.reread.defined import name_of, read_definitions
from tracer.reread.evaluate import NOTHING_DEFINED, Definitions, Evaluator
from tracer.reread.exact import context
from tracer.reread.grammar import FUNCTIONS, Faults, parse
from tracer.reread.latex import read_latex
from tracer.reread.mathml import read_math
from tracer.typeset.compiled import compiled, print_latex
from tracer.typeset.pieces import Filling

DIGITS, NEAR = 50, mpmath.mpf(10) ** -40
AT = (Fraction(-7, 4), Fraction(-1, 8), Fraction(1, 8), Fraction(5, 2))
SCALAR = [entry for entry in ACTIVATIONS.values() if not entry.vector]


def read(latex: str, defined: Definitions = NOTHING_DEFINED) -> Any:
    """The value of a formula as the re-reader has it, in many digits."""
    with context.workdps(DIGITS):
        return Evaluator(ManyDigits(), defined=defined).value(parse(read_latex(latex), Faults()))


def wanted(expression: sp.Expr, values: dict[sp.Symbol, Fraction]) -> object:
    exact = {symbol: sp.Rational(value) for symbol, value in values.items()}
    with context.workdps(DIGITS):
        return context.mpf(sp.N(expression.subs(exact), DIGITS))


def is_near(found: Any, expected: Any) -> bool:
    with context.workdps(DIGITS):
        return bool(abs(found - expected) <= NEAR * max(1, abs(expected)))


def plain(value: Fraction) -> str:
    """A number as LaTeX, in parentheses where it is negative."""
    digits = str(float(abs(value)))
    return rf"\left(-{digits}\right)" if value < 0 else digits


def branches(form: Form, values: dict[sp.Symbol, Fraction]):
    """(expression, LaTeX with numbers in it) of the pieces that hold at these numbers."""
    for expression, condition in form.branches:
        if condition.subs({s: sp.Rational(v) for s, v in values.items()}) == sp.true:
            names = {symbol: plain(value) for symbol, value in values.items()}
            yield expression, print_latex(expression, names, "dot")


@each("entry", SCALAR)
@each("z", AT)
def test_it_reads_every_activation_by_its_name_and_by_its_formulas(entry, z) -> None:
    assert name_of(entry.latex) in FUNCTIONS
    (symbol,) = entry.definition.free_symbols
    expected = wanted(entry.definition, {symbol: z})
    assert is_near(read(rf"{entry.latex}\left({plain(z)}\right)"), expected)
    for form in entry.written:
        for expression, latex in branches(form, {symbol: z}):
            assert is_near(read(latex), wanted(expression, {symbol: z}))


def test_it_reads_softmax() -> None:
    entry = ACTIVATIONS["softmax"]
    zs = sp.symbols("z1:4", real=True)
    values = dict(zip(zs, AT, strict=False))
    row = " & ".join(str(float(value)) for value in values.values())
    found = read(rf"{entry.latex} \begin{{bmatrix}} {row} \end{{bmatrix}}")
    assert entry.vector_definition is not None
    for unit, share in enumerate(found[0]):
        assert is_near(share, wanted(entry.vector_definition(zs, unit), values))


@pytest.mark.parametrize("entry", LOSSES.values(), ids=lambda entry: entry.name)
def test_it_reads_every_loss_and_its_slope(entry) -> None:
    y, h = sp.symbols("y:2", real=True), sp.symbols("h:2", real=True)
    values = dict(zip((*y, *h), map(Fraction, ("0", "1", "0.25", "0.75")), strict=True))
    for whole in (entry.definition(y, h), entry.written_slope(y, h, 1)):
        for expression, latex in branches(Form(whole, (*y, *h)), values):
            assert is_near(read(latex), wanted(expression, values))


STEPS = [
    (f"{name} {step.target}", step.expression)
    for name, row in OPTIMIZERS.items()
    for program in row.programs.values()
    for step in program.assignments
]


@each(("name", "expression"), STEPS)
def test_it_reads_every_step_of_an_optimizer(name: str, expression: sp.Expr) -> None:
    symbols = sorted(expression.free_symbols, key=str)
    values = {symbol: Fraction(k + 1, 8) for k, symbol in enumerate(symbols)}
    values |= {symbol: Fraction(3) for symbol in symbols if str(symbol) == "t"}
    names = {symbol: plain(value).removesuffix(".0") for symbol, value in values.items()}
    assert is_near(read(print_latex(expression, names, "dot")), wanted(expression, values))


X, Y = sp.symbols("x y", real=True)
NUMBERS = st.sampled_from([X, Y, sp.Integer(2), sp.Rational(1, 4)])
TREES = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.builds(lambda a: sp.Abs(a, evaluate=False), inner),
        st.builds(lambda a: sp.sign(a, evaluate=False), inner),
        st.builds(compared(sp.Max), inner, inner),
        st.builds(compared(sp.Min), inner, inner),
        # Of a product with a number in front only the sum: SymPy writes its minus inside.
        st.builds(lambda a, b: sp.Add(a, b if b.is_Mul else -b, evaluate=False), inner, inner),
        st.builds(lambda a, b: sp.Mul(a, b, evaluate=False), inner, inner),
        st.builds(lambda a: a**2, inner),
    ),
    max_leaves=8,
)


@examples(40)
@given(tree=TREES, x=st.integers(-40, 40), y=st.integers(-40, 40))
def test_what_is_printed_is_read_as_it_is_meant(tree, x: int, y: int) -> None:
    """Bars in bars, signs, largest and smallest ones: exactly, from LaTeX and from MathML."""
    form = Form(tree, tuple(sorted(tree.free_symbols, key=str)))
    values = [Fraction(x if s == X else y, 8) for s in form.symbols]
    (branch,) = compiled(form)
    value = Fraction(branch.evaluate(*values))
    texts = [(str(float(abs(v))), "-" if v < 0 else "") for v in values]
    latex = [Filling(f"{s}{t}", rf"\left({s}{t}\right)" if s else t) for t, s in texts]
    numbers = [(f"<mn>{'−' * len(s)}{t}</mn>", s) for t, s in texts]
    mathml = [Filling(n, f"<mrow><mo>(</mo>{n}<mo>)</mo></mrow>" if s else n) for n, s in numbers]
    rows = [read_latex(" ".join(piece.fill_latex(latex) for piece in branch.numeric))]
    inside = "".join(piece.fill_mathml(mathml) for piece in branch.numeric)
    rows.append(read_math(ET.fromstring(f"<math>{inside}</math>")))
    for row in rows:
        found = Evaluator(ExactArithmetic()).value(parse(row, Faults()))
        assert found.as_rational == value


@pytest.mark.parametrize(
    ("latex", "value"),
    [
        (r"\left|-2\right|", 2),
        (r"\left|1 - \left|-3\right|\right|", 2),
        (r"2 \left|-3\right| + 1", 7),
        (r"\left|-3\right|^{2}", 9),
        (r"\operatorname{sign}{\left(-0.5 \right)}", -1),
        (r"\operatorname{sign}{\left(0 \right)}", 0),
        (r"\min\left(2, -3, 1\right)", -3),
        (r"\max\left(2, -3, 1\right)", 2),
        (r"\cos{\left(0 \right)}", 1),
        (r"\sinh^{2}{\left(0 \right)}", 0),
    ],
)
def test_functions_of_sympy(latex: str, value: int) -> None:
    assert read(latex) == value


def test_a_function_from_outside_is_read_by_its_definition() -> None:
    defined = read_definitions(
        {"hat": [("0", r"z < -1 \wedge z < 0"), ("1 - \\left|z\\right|", r"z \leq 1"), ("0", "")]}
    )
    found = read(r"\operatorname{hat} \begin{bmatrix} -2 & -0.5 & 0.25 & 3 \end{bmatrix}", defined)
    assert found == [[0, context.mpf("0.5"), context.mpf("0.75"), 0]]
