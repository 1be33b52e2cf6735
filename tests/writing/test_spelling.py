"""What readers are told is spelt one way: British, with -ize where Oxford has it.

Names of software keep their own spelling: a catalog, a program, an optimizer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from messages import KEPT
from sites import ROOT

#: (what is written elsewhere, what is written here); each with its endings.
ELSEWHERE = {
    r"(?:un)?colou?r(?:s|ed|ing|ful)?": r"(?:un)?colour\w*",
    r"neighbou?r(?:s|ing|hood)?": r"neighbour\w*",
    r"behaviou?r(?:s|al)?": r"behaviour\w*",
    r"favou?r(?:s|ed|ite|ites|able)?": r"favour\w*",
    r"cent(?:er|re)(?:s|ed|d)?": r"centre[sd]?",
    r"gr[ae]y(?:s|ed|scale)?": r"grey\w*",
    r"towards?": r"towards",
    r"afterwards?": r"afterwards",
    r"judge?ments?": r"judgements?",
    r"licen[cs]es?": r"licences?",
    r"analy[sz](?:e|es|ed|ing)": r"analys\w+",
    r"(?:model|label|cancel|travel|signal)l?(?:ed|ing)": r"\w+ll(?:ed|ing)",
    r"ful+fil+(?:s|ed|ing)?": r"fulfil(?:s|led|ling)?",
    r"(?:initial|optim|minim|maxim|normal|regular|general|standard|recogn|real|organ|summar|visual|vector|random|"
    r"penal|special|serial|emphas|final)i[sz](?:e|es|ed|er|ers|ing|ation|ations)": r"\w+iz\w+",
}
QUOTED = re.compile(
    r"^(`{3,}|~{3,}).*?^\1|`[^`\n]*`|\]\([^)]*\)|<style>.*?</style>|<[^<>]*>|^---\n.*?^---"
    r"|Open Font License",
    re.MULTILINE | re.DOTALL,
)
WORD = re.compile(r"[a-z]+", re.IGNORECASE)


def strays(text: str) -> set[str]:
    """The words that are spelt as elsewhere."""
    words = {word.lower() for word in WORD.findall(text)}
    return {
        word
        for word in words
        for either, ours in ELSEWHERE.items()
        if re.fullmatch(either, word) and not re.fullmatch(ours, word)
    }


def messages() -> Iterator[str]:
    with (ROOT / "templates" / "locale" / "tracer.pot").open("rb") as file:
        for message in read_po(file):
            forms = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
            yield from (KEPT.sub(" ", form) for form in forms)


def test_messages_are_spelt_one_way() -> None:
    said = list(messages())
    assert len(said) > 1000
    assert {word: text for text in said for word in strays(text)} == {}


@pytest.mark.parametrize(
    "path",
    [*sorted((ROOT / "site").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"],
    ids=lambda path: path.name,
)
def test_the_guide_is_spelt_one_way(path: Path) -> None:
    assert strays(QUOTED.sub(" ", path.read_text(encoding="utf-8"))) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The color of a neighbor, toward the center", {"color", "neighbor", "toward", "center"}),
        ("Colours, neighbours and judgements are recognized", set()),
        ("It is normalised, initialised and labeled", {"normalised", "initialised", "labeled"}),
        ("a raised, promised exercise of an optimizer's catalog", set()),
    ],
)
def test_a_stray_is_found(text: str, found: set[str]) -> None:
    assert strays(text) == found
