"""Pages are built first and rendered afterwards: in any order, any of them, twice, elsewhere."""

from __future__ import annotations

import random
import subprocess
import sys
from functools import partial
from hashlib import sha256

import pytest

from rendering import studies_of, trace_of
from tracer.writing.site import build_pages, page_renderer

NAME = "batch of 4 of 10, l2"
MATHS = ("mathml", "latex")


@pytest.fixture(scope="module", params=MATHS)
def built(request):
    pages = build_pages(trace_of(NAME), studies_of(NAME), math=request.param)
    return [page for kind, page in pages if not kind.proves]


def rendered(pages):
    render = page_renderer(trace_of(NAME).experiment, pages[0].context["math"])
    return {page.path: render(page) for page in pages}


def test_any_order_gives_the_same_pages(built):
    expected = rendered(built)
    for seed in (1, 2):
        shuffled = random.Random(seed).sample(built, len(built))
        assert rendered(shuffled) == expected
    assert rendered(built) == expected


def test_each_page_alone_is_the_same(built):
    expected = rendered(built)
    for page in built:
        assert rendered([page]) == {page.path: expected[page.path]}


def test_the_index_is_complete_before_anything_is_rendered(built):
    (glossary,) = (page for page in built if page.slug == "glossary")
    listed = {entry.name for entry in glossary.context["entries"]}
    assert len(listed) > 20
    index = glossary.context["walk"].index
    before = dict(index.pages), dict(index.lines)
    rendered(built)
    assert (dict(index.pages), dict(index.lines)) == before
    assert listed == set(before[0])


SCRIPT = """
import random
from test_pure_pages import MATHS, NAME, build_pages, rendered, studies_of, trace_of
from hashlib import sha256
pages = [p for k, p in build_pages(trace_of(NAME), studies_of(NAME)) if not k.proves]
texts = rendered(random.Random(7).sample(pages, len(pages)))
print(sha256("".join(texts[path] for path in sorted(texts)).encode()).hexdigest())
"""


def test_another_process_renders_the_same_bytes():
    done = partial(subprocess.run, capture_output=True, text=True, check=True)
    folders = f"import sys; sys.path[:0] = {[p for p in sys.path if p]!r}\n"
    there = done([sys.executable, "-c", folders + SCRIPT]).stdout.strip()
    pages = build_pages(trace_of(NAME), studies_of(NAME))
    texts = rendered([page for kind, page in pages if not kind.proves])
    here = "".join(texts[path] for path in sorted(texts))
    assert there == sha256(here.encode()).hexdigest()
