"""A site in finished HTML: the same pages, links and anchors as MkDocs makes."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from finished import site_of, whole_site
from rendering import DEFAULT, studies_of, trace_of
from sites import SMALL, Page, dead_links, is_outside, read_once
from tracer.experiment import Experiment
from tracer.html.walkthrough import live_part, walkthrough_part
from tracer.studies.run import study, study_later
from tracer.training import run

SEARCHED = ["Notation", "Starting values", "Epoch 1, row 3", "Predictions", "The task"]
CYCLE = "examples/mini2d/epoch-1/row-3/index.html"


@pytest.fixture(scope="module")
def folder() -> Path:
    return whole_site()


@pytest.fixture(scope="module")
def pages(folder: Path) -> dict[str, Page]:
    return read_once(folder / "html")


def test_every_link_leads_somewhere(folder: Path, pages: dict[str, Page]) -> None:
    assert list(dead_links(folder / "html", pages)) == []
    assert sum(len(page.links) for page in pages.values()) > 5000


def test_anchors_are_unique_on_a_page(pages: dict[str, Page]) -> None:
    assert {p.path: p.doubled_ids for p in pages.values() if p.doubled_ids} == {}


def test_nothing_is_loaded_from_outside(folder: Path, pages: dict[str, Page]) -> None:
    loads = [load for page in pages.values() for load in page.loads]
    assert loads
    assert [load for load in loads if is_outside(load)] == []
    for path in (folder / "html" / "examples" / "assets").iterdir():
        if path.suffix in (".css", ".js") and path.name != "search-index.js":
            assert re.findall(r"https?:|@import", path.read_text(encoding="utf-8")) == [], path.name


def test_it_has_the_pages_the_anchors_and_the_formulas_of_the_mkdocs_site(
    pages: dict[str, Page], default_site: Path
) -> None:
    """So a link to a line of one site is a link to that line of the other."""
    others = read_once(default_site / "public")
    assert pages.keys() == others.keys()
    for path, other in others.items():
        anchors = {name for name in other.ids if not name.startswith("__")}
        assert anchors - set(pages[path].ids) == set(), path
        if "/checks/" not in path:
            assert pages[path].maths == other.maths, path


def test_words_are_searched_and_numbers_are_not(folder: Path, pages: dict[str, Page]) -> None:
    script = (folder / "html/examples/assets/search-index.js").read_text(encoding="utf-8")
    rows = json.loads(script.removeprefix("window.tracerIndex=").removesuffix(";\n"))
    assert {row[1] for row in rows}.issuperset(SEARCHED)
    assert any("chain rule" in row[3] for row in rows)
    assert len(pages[CYCLE].hidden) > 50
    for address, _, _, text, *_ in rows:
        path, _, anchor = address.partition("#")
        assert not anchor or anchor in pages[path].ids, address
        said = re.sub(r"\s", "", text)
        for hidden in pages[path].hidden:
            parts = (hidden[k : k + 24] for k in range(0, len(hidden) - 23, 24))
            assert not [part for part in parts if re.search(r"\d", part) and part in said], address


def test_each_page_has_one_heading_landmarks_and_its_place(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        assert len(re.findall(r"<h1\b", page.html)) == 1, path
        assert len(re.findall(r"<main\b", page.html)) == 1, path
        assert re.search(r"<nav [^>]*aria-label=", page.html), path
        assert page.html.count('aria-current="page"') == 1, path
        assert '<a class="frame-skip" href="#frame-main">' in page.html, path


def test_the_navigation_opens_only_the_way_to_the_page(pages: dict[str, Page]) -> None:
    shown = re.search(r'<nav class="frame-pages".*?</nav>', pages[CYCLE].html, re.DOTALL)
    assert shown is not None
    assert "row-4/index.html" in shown[0]
    assert "guide/cli.html" not in shown[0]
    assert "predictions/row-9" not in shown[0]


def test_what_a_page_is_called_holds_no_markup() -> None:
    trace = trace_of(DEFAULT)
    for source in walkthrough_part(trace, studies_of(DEFAULT)).sources:
        assert source.title, source.path
        assert not set("<>\n") & set(source.title), source.path


def test_a_page_that_is_built_alone_is_the_page_among_all() -> None:
    for text in (SMALL, SMALL.replace("epochs = 3", "epochs = 1\nbatch_size = 2")):
        trace = run(Experiment.from_mapping(tomllib.loads(text)))
        whole = {one.path: one for one in walkthrough_part(trace, study(trace)).sources}
        alone = {one.path: one for one in live_part(trace, study_later(trace)).sources}
        assert list(alone) == list(whole)
        for path in reversed(alone):
            assert alone[path].title == whole[path].title
            assert alone[path].markdown() == whole[path].markdown(), path


def test_a_walkthrough_that_is_the_whole_site_is_its_first_page() -> None:
    site = site_of([Experiment.from_mapping(tomllib.loads(SMALL))])
    front = site.walkthroughs[0][1]
    assert (site.home, site.order[0], site.outline.beside(front, -1)) == (front, front, None)
    assert "index.html" in site.paths
    assert f'content="0; url={front}"' in str(site.content("index.html"))
    assert re.findall(r'frame-home" href="(.*?)"', str(site.content(front))) == ["index.html"]
    titles = re.findall(r"<a [^>]*>(.*?)</a>", str(site.content(front)).split("<main", 1)[0])
    assert titles.count(site.title) == 2, "its name in the bar and in the navigation, no more"


def test_walkthroughs_alone_have_a_first_page_that_lists_them() -> None:
    table = {"columns": ["u", "t"], "rows": [[0, 0], [1, 1]]}
    net = {"layers": [{"units": 1, "activation": "sigmoid"}], "training": {"epochs": 1}}
    titles = ["One <b>", "Two & more"]
    made = [Experiment.from_mapping({"title": title, "data": table, **net}) for title in titles]
    site = site_of(made)
    assert (site.title, site.home, site.order[0]) == ("", "index.html", "index.html")
    assert "One &lt;b&gt;" in str(site.content("index.html"))
    assert "<b>" not in str(site.content("index.html"))
    pages = "index.html", site.walkthroughs[0][1]
    assert ["Content-Security-Policy" in str(site.content(page)) for page in pages] == [False, True]
    with pytest.raises(KeyError):
        site.content("../secret")
