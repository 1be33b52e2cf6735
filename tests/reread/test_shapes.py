"""Formulas of one shape are read once; each is read as if it had been read alone."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from rendering import DEFAULT, walkthrough
from tracer.reread import check_page
from tracer.reread.formulas import formula_of, taken_out
from tracer.reread.mathml import read_math
from tracer.reread.tokens import Numeral, Subscript, UnreadableError

LINKED = '<mn><a href="#z-1" tabindex="-1">{}</a></mn>'


def math(inside: str) -> str:
    return f"<math>{inside}</math>"


def test_every_formula_of_a_page_is_read_as_it_would_be_alone() -> None:
    _, formulas = taken_out(walkthrough(DEFAULT)["epoch-1/row-1/index.md"])
    assert len(formulas) > 500
    for formula in formulas.values():
        alone = ET.fromstring(formula.html)
        assert formula.read() == read_math(alone)
        links = [link.get("href", "") for number in alone.iter("mn") for link in number.iter("a")]
        assert [*formula.links] == links


def test_numbers_stand_where_they_stood() -> None:
    ratio = f"<mfrac>{LINKED}<msqrt><mn>{{}}</mn></msqrt></mfrac><mo>+</mo>{LINKED}"
    for numbers in (("0.5", "2.25", "−3"), ("7", "0.1", "nan"), ("1", "4", "∞")):
        html = math(ratio.format(*numbers))
        assert formula_of(html).read() == read_math(ET.fromstring(html))


def test_an_index_is_text_whatever_stands_in_it() -> None:
    for index in ("<mn>1</mn>", "<mn>0.5</mn>", "<mn>nan</mn>", LINKED.format("2")):
        row = formula_of(math(f"<msub><mi>z</mi><mrow><mn>7</mn>{index}</mrow></msub>")).read()
        assert isinstance(row[1], Subscript)
        assert row[1].text.startswith("7")


@pytest.mark.parametrize("text", ["0.5x", "−0.0", "00.5", "nan.5"])
def test_what_is_no_number_is_refused_in_a_known_shape_too(text: str) -> None:
    assert formula_of(math(LINKED.format("0.5"))).read() == (Numeral("0.5", "#z-1"),)
    with pytest.raises(UnreadableError):
        formula_of(math(LINKED.format(text))).read()


@pytest.mark.parametrize("broken", ["<mn>0.5", "<mn>0.5</mo>", "<mn>&nothing;</mn>", "<mi>x</mn>"])
def test_a_formula_that_is_no_xml_breaks_its_line(broken: str) -> None:
    line = f'<div class="tr-line"><span class="tr-result"><math>{broken}</math></span></div>'
    (found,) = check_page(line)
    assert not found.ok
    with pytest.raises(ET.ParseError):
        formula_of(math(broken))


def test_a_remark_is_read_with_its_formulas() -> None:
    _, formulas = taken_out(f"float64 keeps {math(LINKED.format('0.5'))} of it")
    assert [formula.text for formula in formulas.values()] == ["0.5"]
