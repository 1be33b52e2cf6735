"""Every number of a cycle has its line, with the trace's value; every link leads somewhere."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from rendering import DEFAULT, decimals_of, trace_of, walkthrough
from tracer.explain.cycle import explain_cycle
from tracer.pages.shown import shown_rows
from tracer.reread.lines import BrokenLine, RawLine, lines_of, result_literals
from tracer.reread.origins import anchors
from tracer.reread.tokens import Literal
from tracer.trace import Cycle

FEW = [
    DEFAULT,
    "column",
    "batch of 4 of 10, l2",
    "l2, one sample",
    "multiclass",
    "logits of 1000",
    "softmax inside",
    "cancelling",
    "adam",
    "rate by a power",
    "diverging relu",
]
UNITS = ("z", "a", "dL_da", "dL_dz", "dL_db")
#: The page of proofs is made from the others and is not among them here.
ELSEWHERE = ("checks/index",)


def place(name: str, layer: int, index: tuple[int, ...]) -> str:
    return "-".join([name, str(layer), *(str(k + 1) for k in index)])


def numbers_of(cycle: Cycle) -> Iterator[tuple[str, float]]:
    """(anchor, value) of every number that a cycle's page has to explain."""
    names = [*UNITS, "dL_dW"]
    if cycle.is_last_of_batch:
        trained = cycle.trace.experiment.training.train_biases
        names += ["W_after", *(["b_after"] if trained else [])]
    for name in names:
        for layer, values in enumerate(getattr(cycle, name), start=1):
            for index in np.ndindex(values.shape):
                yield place(name, layer, index), float(values[index])
    yield "loss", cycle.loss


@cache
def cycles_of(name: str) -> tuple[tuple[str, Cycle], ...]:
    """(path of its page, cycle) for every cycle that is shown."""
    trace = trace_of(name)
    epochs, rows = trace.experiment.pages.epochs, shown_rows(trace, trace.experiment.dataset.train)
    return tuple(
        (f"epoch-{cycle.epoch}/row-{cycle.row}/index.md", cycle)
        for epoch in epochs
        for cycle in trace.cycles(epoch)
        if cycle.row in rows.rows
    )


@cache
def read(page: str) -> list[RawLine | BrokenLine]:
    """The lines of a page."""
    return list(lines_of(page))


@cache
def results_on(page: str) -> dict[str, tuple[Literal, bool]]:
    """The result of each line of a page by its anchor, and whether the page remarks on it."""
    lines = [line for line in read(page) if line.anchor]
    assert all(isinstance(line, RawLine) for line in lines)
    return {
        line.anchor: (result_literals(line.result)[0], bool(line.remark))
        for line in lines
        if isinstance(line, RawLine)
    }


def shows(printed: Literal, value: float, decimals: int) -> bool:
    """Whether the printed number is the value, to its last digit."""
    if not printed.is_finite or not np.isfinite(value):
        return printed.text == {"inf": "∞", "-inf": "−∞"}.get(str(value), str(value))
    unit = printed.unit if printed.scientific else min(printed.unit, Fraction(1, 10**decimals))
    return abs(printed.value - Fraction(value)) <= unit * Fraction(51, 100)


@pytest.mark.parametrize("name", FEW)
def test_every_number_has_exactly_one_line_with_the_value_of_the_trace(name: str) -> None:
    pages, decimals = walkthrough(name), decimals_of(name)
    for path, cycle in cycles_of(name):
        results = results_on(pages[path])
        found = Counter(line.anchor for line in read(pages[path]) if line.anchor)
        for anchor, value in numbers_of(cycle):
            assert found[anchor] == 1, (path, anchor)
            printed, remarked = results[anchor]
            is_noise = remarked and not printed.value if printed.is_finite else False
            assert is_noise or shows(printed, value, decimals), (path, anchor, printed, value)


@pytest.mark.parametrize("name", FEW)
def test_the_value_of_a_line_is_the_one_of_the_trace(name: str) -> None:
    for _, cycle in cycles_of(name):
        lines = {line.target.anchor: line.value for line in explain_cycle(cycle).lines}
        for anchor, value in numbers_of(cycle):
            np.testing.assert_equal(lines[anchor], value, err_msg=anchor)


