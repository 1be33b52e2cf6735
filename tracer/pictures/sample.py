"""Which rows of a large table are drawn: a bounded part of them, spread evenly over the table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tracer.experiment.dataset import Dataset
from tracer.pictures.plot.plot import Wish

MOST_MARKS = 500
"""Rows in a plot and in its words. A plot of some 300 × 200 px has room for 500 marks of 10 px with
a third of it covered; with more of them nobody sees one from the other, or reads them all."""
GOLDEN = (5**0.5 - 1) / 2
"""Multiples of the golden ratio, without their whole parts, are spread evenly and have no period:
a table whose classes take turns keeps all of them."""

_WIDTH = 150.0  # px of the template's words for a part of the rows, in a legend


class Drawn(NamedTuple):
    """How many rows are drawn, of how many."""

    rows: int
    of: int

    @property
    def part(self) -> bool:
        """Whether some are left out."""
        return self.rows < self.of

    @classmethod
    def from_table(cls, dataset: Dataset) -> Drawn:
        """What is drawn of a table."""
        return cls(len(drawn_rows(dataset)), len(dataset.labels))

    @property
    def wishes(self) -> list[Wish]:
        """What a legend says of rows that are left out."""
        return [Wish("sample", str(self.of), width=_WIDTH)] if self.part else []


def drawn_rows(dataset: Dataset) -> tuple[int, ...]:
    """The rows (from 0) that are drawn, ascending: all, or ``MOST_MARKS`` of them."""
    rows = len(dataset.labels)
    if rows <= MOST_MARKS:
        return tuple(range(rows))
    places = np.arange(rows) * GOLDEN % 1.0
    return tuple(sorted(np.argsort(places, kind="stable")[:MOST_MARKS].tolist()))
