"""What a picture of several curves over one axis consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tracer.pictures.loss import thin
from tracer.pictures.plot.geometry import Label, Picture
from tracer.pictures.plot.paths import Point
from tracer.pictures.plot.plot import Key, Plot

if TYPE_CHECKING:
    from tracer.formula import FloatArray

SeriesKind = Literal[
    "accuracy", "error", "parameters", "batches_by_epoch", "batches_by_update", "rates", "steps"
]


@dataclass(frozen=True, eq=False)
class Series:
    """One curve: values ``y`` (n,) at rising whole numbers ``x`` (n,), epochs or updates.

    ``text`` is a symbol such as "η = 0.3", or "train", "test", "slope" or "step", for which the
    template has words. ``style`` is its colour from 1; 0 takes the next one. ``group`` is that of a
    parameter, its layer; many parameters are told apart by their layer only.
    """

    text: str
    x: FloatArray
    y: FloatArray
    style: int = 0
    group: int = 0


@dataclass(frozen=True, eq=False)
class Course:
    """A series as far as it is finite, and how it looks; ``name`` is empty if it has none."""

    name: str
    xs: FloatArray
    ys: FloatArray
    lost: tuple[float, float] | None
    style: int
    dash: int

    def pixels(self, plot: Plot, most: int) -> list[Point]:
        """About ``most`` of its points, which may lie far above or below the plot."""
        kept = list(thin(self.ys, most))
        xs, ys = (np.asarray(each)[kept] for each in (self.xs, self.ys))
        return list(zip(plot.x.places(xs), plot.y.far_places(ys), strict=True))


@dataclass(frozen=True)
class Strand:
    """A curve as it is drawn: ``style`` its colour, ``dash`` its dashes, both from 1.

    ``dot`` is its place where it has one value only.
    """

    text: str
    style: int
    dash: int
    path: str
    dot: Point | None


@dataclass(frozen=True)
class Exit:
    """Where a curve leaves the plot through its top or (not ``up``) its bottom.

    ``path`` is the sign there, ``text`` the farthest value that it goes to; ``label`` the place of
    that value's words, None where they have no room.
    """

    name: str
    x: float
    y: float
    path: str
    up: bool
    style: int
    text: str
    label: Label | None


@dataclass(frozen=True)
class Halt:
    """The first epoch or update ``at`` without a finite value, and what stands there instead.

    ``names`` are the curves that end there, none where that are all of them; ``told``: they stand
    in the plot, too. ``style`` is the colour of the only one, or 0.
    """

    names: tuple[str, ...]
    told: bool
    x: float
    at: str
    text: str
    style: int
    label: Label


@dataclass(frozen=True, kw_only=True)
class SeriesPicture(Picture):
    """Several curves over epochs or updates.

    ``grouped``: a curve's looks tell its layer only. ``log``: log₁₀ axis. ``columns`` are some of
    the epochs or updates; ``twin``: each curve's name and its values there, "" where it has none.
    """

    kind: SeriesKind
    plot: Plot
    strands: tuple[Strand, ...]
    exits: tuple[Exit, ...]
    halts: tuple[Halt, ...]
    keys: tuple[Key, ...]
    grouped: bool
    log: bool
    columns: tuple[str, ...]
    twin: tuple[tuple[str, ...], ...]

    @property
    def labels(self) -> tuple[Label, ...]:
        """Every text whose place was computed."""
        keys = tuple(key.label for key in self.keys)
        ends = tuple(halt.label for halt in self.halts)
        exits = tuple(found.label for found in self.exits if found.label)
        return (*self.plot.labels, *keys, *ends, *exits)
