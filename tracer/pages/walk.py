"""One walkthrough while its pages are being made: what it shows, the ways between its pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from tracer.errors import Problem, RenderError
from tracer.explain.written import written_units
from tracer.messages import gettext
from tracer.notation import Notation
from tracer.pages.addresses import Addresses
from tracer.pages.index import Index
from tracer.pages.shown import Shown, WideSize, listed_data, shown_rows
from tracer.pages.table import PageKind, PageRef
from tracer.pages.verdicts import BatchSizes, Repeat, repeats
from tracer.studies.model import Studies
from tracer.trace import Cycle, Trace
from tracer.typeset.spoken import SILENT, Voice


@dataclass(frozen=True)
class Walk:
    """A walkthrough of one trace, with formulas in ``math``: "mathml" or "latex".

    ``studies`` are the runs that the pages compare with the trace, ``kinds`` the table of pages.
    ``index`` is filled by the pages as they are built, ``known`` with formulas of symbols that many
    of them show. ``main`` is the walkthrough that a run is shown beside: of such a run only the
    first batch is shown, among the pages of the main one. ``voice`` says symbols in words.
    """

    trace: Trace
    studies: Studies
    math: str = "mathml"
    kinds: tuple[PageKind, ...] = ()
    index: Index = field(default_factory=Index)
    main: Walk | None = None
    known: dict[Any, Any] = field(default_factory=dict, repr=False)
    voice: Voice = field(default=SILENT, repr=False)

    @cached_property
    def pages(self) -> tuple[PageRef, ...]:
        """Every page of the walkthrough in reading order, known before any is built.

        Raises RenderError where two of them stand at one address.
        """
        if self.main:
            return self.main.pages
        found = tuple(PageRef(kind, values) for kind in self.kinds for values in kind.each(self))
        for slug, count in Counter(page.slug for page in found).items():
            if count > 1:
                raise RenderError(
                    Problem(gettext("%(count)s pages stand at %(slug)r", count=count, slug=slug))
                )
        return found

    def slug(self, name: str, **values: int) -> str:
        """Where a page of the kind ``name`` stands, with ``values`` for what varies.

        Raises RenderError where the table of pages has no such kind.
        """
        if name not in self._slugs:
            raise RenderError(
                Problem(
                    gettext("there is no page %(name)r", name=name),
                    hint=gettext("Pages are %(names)s.", names=", ".join(self._slugs)),
                )
            )
        return self._slugs[name].format(**values)

    @cached_property
    def _slugs(self) -> Mapping[str, str]:
        return {kind.name: kind.slug for kind in self.kinds}

    def has(self, name: str) -> bool:
        """Whether there is a page of this kind."""
        return name in self._first

    def page(self, name: str) -> PageRef:
        """The first page of a kind; raises RenderError where there is none."""
        if name not in self._first:
            raise RenderError(Problem(gettext("this walkthrough has no page %(name)r", name=name)))
        return self._first[name]

    @cached_property
    def _first(self) -> Mapping[str, PageRef]:
        return {page.name: page for page in reversed(self.pages)}

    def at(self, slug: str) -> PageRef:
        """The page that stands at ``slug``."""
        return self._by_slug[slug]

    @cached_property
    def _by_slug(self) -> Mapping[str, PageRef]:
        return {page.slug: page for page in self.pages}

    def after(self, page: PageRef) -> PageRef | None:
        """What is read after all pages of a page's kind; None after the last."""
        names = [other.name for other in self.pages]
        rest = self.pages[len(names) - names[::-1].index(page.name) :]
        return next((other for other in rest if not other.kind.passed), None)

    @cached_property
    def epochs(self) -> tuple[int, ...]:
        """The epochs whose cycles are shown, of those that ran; none where no row is shown."""
        wanted = self.trace.experiment.pages.epochs if self.shown.rows else ()
        return tuple(epoch for epoch in wanted if epoch <= self.trace.epochs)

    @cached_property
    def predicted_rows(self) -> tuple[int, ...]:
        """The rows (from 0) that are predicted: the test rows, or all where there are none."""
        data = self.trace.experiment.dataset
        return data.test or data.train

    @cached_property
    def wide_layers(self) -> tuple[WideSize, ...]:
        """The layers (0: the inputs) of which only some units are written out."""
        sizes = zip(written_units(self.trace), self.trace.layer_sizes, strict=True)
        found = (WideSize(k, len(units), size) for k, (units, size) in enumerate(sizes))
        return tuple(layer for layer in found if layer.written < layer.size)

    def input_name(self, unit: int) -> str:
        """The name of an input (from 1) in the table."""
        return self.trace.experiment.dataset.input_names[unit - 1]

    @cached_property
    def shown(self) -> Shown:
        """The training rows whose cycles have pages; those of the main one where there is one."""
        return shown_rows((self.main or self).trace, self.trace.experiment.dataset.train)

    @cached_property
    def shown_predictions(self) -> Shown:
        """The predicted rows that have a page; those of the main one where there is one."""
        return shown_rows((self.main or self).trace, self.predicted_rows)

    def cycles(self, epoch: int) -> tuple[Cycle, ...]:
        """The cycles of an epoch that have pages, in the order of training."""
        found = self.trace.cycles(epoch)
        return tuple(cycle for cycle in found if self.shown.has(cycle.row - 1))

    @cached_property
    def repeats(self) -> tuple[Repeat, ...]:
        """The test rows that have the inputs of training rows."""
        return repeats(self.trace.experiment.dataset)

    @cached_property
    def batch_sizes(self) -> BatchSizes:
        """How many rows an update uses."""
        return BatchSizes.of(self.trace)

    @cached_property
    def plans(self) -> dict[Any, Any]:
        """What pages of cycles share, by the kind of cycle."""
        return {}

    @cached_property
    def notation(self) -> Notation:
        """The symbols that the experiment chose."""
        return Notation.of(self.trace.layers, self.trace.experiment.notation)

    @cached_property
    def addresses(self) -> Addresses:
        """Where the lines stand."""
        batch = None if self.main or not self.shows_batch else self.batch_cycles[-1].update
        return Addresses(
            self.trace,
            self.epochs,
            frozenset(row - 1 for row in self.shown_predictions.rows),
            self.slug,
            self.file,
            bool(self.main),
            self.shown.some,
            batch,
            listed_data(self).some,
        )

    @property
    def shows_batch(self) -> bool:
        """Whether the page of batches shows a batch of this run."""
        return len(self.batch_cycles) > 1

    def beside(self, trace: Trace) -> Walk:
        """The walkthrough of another run's first batch, among the pages of this one."""
        return replace(self, trace=trace, main=self)

    def slug_of(self, cycle: Cycle) -> str:
        """The page of a cycle."""
        if self.main:
            return self.slug("batch_cycle", row=cycle.row)
        return self.slug("cycle", epoch=cycle.epoch, row=cycle.row)

    @property
    def batch_cycles(self) -> tuple[Cycle, ...]:
        """The cycles of the first batch of the first epoch that is shown."""
        epoch = self.epochs[0] if self.epochs and not self.main else 1
        first = self.trace.cycles(epoch)[0]
        return tuple(Cycle(self.trace, visit) for visit in first.visits)

    @property
    def file(self) -> str:
        """The file that links lead to in a page's folder."""
        return "index.md" if self.math == "latex" else "index.html"

    @cached_property
    def sequence(self) -> tuple[str, ...]:
        """The slugs of all cycle pages in the order of training."""
        return tuple(self.slug_of(cycle) for epoch in self.epochs for cycle in self.cycles(epoch))

    @cached_property
    def example(self) -> Cycle:
        """The cycle whose numbers explain the rules: of the shown ones that with most gradients.

        Of several with as many gradients that are not zero, the first.
        """
        epoch = self.epochs[0] if self.epochs else 1
        return max(self.cycles(epoch) or self.trace.cycles(epoch), key=_gradients)

    def prediction_slugs(self) -> tuple[str, ...]:
        """The slugs of the prediction pages."""
        rows = (row + 1 for row in self.predicted_rows if self.shown_predictions.has(row))
        return tuple(self.slug("prediction", row=row) for row in rows)


def _gradients(cycle: Cycle) -> int:
    """How many weight gradients of a sample are numbers other than 0."""
    return sum(int(np.count_nonzero(np.nan_to_num(g, posinf=0, neginf=0))) for g in cycle.dL_dW)
