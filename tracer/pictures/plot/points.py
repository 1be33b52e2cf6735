"""Data rows as marks in a plot: one shape and colour a class, and row numbers beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from tracer.pictures.plot.geometry import LEGIBLE, Box, Label, tidy
from tracer.pictures.plot.plot import Plot

COLOURS = 8
"""How many colours the stylesheet has for classes, and levels for values."""

UP, DOWN = 2, 4
"""Categories whose shapes point up and down."""

MOST_NUMBERED = 60
"""With more marks than these, rows are not numbered in the plot."""

_NUMBER = LEGIBLE
_GAP = 3.0  # px: two marks that stand side by side are seen as two
_KEY_RADIUS = 5.0  # px: the mark of the legend is as large as that of the plot
_LONGEST_LIST = 4  # rows named beside one mark; more are wider than the room between marks
# right first, as one reads, then around; 0.7 is about the half of a right angle
_SIDES = ((1, 0), (0.7, -0.7), (0, -1), (-0.7, -0.7), (-1, 0), (-0.7, 0.7), (0, 1), (0.7, 0.7))
_REACHES = (4.0, 7.0, 11.0)  # px from the mark: close, then far enough to pass a neighbour's label


@dataclass(frozen=True)
class RowSpot:
    """One row in data coordinates; ``category`` from 0, ``style`` the colour or level from 1."""

    row: int
    x: float
    y: float
    category: int
    train: bool
    text: str
    style: int = 0


@dataclass(frozen=True)
class Marker:
    """One or more rows of the same place and category.

    ``fill``: "train" is filled, "test" hollow, "both" filled within a ring. ``text`` names what
    the rows have in common; marks of the same ``place`` stand side by side. ``beyond``: its value
    lies outside the axis, and a triangle at the edge points there.
    """

    x: float
    y: float
    radius: float
    path: str
    ring: str
    category: int
    style: int
    fill: str
    rows: tuple[int, ...]
    text: str
    place: int
    beyond: bool = False

    @property
    def box(self) -> Box:
        """The room it takes."""
        reach = self.radius + (4 if self.ring else 1)
        return Box(self.x - reach, self.y - reach, self.x + reach, self.y + reach)


def mark_rows(spots: Iterable[RowSpot], plot: Plot) -> tuple[Marker, ...]:
    """The marks of rows: same place and category share one, other categories stand beside it."""
    places: dict[tuple[float, float], dict[tuple[int, str], list[RowSpot]]] = {}
    for spot in spots:
        at = places.setdefault((spot.x, spot.y), {})
        at.setdefault((spot.category, spot.text), []).append(spot)
    return tuple(
        _marker(group, plot, k - (len(groups) - 1) / 2, place)
        for place, groups in enumerate(places.values())
        for k, group in enumerate(groups.values())
    )


def number_rows(markers: Sequence[Marker], box: Box) -> tuple[Label, ...]:
    """Row numbers beside their marks, none over another or over a mark, all inside ``box``.

    Marks at one place share one text. A number that finds no room is left out.
    """
    if len(markers) > MOST_NUMBERED:
        return ()
    taken = [marker.box for marker in markers]
    labels: list[Label] = []
    marks = list(taken)
    for _, found_at in groupby(markers, key=lambda marker: marker.place):
        group = tuple(found_at)
        others = [mark for mark in marks if mark not in [m.box for m in group]]
        near = (c for c in _candidates(group) if _is_free(c.box, taken, box))
        found = next((c for c in near if _belongs(c.box, group, others)), None)
        if found is not None:
            labels.append(found)
            taken.append(found.box)
    return tuple(labels)


def shape(category: int, radius: float = _KEY_RADIUS) -> str:
    """The SVG path of a category's mark around the origin."""
    corners = _SHAPES[category % len(_SHAPES)]
    if not corners:
        r = tidy(radius)
        return f"M{-r:g} 0a{r:g} {r:g} 0 1 0 {2 * r:g} 0a{r:g} {r:g} 0 1 0 {-2 * r:g} 0Z"
    points = [f"{tidy(x * radius):g} {tidy(y * radius):g}" for x, y in corners]
    return "M" + "L".join(points) + "Z"


def _polygon(count: int, turn: float, size: float = 1.15) -> tuple[tuple[float, float], ...]:
    angles = [math.tau * (k / count + turn) for k in range(count)]
    return tuple((size * math.sin(a), -size * math.cos(a)) for a in angles)


def _star(inner: float) -> tuple[tuple[float, float], ...]:
    outer, dents = _polygon(5, 0, 1.3), _polygon(5, 0.1, inner)
    return tuple(point for pair in zip(outer, dents, strict=True) for point in pair)


# corners in units of the radius; told apart without colour
_SHAPES: tuple[tuple[tuple[float, float], ...], ...] = (
    (),
    _polygon(4, 0.125, 1.25),
    _polygon(3, 0, 1.3),
    _polygon(4, 0, 1.3),
    _polygon(3, 0.5, 1.3),
    _star(0.6),
    _polygon(6, 0),
)


def _marker(group: Sequence[RowSpot], plot: Plot, shift: float, place: int) -> Marker:
    first, radius = group[0], plot.size.radius
    kinds = {spot.train for spot in group}
    fill = "both" if len(kinds) == 2 else "train" if first.train else "test"
    above, below = first.y > plot.y.high, first.y < plot.y.low
    return Marker(
        tidy(plot.x(first.x) + shift * (2 * radius + _GAP)),
        plot.box.top if above else plot.box.bottom if below else plot.y(first.y),
        radius,
        shape(UP if above else DOWN if below else first.category, radius),
        shape(0, radius + 3) if fill == "both" else "",
        first.category,
        first.style or first.category % COLOURS + 1,
        fill,
        tuple(spot.row for spot in group),
        first.text,
        place,
        above or below,
    )


def _candidates(group: Sequence[Marker]) -> Iterable[Label]:
    rows = [str(row) for marker in group for row in marker.rows]
    short = len(rows) <= _LONGEST_LIST
    text = ", ".join(rows if short else [*rows[: _LONGEST_LIST - 1], "…"])
    full = "" if short else ", ".join(rows)
    left, right = group[0].box.left, group[-1].box.right
    middle = (group[0].y + 0.36 * _NUMBER, (left + right) / 2)
    half = group[0].box.height / 2
    for reach in _REACHES:
        for dx, dy in _SIDES:
            y = middle[0] + dy * (half + reach + 3)
            yield _beside(text, full, dx, y, (left - reach, middle[1], right + reach))


def _beside(text: str, full: str, dx: float, y: float, xs: tuple[float, float, float]) -> Label:
    left, middle, right = xs
    if dx > 0:
        return Label(tidy(right), tidy(y), text, _NUMBER, "start", full=full)
    if dx < 0:
        return Label(tidy(left), tidy(y), text, _NUMBER, "end", full=full)
    return Label(tidy(middle), tidy(y), text, _NUMBER, full=full)


def _belongs(label: Box, group: Sequence[Marker], others: Sequence[Box]) -> bool:
    """Whether no other mark is as near to the label as its own."""
    own = min(_distance(label, marker.box) for marker in group)
    return all(_distance(label, other) > own for other in others)


def _distance(a: Box, b: Box) -> float:
    across = max(a.left - b.right, b.left - a.right, 0.0)
    down = max(a.top - b.bottom, b.top - a.bottom, 0.0)
    return math.hypot(across, down)


def _is_free(label: Box, taken: Sequence[Box], box: Box) -> bool:
    return label.within(box) and not any(label.overlaps(other, 0.5) for other in taken)
