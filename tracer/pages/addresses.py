"""Where every number's line stands: page and anchor, as a link from any other page.

A page is a folder with an index inside (``epoch-1/row-3/index.html``), so that relative links
hold with and without directory addresses, and from files.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from dataclasses import dataclass

from tracer.notation import AFTER, Ref
from tracer.trace import Trace

SETTINGS = {"eta0": "eta"}
"""The overview has one anchor for the learning rate of the file, whatever it is called."""


def cycle_slug(epoch: int, row: int) -> str:
    """The page of one cycle; both from 1."""
    return f"epoch-{epoch}/row-{row}"


def prediction_slug(row: int) -> str:
    """The page of one row's forward pass through the trained network; row from 1."""
    return f"predictions/row-{row}"


def relative(here: str, there: str, anchor: str = "", index: str = "index.html") -> str:
    """A link from the page ``here`` to ``there`` (slugs; "" is the overview)."""
    fragment = f"#{anchor}" if anchor else ""
    if here == there and anchor:
        return fragment
    folder = posixpath.relpath(there or ".", here or ".")
    return posixpath.normpath(f"{folder}/{index}") + fragment


@dataclass(frozen=True)
class Addresses:
    """Finds the line that computes a number among the pages that are rendered.

    ``epochs`` are those whose cycles have pages, ``rows`` (from 0) those with a prediction page.
    """

    trace: Trace
    epochs: Collection[int]
    rows: Collection[int]
    index: str = "index.html"

    def href(self, ref: Ref, here: str) -> str:
        """A link to ``ref`` as seen from the page ``here``; "" where no page computes it."""
        home = self.home(ref, here)
        return "" if home is None else relative(here, *home, self.index)

    def home(self, ref: Ref, here: str) -> tuple[str, str] | None:
        """(slug, anchor) of the line that computes ``ref``."""
        kind, count = ref.moment
        if kind == "here":
            return None
        if kind == "page":
            return here, ref.anchor
        if kind == "":
            return "", SETTINGS.get(ref.name, ref.name)
        if kind == "update":
            return self._parameter(ref, count, here)
        if kind == "row":
            return self._of_row(ref, count)
        if kind == "epoch":
            return (f"epoch-{count}", ref.anchor) if count in self.epochs else None
        visit = self.trace.visits_of(count)[-1] if kind == "batch" else count
        slug = self.visit_slug(visit)
        return None if slug is None else (slug, ref.anchor)

    def visit_slug(self, visit: int) -> str | None:
        """The page of a visit, if its epoch is shown."""
        epoch = int(self.trace.epoch_of[visit]) + 1
        if epoch not in self.epochs:
            return None
        return cycle_slug(epoch, int(self.trace.row[visit]) + 1)

    def _of_row(self, ref: Ref, row: int) -> tuple[str, str] | None:
        if ref.name in ("x", "y"):
            return "task", "-".join(str(part) for part in (ref.name, row + 1, *ref.index))
        return (prediction_slug(row + 1), ref.anchor) if row in self.rows else None

    def _parameter(self, ref: Ref, update: int, here: str) -> tuple[str, str]:
        """Parameters are computed by the update before, given at the start, or known here.

        So is what the optimizer keeps for them, except that it starts at 0, which is known.
        """
        before = ref.anchor.replace(AFTER, "")
        after = ref.anchor if AFTER in ref.anchor else before.replace("-", f"{AFTER}-", 1)
        is_parameter = before.startswith(("W-", "b-"))
        if update == 0:
            return ("start" if is_parameter else here), before
        maker = self.visit_slug(self.trace.visits_of(update - 1)[-1])
        if maker is not None:
            return maker, after
        return ("trained", before) if update == self.trace.updates else (here, before)
