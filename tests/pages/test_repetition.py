"""A reader of the second page is told something new, and is not asked at every turn."""

from __future__ import annotations

import re

from rendering import DEFAULT, trace_of, walkthrough
from tracer.pages import kinds
from tracer.pages.walk import Walk
from tracer.studies.run import study

LEAST_DISTINCT = 0.6  # of all paragraphs: the rest are labels that belong to a line
MOST_ASKING = 0.1  # of all paragraphs
QUESTION = re.compile(r"[^.!:]*\?")
EXPLAINED = (
    "Each unit adds up what it receives",
    "how fast would the loss change?",
    "read the other way",
)


def paragraphs() -> list[str]:
    """The paragraphs of all pages: blocks of text that are no heading, table, list or picture."""
    blocks = (
        block.strip() for text in walkthrough(DEFAULT).values() for block in text.split("\n\n")
    )
    return [" ".join(block.split()) for block in blocks if re.match(r"[A-Z]", block)]


def test_most_paragraphs_stand_once_and_few_begin_with_a_question() -> None:
    said = paragraphs()
    assert len(said) > 200
    assert len(set(said)) >= LEAST_DISTINCT * len(said)
    assert sum(bool(QUESTION.match(text)) for text in said) < MOST_ASKING * len(said)


def test_the_steps_are_explained_on_the_first_cycle_and_the_others_lead_there() -> None:
    walk = Walk(trace_of(DEFAULT), study(trace_of(DEFAULT)), kinds=kinds())
    first, *others = (f"{walk.slug_of(cycle)}/index.md" for cycle in walk.cycles(walk.epochs[0]))
    pages = {path: " ".join(text.split()) for path, text in walkthrough(DEFAULT).items()}
    assert all(text in pages[first] for text in EXPLAINED)
    assert "Each step is explained on" not in pages[first]
    for path in others:
        assert not any(text in pages[path] for text in EXPLAINED), path
        link = f'Each step is explained on <a href="../{first.split("/")[1]}/index.html">'
        assert link in pages[path]
