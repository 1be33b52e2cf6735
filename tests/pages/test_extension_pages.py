"""A page is a builder and a template, a picture a view model and its templates: all else follows.

Both stand in ``tests/outside/``; no other file knows of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from outside.bars import BARS, BarsPicture
from outside.sizes import LAYER_SIZES, SIZES
from sites import SMALL, dead_links, read_site, small_project, succeed
from tracer.check.proofs import prove
from tracer.errors import CatalogError, RenderError
from tracer.experiment import load_experiment
from tracer.pages import PAGES, PageKind, kinds
from tracer.pages.table import PageTable
from tracer.pages.walk import Walk
from tracer.pictures import PICTURES, PictureKind, in_words
from tracer.registry import _REGISTRIES, registered
from tracer.studies.model import Studies
from tracer.studies.run import study
from tracer.trace import Trace
from tracer.training import run
from tracer.writing.navigating import write_navigation
from tracer.writing.project import NAVIGATION, ORDER, find_project
from tracer.writing.site import (
    build_pages,
    page_renderer,
    render_pages,
    write_shared,
    write_walkthrough,
)
from tracer.writing.templating import environment

TITLE = "Sizes: <large> & *small*"


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trace, Studies]:
    path = tmp_path_factory.mktemp("outside") / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    trace = run(load_experiment(path))
    return trace, study(trace)


@pytest.fixture(scope="module")
def whole(traced: tuple[Trace, Studies]) -> dict[str, str]:
    """The pages, with what stands beside them."""
    with registered(SIZES, LAYER_SIZES, BARS):
        return render_pages(*traced, beside=True)


@pytest.fixture(scope="module")
def rendered(whole: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in whole.items() if path.endswith(".md") or path == ORDER}


@pytest.fixture(scope="module")
def latex(traced: tuple[Trace, Studies]) -> dict[str, str]:
    with registered(SIZES, LAYER_SIZES, BARS):
        return render_pages(*traced, math="latex", proofs=False)


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory,
    traced: tuple[Trace, Studies],
    whole: dict[str, str],
) -> Path:
    """A project with the page, whose navigation is written where nobody knows of it any more."""
    folder = small_project(tmp_path_factory.mktemp("site") / "project")
    out = folder / "site" / "examples"
    with registered(SIZES, LAYER_SIZES, BARS), pytest.MonkeyPatch.context() as patch:
        patch.setattr("tracer.writing.site.render_pages", lambda *_, **__: whole)
        write_walkthrough(*traced, out)
    write_shared(out)
    found = find_project(folder)
    assert found is not None
    write_navigation(found, out)
    succeed("mkdocs", "build", "--strict", cwd=folder)
    return folder


# A page


def test_the_page_stands_where_its_row_says(rendered: dict[str, str]) -> None:
    paths = [path for _, path in json.loads(rendered[ORDER])["pages"]]
    at = paths.index("start/index.md")
    added = ["sizes/index.md", "sizes/layer-1/index.md", "sizes/layer-2/index.md"]
    assert paths[at : at + 5] == ["start/index.md", *added, "tools/index.md"]


def test_it_has_a_title_that_yaml_and_markdown_read_as_it_is(rendered: dict[str, str]) -> None:
    _, front, text = rendered["sizes/index.md"].split("---\n", 2)
    assert unescape(yaml.safe_load(front)["title"]) == TITLE
    heading = text.strip().splitlines()[0]
    assert unescape(heading) == f"# {TITLE}"
    assert "*" not in heading
    assert "title: Sizes in layer 2\n" in rendered["sizes/layer-2/index.md"]


def test_the_overview_lists_it_with_its_teaser(rendered: dict[str, str]) -> None:
    entries = [line for line in rendered["index.md"].splitlines() if line.startswith("1. ")]
    (k,) = (k for k, line in enumerate(entries) if 'href="sizes/index.html"' in line)
    assert 'href="start/index.html"' in entries[k - 1]
    assert unescape(entries[k]).endswith(
        f">{TITLE}</a>: which weights are large & which are *not*."
    )
    assert "*" not in entries[k]
    assert not any("layer-1" in line for line in entries)


def test_the_way_through_leads_over_it(rendered: dict[str, str]) -> None:
    def following(path: str) -> str:
        return rendered[path].partition('<p class="tr-next">Next: ')[2]

    assert following("start/index.md").startswith('<a href="../sizes/index.html">Sizes')
    assert following("sizes/index.md").startswith('<a href="layer-1/index.html">Sizes in layer 1')
    last = following("sizes/layer-2/index.md")
    assert last.startswith('<a href="../../tools/index.html">derivatives, which')


def test_the_index_knows_what_it_shows(rendered: dict[str, str]) -> None:
    row = rendered["glossary/index.md"].partition('<tr id="batch_size">')[2].partition("</tr>")[0]
    assert 'href="../sizes/index.html">Sizes' in row


def test_its_numbers_lead_where_they_were_computed(
    traced: tuple[Trace, Studies], rendered: dict[str, str]
) -> None:
    assert re.search(r'href="\.\./trained/index\.html#W-2-[12]-1"', rendered["sizes/index.md"])
    proofs = {proof.key: proof.verdict for proof in prove(traced[0], rendered)}
    assert "failed" not in proofs.values()


def test_it_is_read_in_notebooks_too(latex: dict[str, str]) -> None:
    page = latex["sizes/index.md"]
    assert unescape(page).startswith(f"# {TITLE}")
    assert "](layer-1/index.md)" in page
    assert "Layer 1: " in page


def test_nothing_is_left_of_it(traced: tuple[Trace, Studies], rendered: dict[str, str]) -> None:
    assert not {"sizes", "layer_sizes"} & PAGES.keys()
    assert "bars" not in PICTURES
    left = {page.slug for page in Walk(*traced, kinds=kinds()).pages}
    paths = {path.removesuffix("index.md").strip("/") for path in rendered if path != ORDER}
    assert paths - left == {"sizes", "sizes/layer-1", "sizes/layer-2"}


def test_it_is_built_first_and_rendered_in_any_order(
    traced: tuple[Trace, Studies], rendered: dict[str, str]
) -> None:
    with registered(SIZES, LAYER_SIZES, BARS):
        built = [page for kind, page in build_pages(*traced) if not kind.proves]
        render = page_renderer(traced[0].experiment)
        assert {page.path: render(page) for page in reversed(built)}.items() <= rendered.items()


# A picture


def test_the_picture_is_drawn_with_its_twin(
    rendered: dict[str, str], latex: dict[str, str]
) -> None:
    page = rendered["sizes/index.md"]
    assert '<figure class="tr-figure tr-bars" id="bars"' in page
    assert page.count("<rect ") == 2
    assert "<li>Layer 2: " in page
    assert "<rect" not in latex["sizes/index.md"]


def test_its_templates_may_stand_in_the_users_own_folder(tmp_path: Path) -> None:
    (tmp_path / "svg").mkdir()
    (tmp_path / "svg" / "posts.twin.j2").write_text("<p>Mine</p>", encoding="utf-8")
    with registered(PictureKind("posts", BarsPicture)):
        picture = BarsPicture(width=1.0, height=1.0, bars=())
        assert in_words(environment(tmp_path), picture) == "<p>Mine</p>"


def test_a_picture_without_a_row_is_named() -> None:
    class Unknown(BarsPicture):
        pass

    with registered(BARS):
        known = Unknown(width=1.0, height=1.0, bars=())
        assert "<ul></ul>" in in_words(environment(), known)
    with pytest.raises(RenderError, match="no row of the table of pictures is for a Unknown"):
        in_words(environment(), known)


# The site


def test_the_site_is_whole(project: Path) -> None:
    pages = read_site(project / "public")
    assert "examples/small/sizes/layer-2/index.html" in pages
    assert list(dead_links(project / "public", pages)) == []


def test_the_navigation_calls_it_by_its_name(project: Path) -> None:
    (section,) = yaml.safe_load((project / NAVIGATION).read_text(encoding="utf-8"))["nav"][1:]
    groups = [next(iter(part)) for part in section["Three rows"] if isinstance(part, dict)]
    assert [unescape(group) for group in groups][:2] == [TITLE, "Derivatives"]
    html = (project / "public" / "examples" / "small" / "index.html").read_text(encoding="utf-8")
    assert "&lt;large&gt; &amp; *small*" in html


# The table


class Row(PageKind):
    """A row of a table that is no part of tracer's."""


