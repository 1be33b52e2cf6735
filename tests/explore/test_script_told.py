"""The script tells a cycle in the very words that the page's templates have for it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from claims import traced
from one_row import STILL, line, small, softmax
from rendering import EXPERIMENTS, given, trace_of
from scripted import EXHAUSTIVE, ask
from telling import Told, differences
from tracer.pages import Page
from tracer.trace import Cycle, Trace
from tracer.writing.site import page_renderer
from unchanged import unchanged

#: Cycles of a run that are told; those of one experiment soon repeat each other.
MOST = 40 if EXHAUSTIVE else 2
#: The experiments whose cycles differ most, for when not all are told.
FEW = (
    *("batch of 4 of 10, l2", "multiclass", "logits of 1000", "zeros at relu"),
    *("diverging relu", "adam", "squared error"),
)
LABELS = {
    "data": {
        "columns": ["x", "p", "q"],
        "rows": [[1, 0, 1], [0.5, 1, 1]],
        "target": ["p", "q"],
        "task": "multilabel",
    },
    "layers": [{"units": 2, "activation": "sigmoid"}],
    **given([[0, 1]]),
    "training": {"epochs": 1, "learning_rate": 1e-300},
}
ODD: tuple[dict[str, Any], ...] = (
    *(document for name, (document, _) in STILL.items() if EXHAUSTIVE or "fitted" not in name),
    *(small(weight, learning_rate=1e-300) for weight in (0.0, 1e-9)),
    *(softmax(weights) for weights in ([0, 1, 1], [0, 1, 1 + 1e-9])),
    LABELS,
    line([(1, 0)], 0.5, learning_rate=3),
    line([(1, 5), (1, 0)], 0.5, batch_size=2),
    line([(1, 0.5), (2, 1)], 1e200, learning_rate=1e300),
)
"""Experiments of a unit or two, each made for a sentence that is told seldom."""


def some(trace: Trace) -> list[Cycle]:
    """Cycles spread over a run, with its first and its last."""
    last = len(trace.row) - 1
    return [Cycle(trace, visit) for visit in sorted({last * k // (MOST - 1) for k in range(MOST)})]


def traces() -> Iterator[Trace]:
    yield from (trace_of(name) for name in ((*EXPERIMENTS, "mini2d") if EXHAUSTIVE else FEW))
    yield from map(traced, ODD)


def test_sentences_are_those_of_the_templates() -> None:
    assert differences(traces(), some) == []


@pytest.fixture(scope="module")
def classes() -> Told:
    return Told(trace_of("multiclass"))


def asked(told: Told, **other: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A cycle for the script, with what it says of it by itself."""
    given, wanted = told.asked(Cycle(told.trace, 0), 0)
    return {**given, **other}, wanted


def said(told: Told, *cycles: dict[str, Any]) -> list[dict[str, Any]]:
    return [cycle["said"] for cycle in ask({"choices": [told.choices], "cycles": cycles})["cycles"]]


def test_a_difference_is_noticed(classes: Told) -> None:
    cycle, wanted = asked(classes)
    ours, other = said(classes, cycle, {**cycle, "values": ["0"] * len(cycle["values"])})
    assert ours["given"] == wanted["said"]["given"] != other["given"]
    assert ours["slopes"] == wanted["said"]["slopes"] != other["slopes"]


def test_any_numbers_have_words(classes: Told) -> None:
    """Whatever a reader types or a run comes to: nan, ∞, zeros, ties, a target of no row."""
    draw = random.Random(7)
    kinds = ("0", "1", "0.5", "NaN", "Infinity", "-Infinity", "1e-320", "-2.25")
    cycle, _ = asked(classes)
    many = []
    for number in range(60):
        few = draw.sample(kinds, 1 + number % 3)
        values = [draw.choice((*few, old)) for old in cycle["values"]]
        batch = draw.choice(([1], [1, 2, 3]))
        facts = {**cycle["facts"], "rows": batch, "batch": len(batch), "last": number % 2}
        many.append({**cycle, "values": values, "facts": facts})
    found = said(classes, *many)
    assert len({found["slopes"] for found in found}) > 3
    assert all("undefined" not in each["decided"] + each["given"] for each in found)


def test_what_a_reader_changed_is_said_to_be_changed(classes: Told) -> None:
    cycle, _ = asked(classes)
    places = [classes.names[f"y-{k}"] for k in (1, 2, 3)]
    values = [("0.25" if k in places else old) for k, old in enumerate(cycle["values"])]
    facts = [{**cycle["facts"], name: 1} for name in ("typed", "trained", "row_changed")]
    target, typed, trained, row = said(
        classes, {**cycle, "values": values}, *({**cycle, "facts": each} for each in facts)
    )
    assert "The target is" in target["given"]
    assert "table" not in target["given"] + target["decided"]
    assert typed["before"].startswith("You changed some of the weights")
    assert "training on this page" in trained["before"]
    assert "You changed numbers of this row: the table has others." in row["given"]
    assert "answer in the table" not in row["given"]
    assert re.search(r"The target (agrees|says)", row["decided"])


def test_nothing_else_of_the_page_depends_on_the_cycle() -> None:
    """Words outside of lines, regions and numbers are the same for every cycle of a run."""
    trace = trace_of("zeros at relu")
    told, render = Told(trace), page_renderer(trace.experiment)
    first, *others = (
        unchanged(render(Page("explore", "pages/explore.md.j2", told.context_of(Cycle(trace, k)))))
        for k in range(len(trace.row))
    )
    assert len(first) > 100
    for other in others:
        assert [words for words in first if words not in other] == []
        assert [words for words in other if words not in first] == []
