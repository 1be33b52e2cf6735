"""The headings and landmarks by which a screen reader finds its way on a page."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from finished import small_mkdocs, small_site
from rendering import DEFAULT, walkthrough

HEADING = re.compile(
    r"<h([1-6])\b[^>]*>(.*?)</h\1>|^(#{1,6}) (.*?)(?: \{[^}]*\})?$", re.DOTALL | re.MULTILINE
)
HIDDEN = re.compile(r'<a class="headerlink".*?</a>|<[^>]*>', re.DOTALL)
LANDMARK = re.compile(r'<(?:nav|aside)\b[^>]*>|<\w+ [^>]*role="(?:navigation|region)"[^>]*>')
#: Walkthroughs that other tests render too.
NAMES = (DEFAULT, "adam", "multiclass", "softmax inside")


def headings(text: str) -> list[tuple[int, str]]:
    """(level, words) of each heading of a page of HTML or Markdown."""
    found = []
    for tag, words, signs, title in HEADING.findall(text):
        said = html.unescape(HIDDEN.sub("", words or title))
        found.append((int(tag or len(signs)), " ".join(said.split())))
    return found


def wrong(text: str) -> Iterator[str]:
    """What is wrong with the headings of a page."""
    found = headings(text)
    levels = [level for level, _ in found]
    if levels.count(1) != 1 or levels[0] != 1:
        yield f"{levels.count(1)} headings of the first level"
    for (before, _), (level, words) in pairwise(found):
        if level > before + 1:
            yield f"a level is left out before {words!r}"
    for words, count in Counter(words for _, words in found).items():
        if count > 1 or not words:
            yield f"{words!r} stands {count} times"


def finished(folder: Path) -> dict[str, str]:
    """The pages of a site, but for the one that has no place."""
    paths = (path for path in folder.rglob("*.html") if path.name != "404.html")
    return {str(path): path.read_text("utf-8") for path in paths}


@pytest.mark.parametrize("folder", ["own", "mkdocs"])
def test_headings_of_finished_pages_are_in_order_and_unique(folder: str) -> None:
    site = small_site() / "html" if folder == "own" else small_mkdocs() / "public"
    pages = finished(site)
    assert len(pages) > 20
    found = {path: list(wrong(text)) for path, text in pages.items()}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize("name", NAMES)
def test_headings_of_any_walkthrough_are_in_order_and_unique(name: str) -> None:
    pages = walkthrough(name)
    found = {path: list(wrong(text)) for path, text in pages.items()}
    assert {path: words for path, words in found.items() if words} == {}


def test_each_landmark_of_a_page_can_be_told_from_the_others() -> None:
    for path, text in finished(small_site() / "html").items():
        assert text.count("<main") == 1, path
        names = [re.findall(r'aria-label="([^"]+)"', tag) for tag in LANDMARK.findall(text)]
        assert all(names), path
        assert len({one for (one,) in names}) == len(names), path
    for path, text in finished(small_mkdocs() / "public").items():
        assert len(re.findall(r"<main\b", text)) == 1, path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("## b", "0 headings"),
        ("# a\n# b", "2 headings"),
        ("# a\n### b", "left out"),
        ("# a\n## b {#x}\n<h2>b<a class='x'></a></h2>", "'b' stands 2 times"),
        ("# a\n## <b></b>", "'' stands 1 times"),
    ],
)
def test_what_is_wrong_is_found(text: str, words: str) -> None:
    (found,) = wrong(text)
    assert words in found
