"""Figures that worked examples print, and how near a number comes to one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

from tracer.refs import Ref

Nearness = Literal["exact", "near", ""]
"""Whether a number is the printed figure: rounded to its digits, but for one unit of the last, or not at all."""
_HALF = Decimal("0.5")
_FLOAT = Decimal("1e-16")
"""What float64 cannot keep of a number below 1: a figure with all digits is the same number."""


@dataclass(frozen=True)
class Figure:
    """A printed figure.

    Attributes:
        name: what the source calls it.
        printed: its digits, as they are printed.
        ref: which number of a cycle it is.
        after: how many updates lie behind it.
        row: the row of the table, from 1.
        copies: a key that tells copies of the source apart; "" for all of them.
        place: a key that tells where it stands; "" for the text itself.
    """

    name: str
    printed: str
    ref: Ref
    after: int = 0
    row: int = 1
    copies: str = ""
    place: str = ""

    @property
    def digits(self) -> int:
        """How many digits it has after the point."""
        return len(self.printed.partition(".")[2])

    def nearness(self, value: float) -> Nearness:
        """How near a number comes to it."""
        away = abs(Decimal(value) - Decimal(self.printed))
        unit = Decimal(1).scaleb(-self.digits)
        if away <= max(_HALF * unit, _FLOAT):
            return "exact"
        return "near" if away <= unit + _FLOAT else ""

    def rounded(self, value: float) -> str:
        """A number with as many digits as the figure has."""
        return f"{Decimal(value):.{self.digits}f}".replace("-", "−")


@cache
def printed_figures() -> Mapping[str, tuple[Figure, ...]]:
    """The figures of every worked example that was compared, by the name of its experiment."""
    text = (files("tracer.showcase") / "printed.toml").read_text(encoding="utf-8")
    return {
        name: tuple(_figure(**said) for said in table["figures"])
        for name, table in tomllib.loads(text).items()
    }


def _figure(**said: object) -> Figure:
    ref = Ref.at(str(said.pop("is")))
    assert ref is not None  # a test reads the whole file
    return Figure(ref=ref, **said)  # type: ignore[arg-type]
