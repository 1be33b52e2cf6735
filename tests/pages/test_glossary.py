"""The glossary: an entry for each symbol that the pages show, and words that fit the experiment."""

from __future__ import annotations

import re
from functools import cache
from html import unescape

import numpy as np
import pytest

from each import each
from rendering import EXPERIMENTS, studies_of, trace_of, walkthrough
from tracer.notation import QUANTITIES
from tracer.pages import pages
from tracer.pages import walk_of as made_walk
from tracer.pages.walk import Walk
from tracer.refs import Ref
from tracer.writing.site import render_pages
from tracer.writing.templating import environment

NAMES = (
    *("mini2d", "batch of 4 of 10, l2", "column", "multiclass", "adamw", "adam, uncorrected"),
    *("rate by steps", "rate by a power", "rmsprop", "mean squared error", "diverging"),
)
PATH = "glossary/index.md"
IN_A_FORMULA = re.compile(r'<a href="([^"]*)" tabindex="-1">(?=[^<]*</a></mi>)')
ROW = re.compile(r'<tr id="(?P<name>[^"]*)">(?P<cells>.*?)</tr>')
SHAPE = re.compile(r"(\d+) × (\d+)")
IN_A_CARD = re.compile(r'<li data-name="[^"]*" data-href="([^"]+)"')
FIRST_MET = re.compile(r'<a href="([^"]*)">[^<]*</a>\s*</td>\s*$')


@cache
def walk_of(name: str) -> Walk:
    _, page = next(pages(made_walk(trace_of(name), studies_of(name))))
    walk = page.context["walk"]
    assert isinstance(walk, Walk)
    return walk


def entries(name: str) -> dict[str, str]:
    """The row of each symbol in the index."""
    text = walkthrough(name)[PATH]
    return {found["name"]: found["cells"] for found in ROW.finditer(text)}


def resolved(path: str, href: str) -> str:
    """The file in the walkthrough that a link leads to."""
    parts = path.split("/")[:-1]
    for part in href.split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts).replace("index.html", "index.md")


@each("name", sorted(QUANTITIES))
def test_every_quantity_has_words(name: str) -> None:
    meaning = environment().get_template("words/quantities.j2").module.meaning  # type: ignore[attr-defined]
    training = trace_of("adam").experiment.training
    words = str(meaning(name, training))
    assert len(words.split()) > 2
    assert words == " ".join(words.split())


@pytest.mark.parametrize("name", NAMES)
def test_the_index_has_what_the_formulas_lead_to_and_no_more(name: str) -> None:
    linked = set()
    for path, text in walkthrough(name).items():
        for href in (*IN_A_FORMULA.findall(text), *IN_A_CARD.findall(text)):
            target, _, anchor = href.partition("#")
            assert resolved(path, target) == PATH
            linked.add(anchor)
    assert len(linked) > 10
    computed = {place for place, _ in _lines(name)}
    assert linked | computed == entries(name).keys()


def _lines(name: str) -> list[tuple[str, str]]:
    """(quantity, address) of every line with an anchor."""
    note = walk_of(name).notation
    found = []
    for path, text in walkthrough(name).items():
        for anchor in re.findall(r'<(?:div|tr) class="tr-line" id="([^"]*)"', text):
            quantity, _, place = anchor.partition("-")
            layer = int(place.partition("-")[0] or 0)
            found.append((note.quantity(Ref.of(quantity).name, layer), f"{path}#{anchor}"))
    return found


def _first_of(name: str, quantity: str, place: str) -> str:
    """The line of the first unit in the layer that is met first; idle rows stand last."""
    path, _, anchor = place.partition("#")
    places = [at.partition("#") for of, at in _lines(name) if of == quantity]
    units = {line: line.split("-")[1:] for page, _, line in places if page == path}
    same = [line for line in units if units[line][:1] == units[anchor][:1]]
    first = min(same, key=lambda line: ("_after" in line, [int(unit) for unit in units[line]]))
    return f"{path}#{first}"


@pytest.mark.parametrize("name", NAMES)
def test_the_first_place_is_where_the_symbol_stands(name: str) -> None:
    given = {"x": "task", "y": "task", "W": "start", "b": "start"}
    first = dict(reversed(_lines(name)))
    shown = walkthrough(name)
    for quantity, cells in entries(name).items():
        found = FIRST_MET.search(cells)
        assert found
        target, _, anchor = found[1].partition("#")
        path = resolved(PATH, target)
        assert not anchor or f'id="{anchor}"' in shown[path]
        if quantity in given:
            assert path == f"{given[quantity]}/index.md"
        elif quantity in first:
            assert f"{path}#{anchor}" == _first_of(name, quantity, first[quantity])
        else:
            assert f"glossary/index.html#{quantity}" in shown[path] or anchor == quantity


