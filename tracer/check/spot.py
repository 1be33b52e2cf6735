"""Where a check found its largest difference."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tracer.notation import QUANTITIES, Notation
from tracer.refs import Ref
from tracer.trace import Cycle

_CYCLE = re.compile(r"epoch-(\d+)/row-(\d+)")


@dataclass(frozen=True)
class Spot:
    """A page, what is meant on it, and the epoch and row of a cycle (from 1, 0 where it is none).

    ``ref`` is the number that is meant, ``text`` an anchor that is no number's. ``after`` is an
    epoch after whose end the parameters are meant, 0 where none is; no page shows those. Without a
    page it is nowhere.
    """

    page: str = ""
    ref: Ref | None = None
    text: str = ""
    epoch: int = 0
    row: int = 0
    after: int = 0

    @classmethod
    def of_cycle(
        cls,
        cycle: Cycle,
        name: str,
        layer: int = 0,
        index: Iterable[int] = (),
        *,
        after: bool = False,
    ) -> Spot:
        """A number of a cycle; layer and units count from 1."""
        page = f"epoch-{cycle.epoch}/row-{cycle.row}"
        ref = Ref(name, layer, tuple(index), after=after)
        return cls(page, ref, epoch=cycle.epoch, row=cycle.row)

    @classmethod
    def after_epoch(cls, epoch: int, ref: Ref | None = None) -> Spot:
        """A parameter after an epoch (from 1), or the run as it was then."""
        return cls(f"after-epoch-{epoch}", ref, after=epoch)

    @classmethod
    def on_page(cls, slug: str, anchor: str = "") -> Spot:
        """A line of a page, as the page itself says it."""
        ref, cycle = Ref.at(anchor), _CYCLE.fullmatch(slug)
        epoch, row = map(int, cycle.groups()) if cycle else (0, 0)
        return cls(slug, ref, "" if ref else anchor, epoch, row)

    def __bool__(self) -> bool:
        return bool(self.page)

    def __str__(self) -> str:
        return f"{self.page}#{self.anchor}" if self.anchor else self.page

    @property
    def anchor(self) -> str:
        """The anchor on the page; "" for the page as a whole."""
        return self.ref.anchor if self.ref else self.text

    @property
    def layer(self) -> int:
        """The layer of the number; 0 where it has none."""
        return self.ref.layer if self.ref else 0

    def symbol(self, notation: Notation) -> str:
        """The number's symbol without its layer; "" where the place is no quantity's."""
        if self.ref is None or self.ref.name not in QUANTITIES:
            return ""
        return notation.plain_of(self.ref).replace(f"[{self.layer}]", "")
