"""One trace under every notation: each page follows, each line stays true, no number changes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from io import StringIO
from itertools import product
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rendering
from each import each
from rendering import CLASSES, PLANE, drawn, layers, training
from tracer.errors import ExperimentError
from tracer.experiment import Experiment
from tracer.experiment.model import Notation as Choices
from tracer.notation import QUANTITIES, Notation
from tracer.refs import Ref
from tracer.reread import check_pages
from tracer.reread.latex import read_latex
from tracer.reread.mathml import read_math
from tracer.reread.origins import check_origins
from tracer.studies.model import Run
from tracer.studies.run import study
from tracer.trace import Trace
from tracer.trace.json import write_json
from tracer.training import run
from tracer.typeset import SymbolPart, Typesetter
from tracer.typeset.written import transposed

BY_Z = r"(?:<mrow>)?<mi>∂</mi>(?:<m\w+>)?<mi>z"
FORBIDDEN = {
    ("errors", "delta"): (
        rf"∂L/∂z|\\partial L\}}\{{\\partial z|\\partial z[^{{}}]*\}} L|"
        rf"<mi>∂</mi><mi>L</mi></mrow>{BY_Z}|{BY_Z}.{{,99}}</mfrac><mi>L</mi>"
    ),
    ("errors", "partial"): r"δ|\\delta",
    ("logarithm", "log"): r"\bln\b|\\ln\b",
    ("logarithm", "ln"): r"<mi>log</mi>|\\log\b",
}
"""What no page may hold under a choice."""
EXPERIMENTS: dict[str, dict[str, Any]] = {
    "binary": {
        "data": PLANE,
        "layers": layers((3, "relu"), (2, "tanh"), (1, "sigmoid")),
        **drawn(3),
        **training(epochs=2, batch_size=2, l2=0.1, optimizer="adam"),
        "pages": {"epochs": [1], "rows": [2, 4]},
    },
    "softmax": {
        "data": CLASSES,
        "layers": layers((2, "relu"), (3, "softmax")),
        **drawn(2),
        **training(epochs=2),
        "pages": {"epochs": [2], "rows": [2, 3], "explore": []},
    },
}
CHOICES: tuple[dict[str, Any], ...] = (
    {"errors": "delta"},
    {"first_index": 0},
    {"logarithm": "log"},
    {"convention": "column"},
    {"convention": "column", "errors": "delta", "first_index": 0, "logarithm": "log"},
)
CASES = [
    *(("binary", case, "mathml") for case in (0, 3)),
    *(("softmax", case, "mathml") for case in (1, 2)),
    *product(EXPERIMENTS, [len(CHOICES) - 1], ["mathml", "latex"]),
]
"""Each choice alone is asked of one of the experiments, all of them together of both."""
ONES = re.compile(r"\b(?:unit|input|output) (\d+)\b")


@cache
def whole(name: str) -> tuple[Trace, Any]:
    """The run of an experiment, and the runs beside it."""
    trace = run(Experiment.from_mapping({"title": name, **EXPERIMENTS[name]}))
    return trace, study(trace)


def rewritten(value: Any, chosen: Choices) -> Any:
    """The same under another notation: a run, or anything that holds runs."""
    if isinstance(value, Trace):
        return replace(value, experiment=replace(value.experiment, notation=chosen))
    if isinstance(value, Run):
        experiment = replace(value.experiment, notation=chosen)
        return replace(value, experiment=experiment, make=lambda: rewritten(value.trace, chosen))
    if is_dataclass(value) and not isinstance(value, type):
        found = {f.name: rewritten(getattr(value, f.name), chosen) for f in fields(value) if f.init}
        changed = {k: v for k, v in found.items() if v is not getattr(value, k)}
        return replace(value, **changed) if changed else value
    if isinstance(value, tuple) and any(map(is_dataclass, value)):
        return tuple(rewritten(each, chosen) for each in value)
    return value


@cache
def walkthrough(name: str, math: str, *keys: tuple[str, Any]) -> Mapping[str, str]:
    """The pages of an experiment under a notation."""
    chosen = Choices(**dict(keys))
    trace, studies = (rewritten(each, chosen) for each in whole(name))
    # The lines of the explorer are those of a cycle: it is asked with all choices together.
    trace = trace if dict(keys) == CHOICES[-1] else rendering.unexplored(trace)
    return rendering.pages_of(trace, math, studies)


def pages_of(name: str, case: int, math: str) -> tuple[dict[str, Any], Mapping[str, str]]:
    keys = CHOICES[case]
    return keys, walkthrough(name, math, *keys.items())


@pytest.mark.parametrize(("name", "case", "math"), CASES)
def test_every_line_and_every_linked_number_holds(name: str, case: int, math: str) -> None:
    _, pages = pages_of(name, case, math)
    found = [line for lines in check_pages(pages, 4).values() for line in lines]
    assert len(found) > 100
    assert [line for line in found if not line.ok] == []
    if math == "mathml":
        count, wrong = check_origins(pages, 4)
        assert count > 300
        assert wrong == []


@pytest.mark.parametrize(("name", "case", "math"), CASES)
def test_what_is_not_chosen_stands_nowhere(name: str, case: int, math: str) -> None:
    keys, pages = pages_of(name, case, math)
    chosen = Choices(**keys)
    for (key, choice), pattern in FORBIDDEN.items():
        if getattr(chosen, key) == choice:
            for path, text in pages.items():
                shown = re.sub(r"</?a\b[^>]*>", "", text)
                found = re.search(pattern, shown)
                assert not found, (path, shown[max(0, found.start() - 60) : found.end() + 20])


@pytest.mark.parametrize(("name", "case", "math"), CASES)
def test_units_are_counted_from_the_first_index(name: str, case: int, math: str) -> None:
    keys, pages = pages_of(name, case, math)
    first = keys.get("first_index", 1)
    counted = {int(n) for text in pages.values() for n in ONES.findall(text)}
    widest = max(whole(name)[0].layer_sizes)
    assert counted == set(range(first, widest + first))
    assert not any(re.search(r"\b(?:layer|row) 0\b", text) for text in pages.values())


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_neither_the_trace_nor_an_address_changes(name: str) -> None:
    trace, _ = whole(name)
    other = rewritten(trace, Choices(**CHOICES[-1]))
    told = []
    for of in (trace, other):
        written = StringIO()
        write_json(of, written)
        told.append(json.loads(written.getvalue()))
    assert told[0]["experiment"].pop("notation") != told[1]["experiment"].pop("notation")
    assert told[0] == told[1]
    usual = walkthrough(name, "mathml")
    changed = walkthrough(name, "mathml", *CHOICES[-1].items())
    assert usual.keys() == changed.keys() - {"explore/index.md"}
    for path, text in usual.items():
        ids = [re.findall(r'\sid="([^"]*)"', page) for page in (text, changed[path])]
        assert sorted(ids[0]) == sorted(ids[1]), path


NOTATIONS = [Notation(2), *(Notation(2, **keys) for keys in CHOICES)]


@each("name", sorted(QUANTITIES))
@each("note", NOTATIONS)
def test_every_symbol_reads_the_same_in_all_prints(name: str, note: Notation) -> None:
    quantity = QUANTITIES[name]
    index = () if quantity.shape == "1" else (2, 1) if quantity.pair else (2,)
    typesetter = Typesetter(4, note, lambda ref: f"#{ref.anchor}")
    ref = Ref(name, 1, index)
    of_a_sample = [SymbolPart(ref, sample=3)] if name.startswith(("loss", "dL_")) else []
    parts: list[Ref | SymbolPart] = [ref, *of_a_sample]
    for part in parts:
        html = ET.fromstring(typesetter.written((part,)))
        assert read_math(html)
        assert read_latex(typesetter.latex_of((part,)))
    assert not re.search(r"[\\{}^]", note.plain(name, 1, index))


@given(st.integers(1, 99), st.integers(1, 99), st.booleans())
def test_an_index_moves_with_the_first_one(i: int, j: int, column: bool) -> None:
    note = Notation(3, "column" if column else "row", first_index=0)
    pair = (j - 1, i - 1) if column else (i - 1, j - 1)
    assert note.symbol("W", 2, (i, j)) == f"W^{{[2]}}_{{{pair[0]},{pair[1]}}}"
    assert note.symbol("batch_loss", 0, (i,)) == f"J_{{{i}}}"
    assert note.symbol("epoch_loss", 0, (j,)) == rf"\bar{{J}}_{{{j}}}"
    assert note.unit(i) == i - 1


def test_the_error_of_a_layer_is_delta_in_every_place() -> None:
    note = Notation(2, errors="delta")
    assert note.symbol("dL_dz", 1, (2,)) == r"\delta^{[1]}_{2}"
    assert note.symbol("dL_dz", 1, (2,), sample=3) == r"\delta^{[1](3)}_{2}"
    assert note.general("dL_dz") == r"\delta"
    assert note.plain("dL_dz", 2, (1,)) == "δ[2]₁"
    assert note.symbol("dL_dW", 1, (1, 2)) == Notation(2).symbol("dL_dW", 1, (1, 2))
    assert transposed(note.symbol("dL_dz", 1)) == r"\delta^{[1]\top}"


@pytest.mark.parametrize("bad", [{"first_index": 2}, {"first_index": True}, {"errors": "d"}])
def test_what_no_notation_is_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ExperimentError, match="notation"):
        Experiment.from_mapping({**EXPERIMENTS["softmax"], "notation": bad})


def test_the_notation_is_part_of_an_experiment() -> None:
    made = Experiment.from_mapping({**EXPERIMENTS["softmax"], "notation": CHOICES[-1]})
    assert made.to_mapping()["notation"] == CHOICES[-1]
    assert Experiment.from_mapping(made.to_mapping()) == made
    assert Notation.of(2, made.notation) == NOTATIONS[-1]
