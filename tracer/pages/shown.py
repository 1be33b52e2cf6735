"""Which rows have pages of their own: those that ``[pages] rows`` chooses; the explorer for any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np

from tracer.catalog.losses import LOSSES
from tracer.experiment.picks import Counted, picked
from tracer.explain.written import written_units
from tracer.formula import FloatArray
from tracer.trace import Trace

HARDEST = "hardest"
MOST_LISTED = 200
"""Rows in a table of rows: some eight screens, which can still be looked through. Tables that are
not larger stand whole."""
MOST_CARRIED = 4_000_000
"""Numbers in the file of the explorer that nobody asked for: 32 MB, packed about 12, for which a
page waits some four seconds. 784-128-10 has as many in an epoch of 12,000 rows."""


@dataclass(frozen=True)
class WideSize:
    """Of how many units of a layer how many are written out."""

    layer: int
    written: int
    size: int


@dataclass(frozen=True)
class Shown:
    """The rows (numbers from 1, ascending) with pages of their own, of so many that could.

    ``hardest`` is how many were asked for by their loss, 0 where none were. ``tied`` are the rows
    whose loss is that of the last one taken so, where not all of them could be taken.
    """

    rows: tuple[int, ...]
    of: int
    hardest: int = 0
    tied: tuple[int, ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether every row has a page."""
        return len(self.rows) == self.of

    @property
    def some(self) -> frozenset[int] | None:
        """The rows as numbers from 0; None where they are all."""
        return None if self.is_all else frozenset(row - 1 for row in self.rows)

    @property
    def spans(self) -> tuple[str, ...]:
        """The rows as a list that can be read: three and more in a row as a range."""
        found: list[list[int]] = []
        for row in self.rows:
            if found and row == found[-1][-1] + 1:
                found[-1].append(row)
            else:
                found.append([row])
        return tuple(text for span in found for text in _span(span))

    def has(self, row: int) -> bool:
        """Whether a row (from 0) has a page."""
        return row + 1 in self._numbers

    @cached_property
    def _numbers(self) -> frozenset[int]:
        return frozenset(self.rows)


def _span(rows: Sequence[int]) -> tuple[str, ...]:
    return (f"{rows[0]}–{rows[-1]}",) if len(rows) > 2 else tuple(map(str, rows))


def shown_rows(trace: Trace, rows: Sequence[int]) -> Shown:
    """Of ``rows`` (from 0) those that the experiment chooses."""
    parts = trace.experiment.pages.row_picks
    numbers = sorted(row + 1 for row in rows)
    asked = max((p.count for p in parts if isinstance(p, Counted) and p.word == HARDEST), default=0)
    losses = final_losses(trace, numbers) if asked else np.zeros(len(numbers))
    ranked = by_hardness(numbers, losses)

    def order(word: str) -> Sequence[int]:
        return ranked if word == HARDEST else numbers

    found = picked(parts, numbers, order)
    tied = _tied(ranked, dict(zip(numbers, losses, strict=True)), asked)
    return Shown(found, len(numbers), min(asked, len(numbers)), tied)


def is_beyond(trace: Trace) -> bool:
    """Whether the explorer, the page of any row, is left out: even one epoch is too much for it.

    An experiment that says which epochs it carries has it always.
    """
    if trace.experiment.pages.explore is not None:
        return False
    written = [len(units) for units in written_units(trace)]
    parameters, units = sum(n * m + m for n, m in pairwise(written)), sum(written[1:])
    visits, updates = len(trace.row) // trace.epochs, trace.updates // trace.epochs
    of_update = (2 + len(trace.state)) * parameters + 2 * units
    return visits * (parameters + 5 * units) + updates * of_update > MOST_CARRIED


def listed(rows: Sequence[int], *chosen: Shown) -> Shown:
    """Of ``rows`` (from 0) those that a table lists: all, or of too many those with pages.

    Of these the first ones, and the first rows of all where none has a page.
    """
    numbers = sorted(row + 1 for row in rows)
    if len(numbers) <= MOST_LISTED:
        return Shown(tuple(numbers), len(numbers))
    paged = {number for shown in chosen for number in shown.rows}.intersection(numbers)
    return Shown(tuple(sorted(paged) or numbers)[:MOST_LISTED], len(numbers))


class _Chosen(Protocol):
    """A walkthrough: which of its rows have pages."""

    @property
    def trace(self) -> Trace: ...
    @property
    def shown(self) -> Shown: ...
    @property
    def shown_predictions(self) -> Shown: ...


def listed_data(walk: _Chosen) -> Shown:
    """The rows that the table of the data lists."""
    data = walk.trace.experiment.dataset
    return listed((*data.train, *data.test), walk.shown, walk.shown_predictions)


def final_losses(trace: Trace, numbers: Sequence[int]) -> FloatArray:
    """The loss of each row (numbers from 1) with the final parameters, without a penalty."""
    rows = [number - 1 for number in numbers]
    if not rows:
        return np.zeros(0)
    z, a = trace.forward(trace.x[rows])
    with np.errstate(all="ignore"):
        loss = LOSSES[trace.experiment.training.loss].kernel(trace.y[rows], a[-1], z[-1])
    return np.asarray(loss, dtype=np.float64)


def by_hardness(numbers: Sequence[int], losses: FloatArray) -> list[int]:
    """The rows by their loss, the largest first; of equal ones the smaller number first.

    What is not a number comes before all: nothing could be harder.
    """

    def key(pair: tuple[int, float]) -> tuple[bool, float, int]:
        number, loss = pair
        return (not np.isnan(loss), 0.0 if np.isnan(loss) else -loss, number)

    return [number for number, _ in sorted(zip(numbers, map(float, losses), strict=True), key=key)]


def _tied(ranked: Sequence[int], loss_of: dict[int, float], asked: int) -> tuple[int, ...]:
    """The rows with the loss of the last one taken, where the line is drawn between them."""
    if not 0 < asked < len(ranked):
        return ()
    last, next_one = (loss_of[number] for number in ranked[asked - 1 : asked + 1])
    if not _same(last, next_one):
        return ()
    return tuple(sorted(number for number in ranked if _same(loss_of[number], last)))


def _same(one: float, other: float) -> bool:
    return one == other or bool(np.isnan(one) and np.isnan(other))
