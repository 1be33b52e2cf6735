"""Pages that are put together by their shapes are what their templates make of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader
from markupsafe import Markup

from networks import experiment
from tracer.experiment import Experiment
from tracer.pages import Page, context_of, kinds
from tracer.pages.cycles import cycles
from tracer.pages.walk import Walk
from tracer.studies.model import Run, Studies
from tracer.training import run
from tracer.writing import site
from tracer.writing.compiling import PageEnvironment
from tracer.writing.foreign import isolated
from tracer.writing.language import ENGLISH, Messages, speak
from tracer.writing.lines import one_line
from tracer.writing.repeating import Library
from tracer.writing.shaping import Missed, cut, plain, trimmed
from tracer.writing.site import page_renderer, voice_of
from tracer.writing.tidying import tidy


def pages_of(chosen: Experiment, *, math: str = "mathml") -> list[Page]:
    """The pages of the cycles of two epochs."""
    pages = chosen.pages.model_copy(update={"epochs": (1, 2)})
    trace = run(replace(chosen, pages=pages))
    alone = Studies((Run.of(trace),), None, "", None)  # type: ignore[arg-type]
    walk = Walk(trace, alone, math, kinds(), voice=voice_of(trace.experiment))
    made = [(slug, context_of(walk, slug, found)) for slug, found in cycles(walk)]
    return [Page(slug, "pages/cycle.md.j2", context) for slug, context in made]


NETWORKS: dict[str, Callable[[], Experiment]] = {
    "dead units and a short last batch": lambda: experiment(
        (2, 3, 2), ("relu", "softmax"), "cross_entropy", rows=3, epochs=2, batch_size=2, seed=5
    ),
    "a target that is no class": lambda: experiment(
        (2, 2, 1), ("tanh", "identity"), rows=2, epochs=2
    ),
    "what an optimizer keeps": lambda: experiment(
        (2, 2, 1), ("relu", "sigmoid"), "binary_cross_entropy", rows=2, epochs=2, l2=0.1
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_pages_put_together_are_what_templates_make(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = pages_of(NETWORKS[name]())
    rendered = page_renderer(pages[0].context["experiment"])
    together = page_renderer(pages[0].context["experiment"])
    texts = [rendered(page) for page in pages]
    monkeypatch.setattr(site, "PATIENCE", 0)
    assert [together(page) for page in pages] == texts
    assert [together(page) for page in reversed(pages)] == texts[::-1]
    library = together.library
    assert library is not None
    (book,) = library.books.values()
    assert 0 < len(book.shapes.fills) <= len(pages)
    assert {"question", "given", "decided"} <= {name for _, name in book.regions}


def test_templates_of_a_users_own_are_never_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "pages" / "cycle.md.j2"
    own.parent.mkdir()
    own.write_text(
        '{% extends "tracer/pages/cycle.md.j2" %}{% block seen %}{{ page.slug }}{% endblock %}'
    )
    pages = pages_of(NETWORKS["a target that is no class"]())
    render = page_renderer(pages[0].context["experiment"], templates=tmp_path)
    monkeypatch.setattr(site, "PATIENCE", 0)
    assert render.library is None
    assert all(page.slug in render(page) for page in pages)


def test_pages_in_latex_are_never_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = pages_of(NETWORKS["a target that is no class"](), math="latex")
    render = page_renderer(pages[0].context["experiment"], "latex")
    monkeypatch.setattr(site, "PATIENCE", 0)
    assert all(render(page) for page in pages)
    assert "library" not in vars(render)


def library_of(source: str, **filters: Any) -> Library:
    """What renders pages of one small template."""
    env = PageEnvironment(
        loader=DictLoader({"page": source, "macros.md.j2": ""}), finalize=isolated, autoescape=True
    )
    speak(env, ENGLISH, isolated)
    env.messages = Messages()
    env.filters.update({"line": lambda text: Markup(one_line(text)), **filters})
    env.globals.update(parts_of_texts={})

    def texts(env: PageEnvironment, page: Page, given: Any) -> Sequence[str]:
        return [env.get_template(page.template).render(given)]

    return Library(env, texts)


#: A template, and the values of pages in turn: what it decides by one is another on some of them.
DECISIONS: tuple[tuple[str, Sequence[Any]], ...] = (
    ("{% if x %}yes{% else %}no{% endif %}", [1, 2, 0, "", "a", (), [3]]),
    ("{% if x == 'a' %}A{% else %}{{ x }}{% endif %}", ["a", "b", "c", 1]),
    ("{% if x in ('a', 'b') %}in{% endif %}{{ x }}", ["a", "b", "c"]),
    ("{% if x > 1 %}more{% endif %}{{ x }}", [0, 1, 2, 3]),
    ("{% for y in x %}{{ loop.index }}{{ y }}{% endfor %}", [[1], [2], [1, 2], [], (3,)]),
    ("{% if x is none %}none{% else %}{{ x }}{% endif %}", [None, 1, 2]),
    ("{% if x.y is defined %}{{ x.y }}{% endif %}{{ x.z }}", [{"y": 1, "z": 2}, {"z": 1}]),
    ("{{ {'a': 1, 'b': 2}[x] }}", ["a", "b", "a"]),
    ("{% if 'p' ~ x == 'pa' %}A{% else %}B{% endif %}", ["a", "b"]),
    ("{{ x | length }}{{ x | upper }}", ["a", "b", "ab", "<"]),
    ("{{ ('<' ~ x) }}{{ x }}", ["a", "<", "\u05d0", Markup("<b>")]),
    ("{% set y %}{{ x }}{% endset %}{% if y %}full{% endif %}", ["", "a", "b"]),
    ("{{ x * 2 }}", [1, 2]),
    ("{% trans count=x %}one{% pluralize %}{{ count }}{% endtrans %}", [1, 2, 3]),
    ("a\n\n{{ x }}\n\nb {{ x }}", ["", "a", " a", "a\n", "a\n\n\nb", "c"]),
    ("{% filter line %}{{ x }}\n{{ x }}{% endfilter %}", ["a", "b\nc", " d"]),
    ("{{ x.items() | list | length }}{% for k, v in x.items() %}{{ k }}{{ v }}{% endfor %}", [
        {"a": 1}, {"b": 2}, {"a": 1, "b": 2},
    ]),
    ("{{ 'a' if x else 'b' }}{{ x or 'c' }}{{ not x }}", [0, 1, 2]),
)  # fmt: skip


@pytest.mark.parametrize(("source", "values"), DECISIONS)
def test_what_a_template_decides_is_asked_of_every_page(source: str, values: Sequence[Any]) -> None:
    library = library_of(source)
    pages = [Page(str(k), "page", {"x": value}) for k, value in enumerate(values)]
    plainly = [tidy(library.env.get_template("page").render(page.context)) for page in pages]
    for _ in range(2):
        assert [library.text(page) for page in pages] == plainly


def test_a_value_that_is_only_shown_is_another_on_pages_of_one_shape() -> None:
    library = library_of("{% if x.y %}{{ x.z }}{% endif %}")
    pages = [Page("", "page", {"x": {"y": 1, "z": z}}) for z in "abc"]
    assert [library.text(page) for page in pages] == ["a\n", "b\n", "c\n"]
    (book,) = library.books.values()
    assert len(book.shapes.fills) == 1


def test_a_template_that_cannot_be_followed_is_not_tried_for_ever() -> None:
    library = library_of("{{ x * 2 }}")
    for k in range(60):
        assert library.text(Page("", "page", {"x": k})) == f"{2 * k}\n"
    (book,) = library.books.values()
    assert not book.shapes.fills
    assert book.shapes.tried < 60


@pytest.mark.parametrize("text", ["a\nb", " a", "a ", "a\n"])
def test_only_words_on_one_line_are_plain(text: str) -> None:
    assert plain("a b") == "a b"
    with pytest.raises(Missed):
        plain(text)


def test_blanks_at_the_ends_are_the_same_on_all_pages_of_a_shape() -> None:
    assert cut(" a\n", " ", "\n") == "a"
    assert trimmed([" a", "b\n"], " ", "\n") == ["a", "b"]
    for text in ("a\n", " a", "  a\n", " \n"):
        with pytest.raises(Missed):
            cut(text, " ", "\n")
        with pytest.raises(Missed):
            trimmed([text], " ", "\n")
