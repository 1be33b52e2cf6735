"""Chosen rows: which pages there are then, where links lead, and what sentences say of it."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from typing import Any

import numpy as np
import pytest

from claims import ALONE, told, traced
from networks import mapping
from rendering import pages_of
from tracer.explain.terms import FIRST, MOST
from tracer.pages import kinds
from tracer.pages.shown import by_hardness, shown_rows
from tracer.pages.walk import Walk
from tracer.reread import check_origins, check_pages
from tracer.studies.run import study
from tracer.writing.site import render_pages

HREF = re.compile(r'href="([^"#:]*)(?:#([^"]*))?"')
ANCHOR = re.compile(r'(?:id="|\{#)([^"}]+)')


#: The smallest network with a layer before the last: what is asked here is asked of rows.
SMALL: dict[str, Any] = {"sizes": (1, 1, 1), "init": {"seed": 0, "decimals": 2}}


def document(rows: Any, epochs: tuple[int, ...] = (1,), **options: Any) -> dict[str, Any]:
    made = mapping(rows=7, train=5, **SMALL, **options)
    return {**made, "pages": {"rows": rows, "epochs": list(epochs), "explore": []}}


def long_document(rows: Any, **options: Any) -> dict[str, Any]:
    """One epoch over more rows than the terms that are written out; uneven batches of two."""
    most = MOST if options["batch_size"] != 2 else 2 * MOST
    made = mapping(rows=most + 1, epochs=1, **SMALL, **options)
    return {**made, "pages": {"rows": rows, "explore": []}}


CASES: dict[str, dict[str, Any]] = {
    "some": document([2, 4, 7]),
    "one": document([3], (1, 3)),
    "only test rows": document("6-7"),
    "none": document([]),
    "hardest": document("hardest 2", (2,)),
    "a batch whose last row has no page": document("1-3", (1, 2), batch_size="all"),
    "a batch of which one has a page": document([3], batch_size=2, optimizer="adam"),
    "a later batch, its last row unseen": document([3], (1, 2), batch_size=2, l2=0.1),
    "a long batch": long_document("first 1", batch_size="all"),
    "a long batch, its last row seen": long_document([MOST + 1], batch_size="all", l2=0.1),
    "a long epoch": long_document([1], batch_size=1),
    "a long epoch of uneven batches": long_document([2], batch_size=2, l2=0.1),
    "no test rows": {
        **mapping(rows=4, **SMALL),
        "pages": {"rows": [2], "epochs": [1], "explore": []},
    },
    "all but one": document("1-4, 6-7"),
}
#: Those whose links differ: the pages of the others are written as those of "some".
LINKED = [name for name in CASES if name not in ("hardest", "all but one")]


@cache
def site(name: str, math: str = "mathml") -> dict[str, str]:
    return {"checks/index.md": "", **pages_of(traced(CASES[name]), math)}


def dead_links(pages: dict[str, str], index: str) -> list[tuple[str, str]]:
    anchors = {path: set(ANCHOR.findall(text)) for path, text in pages.items()}
    found = []
    for path, text in pages.items():
        for place, anchor in HREF.findall(text):
            if "=" in anchor or place.endswith(".css"):  # a moment, and what stands beside a page
                continue
            there = posixpath.normpath(posixpath.join(posixpath.dirname(path), place))
            target = path if not place else there.replace(index, "index.md")
            if target not in pages or (anchor and anchor not in anchors[target]):
                found.append((path, f"{place}#{anchor}"))
    return found


@pytest.mark.parametrize("name", LINKED)
def test_every_link_leads_somewhere(name: str) -> None:
    assert dead_links(site(name), "index.html") == []


def test_links_of_plain_markdown_lead_somewhere_too() -> None:
    assert dead_links(site("some", "latex"), "index.md") == []


@pytest.mark.parametrize("name", LINKED)
def test_every_line_still_holds_and_shows_what_its_origin_says(name: str) -> None:
    pages = site(name)
    assert [line for lines in check_pages(pages, 4).values() for line in lines if not line.ok] == []
    assert check_origins(pages, 4)[1] == []


@pytest.mark.parametrize(
    ("name", "cycles", "predictions"),
    [
        ("some", [(1, 2), (1, 4)], [7]),
        ("one", [(1, 3), (3, 3)], []),
        ("only test rows", [], [6, 7]),
        ("none", [], []),
        ("a batch whose last row has no page", [(e, r) for e in (1, 2) for r in (1, 2, 3)], []),
        ("no test rows", [(1, 2)], [2]),
    ],
)
def test_only_the_chosen_rows_have_pages(
    name: str, cycles: list[tuple[int, int]], predictions: list[int]
) -> None:
    pages = {path.removesuffix("/index.md") for path in site(name)}
    expected = {f"epoch-{epoch}/row-{row}" for epoch, row in cycles}
    assert {page for page in pages if re.match(r"epoch-\d+/", page)} == expected
    rows = {f"predictions/row-{row}" for row in predictions}
    assert {page for page in pages if page.startswith("predictions/")} == rows


def test_all_rows_are_what_there_was_without_a_choice() -> None:
    plain = traced({**mapping(rows=3, **SMALL), "pages": {"explore": []}})
    every = traced({**mapping(rows=3, **SMALL), "pages": {"rows": "1-3", "explore": []}})
    one, other = (render_pages(trace, study(trace), proofs=False) for trace in (plain, every))
    assert {k: v for k, v in one.items() if k.endswith(".md")} == {
        k: v for k, v in other.items() if k.endswith(".md")
    }


def test_of_a_long_batch_beside_only_the_rows_that_are_written_out_have_pages() -> None:
    trace = traced(CASES["a long batch"])
    beside = Walk(trace, ALONE, "mathml", kinds()).beside(trace)
    paged = [visit for visit in range(MOST + 1) if beside.addresses.visit_slug(visit)]
    assert paged == [*range(FIRST), MOST]


# Sentences


def test_the_overview_says_which_rows_have_pages() -> None:
    text = told(CASES["some"], "")
    assert "Of the 5 training rows, the rows 2 and 4 have pages for their cycles." in text
    assert "Of the 2 rows that are predicted, row 7 has a page for its prediction." in text
    assert "Every number that it computes stands on these pages" not in text
    assert "of the training rows" not in told(document("all"), "").casefold()


def test_neighbours_in_a_row_are_told_as_a_range() -> None:
    assert "the rows 1–4 have pages" in told(CASES["all but one"], "")


def test_no_row_at_all_is_said() -> None:
    assert "None of the 5 training rows has a page for its cycle here." in told(
        CASES["only test rows"], ""
    )
    assert "epoch-1/index.md" not in site("only test rows")
    assert "None of the 2 rows that are predicted has" in told(CASES["none"], "predictions")


def test_the_way_from_cycle_to_cycle_does_not_claim_to_be_the_next() -> None:
    text = told(CASES["some"], "epoch-1/row-2")
    assert "the next cycle that is shown" in text
    assert "the next cycle that is shown" not in told(document("all"), "epoch-1/row-2")


def test_an_update_is_found_on_the_page_of_batches_where_its_last_row_has_no_page() -> None:
    shown = told(CASES["a batch whose last row has no page"], "epoch-1/row-2")
    assert "the update stands on the page about the batch" in shown
    unseen = told(CASES["a batch whose last row has no page"], "epoch-2/row-2")
    assert "so this update is not shown" in unseen
    text = site("a batch whose last row has no page")["epoch-2/row-1/index.md"]
    assert 'href="../../batches/index.html#W_after-1-1-1"' in text


def test_a_row_without_a_page_says_so_where_its_link_would_be() -> None:
    text = site("some")["epoch-1/index.md"]
    assert '<span title="Row 3 has no page of its own.">row 3</span>' in text
    assert '<a href="row-2/index.html">row 2</a>' in text


# The hardest


def test_the_hardest_are_those_with_the_largest_final_loss() -> None:
    trace = traced(CASES["hardest"])
    _, a = trace.forward(trace.x[:5])
    loss = 0.5 * ((a[-1] - trace.y[:5]) ** 2).sum(axis=1)
    expected = sorted(int(row) + 1 for row in np.argsort(-loss)[:2])
    assert list(shown_rows(trace, range(5)).rows) == expected
    assert "Among them are the 2 rows with the largest loss in the end." in told(
        CASES["hardest"], ""
    )


def test_beside_the_hardest_are_those_of_the_run_that_has_the_pages() -> None:
    trace, other = (traced(document("hardest 1", learning_rate=rate)) for rate in (0.1, 2))
    walk = Walk(trace, ALONE, "mathml", kinds())
    assert shown_rows(other, range(5)) != walk.shown  # else nothing is asked here
    assert walk.beside(other).shown == walk.shown
    assert walk.beside(other).shown_predictions == walk.shown_predictions


def test_equal_losses_go_by_number_and_are_told() -> None:
    made = mapping(rows=6, **SMALL)
    made["data"]["rows"] = [made["data"]["rows"][k] for k in (0, 1, 1, 1, 0, 1)]
    made["pages"] = {"rows": "hardest 1"}
    trace = traced(made)
    ranked = by_hardness(range(1, 7), np.array([1.0, 2, 2, 2, 1, 2]))
    assert ranked == [2, 3, 4, 6, 1, 5]
    shown = Walk(trace, ALONE, kinds=kinds()).shown
    assert len(shown.tied) in (2, 4)
    assert shown.rows == shown.tied[:1]
    listed = f"{', '.join(map(str, shown.tied[:-1]))} and {shown.tied[-1]}"
    assert f"The rows {listed} have the very same loss; of these, the smaller" in told(made, "")


def test_no_tie_is_told_where_all_equal_rows_are_taken() -> None:
    made = mapping(rows=4, **SMALL)
    made["data"]["rows"] = [made["data"]["rows"][k] for k in (0, 1, 1, 0)]
    assert not shown_rows(traced({**made, "pages": {"rows": "hardest 2"}}), range(4)).tied
    assert not shown_rows(traced({**made, "pages": {"rows": "hardest 4"}}), range(4)).tied


def test_what_is_no_number_is_hardest_of_all() -> None:
    losses = np.array([1.0, np.nan, np.inf, np.nan])
    assert by_hardness([1, 2, 3, 4], losses) == [2, 4, 3, 1]