@pytest.mark.parametrize("name", NAMES)
def test_the_shapes_are_those_of_the_trace(name: str) -> None:
    trace, rows = trace_of(name), entries(name)
    column = trace.experiment.notation.convention == "column"
    arrays = {
        "W": [array[0] for array in trace.W],
        "b": [array[0] for array in trace.b],
        "z": [array[:1] for array in trace.z],
        "a": [array[:1] for array in trace.a[:-1]],
        "y_hat": [trace.a[-1][:1]],
        "x": [trace.x[:1]],
        "dL_dW": [array[0] for array in trace.W],
    }
    for quantity, wanted in arrays.items():
        shapes = [np.atleast_2d(array).shape for array in wanted]
        found = [(int(a), int(b)) for a, b in SHAPE.findall(unescape(rows.get(quantity, "")))]
        if quantity in rows:
            assert found == [shape[::-1] if column else shape for shape in shapes]
    assert {"W", "b", "z", "x"} <= rows.keys()


def test_a_setting_has_its_value() -> None:
    assert "<td>0.03</td>" in entries("batch of 4 of 10, l2")["l2"]
    assert "<td>0.9</td>" in entries("adamw")["beta1"]
    assert "<td>0.1</td>" in entries("mini2d")["eta"]
    assert "<td>a number</td>" in entries("rate by steps")["eta"]
    assert "<td>0.1</td>" in entries("rate by steps")["eta0"]


def words_of(name: str, math: str = "mathml") -> dict[str, str]:
    """What stands below each word."""
    text = walkthrough(name, math)[PATH]
    found = re.findall(r"^### (.*?)(?: \{#word-([a-z0-9-]+)\})?\n\n(.*?)\n", text, re.MULTILINE)
    return {slug or title: text for title, slug, text in found}


@pytest.mark.parametrize("name", NAMES)
def test_words_are_in_order_and_have_their_page(name: str) -> None:
    text = walkthrough(name)[PATH]
    titles = re.findall(r"^### (.*?) \{#word-", text, re.MULTILINE)
    assert titles == sorted(titles, key=str.casefold)
    for slug, words in words_of(name).items():
        href = re.search(r' See <a href="([^"]+)">[a-z0-9, ]+</a>\.$', words)
        assert href, slug
        assert resolved(PATH, href[1]) in {*walkthrough(name), "checks/index.md"}


def test_what_is_said_of_this_experiment_is_so() -> None:
    words, trace = words_of("mini2d"), trace_of("mini2d")
    assert f"Here: {trace.epochs} epochs." in words["epoch"]
    assert f"Here: {sum(w[0].size for w in trace.W)} weights." in words["weight"]
    assert f"Here: {trace.updates} updates." in words["training"]
    assert "Here: 3 + 2 + 1, layer by layer." in words["unit"]
    assert "one row for each update" in words["batch"]
    assert "stochastic gradient descent" in words["optimizer"]


@pytest.mark.parametrize(
    ("word", "has", "has_not"),
    [
        ("penalty", "batch of 4 of 10, l2", "mini2d"),
        ("schedule", "rate by steps", "mini2d"),
        ("class", "multiclass", "mean squared error"),
        ("accuracy", "mini2d", "mean squared error"),
        ("overfitting", "mini2d", "multiclass"),
        ("seed", "mini2d", "diverging"),
    ],
)
def test_a_word_stands_only_where_it_is_used(word: str, has: str, has_not: str) -> None:
    assert word in words_of(has)
    assert word not in words_of(has_not)


@pytest.mark.parametrize("name", ["mini2d", "multiclass", "adam, uncorrected"])
def test_formulas_in_latex_have_no_links(name: str) -> None:
    shown = walkthrough(name, "latex")
    named = set(re.findall(r'^\| <span id="(\w+)"></span>\$', shown[PATH], re.MULTILINE))
    assert entries(name).keys() == named
    assert not any(IN_A_FORMULA.search(text) for text in shown.values())
    for text in shown.values():
        assert not any("href" in formula for formula in re.findall(r"\$\$.*?\$\$", text, re.DOTALL))


@pytest.mark.parametrize("name", ["mini2d", "diverging classes"])
def test_a_walkthrough_knows_its_pages(name: str) -> None:
    walk = walk_of(name)
    slugs = {path.removesuffix("index.md").strip("/") for path in walkthrough(name)}
    assert {page.slug for page in walk.pages} - slugs == {"checks"}
    assert slugs <= {page.slug for page in walk.pages}
    assert all(map(walk.has, ("checks", "epoch", "cycle")))
    assert not any(map(walk.has, ("epoch-1", "epoch-1/row-1", "glossar")))


def test_the_glossary_is_proved_and_read_last() -> None:
    name = "multiclass"
    rendered = render_pages(trace_of(name), studies_of(name))
    found = [path for path in rendered if path.endswith(".md")]
    assert found[-2:] == [PATH, "checks/index.md"]
    order = rendered[".tracer-pages.json"]
    assert order.index("checks/index.md") < order.index(PATH)


def test_no_symbol_is_a_link_inside_a_link_heading_or_caption() -> None:
    for name in (*NAMES[:4], "momentum"):
        for path, text in walkthrough(name).items():
            inside = re.findall(r"<a [^>]*>(?:(?!</a>).)*<a ", text)
            assert not inside, (path, inside[0])
            for part in re.findall(r"<caption>.*?</caption>|^#.*$", text, re.MULTILINE):
                assert not IN_A_FORMULA.search(part), (path, part)
    assert set(NAMES) - {"mini2d"} <= EXPERIMENTS.keys()
