"""Two axes with ticks and names, and a legend below: the frame of every plot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracer.pictures.plot.geometry import LEGIBLE, NARROW, Box, Label, fitted, text_width, tidy
from tracer.pictures.plot.scale import Scale, Tick, log_ticks, nice_ticks

TICK = LEGIBLE
NAME = LEGIBLE
LEGEND = LEGIBLE

_TOP = 8.0  # px: half of the topmost tick's letters rises above the frame
_NAME_ROOM = 16.5  # px: letters of 12, turned, with a little air
_TICK_ROOM = 20.5  # px: letters of 12 below the axis, with the tick's mark
_LEGEND_LINE = 19.0  # px: a mark of 10 and letters of 12 with air between lines
# px: a mark and its blank; a dashed line shows its dashes in twice as much
_SWATCH, _SAMPLE = 18.0, 36.0

Ticks = Callable[[int], tuple[Tick, ...]]
Range = tuple[float, float]


@dataclass(frozen=True)
class Size:
    """How large a plot is, and what has room in it.

    ``width`` of the whole picture, ``height`` of the vertical axis, about how many ``ticks`` it
    gets, ``radius`` of a mark, ``cells`` of the grid on which the network is asked. A ``small``
    plot has neither row numbers nor a legend.
    """

    width: float = NARROW
    height: float = 270.0
    ticks: int = 5
    radius: float = 5.0
    cells: int = 96
    small: bool = False


LARGE = Size()
SMALL = Size(width=230.0, height=116.0, ticks=3, radius=3.4, cells=56, small=True)
"""Three of these stand side by side in a page, and one on a phone."""


@dataclass(frozen=True)
class TickMark:
    """A tick at ``at`` pixels along its axis, with its text."""

    at: float
    label: Label


@dataclass(frozen=True)
class Plot:
    """The area of a plot: its box, its scales, its ticks, and the places of the axes' names.

    A name without text is a word that the template supplies.
    """

    size: Size
    box: Box
    x: Scale
    y: Scale
    x_ticks: tuple[TickMark, ...]
    y_ticks: tuple[TickMark, ...]
    x_name: Label
    y_name: Label

    @property
    def bottom(self) -> float:
        """Where the next thing below the axis can stand."""
        return tidy(self.x_name.y + 8)

    def pinned(self, points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
        """Pixels, those above and below the plot at its edge instead."""
        top, bottom = self.box.top, self.box.bottom
        return [(x, min(max(y, top), bottom)) for x, y in points]

    @property
    def labels(self) -> tuple[Label, ...]:
        """Every text of the axes."""
        ticks = tuple(mark.label for mark in (*self.x_ticks, *self.y_ticks))
        return (*ticks, self.x_name, self.y_name)


@dataclass(frozen=True)
class Key:
    """An entry of the legend: a sign at (x, y) and its text, or a word of the template's.

    ``kind``: "class" (a marker of ``style``), "train", "test", "both", "line", "boundary"; "series"
    and "layer" are shown by a longer line with its ``dash``.
    """

    kind: str
    x: float
    y: float
    label: Label
    style: int = 0
    path: str = ""
    dash: int = 0


@dataclass(frozen=True)
class Wish:
    """A legend entry without a place; ``width`` is kept free for the template's word."""

    kind: str
    text: str = ""
    style: int = 0
    path: str = ""
    width: float = 0.0
    dash: int = 0


def make_plot(
    x_range: Range,
    y_range: Range,
    size: Size = LARGE,
    *,
    x_name: str = "",
    y_name: str = "",
    x_ticks: Ticks | None = None,
    log: bool = False,
) -> Plot:
    """The frame of a plot over the given ranges."""
    y_values = log_ticks(*y_range, size.ticks + 1) if log else nice_ticks(*y_range, size.ticks)
    left = _NAME_ROOM + 10 + max(text_width(tick.text, TICK) for tick in y_values)
    box = Box(tidy(left), _TOP, tidy(size.width - 12), tidy(_TOP + size.height))
    y = Scale(*y_range, box.bottom, box.top, log)
    x, x_values, box = _across(x_range, x_ticks or (lambda n: nice_ticks(*x_range, n)), box, size)
    base = box.bottom + _TICK_ROOM + 12
    return Plot(
        size,
        box,
        x,
        y,
        tuple(_below(x(tick.value), tick, box) for tick in x_values),
        tuple(_beside(y(tick.value), tick, box) for tick in y_values),
        fitted(x_name, box.middle, base, box.width, NAME),
        _upright(y_name, box),
    )


def legend(wishes: Sequence[Wish], plot: Plot) -> tuple[tuple[Key, ...], float]:
    """The entries below the plot, in as many lines as they need, and the y below them."""
    keys: list[Key] = []
    left, right = plot.box.left, plot.size.width
    x, y = left, plot.bottom + _LEGEND_LINE / 2
    for wish in wishes:
        swatch = _SAMPLE if wish.dash else _SWATCH
        label = fitted(wish.text, 0, 0, right - left - swatch - 4, LEGEND, anchor="start")
        width = swatch + max(text_width(label.text, LEGEND), wish.width) + 10
        if x > left and x + width > right - 2:
            x, y = left, y + _LEGEND_LINE
        text = Label(tidy(x + swatch), tidy(y + 4), label.text, LEGEND, "start", full=label.full)
        look = wish.style, wish.path, wish.dash
        keys.append(Key(wish.kind, tidy(x + 8), tidy(y), text, *look))
        x += width
    return tuple(keys), tidy(y + _LEGEND_LINE / 2 + 2)


def _across(
    x_range: Range, ticks: Ticks, box: Box, size: Size
) -> tuple[Scale, tuple[Tick, ...], Box]:
    """The x axis with as many ticks as have room beside each other."""
    for count in range(size.ticks + 1, 1, -1):
        values = ticks(count)
        first, last = (text_width(values[k].text, TICK) / 2 + 1 for k in (0, -1))
        left, right = max(box.left, tidy(first)), min(box.right, tidy(size.width - last))
        room = Box(left, box.top, right, box.bottom)
        scale = Scale(*x_range, room.left, room.right)
        if _apart([_below(scale(tick.value), tick, room).label.box for tick in values]):
            return scale, values, room
    ends = (values[0], values[-1]) if len(values) > 1 else values
    return scale, ends, room


def _apart(boxes: Sequence[Box]) -> bool:
    return all(a.right + 4 <= b.left for a, b in pairwise(boxes))


def _below(at: float, tick: Tick, box: Box) -> TickMark:
    return TickMark(at, Label(at, tidy(box.bottom + _TICK_ROOM - 3), tick.text, TICK))


def _beside(at: float, tick: Tick, box: Box) -> TickMark:
    y = tidy(at + 0.35 * TICK)
    return TickMark(at, Label(tidy(box.left - 7), y, tick.text, TICK, "end"))


def _upright(name: str, box: Box) -> Label:
    flat = fitted(name, 12, (box.top + box.bottom) / 2, box.height, NAME)
    return Label(flat.x, flat.y, flat.text, NAME, full=flat.full, turned=True)
