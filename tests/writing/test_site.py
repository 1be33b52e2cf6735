"""The site: links that lead somewhere, nothing from outside, the same page from two builders."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sharing import shared_folder
from sites import (
    TINY,
    Page,
    dead_links,
    is_outside,
    read_once,
    read_page,
    required,
    small_project,
    succeed,
)

CYCLE = "examples/mini2d/epoch-1/row-3/index.html"
OWN_TASK = """\
{% extends "tracer/pages/task.md.j2" %}
{% block question %}
A question of our own, about {{ experiment.title }}.
{% endblock %}
"""
#: What a page is called by whose text a search may find it.
SEARCHED = ["Notation", "Starting values", "Epoch 1, row 3", "Predictions", "The task"]


@pytest.fixture(scope="module")
def public(default_site: Path) -> Path:
    return default_site / "public"


@pytest.fixture(scope="module")
def pages(public: Path) -> dict[str, Page]:
    return read_once(public)


@pytest.fixture(scope="module")
def zensical(default_site: Path) -> Path:
    """The HTML that Zensical makes from the same folder, with the same mkdocs.yml."""
    if importlib.util.find_spec("zensical") is None:
        required("zensical is not installed")

    def fill(folder: Path) -> None:
        unbuilt = shutil.ignore_patterns("public")
        shutil.copytree(default_site, folder, ignore=unbuilt, dirs_exist_ok=True)
        succeed("zensical", "build", "--clean", "--strict", cwd=folder)

    return shared_folder("zensical site", fill) / "public"


@pytest.fixture(scope="module")
def others(zensical: Path) -> dict[str, Page]:
    """Its pages, as they are read."""
    return read_once(zensical)


@pytest.fixture(scope="module")
def two_epochs() -> Path:
    """A project that shows two epochs, with a template of the user's own, built strictly."""
    return shared_folder("two epochs", _build_two)


def _build_two(folder: Path) -> None:
    shown = '\n[pages]\nepochs = [1, 2]\ntemplates = "own"\n'
    small_project(folder, TINY.replace("epochs = 1", "epochs = 2") + shown)
    own = folder / "experiments" / "own" / "pages"
    own.mkdir(parents=True)
    (own / "task.md.j2").write_text(OWN_TASK, encoding="utf-8")
    succeed("tracer", "render", "--build", cwd=folder)


# Links and anchors


def test_every_page_is_built(pages: dict[str, Page]) -> None:
    walk = {path.removeprefix("examples/mini2d/") for path in pages if "mini2d" in path}
    cycles = {f"epoch-1/row-{row}/index.html" for row in range(1, 9)}
    predictions = {f"predictions/row-{row}/index.html" for row in range(9, 14)}
    single = ["task", "learning", "network", "notation", "loss", "start", "epoch-1", "optimizer"]
    single += ["epochs", "trained", "predictions", "checks", "glossary", "determinism"]
    single += ["explore", "tools", "tools/matrices", "tools/derivatives", "tools/chain-rule"]
    single += ["learning-rate", "batches", *(f"batches/row-{row}" for row in (1, 2))]
    assert walk == cycles | predictions | {f"{name}/index.html" for name in single} | {"index.html"}
    assert {"index.html", "guide/cli.html", "guide/conventions.html"} <= pages.keys()


def test_every_link_leads_somewhere(public: Path, pages: dict[str, Page]) -> None:
    assert list(dead_links(public, pages)) == []
    assert sum(len(page.links) for page in pages.values()) > 5000


