"""What trees ask of a cycle: which of its numbers, and how they are printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Place = tuple[int, ...]
Row = npt.NDArray[Any]


@dataclass(frozen=True)
class Of:
    """Numbers of a cycle: a quantity of all layers (``layer`` 0) or of one, or some ``places``.

    Places are indices from 1, in the order in which the numbers are wanted; none means all, row by
    row, layer by layer.
    """

    name: str
    layer: int = 0
    places: tuple[Place, ...] = ()

    @cached_property
    def index(self) -> tuple[Row, ...]:
        """The places as an index of one array, from 0."""
        return _index(self.places)

    @cached_property
    def by_layer(self) -> tuple[tuple[int, tuple[Row, ...]], ...]:
        """The same of places that begin with their layer: (layer from 0, index), in their order."""
        runs = groupby(self.places, key=lambda place: place[0])
        return tuple((k - 1, _index([place[1:] for place in run])) for k, run in runs)


def _index(places: Iterable[Place]) -> tuple[Row, ...]:
    return tuple(np.array(units) - 1 for units in zip(*places, strict=True))


class Told(Protocol):
    """What trees ask of a cycle: its numbers, and how they are printed."""

    def numbers(self, of: Of) -> Row:
        """The numbers themselves."""

    def shown(self, of: Of) -> Sequence[str]:
        """Their texts, where each stands alone."""

    def printed(self, of: Of) -> Sequence[str]:
        """The results of the lines that compute them."""
