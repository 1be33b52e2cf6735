"""Pages are built first and rendered afterwards: in any order, any of them, twice, elsewhere."""

from __future__ import annotations

import random
import sys
from functools import cache
from hashlib import sha256

import pytest

from rendering import studies_of, trace_of, walkthrough
from sites import python
from tracer.writing.site import build_pages, page_renderer

NAME = "l2 a batch"
MATHS = ("mathml", "latex")
each_form = pytest.mark.parametrize("math", MATHS)


@cache
def built(math="mathml"):
    """Every page but that of the checks, and what the index held when all were built."""
    pages = build_pages(trace_of(NAME), studies_of(NAME), math=math)
    walk = pages[0][1].context["walk"]
    return [page for kind, page in pages if not kind.proves], index_of(walk)


def index_of(walk):
    return walk.index.symbols(page.slug for page in walk.pages)


def rendered(pages):
    render = page_renderer(trace_of(NAME).experiment, pages[0].context["math"])
    return {page.path: render(page) for page in pages}


@cache
def shuffled(math="mathml"):
    """All pages as they are rendered in some order."""
    pages = built(math)[0]
    return rendered(random.Random(1).sample(pages, len(pages)))


@each_form
def test_any_order_gives_the_same_pages_again(math):
    in_order = walkthrough(NAME, math)
    assert shuffled(math).keys() == {page.path for page in built(math)[0]}
    assert shuffled(math) == {path: in_order[path] for path in shuffled(math)}


@each_form
def test_each_page_alone_is_the_same(math):
    kinds = {page.template: page for page in built(math)[0]}
    assert len(kinds) > 15
    for page in kinds.values():
        assert rendered([page]) == {page.path: walkthrough(NAME, math)[page.path]}


@each_form
def test_the_index_is_complete_before_anything_is_rendered(math):
    pages, before = built(math)
    (glossary,) = (page for page in pages if page.slug == "glossary")
    listed = {entry.name for entry in glossary.context["entries"]}
    assert len(listed) > 20
    shuffled(math)
    assert index_of(glossary.context["walk"]) == before
    assert listed == set(before[0])


SCRIPT = """
import random
from test_pure_pages import built, rendered
from hashlib import sha256
pages = built()[0]
texts = rendered(random.Random(7).sample(pages, len(pages)))
print(sha256("".join(texts[path] for path in sorted(texts)).encode()).hexdigest())
"""


def test_another_process_renders_the_same_bytes():
    walkthrough(NAME)  # so that what is kept is there for that process
    folders = f"import sys; sys.path[:0] = {[p for p in sys.path if p]!r}\n"
    there = python("-c", folders + SCRIPT).stdout.strip()
    texts = shuffled()
    here = "".join(texts[path] for path in sorted(texts))
    assert there == sha256(here.encode()).hexdigest()
