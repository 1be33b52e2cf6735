"""Two ways to tell whether a value is exactly what is printed, and neither knows the other."""

from __future__ import annotations

import ast
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from examples import examples
from tracer.explain import forms
from tracer.formula import Form
from tracer.numerals import Numeral, written
from tracer.reread.grammar import Faults, parse
from tracer.reread.latex import read_latex
from tracer.reread.tokens import Literal
from tracer.reread.truth import Judge
from tracer.typeset import Bound
from tracer.typeset.compiled import branch_at
from tracer.typeset.markup import filling, number_latex
from tracer.typeset.values import evaluate

ROOT = Path(__file__).resolve().parents[2]
SIGMOID = forms.activation("sigmoid")[0]
SHARES = ((0, 100), (1, 99))


def _from_logits() -> Form:
    form = forms.loss_from_logits("binary_cross_entropy", 1)
    assert form is not None
    return form


LOGITS = _from_logits()
PRINTED = st.one_of(st.sampled_from([-800, -40, 0, 1, 40, 800]), st.integers(-3000, 3000)).map(
    lambda count: Decimal(count).scaleb(-2 if abs(count) > 40 and count % 100 else 0)
)
SHARE, INSIDE = (st.integers(*ends).map(lambda k: Decimal(k).scaleb(-2)) for ends in SHARES)
FORMS: dict[str, tuple[Form, tuple[st.SearchStrategy[Decimal], ...]]] = {
    "sigmoid": (SIGMOID, (PRINTED,)),
    "tanh": (forms.activation("tanh")[0], (PRINTED,)),
    "softmax": (forms.softmax(2, 0), (PRINTED, PRINTED)),
    "cross-entropy": (forms.loss("binary_cross_entropy", 1), (SHARE, INSIDE)),
    "from the logits": (LOGITS, (SHARE, PRINTED)),
    "sum of products": (forms.weighted_sum(1), (PRINTED, PRINTED, PRINTED)),
}
PLACES = st.integers(0, 30)


def numeral_of(value: Decimal) -> Numeral:
    return written(value.normalize(), Decimal(0))


def equation(form: Form, operands: list[Numeral]) -> str:
    """The formula with the numbers put in, as LaTeX."""
    branch = branch_at(form, [Fraction(t.value or 0) for t in operands])
    assert branch is not None
    fillings = [
        filling(number_latex(text), text, lone=branch.is_lone, latex=True) for text in operands
    ]
    return " ".join(piece.fill_latex(fillings) for piece in branch.numeric)


def test_equal_powers_of_any_size_leave_a_fraction() -> None:
    form, _ = FORMS["softmax"]
    for size in (3, 300, 3000):
        found = evaluate(Bound(form, ()), [numeral_of(Decimal(size))] * 2)
        assert found is not None
        assert found.relation(Decimal("0.5"), Decimal("0.1")) == "="


@pytest.mark.parametrize("name", FORMS)
@given(st.data(), PLACES)
@examples(40)
def test_the_two_agree(name: str, data: st.DataObject, places: int) -> None:
    form, strategies = FORMS[name]
    values = data.draw(st.tuples(*strategies))
    operands = [numeral_of(value) for value in values]
    found = evaluate(Bound(form, ()), operands)
    assert found is not None
    shown = found.rounded(Decimal(1).scaleb(-places))
    node = parse(read_latex(equation(form, operands)), Faults())
    (entry,) = Judge().entries(node, [Literal(f"{shown:f}".replace("-", "−"))])
    exactly = found.relation(shown, Decimal(1).scaleb(-places)) == "="
    assert exactly == entry.same, (values, shown)


@example(1)
@given(st.integers(1, 900))
@examples(20)
def test_neither_takes_what_is_as_near_as_a_power_of_e_for_equal(z: int) -> None:
    operands = [numeral_of(Decimal(z))]
    found = evaluate(Bound(SIGMOID, ()), operands)
    node = parse(read_latex(equation(SIGMOID, operands)), Faults())
    (entry,) = Judge().entries(node, [Literal("1")])
    assert found is not None
    assert found.relation(Decimal(1), Decimal(1)) == "≈"
    assert not entry.same


def test_the_reader_and_typesetting_do_not_know_each_other() -> None:
    for room, other in (("reread", "tracer.typeset"), ("typeset", "tracer.reread")):
        for path in (ROOT / "tracer" / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom):
                    assert not str(node.module).startswith(other), path.name


@pytest.mark.parametrize("share", ["0.5", "0.25"])
def test_logarithms_of_the_same_number_are_one(share: str) -> None:
    operands = [numeral_of(Decimal(share)), numeral_of(Decimal(3000))]
    found = evaluate(Bound(LOGITS, ()), operands)
    assert found is not None
    shown = found.rounded(Decimal(1))
    node = parse(read_latex(equation(LOGITS, operands)), Faults())
    (entry,) = Judge().entries(node, [Literal(f"{shown:f}")])
    assert not entry.same, "the difference stands beyond the first thousand digits"
