"""Symbols are mathematics wherever they stand: in sentences, tables, captions and pictures."""

from __future__ import annotations

import copy
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rendering import DEFAULT, walkthrough
from tracer.typeset.named import NamedSymbol, drawn, shown_as

FORMULA = re.compile(r"<math.*?</math>", re.DOTALL)
#: A layer in brackets behind a letter, or signs that stand for indices behind them.
FLAT = re.compile(r"[^\W\d_]̂?\[\d+\]|\[\d+\][₀-₉]")
Z = NamedSymbol("z[1]₂", "z^{[1]}_{2}", "<math>z</math>", "z 2 of layer 1")


@pytest.mark.parametrize("name", [DEFAULT, "adam", "multiclass", "diverging relu"])
def test_no_symbol_of_a_layer_is_plain_text(name: str) -> None:
    flat = {
        path: sorted(set(FLAT.findall(FORMULA.sub("", text))))
        for path, text in walkthrough(name).items()
    }
    assert {path: found for path, found in flat.items() if found} == {}


@pytest.mark.parametrize("text", ["a[1]", "W[1]₂,₃", "ŷ̂[2]"])
def test_plain_symbols_are_seen(text: str) -> None:
    assert FLAT.search(f"over {text}, and")


def test_a_picture_has_real_upper_and_lower_indices() -> None:
    assert drawn("W^{[1]}_{2,3}") == (
        'W<tspan class="tr-index" dy="-4">[1]</tspan><tspan class="tr-index" dy="7">2,3</tspan>'
        '<tspan dy="-3">\u200b</tspan>'
    )
    assert drawn("x_2").startswith('x<tspan class="tr-index" dy="3">2</tspan>')
    assert drawn(r"\eta") == "η"


@given(st.sampled_from("zWb"), st.integers(1, 40), st.integers(1, 40))
def test_what_follows_a_symbol_stands_on_its_line(letter: str, layer: int, unit: int) -> None:
    moves = re.findall(r'dy="(-?\d+)"', drawn(f"{letter}^{{[{layer}]}}_{{{unit}}}"))
    assert sum(map(int, moves)) == 0


def test_a_symbol_is_shown_as_the_place_needs() -> None:
    assert shown_as(Z, "said") == "z 2 of layer 1"
    assert shown_as(Z, "set") == "<math>z</math>"
    assert shown_as(Z, "drawn") == drawn(Z.latex)
    assert shown_as("loss", "drawn") == "loss"
    for same in (copy.copy(Z), pickle.loads(pickle.dumps(Z))):
        assert (same, same.latex, same.said) == (Z, Z.latex, Z.said)
