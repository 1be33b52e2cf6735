"""Wide layers: what is written out holds and is linked, the rest is a number, pictures show all."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest

from rendering import pages_of
from test_shown_rows import dead_links
from tracer.errors import ExperimentError
from tracer.experiment import Experiment
from tracer.experiment.limits import WIDE
from tracer.explain.cycle import explain_cycle
from tracer.explain.operands import cycle_pass
from tracer.explain.written import most_written, written_units
from tracer.reread import check_origins, check_pages
from tracer.studies.size import walkthrough_size
from tracer.training import run
from wide_networks import CASES, traced, wide

#: Wide in its inputs and in its hidden layers: its explorer leaves out all that one leaves out.
EXPLORED = "two in a row, in columns"


@cache
def site(name: str) -> dict[str, str]:
    document = CASES[name]
    chosen = {**document["pages"], "epochs": [1]} | ({} if name == EXPLORED else {"explore": []})
    trace = run(Experiment.from_mapping({**document, "pages": chosen}))
    return {"checks/index.md": "", **pages_of(trace)}


@pytest.mark.parametrize("name", CASES)
def test_every_printed_line_of_a_wide_network_holds(name: str) -> None:
    checked = check_pages(site(name), 4)
    assert [line for lines in checked.values() for line in lines if not line.ok] == []
    assert len(checked["epoch-1/row-2/index.md"]) > 20


@pytest.mark.parametrize("name", CASES)
def test_every_link_leads_to_the_number_it_shows(name: str) -> None:
    assert check_origins(site(name), 4)[1] == []
    assert dead_links(site(name), "index.html") == []


@pytest.mark.parametrize("name", CASES)
def test_the_written_terms_and_the_rest_are_the_whole(name: str) -> None:
    trace = traced(name)
    for cycle in trace.cycles(1):
        view = cycle_pass(cycle)
        for layer in explain_cycle(cycle).forward:
            for line in layer.z:
                values = [operand.value for operand in line.bounds[0].operands]
                written = len(view.written(layer.layer - 1))
                signal, weights = values[:written], values[written : 2 * written]
                total = np.dot(signal, weights) + sum(values[2 * written :])
                assert total == pytest.approx(line.value, rel=1e-12, abs=1e-12)


def test_only_the_chosen_units_have_lines() -> None:
    text = site("a hidden layer, adam")["epoch-1/row-1/index.md"]
    assert {int(unit) for unit in re.findall(r'id="z-1-(\d+)"', text)} == {1, 5, 22}
    rest = site("two in a row, in columns")["epoch-1/row-1/index.md"]
    anchors = re.findall(r'id="(rest-\d-\d+)"', rest)
    first, second = written_units(traced("two in a row, in columns"))[1:3]
    assert anchors[: len(first)] == [f"rest-1-{unit}" for unit in first]
    assert {f"rest-2-{unit}" for unit in second} <= set(anchors)


def test_the_largest_are_largest_by_their_mean_size_at_the_start() -> None:
    trace = traced("inputs")
    sizes = np.abs(trace.x[:2]).mean(axis=0)
    assert written_units(trace)[0] == tuple(sorted(int(k) + 1 for k in np.argsort(-sizes)[:3]))
    assert written_units(trace)[1:] == ((1, 2, 3), (1, 2))


@pytest.mark.parametrize(("size", "written"), [(WIDE, WIDE), (WIDE + 1, 10)])
def test_a_layer_is_wide_beyond_a_limit_and_never_the_last(size: int, written: int) -> None:
    experiment = Experiment.from_mapping(wide((size, size, size)))
    assert [most_written(experiment, layer) for layer in range(3)] == [written, written, size]
    everything = Experiment.from_mapping(wide((size, size, size), "all"))
    assert [most_written(everything, layer) for layer in range(3)] == [size] * 3


def test_pictures_show_what_is_not_written_and_say_so() -> None:
    text = site("inputs")["epoch-1/row-1/index.md"]
    assert 'id="forward-heat-W-1"' in text
    assert 'id="backward-heat-dL_dW-1"' in text
    assert "72 numbers: the smallest is " in text
    assert "Of the 24 numbers that enter it, written out are the ones numbered" in text
    assert "Each of these sums has 21 more terms." in text
    assert "The more a cell stands out from the page, the farther from 0" in text
    assert "darker" not in text  # in the dark it is brighter
    overview = site("inputs")["index.md"]
    assert "Of the 24 inputs, 3 are written out line by line." in overview
    assert "Every number that it computes" not in overview
    assert "chosen in the file of the experiment" in overview


def test_many_inputs_are_told_by_the_first_and_the_last() -> None:
    sentences = {
        "network": "It has 24 units, one for each input: x0 to x23.",
        "notation": "the input: x0 to x23",
        "glossary": "Here: 24, named x0 to x23.",
        "task": "Each row of the table has 24 columns, x0 to x23",
    }
    for name, sentence in sentences.items():
        page = site("inputs")[f"{name}/index.md"]
        assert sentence in page
        assert not re.search("x11,\\s", page)


def test_the_explorer_says_what_it_leaves_out() -> None:
    text = site(EXPLORED)["explore/index.md"]
    assert "the file holds the numbers that are, and what the others add up to" in text
    assert 'class="tr-explorer tr-run-alone"' in text
    assert "-heat-" not in text
    rest = re.search(r'<td id="(rest[^"]*)" data-of="([^"]*)"', text)
    assert rest is not None
    assert rest[1] == rest[2]


def test_pages_of_a_wide_network_are_bounded() -> None:
    narrow, broad = (
        walkthrough_size(Experiment.from_mapping(wide((width, width, 2)))).page
        for width in (30, 600)
    )
    assert narrow == broad < 4e6


@pytest.mark.parametrize(
    ("units", "words"),
    [
        ("bigest 3", "expected a choice of units"),
        ("larges 3", 'Did you mean "largest 3"?'),
        ([25], "expected at least one unit that every wide layer has, from 1 to 24; found 25"),
        ([], "found none"),
        ([1, 41], "pages.units[2]: expected units from 1 to 40, as many as the widest layer has"),
        ("38-50", "as many as the widest layer has; found 50"),
    ],
)
def test_a_choice_that_leaves_a_layer_without_lines_is_refused(units: Any, words: str) -> None:
    with pytest.raises(ExperimentError, match=r"pages\.units") as caught:
        Experiment.from_mapping(wide((24, 40, 2), units))
    assert words in str(caught.value)


def test_a_unit_that_no_layer_has_is_refused_also_where_none_is_wide() -> None:
    with pytest.raises(ExperimentError, match=r"expected units from 1 to 6, .*; found 7"):
        Experiment.from_mapping(wide((3, 6, 2), [1, 7]))
    Experiment.from_mapping(wide((3, 6, 2), [6]))
    Experiment.from_mapping(wide((3, 6, 2), "largest 10"))
