"""Whole cycles are settled and filled by the scripts of the pages as Python does it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import cycle
from typing import Any

import pytest

from rendering import DEFAULT, EXPERIMENTS, trace_of
from scripted import EXHAUSTIVE, Asking
from tracer.explain.cycle import CycleExplained, explain_cycle
from tracer.notation import Notation
from tracer.trace import Cycle, Trace
from tracer.typeset import MatrixLine

#: So many cycles of each experiment, spread evenly over its run: with those of the built-in one
#: more than 500 when all are asked for. The decimals that they are shown with take turns.
MOST, MOST_OF_DEFAULT = (12, 240) if EXHAUSTIVE else (2, 24)
DECIMALS = (4, 1, 6, 2, 12, 3, 8, 5, 10, 7, 9, 11)
NOTATIONS: dict[str, dict[str, Any]] = {
    "delta": {"errors": "delta"},
    "from 0": {"first_index": 0},
    "log": {"logarithm": "log"},
    "columns": {"convention": "column"},
}


def matrices(explained: CycleExplained) -> Iterator[MatrixLine]:
    """The lines of matrices of a cycle."""
    for group in (explained.forward, explained.backward, explained.update, explained.forward_after):
        for layer in group:
            values = (getattr(layer, each.name) for each in fields(layer))
            yield from (value for value in values if isinstance(value, MatrixLine))


def asking(trace: Trace, notation: Notation, most: int) -> Asking:
    """Every line of some cycles, each with other decimals."""
    asked = Asking(notation)
    visits = range(len(trace.epoch_of))
    chosen = visits[:: max(len(visits) // most, 1)][:most]
    for decimals, visit in zip(cycle(DECIMALS), chosen, strict=False):
        explained = explain_cycle(Cycle(trace, visit))
        for line in explained.lines:
            asked.line(line, decimals)
        for matrix in matrices(explained):
            asked.matrix(matrix, decimals)
    return asked


@pytest.mark.parametrize("name", [DEFAULT, *EXPERIMENTS])
def test_every_line_of_a_cycle_is_the_same(name: str) -> None:
    trace = trace_of(name)
    experiment = trace.experiment
    notation = Notation.of(len(experiment.layers), experiment.notation)
    most = MOST_OF_DEFAULT if name == DEFAULT else MOST
    assert asking(trace, notation, most).differences() == []


@pytest.mark.parametrize("name", NOTATIONS)
def test_every_line_is_the_same_in_other_notations(name: str) -> None:
    for each in ("multiclass", "adam"):
        trace = trace_of(each)
        notation = Notation(len(trace.experiment.layers), **NOTATIONS[name])
        assert asking(trace, notation, 2).differences() == []
