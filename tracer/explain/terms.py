"""Which terms of a sum over rows or batches are written out, and what the others add up to.

A sum of ``MOST`` terms or fewer is written out whole. Of a longer one the first ones and the last
are written: the page of a batch's last row has its update. They are the same on all pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from tracer.experiment.limits import WIDE
from tracer.formula import FloatArray
from tracer.network import Layers
from tracer.trace import Trace
from tracer.trace.fields import FIELDS

MOST = 2 * WIDE
"""A term is one number here, half of what it is in the sum of a wide layer: so it is no longer."""
FIRST = 9
"""With the last and the rest they are a line or two, and a table that fits a page."""

RESTS = frozenset(["rest_loss", "rest_dL_dW", "rest_dL_db"])
"""The quantities of what the rows of a batch add up to that are not written out."""

_Term = TypeVar("_Term")


@dataclass(frozen=True)
class WrittenTerms:
    """Of so many terms (``of``) how many of the ``first`` are written out, beside the last."""

    first: int
    of: int

    @property
    def left(self) -> int:
        """How many are not."""
        return self.of - self.first - 1


def written_terms(count: int) -> WrittenTerms | None:
    """Which of ``count`` terms are written out; None where all of them are."""
    return WrittenTerms(FIRST, count) if count > MOST else None


def written(terms: Sequence[_Term]) -> tuple[_Term, ...]:
    """Those of the terms that are written out."""
    some = written_terms(len(terms))
    return tuple(terms) if some is None else (*terms[: some.first], terms[-1])


def left_over(values: FloatArray) -> FloatArray:
    """What the terms along the first axis that are not written out add up to."""
    with np.errstate(all="ignore"):
        return np.asarray(values[FIRST:-1].sum(axis=0))


def left_loss(trace: Trace, update: int) -> float:
    """The losses of the rows of a batch that are not written out, added up."""
    return float(left_over(trace.loss[trace.span_of(update)]))


def left_slopes(trace: Trace, update: int, kind: str) -> Layers:
    """Their slopes by the weights (``kind`` W) or the biases (b), added up, layer by layer."""
    span = trace.span_of(update)
    visits = np.arange(span.start, span.stop)
    return tuple(left_over(layer) for layer in FIELDS[f"dL_d{kind}"].at(trace, visits))