def test_the_link_check_sees_a_dead_link_of_every_kind(
    public: Path, pages: dict[str, Page], tmp_path: Path
) -> None:
    spoiled = tmp_path / "public"
    shutil.copytree(public, spoiled)
    page = spoiled / CYCLE
    html = page.read_text(encoding="utf-8")
    html = html.replace('id="z-1-1"', 'id="zz"', 1)
    html = re.sub(r"<text[^>]*>", '<a href="nowhere.html"><text>', html, count=1)
    html = html.replace("</body>", '<script src="gone.js"></script><a href="">x</a></body>')
    page.write_text(html, encoding="utf-8")
    (spoiled / "examples" / "mini2d" / "start" / "index.html").unlink()
    others = {name: found for name, found in pages.items() if (spoiled / name).is_file()}
    found = "\n".join(dead_links(spoiled, {**others, CYCLE: read_page(spoiled, CYCLE)}))
    for link in ("#z-1-1: no such anchor", "nowhere.html: no such file", "gone.js: no such file"):
        assert f"{CYCLE}: {link}" in found
    assert f"{CYCLE}: : leads nowhere" in found
    assert "start/index.html#W-1-1-1: no such file" in found


def test_anchors_are_unique_on_a_page(pages: dict[str, Page]) -> None:
    doubled = {page.path: page.doubled_ids for page in pages.values() if page.doubled_ids}
    assert doubled == {}


def test_anchors_are_named_after_their_quantity(pages: dict[str, Page]) -> None:
    names = {"z-1-2", "a-3-1", "loss", "dL_da-1-1", "dL_dz-3-1", "dL_dW-1-2-3", "dL_db-2-1"}
    assert names | {"W_after-1-2-3", "b_after-3-1"} <= set(pages[CYCLE].ids)
    start = pages["examples/mini2d/start/index.html"]
    assert {"W-1-2-3", "b-3-1"} <= set(start.ids)
    assert {"x-13-2", "y-1-1"} <= set(pages["examples/mini2d/task/index.html"].ids)


def test_each_number_in_a_line_is_a_link(pages: dict[str, Page]) -> None:
    """But not a Tab stop; and only results, constants and slopes of a branch lead nowhere else."""
    for page in pages.values():
        for link in re.findall(r"<mn><a ([^>]*)>", page.html):
            assert 'tabindex="-1"' in link, page.path
    cycle = pages[CYCLE].html
    line = re.search(r'class="tr-line" id="z-1-1".*?<span class="tr-result">', cycle, re.DOTALL)
    assert line is not None
    numbers = line[0].split("tr-numbers", 1)[1]
    assert re.findall(r"<mn>(?!<a )", numbers) == []


# Nothing from outside


def test_nothing_is_loaded_from_outside(public: Path, pages: dict[str, Page]) -> None:
    outside = {
        f"{page.path}: {load}" for page in pages.values() for load in page.loads if is_outside(load)
    }
    assert outside == set()
    scripts = {path: re.findall(r"<script\b[^>]*\bsrc=", page.html) for path, page in pages.items()}
    assert all(scripts.values())


def test_our_styles_and_scripts_load_nothing_from_outside(public: Path) -> None:
    for path in (public / "examples" / "assets").iterdir():
        if path.suffix in (".css", ".js"):
            text = path.read_text(encoding="utf-8")
            assert re.findall(r"https?:|@import|url\(\s*[\"']?//", text) == [], path.name


# Search


def mkdocs_index(public: Path) -> list[dict[str, Any]]:
    loaded = json.loads((public / "search" / "search_index.json").read_text(encoding="utf-8"))
    return list(loaded["docs"])


def zensical_index(public: Path) -> list[dict[str, Any]]:
    return list(json.loads((public / "search.json").read_text(encoding="utf-8"))["items"])


def indexed_numbers(index: list[dict[str, Any]], pages: dict[str, Page]) -> Iterator[str]:
    """What the search knows of numbers that the page keeps out of the search.

    A sentence may stand in the words of a picture, which are kept out, and beside it.
    """
    for entry in index:
        path = entry["location"].split("#")[0]
        text = re.sub(r"<[^>]*>|\s", "", entry["text"])
        for hidden in pages[path].hidden if path in pages else ():
            parts = (hidden[k : k + 24] for k in range(0, len(hidden) - 23, 24))
            numbers = (part for part in parts if any(sign.isdecimal() for sign in part))
            if found := next((part for part in numbers if part in text), None):
                yield f"{entry['location']}: {found}"


