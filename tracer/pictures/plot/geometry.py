"""What every picture shares: boxes, labels, and a careful guess of how wide a text is.

Coordinates are SVG user units; one unit is one CSS pixel where the picture has its natural width.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

Anchor = Literal["start", "middle", "end"]

NARROW = 350.0
"""Room that a phone's page leaves for a picture; wider ones scroll inside their box."""

LEGIBLE = 12.0
"""Of letters, in user units: the smallest size that is read without effort, on a phone too."""

_ASCENT = 0.8  # of the letters' size: digits and capitals of the usual fonts rise so far
_DESCENT = 0.24  # of the letters' size: g, p and y of the usual fonts reach so far
_ZWJ = "\u200d"
# widths of letters as parts of their size, of the usual fonts and on the wide side
_EMS: tuple[tuple[str, float], ...] = (
    ("fijlrtI.,;:!'|()[]{}/ ⁻", 0.45),
    ("mwMWQ@%", 1.0),
    ("−+=×≈≤≥<>~^∞·…⋯", 0.84),
    ("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", 0.48),
    ("0123456789", 0.64),
)
_WIDTHS = {char: ems for chars, ems in _EMS for char in chars}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")


@dataclass(frozen=True, init=False)
class Box:
    """A rectangle between ``left`` and ``right``, ``top`` and ``bottom`` (y grows downwards)."""

    left: float
    top: float
    right: float
    bottom: float

    def __init__(self, left: float, top: float, right: float, bottom: float) -> None:
        own = self.__dict__  # as in Ref: a picture has some hundreds
        own["left"], own["top"], own["right"], own["bottom"] = left, top, right, bottom

    @property
    def width(self) -> float:
        """Width, at least 0."""
        return tidy(self.right - self.left)

    @property
    def height(self) -> float:
        """Height, at least 0."""
        return tidy(self.bottom - self.top)

    @property
    def middle(self) -> float:
        """The x of the centre."""
        return tidy((self.left + self.right) / 2)

    @property
    def upper(self) -> float:
        """The baseline of a text at the top edge."""
        return tidy(self.top + 14)

    def overlaps(self, other: Box, gap: float = 0.0) -> bool:
        """Whether the two share area, or come nearer to each other than ``gap``."""
        apart_x = self.left >= other.right + gap or other.left >= self.right + gap
        apart_y = self.top >= other.bottom + gap or other.top >= self.bottom + gap
        return not (apart_x or apart_y)

    def within(self, other: Box) -> bool:
        """Whether this box lies wholly in ``other``."""
        across = other.left <= self.left and self.right <= other.right
        return across and other.top <= self.top and self.bottom <= other.bottom

    def beyond(self, other: Box) -> float:
        """How far this box reaches out of ``other`` on the side where it does so most, or 0."""
        across = max(other.left - self.left, self.right - other.right)
        return max(across, other.top - self.top, self.bottom - other.bottom, 0.0)

    def grown(self, by: float) -> Box:
        """The box, larger by ``by`` on every side."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)


@dataclass(frozen=True)
class Label:
    """A text of ``size`` at the baseline (x, y); ``full`` holds what a shortened text stands for.

    ``turned`` texts run upwards (rotated by −90° about their point).
    """

    x: float
    y: float
    text: str
    size: float
    anchor: Anchor = "middle"
    href: str = ""
    full: str = ""
    turned: bool = False

    @cached_property
    def box(self) -> Box:
        """The room the text takes, rather too large than too small."""
        width = text_width(self.text, self.size)
        start = {"start": 0.0, "middle": -width / 2, "end": -width}[self.anchor]
        up, down = _ASCENT * self.size, _DESCENT * self.size
        if self.turned:
            return _box(self.x - up, self.y - start - width, self.x + down, self.y - start)
        return _box(self.x + start, self.y - up, self.x + start + width, self.y + down)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What :func:`tracer.pictures.draw` needs of any picture beside its row: its size."""

    width: float
    height: float

    @property
    def natural(self) -> float:
        """The largest width in CSS pixels: a little larger than drawn, where there is room."""
        return float(round(self.width * 1.25))

    @property
    def least(self) -> float:
        """The smallest width in CSS pixels: as drawn, so that no letters are below LEGIBLE."""
        return float(round(self.width))

    @property
    def scrolls(self) -> bool:
        """Whether a phone cannot show the whole width at once."""
        return self.least > NARROW


def tidy(value: float) -> float:
    """``value`` with one digit after the point, and never −0.0."""
    return round(value, 1) + 0.0


@lru_cache(maxsize=2**14)  # the numbers and signs of the pictures of some hundred pages
def text_width(text: str, size: float) -> float:
    """An upper estimate of the width of ``text`` in any sans-serif font of ``size``."""
    return size * sum(map(_ems, text))


def clean(text: str) -> str:
    """``text`` as one line, without what XML forbids."""
    return _CONTROL.sub(" ", text).strip()


def fit(text: str, width: float, size: float) -> str:
    """``text``, cut at a whole character and ended by … where it is wider than ``width``."""
    cleaned = clean(text)
    text = text if cleaned == text else cleaned  # a symbol that is clean stays a symbol
    if text_width(text, size) <= width:
        return text
    kept = ""
    for cluster in clusters(text):
        if text_width(kept + cluster + "…", size) > width:
            break
        kept += cluster
    return kept.rstrip() + "…"


def fitted(
    text: str, x: float, y: float, width: float, size: float, *, anchor: Anchor = "middle"
) -> Label:
    """A label of user text, cut to ``width``; what was cut stays in ``full``."""
    short = fit(text, width, size)
    full = clean(text)
    return Label(tidy(x), tidy(y), short, size, anchor, full="" if short == full else full)


def clusters(text: str) -> Iterator[str]:
    """The characters as readers see them: marks, joined emoji and flags stay whole."""
    cluster = ""
    for char in text:
        if cluster and not _continues(cluster, char):
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _box(left: float, top: float, right: float, bottom: float) -> Box:
    return Box(tidy(left), tidy(top), tidy(right), tidy(bottom))


def _ems(char: str) -> float:
    known = _WIDTHS.get(char)
    if known is not None:
        return known
    if _is_mark(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF" or ord(char) >= 0x1F000:
        return 1.4
    return 0.66 if char.islower() else 0.8


def _is_mark(char: str) -> bool:
    return char == _ZWJ or unicodedata.combining(char) > 0 or "\ufe00" <= char <= "\ufe0f"


def _continues(cluster: str, char: str) -> bool:
    if _is_mark(char) or cluster.endswith(_ZWJ) or "\U0001f3fb" <= char <= "\U0001f3ff":
        return True
    return _is_flag(cluster) and _is_flag(char)


def _is_flag(text: str) -> bool:
    return len(text) == 1 and "\U0001f1e6" <= text <= "\U0001f1ff"