def kind(name: str, after: str = "", slug: str | None = None, title: str = "") -> PageKind:
    return Row(
        name=name,
        slug=name if slug is None else slug,
        build=lambda _: iter(()),
        after=after,
        title=title,
    )


@pytest.fixture(autouse=True, scope="module")
def no_table_is_left() -> Iterator[None]:
    """What knows all tables forgets that of these tests."""
    yield
    _REGISTRIES.pop(Row, None)


@given(st.lists(st.integers(0, 30), max_size=8))
def test_a_row_stands_right_after_the_one_it_follows(choices: list[int]) -> None:
    own = [kind(name) for name in ("a", "b", "c")]
    table = PageTable(Row, own)
    for k, choice in enumerate(choices):
        table.register(kind(f"new{k}", after=list(table)[choice % len(table)]))
    assert [name for name in table if len(name) == 1] == ["a", "b", "c"]
    order = list(table)
    for name, row in table.items():
        if row.after:
            between = order[order.index(row.after) + 1 : order.index(name)]
            assert all(_comes_from(table, other, row.after) for other in between)


def _comes_from(table: PageTable, name: str, first: str) -> bool:
    while name and name != first:
        name = table[name].after
    return name == first


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (kind("a", slug="elsewhere"), "a is taken"),
        (kind("other", slug="a"), "another page stands at 'a'"),
        (kind("other", after="z"), "there is no page 'z' to follow.*Pages are a, b"),
        (kind("other", slug="../up"), "'../up' is no address"),
        (kind("other", slug="with space"), "no address"),
        (kind("two words", slug="x"), "no name for a row"),
        (kind("other", title="In {layer}"), "'In {layer}' varies by layer, its address does not"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(row: PageKind, message: str) -> None:
    table = PageTable(Row, [kind("a"), kind("b")])
    with pytest.raises(CatalogError, match=message):
        table.register(row)
    assert list(table) == ["a", "b"]


def test_a_builder_makes_the_pages_that_its_row_says(traced: tuple[Trace, Studies]) -> None:
    with (
        registered(PageKind(name="nothing", slug="nothing", build=lambda _: iter(()))),
        pytest.raises(
            RenderError,
            match=r"row nothing says other pages \(nothing\) than its builder makes \(\)",
        ),
    ):
        render_pages(*traced)
    with pytest.raises(RenderError, match=r"no page 'gone'.*Pages are overview, task"):
        Walk(*traced, kinds=kinds()).slug("gone")
    with pytest.raises(RenderError, match="has no page 'none'"):
        Walk(*traced, kinds=(*kinds(), replace(SIZES, name="none", each=lambda _: ()))).page("none")
    twice = PageKind(name="twice", slug="epoch-1", build=lambda _: iter(()))
    with pytest.raises(RenderError, match="2 pages stand at 'epoch-1'"):
        _ = Walk(*traced, kinds=(*kinds(), twice)).pages