@pytest.mark.parametrize("name", FEW)
def test_the_second_pass_is_that_of_the_updated_network(name: str) -> None:
    trace = trace_of(name)
    for path, cycle in cycles_of(name):
        results = results_on(walkthrough(name)[path])
        if not cycle.is_last_of_batch:
            assert not [anchor for anchor in results if anchor.startswith(("W_after", "z_after"))]
            continue
        z, a = trace.forward(cycle.x[None, :], cycle.update + 1)
        for quantity, values in (("z_after", z), ("a_after", a)):
            for layer, row in enumerate(values, start=1):
                for unit, value in enumerate(row[0]):
                    printed, remarked = results[place(quantity, layer, (unit,))]
                    assert remarked or shows(printed, float(value), decimals_of(name))


def test_a_prediction_page_explains_every_unit() -> None:
    trace, pages = trace_of(DEFAULT), walkthrough(DEFAULT)
    for row in trace.experiment.dataset.test:
        results = results_on(pages[f"predictions/row-{row + 1}/index.md"])
        for name, values in zip("za", trace.forward(trace.x[row : row + 1]), strict=True):
            for layer, units in enumerate(values, start=1):
                for unit, value in enumerate(units[0]):
                    printed, _ = results.pop(place(name, layer, (unit,)))
                    assert shows(printed, float(value), decimals_of(DEFAULT))
        assert results == {}


# Links


def links_of(text: str) -> list[str]:
    in_html = re.findall(r'\shref="([^"]*)"', text)
    return [*in_html, *re.findall(r"\]\(([^)\s]+)\)", text)]


def dead_links(pages: dict[str, str]) -> list[tuple[str, str]]:
    """(page, link) for every link that leads to no page or to no place on it."""
    places = {path: {*anchors(text), *headings(text)} for path, text in pages.items()}
    return [
        (path, link)
        for path, text in pages.items()
        for link in dict.fromkeys(links_of(text))
        if not resolves(link, path, places)
    ]


def headings(text: str) -> set[str]:
    """The ids that Markdown makes of headings."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    given = set(re.findall(r"^#+ .*\{#([\w-]+)\}$", text, re.MULTILINE))
    return given | {re.sub(r"[^\w]+", "-", title.lower()).strip("-") for title in titles}


def resolves(link: str, here: str, places: dict[str, set[str]]) -> bool:
    path, _, anchor = link.partition("#")
    if "=" in anchor or path.endswith(".css"):  # a moment, and what stands beside a page
        return True
    target = here
    if path:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
        target = re.sub(r"\.(html|md)$", "", target)
        if target in ELSEWHERE:
            return True
        target += ".md"
    return target in places and (not anchor or anchor in places[target])


@pytest.mark.parametrize(
    ("name", "math"),
    [
        *((name, "mathml") for name in FEW),
        (DEFAULT, "latex"),
        ("column", "latex"),
    ],
)
def test_every_link_inside_the_walkthrough_leads_somewhere(name: str, math: str) -> None:
    pages = walkthrough(name, math)
    assert sum(len(links_of(text)) for text in pages.values()) > 100
    assert dead_links(pages) == []


@pytest.mark.parametrize("name", FEW)
def test_no_id_stands_twice_on_a_page(name: str) -> None:
    for path, text in walkthrough(name).items():
        twice = [anchor for anchor, count in Counter(anchors(text)).items() if count > 1]
        assert twice == [], path


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('<a href="other.html">x</a>', 1),
        ('<a href="#b">x</a> <p id="a">x</p>', 1),
        ('<a href="#a">x</a> <p id="a">x</p>', 0),
        ('<a href="index.html#a">x</a> <p id="a">x</p>', 0),
        ("[x](../index.md)", 1),
        ("# A heading\n\n[x](#a-heading) [y](#b-heading)", 1),
    ],
)
def test_a_dead_link_is_found(text: str, count: int) -> None:
    assert len(dead_links({"index.md": text})) == count
