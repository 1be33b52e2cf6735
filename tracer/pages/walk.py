"""One walkthrough while its pages are being made: trace, symbols, the ways between pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from tracer.errors import Problem, RenderError
from tracer.explain.operands import Pass, parameter
from tracer.explain.written import written_units
from tracer.messages import gettext
from tracer.notation import Notation, Number
from tracer.pages.addresses import Address, Addresses, relative
from tracer.pages.formulas import WritesFormulas
from tracer.pages.index import Index
from tracer.pages.shown import Shown, WideSize, listed_data, shown_rows
from tracer.pages.table import PageKind, PageRef
from tracer.pages.verdicts import BatchSizes, Repeat, repeats
from tracer.refs import Ref, anchor_of
from tracer.studies.model import Studies
from tracer.trace import Cycle, Trace
from tracer.typeset import Line, MatrixLine, Operand, SetLine, Source, Typesetter
from tracer.typeset.spoken import SILENT, Voice
from tracer.typeset.symbol_links import nowhere

GLOSSARY = "glossary"


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
        """The training rows whose cycles have pages."""
        return shown_rows(self.trace, self.trace.experiment.dataset.train)

    @cached_property
    def shown_predictions(self) -> Shown:
        """The predicted rows that have a page."""
        return shown_rows(self.trace, self.predicted_rows)

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

    def desk(self, slug: str) -> Desk:
        """What the page ``slug`` is written with."""
        return Desk(self, slug)

    def desk_of(self, name: str, **values: int) -> Desk:
        """What a page of the kind ``name`` is written with."""
        return self.desk(self.slug(name, **values))

    def prediction_slugs(self) -> tuple[str, ...]:
        """The slugs of the prediction pages."""
        rows = (row + 1 for row in self.predicted_rows if self.shown_predictions.has(row))
        return tuple(self.slug("prediction", row=row) for row in rows)


def _gradients(cycle: Cycle) -> int:
    """How many weight gradients of a sample are numbers other than 0."""
    return sum(int(np.count_nonzero(np.nan_to_num(g, posinf=0, neginf=0))) for g in cycle.dL_dW)


@dataclass(frozen=True)
class Desk(WritesFormulas):
    """What builders write one page with, and templates ask: lines so far, links to elsewhere.

    ``told`` gives the numbers of all lines by where they stand, where the lines need not be asked.
    """

    walk: Walk
    slug: str
    lines: dict[str, SetLine] = field(default_factory=dict)
    hrefs: dict[Ref, str] = field(default_factory=dict, repr=False)
    meanings: dict[str, str] = field(default_factory=dict, repr=False)
    mentioned: set[tuple[str, ...]] = field(default_factory=set, repr=False)
    told: list[Callable[[], dict[str, Operand]]] = field(default_factory=list, repr=False)
    is_of_any: ClassVar[bool] = False
    """Whether the page shows any cycle, and not just one."""

    @cached_property
    def typesetter(self) -> Typesetter:
        """Typesets for this page."""
        walk, latex = self.walk, self.walk.math == "latex"
        decimals, links = walk.trace.experiment.pages.decimals, (self.address, latex, self.meaning)
        return Typesetter(decimals, walk.notation, *links, walk.voice, walk.known)

    @property
    def notation(self) -> Notation:
        """The symbols that the experiment chose."""
        return self.walk.notation

    def address(self, ref: Ref) -> str:
        """A link to the line that computes ``ref``."""
        found = self.hrefs.get(ref)
        if found is None:
            found = self.hrefs[ref] = self.walk.addresses.href(ref, self.slug)
        return found

    @property
    def told_on(self) -> str:
        """The page that explains the steps of a cycle; "" where it is this one, or any cycle's."""
        home = (self.walk.main or self.walk).addresses.told_on
        return "" if self.is_of_any or home == self.slug else home

    def link(self, slug: str, anchor: str = "") -> str:
        """A link to another page of the walkthrough."""
        return relative(self.slug, Address(slug, anchor), self.walk.file)

    def link_to(self, name: str, anchor: str = "", **values: int) -> str:
        """A link to a page of the kind ``name``."""
        return self.link(self.walk.slug(name, **values), anchor)

    def meaning(self, name: str) -> str:
        """A link to what a quantity means; "" on the page that tells it."""
        if name not in self.meanings:
            told = self.walk.has(GLOSSARY) and self.slug != self.walk.slug(GLOSSARY)
            met = self.walk.notation.quantity(name, 1)  # of a single layer, a is ŷ
            self.meanings[name] = self.link_to(GLOSSARY, met) if told else ""
        return self.meanings[name]

    def mention(self, *names: str) -> None:
        """Note that this page speaks of quantities, in words or symbols outside of its lines."""
        for name in names:
            self.walk.index.shown(name, self.slug)

    @cached_property
    def line_setter(self) -> Typesetter:
        """Typesets this page's lines: their symbols are told by the card, and are no links."""
        return replace(self.typesetter, meaning=nowhere)

    def origins(self) -> tuple[Source, ...]:
        """The numbers of this page's lines that come from other pages, each once."""
        found = self._linked.items()
        elsewhere = ((o, href) for href, o in found if href and not href.startswith("#"))
        return tuple(self.line_setter.source(operand, href) for operand, href in elsewhere)

    @property
    def _linked(self) -> dict[str, Operand]:
        """The numbers of this page's lines by where they stand."""
        if self.told:
            return self.told[0]()
        found: dict[str, Operand] = {}
        for line in self.lines.values():
            found.update(zip(line.links, line.operands, strict=True))
        return found

    def quantities(self) -> tuple[str, ...]:
        """The quantities of this page's lines, each once."""
        return tuple(dict.fromkeys(q for line in self.lines.values() for q in line.quantities))

    def noted(self, item: SetLine) -> SetLine:
        """A line of this page, noted in the index of symbols."""
        if item.quantities not in self.mentioned:
            self.mentioned.add(item.quantities)
            self.mention(*item.quantities)
        if item.ref and item.anchor:
            name, layer = self.walk.notation.quantity(item.ref.name, item.ref.layer), item.ref.layer
            if (name, layer) not in self.walk.index.notes(self.slug).lines:
                self.walk.index.computed(name, layer, Address(self.slug, item.anchor))
        return item

    def notes_of(self, done: Sequence[SetLine]) -> tuple[dict[str, None], list[tuple[Any, int]]]:
        """What the index notes of such lines: names of quantities, and lines by their numbers."""
        apart = Desk(replace(self.walk, index=Index()), self.slug)
        for line in done:
            apart.noted(line)
        names, lines = apart.walk.index.notes(self.slug)
        numbers = {line.anchor: k for k, line in enumerate(done)}
        return names, [(key, numbers[home.anchor]) for key, home in lines.items()]

    def set(self, line: Line) -> SetLine:
        """Typeset a line of this page and remember what it uses."""
        return self.set_all((line,))[0]

    def show(self, line: Line) -> SetLine:
        """Typeset a line here where its home is this page, else quote it."""
        if self.is_home_of(line):
            return self.set(line)
        return self.noted(self.line_setter.line(line, quoted=True))

    def is_home_of(self, line: Line) -> bool:
        """Whether the number that a line computes is computed on this page."""
        return self.walk.addresses.page_of(line.target, self.slug) in (None, self.slug)

    def show_all(self, lines: Iterable[Line]) -> tuple[SetLine, ...]:
        """The same for several lines."""
        given = tuple(lines)
        is_home = all(map(self.is_home_of, given))
        return self.set_all(given) if is_home else tuple(map(self.show, given))

    def set_all(self, lines: Iterable[Line]) -> tuple[SetLine, ...]:
        """Typeset several lines."""
        done = tuple(map(self.noted, self.line_setter.lines(tuple(lines))))
        self.lines.update([(line.anchor, line) for line in done])
        return done

    def matrix(self, line: MatrixLine | None) -> SetLine | None:
        """Typeset a line of matrices."""
        return None if line is None else self.noted(self.line_setter.matrix(line))

    def picture_number(self, view: Pass) -> Callable[..., Number]:
        """Numbers for this page's pictures: of its lines, its parameters and its sample."""

        def number(name: str, layer: int, *index: int) -> Number:
            if name in ("W", "b"):
                operand = parameter(view.trace, name, layer, index, update=view.update)
                return self.typesetter.number(operand)
            if name in ("x", "y"):
                operands = view.x() if name == "x" else view.y()
                return self.typesetter.number(operands[index[0] - 1])
            anchor = anchor_of(name, layer, index, after=False)
            return Number(self.lines[anchor].result, f"#{anchor}")

        return number
