"""Sums over thousands of rows: their lines stay short, and what they leave out makes them whole."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from sympy import lambdify

from networks import experiment
from tracer.explain.objective import batch_line, epoch_line
from tracer.explain.operands import cycle_pass
from tracer.explain.terms import FIRST, MOST, written, written_terms
from tracer.explain.update import update
from tracer.trace import Cycle, Trace
from tracer.training import run
from tracer.typeset import Line

KINDS: tuple[dict[str, Any], ...] = (
    {"batch_size": "all"},
    {"batch_size": 1},
    {"batch_size": 7, "l2": 0.1},
    {"batch_size": "all", "reduction": "sum", "l2": 0.1},
    {"batch_size": 3, "reduction": "sum"},
)
ROWS = 1_000, 5_000


@cache
def traced(kind: int, rows: int) -> Trace:
    layers = (2, 1, 1), ("tanh", "sigmoid"), "binary_cross_entropy"
    return run(experiment(*layers, rows=rows, epochs=1, **KINDS[kind]))


def sums(trace: Trace) -> Iterator[Line]:
    """The lines that add up rows or batches, of the last update and of the epoch."""
    last = Cycle(trace, len(trace.row) - 1)
    yield epoch_line(trace, 1)
    yield from filter(None, [batch_line(last)])
    for layer in update(last, cycle_pass(last)):
        yield from (*layer.grad_W, *layer.grad_b)


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_no_line_grows_with_the_rows(kind: int) -> None:
    few, many = ([len(line.bounds[0].operands) for line in sums(traced(kind, n))] for n in ROWS)
    assert max(few) <= MOST + 2
    assert max(many) <= MOST + 2


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_the_terms_and_the_rest_make_up_the_whole(kind: int) -> None:
    for line in sums(traced(kind, ROWS[0])):
        (bound,) = line.bounds
        kernel = lambdify(bound.form.symbols, bound.form.expression)
        found = kernel(*(operand.value for operand in bound.operands))
        assert math.isclose(found, line.value, rel_tol=1e-9, abs_tol=1e-14), line.target


def test_short_sums_are_written_out_whole() -> None:
    assert written(range(MOST)) == tuple(range(MOST))
    assert written_terms(MOST) is None
    long = written_terms(MOST + 1)
    assert long is not None
    assert written(range(MOST + 1)) == (*range(FIRST), MOST)
    assert len(written(range(MOST + 1))) + long.left == long.of
