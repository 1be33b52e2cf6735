"""Cycles that are typeset by a plan are as they are line by line, to the last byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from networks import experiment
from tracer.conditions import Tree, row_of
from tracer.conditions import given as values_of
from tracer.experiment import Experiment
from tracer.pages import Page, context_of, kinds
from tracer.pages.cycle_numbers import CycleNumbers
from tracer.pages.cycle_replay import replay_cycle
from tracer.pages.cycle_told import RowNumbers
from tracer.pages.cycles import cycles
from tracer.pages.listed import listed
from tracer.pages.walk import Walk
from tracer.studies.model import Run, Studies
from tracer.training import run
from tracer.typeset import SetLine
from tracer.writing.site import page_renderer, voice_of

#: name: sizes, activations, loss, further keys, how many of the cycles are replayed.
EXPERIMENTS: dict[str, tuple[Any, Any, str, dict[str, Any], int]] = {
    "dead units": ((2, 2, 1), ("relu", "sigmoid"), "binary_cross_entropy", {"seed": 3}, 6),
    "exact where it has not moved": (
        *((2, 2, 1), ("relu", "sigmoid"), "binary_cross_entropy"),
        *({"init": {"scheme": "uniform", "seed": 3, "decimals": 2}, "epochs": 2}, 4),
    ),
    "fixed biases": (
        *((2, 2, 1), ("relu", "identity"), "squared_error"),
        *({"optimizer": "adam", "train_biases": False, "epochs": 2}, 4),
    ),
    "a penalty": (
        *((2, 2, 1), ("tanh", "identity"), "half_squared_error"),
        *({"optimizer": "momentum", "schedule": "exponential", "l2": 0.1, "epochs": 2}, 4),
    ),
    "batches": (
        *((1, 2, 2), ("relu", "softmax"), "cross_entropy"),
        *({"batch_size": 2, "rows": 3, "epochs": 2, "convention": "column"}, 5),
    ),
    "out of reach": (
        *((1, 1, 1), ("relu", "identity"), "squared_error"),
        *({"learning_rate": 1e60, "epochs": 3}, 2),
    ),
}


def made(sizes: Any, activations: Any, loss: str, options: dict[str, Any]) -> Experiment:
    """An experiment whose cycles of all epochs have pages."""
    further = {"rows": 2} | options
    convention = further.pop("convention", "row")
    found = experiment(sizes, activations, loss, **further)
    notation = found.notation.model_copy(update={"convention": convention})
    pages = found.pages.model_copy(update={"epochs": tuple(range(1, found.training.epochs + 1))})
    return replace(found, pages=pages, notation=notation)


def walk_of(trace: Any) -> Walk:
    alone = Studies((Run.of(trace),), None, "", None)  # type: ignore[arg-type]
    return Walk(trace, alone, "mathml", kinds(), voice=voice_of(trace.experiment))


def built(walk: Walk) -> list[Page]:
    pages = [(slug, context_of(walk, slug, found)) for slug, found in cycles(walk)]
    return [Page(slug, "pages/cycle.md.j2", context) for slug, context in pages]


def line_by_line(walk: Walk) -> list[Page]:
    with patch("tracer.pages.cycles.replay_cycle", return_value=None):
        return built(walk)


def lines_of(page: Page) -> Iterator[SetLine]:
    yield from page.context["desk"].lines.values()
    blocks = [page.context[name] for name in ("forward", "backward", "update", "forward_after")]
    for block in (block for some in blocks for block in some):
        yield from filter(None, block.matrices.values())


def told_of(line: SetLine) -> tuple[Any, ...]:
    """All of a line, with what is only made when it is asked."""
    kept = line.latex, repr(line.operands), repr(line.value)  # nan is not equal to itself
    return *line[:3], *kept, *line[6:9], *line[10:]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_replayed_cycle_is_what_it_is_line_by_line(name: str) -> None:
    *network, count = EXPERIMENTS[name]
    trace = run(made(*network))
    soon, slow = walk_of(trace), walk_of(trace)
    with patch("tracer.pages.cycles.replay_cycle", side_effect=replay_cycle) as replayed:
        pages = built(soon)
    others = line_by_line(slow)
    told = [page.context["cycle_numbers"] for page in pages]
    assert replayed.call_count == len(pages)
    assert sum(isinstance(each, RowNumbers) for each in told) == count
    for page, other in zip(pages, others, strict=True):
        assert list(map(told_of, lines_of(page))) == list(map(told_of, lines_of(other)))
        assert page.context["desk"].origins() == other.context["desk"].origins()
        mine, theirs = soon.index.notes(page.slug), slow.index.notes(page.slug)
        assert list(mine.names) == list(theirs.names)
        assert list(mine.lines.items()) == list(theirs.lines.items())
    render = page_renderer(trace.experiment)
    assert [render(page) for page in pages] == [render(page) for page in others]


def test_what_only_some_pages_ask_of_a_layer_is_explained_then() -> None:
    *network, _ = EXPERIMENTS["dead units"]
    trace = run(made(*network))
    page, other = built(walk_of(trace))[-1], line_by_line(walk_of(trace))[-1]
    for name in ("forward", "backward", "update", "forward_after"):
        for mine, theirs in zip(page.context[name], other.context[name], strict=True):
            assert mine.of.layer == theirs.of.layer
            assert [each.value for each in mine.of.lines] == [x.value for x in theirs.of.lines]
            with pytest.raises(AttributeError):
                _ = mine.of.nothing
    assert page.context["predicted"].of.change.value == other.context["predicted"].of.change.value


NUMBERS = st.lists(
    st.sampled_from([0.0, -0.0, 1.0, -1.5, 2.0, 1e308, -1e308, float("nan"), float("inf")]),
    min_size=1,
    max_size=4,
)
ONE, TWO = (
    ("not", "finite", "size", "any", "all", "count", "length"),
    (
        *("minus", "plus", "times", "less", "at_most", "equal", "and", "or"),
        *("larger", "where", "at"),
    ),
)


@examples(80)
@given(op=st.sampled_from([*ONE, *TWO]), rows=st.tuples(NUMBERS, NUMBERS), single=st.booleans())
def test_lists_say_what_arrays_say(op: str, rows: tuple[Any, Any], single: bool) -> None:
    one, other = rows
    count = min(len(one), len(other))
    one, other = one[:count], other[: 1 if single else count]
    if op == "where":
        other = [bool(each) for each in other]
    if op == "at":
        other = [0.0 for _ in other]
    given_rows = (values_of(*one), values_of(*other))
    tree = Tree(op, given_rows[:1] if op in ONE else given_rows)
    wanted = row_of(tree, CycleNumbers(None, 4))  # type: ignore[arg-type]
    np.testing.assert_array_equal(np.array(listed(tree)(None)), wanted)
