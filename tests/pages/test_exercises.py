"""Exercises: each has its words, and its answer is what the trace says."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path

import numpy as np
import pytest

from claims import TAG, markdown, traced
from outside.bars import BARS
from outside.sizes import SIZES
from rendering import CLASSES, drawn, layers, optimized, training
from tracer.pages import exercises_lesson, exercises_run, kinds
from tracer.pages.exercise import farthest
from tracer.refs import Ref
from tracer.registry import registered
from tracer.writing.templating import environment, of_experiment

RUN = optimized("sgd")
WITHOUT = {"overview", "determinism", "checks", "glossary"}


@pytest.fixture(scope="module")
def trace():
    return traced(RUN)


def exercises(page: str) -> list[tuple[str, str]]:
    """The questions of a page with their answers, in words."""
    pairs = re.findall(r"<li><p>(.*?)</p><details><summary>.*?</summary><p>(.*?)</p>", page)
    plain = [html.unescape(TAG.sub("", part)) for pair in pairs for part in pair]
    return list(zip(plain[::2], plain[1::2], strict=True))


def answer(trace, slug: str, begins: str) -> str:
    (found,) = [a for q, a in exercises(markdown(trace, slug)) if q.startswith(begins)]
    return found


def keys() -> set[str]:
    trees = [
        ast.parse(Path(str(m.__file__)).read_text("utf-8"))
        for m in (exercises_lesson, exercises_run)
    ]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = {getattr(call.func, "id", ""): call for call in calls}
    assert "ask" in named
    asked = [c.args[0] for c in calls if getattr(c.func, "id", "") == "ask"]
    return {"compute", *(str(node.value) for node in asked if isinstance(node, ast.Constant))}


def test_every_exercise_has_its_words(trace):
    made = of_experiment(environment(), trace.experiment)
    words = made.get_template("words/exercises.j2").make_module({"desk": None, "experiment": None})
    said = {name for name in vars(words) if name.startswith(("ask_", "reply_"))}
    used = keys() | {"largest_loss", "smallest_loss"}
    assert said == {f"{part}_{key}" for key in used for part in ("ask", "reply")}


def test_pages_end_with_three_exercises_folded(trace):
    for slug in ("task", "network", "start", "epoch-2/row-1", "epochs", "trained"):
        page = markdown(trace, slug)
        (section,) = re.findall(r'<section class="tr-exercise tr-exercises".*?</section>', page)
        assert section.index("<details><summary>3 exercises") < section.index("<ol>")
        assert len(exercises(page)) == 3
    rows = {
        kind.name
        for kind in kinds()
        if not list(kind.practice(None, {}) if kind.name in WITHOUT else [1])
    }
    assert rows == WITHOUT


def test_answers_are_those_of_the_trace(trace):
    negative = sum(int((W[0] < 0).sum()) for W in trace.W)
    total = sum(W[0].size for W in trace.W)
    assert answer(trace, "start", "How many weights are negative") == f"{negative} of {total}."
    rises = int((np.diff(trace.loss_curve) > 0).sum())
    assert answer(trace, "epochs", "How often") == f"{rises} of {trace.epochs - 1} times."
    losses = {cycle.row: cycle.loss for cycle in trace.cycles(2)}
    most = max(losses, key=lambda row: losses[row])
    assert answer(trace, "epoch-2", "Which row had the largest").startswith(f"Row {most}, with")
    assert answer(trace, "optimizer", "How many numbers").startswith("None")


def test_answers_lead_to_their_lines(trace):
    page = markdown(trace, "epoch-2/row-1")
    (section,) = re.findall(r'<section class="tr-exercise tr-exercises".*?</section>', page)
    hrefs = re.findall(r'<p><a href="#([^"]*)">', section)
    assert len(hrefs) == 3
    assert all(f'id="{href}"' in page for href in hrefs)


def test_what_ties_too_often_is_not_asked():
    refs = [Ref("W", 2, (1, k)) for k in range(1, 5)]
    assert farthest({2: np.array([[-2.0, 2.0, -2.0, 1.0]])}) == (refs[:3], 2.0)
    assert farthest({2: np.full((1, 4), 2.0)}) is None
    assert farthest({2: np.zeros((1, 4))}) is None
    assert farthest({1: np.array([[float("nan")]]), 2: np.ones((1, 1))}) is None
    assert farthest({}) is None
    many = {1: np.zeros((300, 400)), 2: np.eye(1, 4)}  # to look at each for each takes minutes
    assert farthest(many) == (refs[:1], 1.0)


REGRESSION = {"columns": ["u", "t"], "rows": [[3, 1], [5, -7]], "task": "regression"}
ONE_UNIT = {"layers": layers((1, "identity")), **drawn(2)}
ODD = {
    "one row, one weight": {
        "data": {**REGRESSION, "rows": [[1, 2]]},
        **ONE_UNIT,
        **training(),
    },
    "all ties": {
        "data": CLASSES,
        "layers": layers((2, "relu"), (3, "softmax")),
        "init": {"scheme": "zeros"},
        **training(),
    },
    "overflow": {
        "data": REGRESSION,
        **ONE_UNIT,
        "training": {"epochs": 9, "learning_rate": 1e60},
    },
}


@pytest.mark.parametrize("document", ODD.values(), ids=ODD)
def test_odd_runs_ask_what_can_be_answered(document):
    trace = traced(document)
    for slug in ("task", "network", "start", "tools", "tools/derivatives", "epochs", "trained"):
        for _, reply in exercises(markdown(trace, slug)):
            assert "nan" not in reply.split()
            assert "inf" not in reply.split()


def test_a_page_from_outside_says_its_own():
    with registered(SIZES, BARS):
        found = exercises(markdown(traced(RUN), "sizes"))
    assert found == [("How many layers?", "Two & no more.")]
