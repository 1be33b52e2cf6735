"""The API reference says what the code beside it says, and says it of everything that is public."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown import markdown

import tracer
from each import each
from tracer import errors
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.initializers import INITIALIZERS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.errors import RenderError
from tracer.reference import markdown_of, reference

GUIDE = Path(__file__).resolve().parents[1] / "site" / "guide"
PAGES = ("api.md", "catalog.md")
NAMED = [
    (page, path)
    for page in PAGES
    for path in re.findall(r"(?m)^::: (\S+)$", (GUIDE / page).read_text(encoding="utf-8"))
]
EXTENSIONS = ["tracer.reference", "attr_list", "fenced_code"]


def html(text: str) -> str:
    return markdown(text, extensions=EXTENSIONS)


@each(("page", "path"), NAMED)
def test_what_a_page_names_has_something_to_say(page, path):
    said = reference(path)
    assert len(said.split()) > 5
    assert said.count("```") % 2 == 0


def test_everything_public_has_its_place():
    paths = [path for _, path in NAMED]
    names = {path.rpartition(".")[2] for path in paths}
    assert set(tracer.__all__) - {"__version__", "TracerError"} <= names
    assert "tracer.errors" in paths
    said = reference("tracer.errors")
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    own = [kind.__name__ for kind in kinds if kind.__module__ == "tracer.errors"]
    assert len(own) > 5
    assert all(f"{{ #tracer.errors.{name} }}" in said for name in own)


@each("table", [ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES, INITIALIZERS])
def test_what_a_row_is_has_its_place_beside_the_table(table):
    kind = type(next(iter(table.values())))
    said = "".join(reference(path) for page, path in NAMED if page == "catalog.md")
    assert f"{{ #{kind.__module__}.{kind.__name__} }}" in said


def test_a_heading_stands_one_level_below_the_one_before():
    found = html("# One\n\n## Two\n\n::: tracer.api.render\n")
    assert '<h3 id="tracer.api.render"><code>render</code></h3>' in found
    assert "<h4" not in found


def test_a_module_has_its_members_in_the_order_of_the_source():
    found = re.findall(r'id="tracer\.errors\.([A-Z]\w+)"', html("::: tracer.errors\n"))
    assert found[:3] == ["Problem", "TracerError", "CatalogError"]


def test_a_module_with_a_list_of_names_shows_no_others():
    found = html("::: tracer.trace.trace\n")
    assert 'id="tracer.trace.trace.Trace"' in found
    assert 'id="tracer.trace.trace.DataFrame"' not in found


def test_signatures_say_what_is_given_by_name_only_and_what_by_default():
    assert (
        "    *,\n    math: str = 'mathml',\n    check: bool = False,\n) -> WriteReport"
        in reference("tracer.api.render")
    )
    assert "forward(x" not in reference("tracer.api.render")
    said = reference("tracer.catalog.schedules.Progress")
    assert "Progress(epochs: int = 0, samples: int = 0, plateaus: int = 0)" in said


def test_a_class_that_takes_nothing_shows_what_it_is_of():
    assert "```python\nclass RenderError(TracerError)\n```" in reference(
        "tracer.errors.RenderError"
    )


def test_parts_of_a_docstring_are_lists():
    said = reference("tracer.api.render")
    assert "**Arguments**\n\n- `trace` (`Trace`): the run." in said
    assert "- `RenderError`: a file that is not tracer's" in said
    assert "```pycon\n>>> report" in said


def test_lines_that_only_resemble_the_sign_stay():
    for line in ("::: other.module", "a ::: tracer.api", "::: tracer.api and more"):
        assert html(line) == f"<p>{line}</p>"


@pytest.mark.parametrize("path", ["tracer.nothing", "tracer.api.nothing", "tracer.api.render.x"])
def test_what_is_not_there_is_refused_by_name(path):
    with pytest.raises(RenderError, match=re.escape(path)):
        reference(path)


def test_without_the_library_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "griffe", None)
    with pytest.raises(RenderError, match=r"griffe.*\[dev\]"):
        reference("tracer.api")


LINES = st.sampled_from(
    ["", "plain text", ">>> f(1 < 2)", "... more", "1", "``a < b`` and a < b", "    code < code"]
)


@given(st.lists(LINES, max_size=12).map("\n".join))
def test_any_docstring_closes_its_fences_and_holds_no_bare_sign_of_html(text):
    said = str(markdown_of(text))
    assert said.count("```") % 2 == 0
    prose = re.sub(r"(?s)```.*?```", "", said)
    assert "``a" not in prose
    lines = [line for line in prose.splitlines() if not line.startswith("    ")]
    assert not any("<" in re.sub(r"`[^`]*`", "", line) for line in lines)


def test_references_of_docstrings_are_code():
    assert markdown_of("see :func:`run` and :class:`~tracer.Trace`") == (
        "see `run` and `tracer.Trace`"
    )