def test_numbers_are_not_searched(public: Path, pages: dict[str, Page]) -> None:
    assert len(pages[CYCLE].hidden) > 50
    assert list(indexed_numbers(mkdocs_index(public), pages)) == []


def test_words_are_searched(public: Path) -> None:
    titles = {entry["title"] for entry in mkdocs_index(public)}
    assert titles.issuperset(SEARCHED)
    assert any("chain rule" in entry["text"] for entry in mkdocs_index(public))


def test_symbols_are_searched_in_words(public: Path) -> None:
    found = [entry for entry in mkdocs_index(public) if entry["location"].startswith("examples/")]
    texts = [re.sub(r"<[^>]*>", "", entry["text"]) for entry in found]
    assert [text for text in texts if re.search(r"[A-Za-z][\d,]+\[\d\]|∂.∂", text)] == []
    assert any(re.search(r"partial L over partial W \d \d of layer \d, −?\d", t) for t in texts)
    assert [entry["location"] for entry in found if "#after-" in entry["location"]] == []


# Two builders


def shown(page: Page) -> list[str]:
    """Its formulas, without the mark for the search: MkDocs leaves it, Zensical takes it out."""
    return [math.replace("<math data-search-exclude", "<math", 1) for math in page.maths]


def test_both_builders_give_the_same_formulas(
    pages: dict[str, Page], others: dict[str, Page]
) -> None:
    assert others.keys() == pages.keys()
    counted = {path: len(page.maths) for path, page in pages.items()}
    assert {path: len(page.maths) for path, page in others.items()} == counted
    assert {path for path in others if shown(others[path]) != shown(pages[path])} == set()
    assert counted[CYCLE] > 300


def test_both_builders_give_the_same_anchors(
    pages: dict[str, Page], others: dict[str, Page]
) -> None:
    for path, other in others.items():
        ours = {name for name in pages[path].ids if not name.startswith("__")}
        assert ours <= set(other.ids), path


def test_links_lead_somewhere_with_zensical_too(zensical: Path, others: dict[str, Page]) -> None:
    assert list(dead_links(zensical, others)) == []
    assert {load for page in others.values() for load in page.loads if is_outside(load)} == set()


def test_numbers_are_not_searched_with_zensical_either(
    pages: dict[str, Page], zensical: Path
) -> None:
    assert list(indexed_numbers(zensical_index(zensical), pages)) == []
    assert {entry["title"] for entry in zensical_index(zensical)}.issuperset(SEARCHED)


# Two epochs, and a template of the user's own


def test_two_epochs_follow_each_other(two_epochs: Path) -> None:
    built = read_once(two_epochs / "public")
    assert list(dead_links(two_epochs / "public", built)) == []
    assert [path for path, page in built.items() if page.doubled_ids] == []
    last, first = (f"examples/small/epoch-{e}/row-{r}/index.html" for e, r in ((1, 2), (2, 1)))
    assert "../../epoch-2/row-1/index.html" in built[last].links
    assert "../../epoch-1/row-2/index.html" in built[first].links
    # A weight of the second epoch comes from the line that made it in the first.
    assert "../../epoch-1/row-2/index.html#W_after-1-1-1" in built[first].links


def test_the_navigation_has_a_part_for_each_epoch(two_epochs: Path) -> None:
    overview = read_once(two_epochs / "public")["examples/small/index.html"]
    assert {"epoch-1/index.html", "epoch-2/index.html"} <= set(overview.links)
    front = (two_epochs / "public" / "index.html").read_text(encoding="utf-8")
    assert "Tiny" in front
    assert 'href="examples/small/index.html"' in front


def test_a_template_of_ones_own_replaces_one_block(two_epochs: Path) -> None:
    page = two_epochs / "site" / "examples" / "small" / "task" / "index.md"
    text = page.read_text(encoding="utf-8")
    assert "A question of our own, about Tiny." in text
    assert "Each row of the table has" not in text
    assert "## The table" in text
