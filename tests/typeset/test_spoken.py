"""What a screen reader hears of a page's lines: each number and each symbol."""

from __future__ import annotations

import html
import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from networks import mapping
from scripted import needs_node
from single import made, markdown_of, walk_of
from sites import from_npm
from tracer.notation import QUANTITIES, Notation
from tracer.refs import Ref
from tracer.typeset.mathml import to_mathml
from tracer.typeset.spoken import SILENT, Voice, heading
from tracer.writing.site import voice_of

SPEAK = Path(__file__).parents[1] / "support" / "speak.mjs"
SMALL = mapping((2, 2, 1), ("tanh", "sigmoid"), "binary_cross_entropy", rows=2, epochs=1)
FUNCTIONS = {"tanh": "hyperbolic tangent", "ln": "l n"}
TAG = re.compile(r"<[^>]*>")
SYMBOLS = {
    r"z^{[1]}_{2}": "z 2 of layer 1",
    r"W^{[12]}_{1,3}": "W 1 3 of layer 12",
    r"W^{[1]+}_{1,2}": "W 1 2 of layer 1 after the update",
    r"\hat{y}^{+}_{1}": "y hat 1 after the update",
    r"a^{[1](3)}_{2}": "a 2 of layer 1 of row 3",
    r"W^{[2]\top}": "W of layer 2 transposed",
    r"{\hat{y}}^{\top}": "y hat transposed",
    r"\frac{\partial L}{\partial W^{[1]}_{1,2}}": "partial L over partial W 1 2 of layer 1",
    r"\hat{m}_{W^{[1]}_{1,2}}": "m hat W 1 2 of layer 1",
    r"\left\| \nabla L^{[1]} \right\|^2": "norm of gradient of L of layer 1 squared",
    r"\bar{J}": "J bar",
    r"\eta_0": "eta 0",
}
HEARD = {
    "=x1W1,1[1]": "equals x 1 W 1 1 of layer 1",
    "=tanh\u2061(z1[1])": "equals the hyperbolic tangent of open paren z 1 of layer 1 close paren",
    "∂L∂W2,1[2]": "partial L over partial W 2 1 of layer 2",
    "=∂L∂z[2]W[2]⊤": "equals partial L over partial z of layer 2 W of layer 2 transposed",
    "L+": "L after the update",
    "yˆ": "y hat",
    "=∂L∂a[1]⊙da[1]dz[1]": "equals partial L over partial a of layer 1"
    " times, entry by entry, d a of layer 1 over d z of layer 1",
    "+0.063⋅(−0.91805)": "positive 0.063 times open paren −0.91805 close paren",
    "≈[0.72610.1717]": "almost equals the 1 by 2 row matrix 0.7261 0.1717",
    "≈−0.4936": "almost equals −0.4936",
}


@cache
def voice() -> Voice:
    return voice_of(made(SMALL))


@pytest.mark.parametrize("latex", SYMBOLS)
def test_a_symbol_is_said_in_words(latex: str) -> None:
    assert voice().spoken(latex) == SYMBOLS[latex]


@given(st.sampled_from(sorted(QUANTITIES)), st.integers(1, 30), st.integers(1, 40), st.booleans())
def test_each_quantity_has_words_that_can_be_said(
    name: str, layer: int, unit: int, delta: bool
) -> None:
    quantity = QUANTITIES[name]
    index = (unit, *(unit for _ in range(quantity.pair or quantity.split)), *[1] * quantity.trial)
    errors = "delta" if delta else "partial"
    latex = Notation(layers=31, errors=errors).symbol_of(Ref.of(name, layer, index))
    assert re.fullmatch(r"[A-Za-z0-9 ]+", voice().spoken(latex)), latex
    assert str(unit) in voice().spoken(latex)


@given(st.text(alphabet="{}^_[]()+,aWz1 ", max_size=20))
def test_any_text_has_words(latex: str) -> None:
    assert "{" not in voice().spoken(latex)


