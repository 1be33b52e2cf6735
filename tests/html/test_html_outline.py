"""The navigation of finished HTML: groups, the page that is shown, before and after."""

from __future__ import annotations

from functools import partial

from tracer.html.outline import Node, Outline, group_node, page_node, placed
from tracer.html.sources import Given


def named(path: str) -> Given:
    return Given(path, f"# Page {path}\n")


PAGES = {path: named(path) for path in ("index.html", "guide/a.html", "guide/b.html")}
WALK = Node(
    lambda: "Walk",
    "w/index.html",
    below=(page_node(named("w/t.html")), group_node(lambda: "G", [page_node(named("w/g.html"))])),
)
GIVEN = [
    {"Home": "index.md"},
    {"Guide": ["guide/a.md", {"Second": "guide/b.md"}, {"Out": "https://example.org"}]},
    "missing.md",
    {"Empty": []},
    "examples",
]
SITE = Outline(
    placed(GIVEN, PAGES, [WALK]),
    {
        path: partial("title of {}".format, path)
        for path in [*PAGES, "w/index.html", "w/t.html", "w/g.html"]
    },
)


def test_the_order_is_that_of_reading() -> None:
    assert SITE.order == (*PAGES, "w/index.html", "w/t.html", "w/g.html")


def test_groups_elsewhere_are_one_link() -> None:
    home, guide, walk = SITE.items("index.html")
    assert (home.title, home.href, home.is_here) == ("Home", "index.html", True)
    assert (guide.title, guide.href, guide.below) == ("Guide", "guide/a.html", ())
    assert (walk.href, walk.is_open) == ("w/index.html", False)


def test_the_way_to_the_page_is_open() -> None:
    guide = SITE.items("guide/b.html")[1]
    assert [one.title for one in guide.below] == ["Page guide/a.html", "Second", "Out"]
    assert [one.is_here for one in guide.below] == [False, True, False]
    assert guide.below[2].href == "https://example.org"
    walk = SITE.items("w/g.html")[2]
    assert walk.below[1].is_here
    assert walk.below[0].href == "t.html"


def test_the_trail_names_the_groups() -> None:
    assert [one.title for one in SITE.trail("w/g.html")] == ["Walk"]
    assert SITE.trail("index.html") == ()


def test_before_and_after() -> None:
    after = SITE.beside("index.html", 1)
    assert after is not None
    assert (after.title, after.href) == ("title of guide/a.html", "guide/a.html")
    assert SITE.beside("index.html", -1) is None
    assert SITE.beside("w/g.html", 1) is None
    assert SITE.beside("nowhere.html", 1) is None


def test_the_index_of_a_folder_is_the_page_of_its_group() -> None:
    pages = {path: named(path) for path in ("guide/index.html", "guide/a.html")}
    (guide,) = placed([{"Guide": ["guide/index.md", "guide/a.md"]}], pages, [])
    assert (guide.title, guide.page) == ("Guide", "guide/index.html")
    assert [node.page for node in guide.below] == ["guide/a.html"]
    (whole,) = placed([{"All": ["examples", "guide/a.md"]}], pages, [WALK])
    assert [node.page for node in whole.below] == ["w/index.html", "guide/a.html"]
