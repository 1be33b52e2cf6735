"""What a screen reader hears of a page's lines: each number and each symbol."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks import mapping
from sharing import shared_folder
from single import markdown_of, walk_of
from tracer.notation import QUANTITIES, Notation
from tracer.refs import Ref
from tracer.typeset.mathml import to_mathml
from tracer.typeset.spoken import letter_name, spoken, voiced_signs, voiced_symbol

SPEAK = Path(__file__).parents[1] / "support" / "speak.js"
ENGINE = "speech-rule-engine@4.1.5"
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
    "+(−0.999)⋅(−0.91805)": "positive open paren −0.999 close paren times open paren −0.91805"
    " close paren",
    "≈[0.87400.9715]": "almost equals the 1 by 2 row matrix 0.8740 0.9715",
    "≈−1.4870": "almost equals −1.4870",
}


@pytest.mark.parametrize("latex", SYMBOLS)
def test_a_symbol_is_said_in_words(latex: str) -> None:
    assert spoken(latex) == SYMBOLS[latex]


@given(st.sampled_from(sorted(QUANTITIES)), st.integers(1, 30), st.integers(1, 40), st.booleans())
def test_each_quantity_has_words_that_can_be_said(
    name: str, layer: int, unit: int, delta: bool
) -> None:
    quantity = QUANTITIES[name]
    index = (unit, *(unit for _ in range(quantity.pair or quantity.split)), *[1] * quantity.trial)
    errors = "delta" if delta else "partial"
    latex = Notation(layers=31, errors=errors).symbol_of(Ref.of(name, layer, index))
    assert re.fullmatch(r"[A-Za-z0-9 ]+", spoken(latex)), latex
    assert str(unit) in spoken(latex)


@given(st.text(alphabet="{}^_[]()+,aWz1 ", max_size=20))
def test_any_text_has_words(latex: str) -> None:
    assert "{" not in spoken(latex)


def test_an_intent_is_one_literal_of_mathml() -> None:
    latex = r"\frac{\partial L}{\partial W^{[1]}_{1,2}}"
    mathml = voiced_symbol(to_mathml(latex), latex)
    assert 'aria-label="partial L over partial W 1 2 of layer 1"' in mathml
    assert 'intent="_partial_L_over_partial_W_1_2_of_layer_1"' in mathml
    assert "intent" not in voiced_symbol(to_mathml("x_{1}"), "x_{1}")
    assert 'aria-label="times, entry by entry,"' in voiced_signs(to_mathml(r"a \odot b"))
    assert [letter_name(letter) for letter in "ηLσ"] == ["eta", "L", "sigma"]


def _missing(reason: str) -> None:
    if os.environ.get("TRACER_REQUIRE_SPEECH") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def _install(folder: Path) -> None:
    command = ["npm", "install", "--no-save", "--no-package-lock", "--no-audit", "--prefix"]
    subprocess.run([*command, str(folder), ENGINE], check=True, capture_output=True, timeout=120)


def _said(formulas: list[str]) -> list[str]:
    """What the engine says of each formula."""
    if not (shutil.which("node") and shutil.which("npm")):
        _missing("needs node and npm")
    try:
        modules = shared_folder("speech engine", _install) / "node_modules"
    except (subprocess.SubprocessError, OSError) as error:
        _missing(f"needs {ENGINE}: {error}")
    command = ["node", str(SPEAK), str(modules)]
    done = subprocess.run(
        command, input=json.dumps(formulas), capture_output=True, text=True, check=True, timeout=120
    )
    sentences: list[str] = json.loads(done.stdout)
    return sentences


def _shown(formula: str) -> str:
    return html.unescape(TAG.sub("", formula))


@pytest.mark.timeout(300)
def test_each_number_and_each_symbol_of_a_page_is_heard() -> None:
    small = mapping((2, 2, 1), ("tanh", "sigmoid"), "binary_cross_entropy", rows=3, epochs=1)
    page = markdown_of(walk_of(small, "mathml"), "epoch-1/row-1")
    formulas = list(dict.fromkeys(re.findall(r"<math.*?</math>", page)))
    heard = dict(zip(formulas, _said(formulas), strict=True))
    for formula, sentence in heard.items():
        for words in re.findall(r'aria-label="([^"]*)"', formula):
            assert html.unescape(words) in sentence, (formula, sentence)
        for number in re.findall(r"<mn[^>]*>(?:<a [^>]*>)?−?([\d.]+)", _unnamed(formula)):
            squared = number == "2" and "squared" in sentence
            assert number in sentence or squared, (formula, sentence)
        assert "raised to the 1 power" not in sentence
        assert sentence.strip()
    told = {_shown(formula): sentence for formula, sentence in heard.items()}
    assert {line: told.get(line) for line in HEARD} == HEARD


def _unnamed(formula: str) -> str:
    """A formula without its named symbols, whose numbers are words of the name."""
    symbol = r'<(msubsup|msup|msub|mfrac|mover)\b[^>]*aria-label="[^"]*"[^>]*>'
    return re.sub(symbol + r".*?</\1>", "", formula)
