"""Letters of formulas lead to what they mean, and stay the formulas that they are."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from each import each
from tracer.catalog.losses import LOSSES
from tracer.explain import forms
from tracer.notation import LETTERS, QUANTITIES, Notation
from tracer.refs import Datum, Ref, Visit
from tracer.reread.mathml import read_math
from tracer.reread.origins import linked_numbers
from tracer.typeset import (
    Bound,
    Line,
    MatrixLine,
    MatrixTerm,
    Operand,
    SymbolPart,
    Typesetter,
    Written,
)

LAYERS = 2
LINK = re.compile(r'<a href="glossary#([^"]*)" tabindex="-1">([^<]*)</a>')


def typesetter(*, linked: bool = True, latex: bool = False) -> Typesetter:
    meaning = (lambda name: f"glossary#{name}") if linked else (lambda _name: "")
    return Typesetter(4, Notation(LAYERS), lambda ref: f"#{ref.anchor}", latex, meaning)


def links(html: object) -> list[tuple[str, str]]:
    """(name, letter) of each link of a symbol."""
    return LINK.findall(str(html))


def a_ref(name: str, layer: int = 1) -> Ref:
    quantity = QUANTITIES[name]
    return Ref(name, layer, () if quantity.shape == "1" else (1, 2) if quantity.pair else (1,))


@each("name", sorted(QUANTITIES))
def test_a_symbol_leads_to_its_quantity_and_reads_as_before(name: str) -> None:
    shown = typesetter().written((a_ref(name),))
    plain = typesetter(linked=False).written((a_ref(name),))
    found = links(shown)
    assert found
    assert {target for target, _ in found} == {name}
    assert read_math(ET.fromstring(shown)) == read_math(ET.fromstring(plain))
    assert LINK.sub(r"\2", shown).replace(' class="tr-tall"', "") == plain


@pytest.mark.parametrize(
    ("part", "found"),
    [
        (Ref("z", 1, (2,)), [("z", "z")]),
        (Ref("dL_dz", 1, (2,)), [("dL_dz", "L"), ("dL_dz", "z")]),
        (Ref("da_dz", 1, (2,)), [("da_dz", "a"), ("da_dz", "z")]),
        (Ref("dL_da", 2, (1,)), [("dL_da", "L"), ("dL_da", "y")]),
        (Ref("a", 0, (1,)), [("x", "x")]),
        (Ref("a", LAYERS, (1,)), [("y_hat", "y")]),
        (Ref("a", LAYERS, (1,), after=True), [("y_hat", "y")]),
        (Ref("W", 1, (2, 1), after=True), [("W", "W")]),
        (Ref("v_W", 1, (2, 1)), [("v_W", "v")]),
        (Ref("weight_decay"), [("weight_decay", "λ")]),
        (SymbolPart(Ref("W", 2), transposed=True), [("W", "W")]),
        (SymbolPart(Ref("loss"), sample=3), [("loss", "L")]),
    ],
)
def test_the_base_letters_are_links(part: Ref | SymbolPart, found: list[tuple[str, str]]) -> None:
    assert links(typesetter().written((part,))) == found


@pytest.mark.parametrize(
    ("latex", "found"),
    [
        ("z = x W + b", "z x W b"),
        (r"J = \hat{y}_k", "batch_loss y_hat"),
        (r"\eta \lambda", "eta l2"),
        (r"\bar{J}", "epoch_loss"),
        (r"\tilde{z} + \sigma(j) + \operatorname{ReLU}", ""),
        (r"\frac{\partial L}{\partial a}", "loss a"),
        ("W^{b}_{z}", "W"),
    ],
)
def test_letters_of_any_formula_are_links(latex: str, found: str) -> None:
    assert [name for name, _ in links(typesetter().math(latex))] == found.split()


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_the_definition_of_a_loss_leads_to_all_its_parts(name: str) -> None:
    found = {target for target, _ in links(typesetter().math(LOSSES[name].latex))}
    assert found == {"loss", "y", "y_hat"}


@each("name", LETTERS)
def test_a_letter_that_stands_for_one_quantity_is_its_symbol(name: str) -> None:
    general = Notation(LAYERS).general(name)
    assert {target for target, _ in links(typesetter().math(general))} == {name}


def a_line() -> Line:
    z = Operand(Ref("z", 1, (1,), Visit(0)), 0.5)
    (form, *_) = forms.activation("sigmoid")
    named = Bound(forms.named_activation("sigmoid"), (z,))
    return Line(Ref("a", 1, (1,), Visit(0)), 0.6224593312018546, (Bound(form, (z,)),), named)


def test_a_line_has_links_in_its_symbols_and_numbers_and_lists_both() -> None:
    done = typesetter().line(a_line())
    parts = dict(done.parts)
    assert links(parts["tr-symbol"]) == [("a", "a")]
    assert links(parts["tr-named"]) == [("z", "z")]
    assert links(parts["tr-formula"]) == [("z", "z")]
    assert not links(parts["tr-numbers"])
    assert done.quantities == ("a", "z")
    assert [str(number) for _, number in linked_numbers("".join(parts.values()))] == ["0.5"]


def test_a_line_of_matrices_has_links_in_its_symbols() -> None:
    x = Operand(Ref("x", 0, (1,), Datum(0)), 2.0, exact=True)
    z = Operand(Ref("z", 1, (1,), Visit(0)), 2.0)
    line = MatrixLine(
        Ref("z", 1), (Ref("a", 0),), (MatrixTerm(((x,),)),), ((z,),), (Bound(forms.itself(), (x,)),)
    )
    parts = dict(typesetter().matrix(line).parts)
    assert links(parts["tr-symbol"]) == [("z", "z")]
    assert links(parts["tr-formula"]) == [("x", "x")]


PLAIN: list[Written] = [("z = x W",), (Ref("z", 1), "=", Ref("a", 0))]


@pytest.mark.parametrize("parts", PLAIN)
def test_nothing_is_a_link_where_none_is_wanted(parts: Written) -> None:
    assert not links(typesetter().written(parts, linked=False))
    assert not links(typesetter(latex=True).written(parts))
    assert links(typesetter().written(parts))


def test_a_tall_letter_under_a_bar_is_marked() -> None:
    assert 'class="tr-tall"' in typesetter().math(r"\bar{J}")
    assert "tr-tall" not in typesetter().math(r"\hat{y} + \frac{W}{J}")
