"""Sentences read as a reader reads them: a place stands rightly in the sentence around it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tracer.writing.templating import environment

PLACES = [
    ({"row": 4, "epoch": 1, "after": None, "page": None}, "at epoch 1, row 4"),
    ({"row": None, "epoch": None, "after": 25, "page": None}, "after epoch 25"),
    ({"row": None, "epoch": None, "after": None, "page": "Batches"}, "on the page “Batches”"),
]


@pytest.mark.parametrize(("known", "said"), PLACES)
def test_a_place_in_its_sentence(known: dict[str, object], said: str) -> None:
    words: Any = environment().get_template("words/proofs.j2").module
    spot = SimpleNamespace(**known, layer=None, symbol=lambda notation: "")
    assert words.located(spot, words.place(spot, None).strip()) == said
