"""Where every number's line stands: page and anchor, as a link from any other page.

A page is a folder with an index inside (``epoch-1/row-3/index.html``), so that relative links
hold with and without directory addresses, and from files.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from tracer.notation import AFTER, Ref
from tracer.trace import Trace

Finder = Callable[[Ref, str], tuple[str, str] | None]
Slug = Callable[..., str]
SETTINGS = {"eta0": "eta"}
"""The overview has one anchor for the learning rate of the file, whatever it is called."""


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
    ``slug`` tells where a page stands, by its name and what varies (:meth:`tracer.pages.walk.Walk.
    slug`). ``of_batch``: of the run only the first batch is shown, on the pages about batches.
    """

    trace: Trace
    epochs: Collection[int]
    rows: Collection[int]
    slug: Slug
    index: str = "index.html"
    of_batch: bool = False

    def href(self, ref: Ref, here: str) -> str:
        """A link to ``ref`` as seen from the page ``here``; "" where no page computes it."""
        home = self.home(ref, here)
        return "" if home is None else relative(here, *home, self.index)

    def home(self, ref: Ref, here: str) -> tuple[str, str] | None:
        """(slug, anchor) of the line that computes ``ref``."""
        return self._finders[ref.moment[0]](ref, here)

    @cached_property
    def _finders(self) -> Mapping[str, Finder]:
        """Where to look, by the kind of moment that a number belongs to."""
        return {
            "here": self._nowhere,
            "": self._setting,
            "page": self._on_page,
            "update": self._parameter,
            "row": self._of_row,
            "epoch": self._of_epoch,
            "visit": self._of_visit,
            "batch": self._of_batch,
        }

    def visit_slug(self, visit: int) -> str | None:
        """The page of a visit, if it has one."""
        epoch, row = int(self.trace.epoch_of[visit]) + 1, int(self.trace.row[visit]) + 1
        if self.of_batch:
            first = self.trace.update_of[visit] == 0
            return self.slug("batch_cycle", row=row) if first else None
        return self.slug("cycle", epoch=epoch, row=row) if epoch in self.epochs else None

    def _nowhere(self, _ref: Ref, _here: str) -> None:
        """What no line computes."""

    def _setting(self, ref: Ref, _here: str) -> tuple[str, str]:
        return self.slug("overview"), SETTINGS.get(ref.name, ref.name)

    def _on_page(self, ref: Ref, here: str) -> tuple[str, str]:
        return here, ref.anchor

    def _of_row(self, ref: Ref, _here: str) -> tuple[str, str] | None:
        row = ref.moment[1]
        if ref.name in ("x", "y"):
            anchor = "-".join(str(part) for part in (ref.name, row + 1, *ref.index))
            return self.slug("task"), anchor
        return (self.slug("prediction", row=row + 1), ref.anchor) if row in self.rows else None

    def _of_epoch(self, ref: Ref, _here: str) -> tuple[str, str] | None:
        epoch = ref.moment[1]
        return (self.slug("epoch", epoch=epoch), ref.anchor) if epoch in self.epochs else None

    def _of_visit(self, ref: Ref, _here: str) -> tuple[str, str] | None:
        slug = self.visit_slug(ref.moment[1])
        return None if slug is None else (slug, ref.anchor)

    def _of_batch(self, ref: Ref, _here: str) -> tuple[str, str] | None:
        slug = self._batch_slug(ref.moment[1])
        return None if slug is None else (slug, ref.anchor)

    def _batch_slug(self, update: int) -> str | None:
        """The page that shows an update, if there is one."""
        if self.of_batch:
            return self.slug("batches") if update == 0 else None
        return self.visit_slug(self.trace.visits_of(update)[-1])

    def _parameter(self, ref: Ref, here: str) -> tuple[str, str] | None:
        """Parameters are computed by the update before, given at the start, or known here.

        So is what the optimizer keeps for them, except that it starts at 0, which is known.
        """
        update = ref.moment[1]
        before = ref.anchor.replace(AFTER, "")
        after = ref.anchor if AFTER in ref.anchor else before.replace("-", f"{AFTER}-", 1)
        if update == 0 and before.startswith(("W-", "b-")):
            return self.slug("start"), before
        maker = self._batch_slug(update - 1) if update else None
        if maker is not None:
            return maker, after
        if update == self.trace.updates and not self.of_batch:
            return self.slug("trained"), before
        known = self._known(update, here)
        return None if known is None else (known, before)

    def _known(self, update: int, here: str) -> str | None:
        """A page that lists what is known before an update: this one, or the batch's first."""
        slugs = [self.visit_slug(visit) for visit in self.trace.visits_of(update)]
        return here if here in slugs else slugs[0]
