"""The bar that tells which colour stands for which values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracer.pictures.plot.geometry import Box, Label, fitted, text_width, tidy
from tracer.pictures.plot.plot import NAME, TICK, Plot
from tracer.pictures.plot.scale import Tick
from tracer.pictures.regions import level_style

_HEIGHT = 11.0  # px: as high as the letters beside it
_RIGHT = 12.0  # px: half of the last number stands beyond the bar


@dataclass(frozen=True)
class Swatch:
    """One band of values and its colour."""

    box: Box
    style: int


@dataclass(frozen=True)
class Bar:
    """Bands from the lowest to the highest value, the levels between them, and their name."""

    name: Label
    swatches: tuple[Swatch, ...]
    ticks: tuple[Label, ...]
    bottom: float

    @property
    def labels(self) -> tuple[Label, ...]:
        """Every text of the bar."""
        return (self.name, *self.ticks)


def value_bar(levels: Sequence[Tick], name: str, plot: Plot, top: float) -> Bar:
    """The bar of ``levels`` as wide as the plot, below y = ``top``.

    Levels whose text has no room beside its neighbour's stay without text.
    """
    left = plot.box.left
    room = plot.size.width - _RIGHT - left
    step = room / (len(levels) + 1)
    y = top + 20
    swatches = tuple(
        Swatch(
            Box(tidy(left + k * step), tidy(y), tidy(left + (k + 1) * step), tidy(y + _HEIGHT)),
            level_style(k, len(levels)),
        )
        for k in range(len(levels) + 1)
    )
    widest = max(text_width(tick.text, TICK) for tick in levels) + 5
    every = max(1, -(-int(widest) // max(int(step), 1)))
    ticks = tuple(
        Label(tidy(left + (k + 1) * step), tidy(y + _HEIGHT + 12), tick.text, TICK)
        for k, tick in enumerate(levels)
        if k % every == 0
    )
    title = fitted(name, left, y - 6, room, NAME, anchor="start")
    return Bar(title, swatches, ticks, tidy(y + _HEIGHT + 18))
