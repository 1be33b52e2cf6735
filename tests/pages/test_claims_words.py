"""One word for each thing: what the templates call what, everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from each import each

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FOLDERS = ("pages", "partials", "svg", "words")
OF_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
OF_HTML = re.compile(r"<[^>]*>")
REJECTED = {
    "node, neuron (unit)": r"\b(?:nodes?|neurons?)\b",
    "sample, example (row)": r"\b(?:samples?|examples?)\b",
    "gradient of one number (slope)": r"\b(?:(?:weight|bias) gradients?|gradients? (?:for|of) the"
    r" (?:weight|bias|activation|sum)|its gradient squared|square[sd]* gradients?)\b",
    "never seen (did not learn from)": r"\bnever s(?:een|aw)\b",
}
ALLOWED = (
    "It is also called a node or a neuron.",
    "How does a network learn from examples?",
)
"""Sentences that introduce the other words, and one that speaks of the world."""
TITLES = re.compile(r'term\("[\w-]+", "[^"]+"')
ELSEWHERE = (
    "pages/rates.md.j2",
    "pages/determinism.md.j2",
    "pages/checks.md.j2",
    "words/proofs.j2",
    "words/reasons.j2",
)
"""Pages whose words are about runs and proofs."""


def templates():
    paths = [p for folder in FOLDERS for p in sorted((TEMPLATES / folder).glob("*.j2"))]
    paths += [TEMPLATES / "macros.md.j2"]
    names = [path.relative_to(TEMPLATES).as_posix() for path in paths]
    return [name for name in names if name not in ELSEWHERE]


def prose(text):
    """What a reader may read of a template: no code but the texts that stand in it."""
    code = OF_JINJA.findall(TITLES.sub("", text))
    quoted = " ".join(q for c in code if c[:2] != "{#" for q in re.findall(r'"([^"]* [^"]*)"', c))
    plain = OF_HTML.sub("", OF_JINJA.sub("", text))
    for sentence in ALLOWED:
        plain = plain.replace(sentence, "")
    return f"{plain} {quoted}"


@each("name", templates())
def test_no_other_word_is_used(name):
    text = prose((TEMPLATES / name).read_text("utf-8"))
    for meant, pattern in REJECTED.items():
        found = re.search(f".{{0,40}}{pattern}.{{0,40}}", text, re.IGNORECASE)
        assert not found, f"{meant}: {found[0]}"


@pytest.mark.parametrize(
    "text",
    [
        "A node adds up.",
        '{{ counted.of(n, "a sample", "many samples") }}',
        "<p>The weight gradient is</p>",
        "rows it has never seen",
    ],
)
def test_other_words_would_be_noticed(text):
    assert any(re.search(p, prose(text), re.IGNORECASE) for p in REJECTED.values())


def test_what_is_rejected_stands_in_the_glossary():
    text = (TEMPLATES / "partials" / "terms.md.j2").read_text("utf-8")
    for title in ("Unit, node, neuron", "Row, sample, example", "Derivative, slope", "Gradient"):
        assert f'"{title}"' in text
