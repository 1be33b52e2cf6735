"""Formulas of symbols are kept from one run to the next, and never needed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tracer.files import packs
from tracer.files.keeping import FOLDER
from tracer.formula import Form
from tracer.notation import Notation
from tracer.refs import Ref
from tracer.typeset import Typesetter, formulas
from tracer.typeset.compiled import first_branch
from tracer.typeset.formulas import Formulas
from tracer.typeset.spoken import Voice
from tracer.typeset.stencils import LinePlan

SIZES, ROWS, WORDS = (2, 2, 1), Notation(2), Voice({"sub": "of"})


@pytest.fixture(autouse=True)
def afresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    # What the other tests share is not forgotten.
    monkeypatch.setattr(packs, "_pack", cache(packs._pack.__wrapped__))
    yield
    packs.pack().is_longer = False  # nothing is left to be written at the end


def next_process() -> None:
    packs.pack().write()
    packs._pack.cache_clear()


def typeset(known: Formulas, notation: Notation = ROWS) -> str:
    setter = Typesetter(4, notation, lambda ref: "", known=known)
    return str(setter.written((Ref.of("z", 1, (2,)), " = ", Ref.of("W", 1, (1, 2)))))


def test_what_was_set_is_recalled_and_the_same() -> None:
    first = Formulas(SIZES, ROWS, WORDS)
    made = typeset(first)
    first.keep()
    next_process()
    second = Formulas(SIZES, ROWS, WORDS)
    assert second == first
    assert typeset(second) == made == typeset(Formulas((3, 1), ROWS, WORDS))


@pytest.mark.parametrize(
    ("sizes", "notation", "voice"),
    [
        ((2, 3, 1), ROWS, WORDS),
        (SIZES, Notation(2, convention="column"), WORDS),
        (SIZES, Notation(2, logarithm="log"), WORDS),
        (SIZES, ROWS, Voice({"sub": "von"})),
    ],
)
def test_other_networks_notations_and_words_share_nothing(
    sizes: tuple[int, ...], notation: Notation, voice: Voice
) -> None:
    first = Formulas(SIZES, ROWS, WORDS)
    typeset(first)
    first.keep()
    assert not Formulas(sizes, notation, voice)


def test_what_only_this_process_can_find_is_not_kept() -> None:
    import sympy as sp

    z = sp.Symbol("z")
    branch = first_branch(Form(z**2, (z,)))  # of SymPy's own expression: without a name
    first = Formulas(SIZES, ROWS, WORDS)
    first[branch.named, "z"] = ["<mi>z</mi>"], "z"
    first["a line"] = LinePlan((), None, None, ())
    typeset(first)
    first.keep()
    next_process()
    assert len(Formulas(SIZES, ROWS, WORDS)) == len(first) - 2 > 0


def test_too_many_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formulas, "MOST", 0)
    first = Formulas(SIZES, ROWS, WORDS)
    typeset(first)
    first.keep()
    assert not Formulas(SIZES, ROWS, WORDS)
