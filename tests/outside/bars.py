"""A picture that stands outside of tracer: a bar for each layer's largest weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tracer.pictures import Picture, PictureKind

WIDTH, BAR = 240.0, 24.0


@dataclass(frozen=True)
class Bar:
    """A bar: its name, its value as it is shown, its top edge and how far it reaches."""

    name: str
    text: str
    y: float
    length: float


@dataclass(frozen=True, kw_only=True)
class BarsPicture(Picture):
    """Bars one below another, the longest as wide as the picture."""

    bars: tuple[Bar, ...]


def bars_picture(values: Sequence[tuple[str, str, float]]) -> BarsPicture:
    """The picture of (name, text, value) triples."""
    longest = max(value for _, _, value in values) or 1.0
    bars = tuple(
        Bar(name, text, k * BAR, round(WIDTH * value / longest, 1))
        for k, (name, text, value) in enumerate(values)
    )
    return BarsPicture(width=WIDTH, height=BAR * len(bars), bars=bars)


BARS = PictureKind("bars", BarsPicture, templates=Path(__file__).parent / "templates")
