"""Where every number's line stands: page and anchor, as a link from any other page.

A page is a folder with an index inside (``epoch-1/row-3/index.html``), so that relative links
hold with and without directory addresses, and from files.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tracer.refs import (
    Batch,
    Before,
    Datum,
    Here,
    Known,
    Memory,
    Ref,
    Setting,
    TableRow,
    Visit,
    WholeEpoch,
    anchor_of,
)
from tracer.trace import Trace

Slug = Callable[..., str]
SETTINGS = {"eta0": "eta"}
"""The overview has one anchor for the learning rate of the file, whatever it is called."""


@dataclass(frozen=True)
class Address:
    """A page (its slug; "" is the overview), and an anchor on it ("" for the page as a whole)."""

    slug: str
    anchor: str = ""


def relative(here: str, there: Address, index: str = "index.html") -> str:
    """A link from the page ``here`` to ``there``."""
    return linked(here, there.slug, there.anchor, index)


def linked(here: str, slug: str, anchor: str, index: str) -> str:
    """The same for the page ``slug`` and an anchor on it."""
    fragment = f"#{anchor}" if anchor else ""
    if here == slug and anchor:
        return fragment
    return _way(here, slug, index) + fragment


@lru_cache(maxsize=2**16)  # pages of a walkthrough by pages: each way is gone thousands of times
def _way(here: str, there: str, index: str) -> str:
    folder = posixpath.relpath(there or ".", here or ".")
    return posixpath.normpath(f"{folder}/{index}")


@dataclass(frozen=True)
class Addresses:
    """Finds the line that computes a number among the pages that are rendered.

    ``epochs`` are those whose cycles have pages, ``rows`` (from 0) those with a prediction page.
    ``slug`` tells where a page stands, by its name and what varies (:meth:`tracer.pages.walk.Walk.
    slug`). ``of_batch``: of the run only the first batch is shown, on the pages about batches.
    ``cycle_rows`` are the rows (from 0) whose cycles have pages in these epochs; None for all.
    ``batch`` is the update that the page about batches shows, None where it is another run's.
    ``listed`` are the rows (from 0) that the table of the data has; None for all.
    """

    trace: Trace
    epochs: Collection[int]
    rows: Collection[int]
    slug: Slug
    index: str = "index.html"
    of_batch: bool = False
    cycle_rows: Collection[int] | None = None
    batch: int | None = None
    listed: Collection[int] | None = None

    def href(self, ref: Ref, here: str) -> str:
        """A link to ``ref`` as seen from the page ``here``; "" where no page computes it."""
        if type(ref.moment) is Visit:  # most numbers
            slug = self.visit_slug(ref.moment.number)
            return "" if slug is None else linked(here, slug, ref.anchor, self.index)
        home = self.home(ref, here)
        return "" if home is None else relative(here, home, self.index)

    def page_of(self, ref: Ref, here: str) -> str | None:
        """The page of the line that computes ``ref``, as seen from the page ``here``."""
        if type(ref.moment) is Visit:  # most lines
            return self.visit_slug(ref.moment.number)
        home = self.home(ref, here)
        return None if home is None else home.slug

    def home(self, ref: Ref, here: str) -> Address | None:
        """Where the line stands that computes ``ref``, as seen from the page ``here``."""
        match ref.moment:
            case Known():
                return None
            case Setting():
                return Address(self.slug("overview"), SETTINGS.get(ref.name, ref.name))
            case Datum(row):
                return self._datum(ref, row)
            case Before() | Memory():
                return self._parameter(ref, ref.moment, here)
            case Batch(update) if ref.name == "batch_loss" and self.tells_batch_loss(update):
                return Address(self.epoch_slug(update), ref.anchor)
            case _:
                slug = self._slug(ref.moment, here)
                return None if slug is None else Address(slug, ref.anchor)

    def _datum(self, ref: Ref, row: int) -> Address | None:
        """An entry of the data, if the table has its row."""
        if self.listed is not None and row not in self.listed:
            return None
        return Address(self.slug("task"), Ref(ref.name, row + 1, ref.index).anchor)

    def _slug(self, moment: Here | TableRow | WholeEpoch | Visit | Batch, here: str) -> str | None:
        """The page that computes what belongs to a moment, if there is one."""
        match moment:
            case Here():
                return here
            case TableRow(row):
                return self.slug("prediction", row=row + 1) if row in self.rows else None
            case WholeEpoch(epoch):
                return self.slug("epoch", epoch=epoch) if epoch in self.epochs else None
            case Visit(visit):
                return self.visit_slug(visit)
            case Batch(update):
                return self.update_slug(update)

    def visit_slug(self, visit: int) -> str | None:
        """The page of a visit, if it has one."""
        if visit not in self._of_visits:
            self._of_visits[visit] = self._visit_slug(visit)
        return self._of_visits[visit]

    @cached_property
    def told_on(self) -> str:
        """The page of the first cycle that is shown, which explains the steps; "" without one."""
        cycles = (cycle for epoch in self.epochs for cycle in self.trace.cycles(epoch))
        return next(filter(None, (self.visit_slug(cycle.visit) for cycle in cycles)), "")

    @cached_property
    def _of_visits(self) -> dict[int, str | None]:
        return {}

    @cached_property
    def _of_updates(self) -> dict[int, str | None]:
        return {}

    def _visit_slug(self, visit: int) -> str | None:
        epoch, row = int(self.trace.epoch_of[visit]) + 1, int(self.trace.row[visit]) + 1
        if self.of_batch:
            first = self.trace.update_of[visit] == 0
            return self.slug("batch_cycle", row=row) if first else None
        chosen = self.cycle_rows is None or row - 1 in self.cycle_rows
        shown = chosen and epoch in self.epochs
        return self.slug("cycle", epoch=epoch, row=row) if shown else None

    def update_slug(self, update: int) -> str | None:
        """The page that shows an update, if there is one: that of its batch's last row.

        Where that row has none, the page about batches may show it.
        """
        if self.of_batch:
            return self.slug("batches") if update == 0 else None
        if update not in self._of_updates:
            last = self.visit_slug(self.trace.visits_of(update)[-1])
            other = last is None and update == self.batch
            self._of_updates[update] = self.slug("batches") if other else last
        return self._of_updates[update]

    def tells_batch_loss(self, update: int) -> bool:
        """Whether an epoch's page has the line of its only batch's loss, which no other page has.

        Then the loss of the epoch is just that number.
        """
        epochs = self.trace.epoch_of_update
        shown = int(epochs[update]) + 1 in self.epochs and not self.of_batch
        alone = int((epochs == epochs[update]).sum()) == 1
        return shown and alone and self.update_slug(update) is None

    def epoch_slug(self, update: int) -> str:
        """The page of the epoch that an update belongs to."""
        return self.slug("epoch", epoch=int(self.trace.epoch_of_update[update]) + 1)

    def _parameter(self, ref: Ref, moment: Before | Memory, here: str) -> Address | None:
        """Parameters are computed by the update before, given at the start, or known here.

        So is what the optimizer keeps for them, except that it starts at 0, which is known.
        """
        update = moment.update
        before = anchor_of(ref.name, ref.layer, ref.index, after=False)
        if moment == Before(0):
            return Address(self.slug("start"), before)
        maker = self.update_slug(update - 1) if update else None
        if maker is not None:
            return Address(maker, anchor_of(ref.name, ref.layer, ref.index, after=True))
        if update == self.trace.updates and not self.of_batch:
            return Address(self.slug("trained"), before)
        known = self._known(update, here)
        return None if known is None else Address(known, before)

    def _known(self, update: int, here: str) -> str | None:
        """A page that lists what is known before an update: this one, or the batch's first."""
        slugs = [self.visit_slug(visit) for visit in self.trace.visits_of(update)]
        return here if here in slugs else next((slug for slug in slugs if slug), None)