def test_an_intent_is_one_literal_of_mathml() -> None:
    latex = r"\frac{\partial L}{\partial W^{[1]}_{1,2}}"
    mathml = voice().symbol(to_mathml(latex), latex)
    assert 'aria-label="partial L over partial W 1 2 of layer 1"' in mathml
    assert 'intent="_partial_L_over_partial_W_1_2_of_layer_1"' in mathml
    assert "intent" not in voice().symbol(to_mathml("x_{1}"), "x_{1}")
    assert 'aria-label="times, entry by entry,"' in voice().signs(to_mathml(r"a \odot b"))


def test_what_is_no_single_element_becomes_one_with_a_name() -> None:
    two = to_mathml(r"\Delta L")
    assert voice().symbol(two, r"\Delta L") == f'<mrow aria-label="delta L">{two}</mrow>'


@pytest.mark.parametrize(
    ("symbol", "words"),
    [
        ('<msub aria-label="y 1"><mi>y</mi><mn>1</mn></msub>', "y 1"),
        ('<mi><a href="#loss" tabindex="-1">L</a></mi>', "L"),
        ("<mrow><mi>y</mi><mo>+</mo><mn>1</mn></mrow>", None),
    ],
)
def test_the_head_of_a_column_has_the_words_of_its_symbol(symbol: str, words: str | None) -> None:
    said = f' aria-label="{words}"' if words else ""
    assert heading(Markup(f"<math>{symbol}</math>")) == f"<math{said}>{symbol}</math>"


@pytest.mark.parametrize("text", ["<math><mi>y</mi></math>", "<b>", "", Markup("$y_1$")])
def test_a_head_that_is_no_symbol_stays_as_it_is(text: str) -> None:
    assert heading(text) is text


def test_letters_of_another_alphabet_have_names() -> None:
    assert [voice().letter(letter) for letter in "ηLσϵж"] == ["eta", "L", "sigma", "epsilon", "ж"]


def test_without_words_nothing_is_said() -> None:
    mathml = to_mathml(r"x_{1} \odot \eta")
    assert SILENT.symbol(mathml, "") == SILENT.signs(mathml) == mathml
    assert SILENT.link("η") == ""


def test_words_of_another_template_are_said(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "spoken.j2").write_text("layer: {{ symbol }} & “{{ number }}”\n", "utf-8")
    other = voice_of(made(SMALL), tmp_path)
    assert 'aria-label="z 2 &amp; “1”"' in other.symbol("<mi>z</mi>", "z^{[1]}_{2}")


def _said(formulas: list[str]) -> list[str]:
    """What the engine says of each formula."""
    needs_node()
    from_npm("speech-rule-engine")
    done = subprocess.run(
        ["node", str(SPEAK)],
        input=json.dumps(formulas),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,  # seconds: of a busy machine; by itself it takes two
    )
    sentences: list[str] = json.loads(done.stdout)
    return sentences


def _shown(formula: str) -> str:
    return html.unescape(TAG.sub("", formula))


def test_each_number_and_each_symbol_of_a_page_is_heard() -> None:
    page = markdown_of(walk_of(SMALL, "mathml"), "epoch-1/row-1")
    formulas = list(dict.fromkeys(re.findall(r"<math.*?</math>", page)))
    heard = dict(zip(formulas, _said(formulas), strict=True))
    for formula, sentence in heard.items():
        for words in re.findall(r'aria-label="([^"]*)"', formula):
            assert html.unescape(words) in sentence, (formula, sentence)
        for number in re.findall(r"<mn[^>]*>(?:<a [^>]*>)?−?([\d.]+)", _unnamed(formula)):
            squared = number == "2" and "squared" in sentence
            assert number in sentence or squared, (formula, sentence)
        for name in re.findall(r"<mi[^>]*>(?:<a [^>]*>)?(\w+)", _unnamed(formula)):
            called = FUNCTIONS[name] if len(name) > 1 else voice().letter(name)
            assert called in sentence, (formula, sentence)
        assert "raised to the 1 power" not in sentence
        assert sentence.strip()
    told = {_shown(formula): sentence for formula, sentence in heard.items()}
    assert {line: told.get(line) for line in HEARD} == HEARD


def _unnamed(formula: str) -> str:
    """A formula without its named symbols, whose numbers are words of the name."""
    symbol = r'<(msubsup|msup|msub|mfrac|mover)\b[^>]*aria-label="[^"]*"[^>]*>'
    return re.sub(symbol + r".*?</\1>", "", formula)
