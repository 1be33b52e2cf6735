"""One walkthrough while its pages are being made: trace, symbols, the ways between pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from tracer.explain.operands import Pass, parameter
from tracer.notation import Notation, Number, plain_text
from tracer.pages.addresses import Address, Addresses, cycle_slug, prediction_slug, relative
from tracer.pages.index import Index
from tracer.pages.verdicts import BatchSizes, Repeat, repeats
from tracer.refs import Ref
from tracer.studies.model import Studies
from tracer.trace import Cycle, Trace
from tracer.typeset import Line, MatrixLine, SetLine, Typesetter, Written

Built = Iterator[tuple[str, Mapping[str, Any]]]
"""The pages of one kind: the slug of each, and what its template is given."""
GLOSSARY = "glossary"


@dataclass(frozen=True)
class Page:
    """One page to write: where it stands, its template and what the template is given."""

    slug: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The file of the page in the walkthrough's folder."""
        return f"{self.slug}/index.md".lstrip("/")


@dataclass(frozen=True)
class PageKind:
    """A row of the table of pages: ``build`` makes the pages of this kind for a walkthrough.

    ``name`` is the address of the page in the walkthrough, with what varies in braces.
    ``proves``: the page tells what the checks found in all the others, and is made after them.
    ``grouped`` pages stand together in the navigation with those in the same top folder.
    """

    name: str
    template: str
    build: Callable[[Walk], Built]
    grouped: bool = False
    proves: bool = False

    def group(self, slug: str) -> str:
        """The part of the navigation that a page of this kind belongs to; "" for the top level."""
        return slug.split("/", maxsplit=1)[0] if self.grouped else ""


@dataclass(frozen=True)
class Walk:
    """A walkthrough of one trace, with formulas in ``math``: "mathml" or "latex".

    ``studies`` are the runs that the pages compare with the trace, ``kinds`` the table of pages.
    ``index`` is filled by the pages as they are built. ``folder`` is where the cycles of a run
    stand that is shown beside the main one: of such a run only the first batch is shown.
    """

    trace: Trace
    studies: Studies
    math: str = "mathml"
    kinds: tuple[PageKind, ...] = ()
    index: Index = field(default_factory=Index)
    folder: str = ""

    @cached_property
    def epochs(self) -> tuple[int, ...]:
        """The epochs whose cycles are shown, of those that ran."""
        wanted = self.trace.experiment.pages.epochs
        return tuple(epoch for epoch in wanted if epoch <= self.trace.epochs)

    @cached_property
    def predicted_rows(self) -> tuple[int, ...]:
        """The rows (from 0) with a prediction page: the test rows, or all where there are none."""
        data = self.trace.experiment.dataset
        return data.test or data.train

    @cached_property
    def repeats(self) -> tuple[Repeat, ...]:
        """The test rows that have the inputs of training rows."""
        return repeats(self.trace.experiment.dataset)

    @cached_property
    def batch_sizes(self) -> BatchSizes:
        """How many rows an update uses."""
        return BatchSizes.of(self.trace)

    @cached_property
    def notation(self) -> Notation:
        """The symbols that the experiment chose."""
        return Notation.of(self.trace.layers, self.trace.experiment.notation)

    @cached_property
    def addresses(self) -> Addresses:
        """Where the lines stand."""
        return Addresses(
            self.trace, self.epochs, self.predicted_rows, self.file, self.folder, self.folder
        )

    def beside(self, trace: Trace, folder: str) -> Walk:
        """The walkthrough of another run's first batch, whose cycles stand in ``folder``."""
        return replace(self, trace=trace, folder=folder)

    def slug_of(self, cycle: Cycle) -> str:
        """The page of a cycle."""
        if self.folder:
            return f"{self.folder}/row-{cycle.row}"
        return cycle_slug(cycle.epoch, cycle.row)

    @property
    def batch_cycles(self) -> tuple[Cycle, ...]:
        """The cycles of the first batch that is shown."""
        epoch = self.epochs[0] if self.epochs and not self.folder else 1
        first = self.trace.cycles(epoch)[0]
        return tuple(Cycle(self.trace, visit) for visit in first.visits)

    @property
    def file(self) -> str:
        """The file that links lead to in a page's folder."""
        return "index.md" if self.math == "latex" else "index.html"

    @cached_property
    def sequence(self) -> tuple[str, ...]:
        """The slugs of all cycle pages in the order of training."""
        return tuple(
            cycle_slug(cycle.epoch, cycle.row)
            for epoch in self.epochs
            for cycle in self.trace.cycles(epoch)
        )

    @cached_property
    def example(self) -> Cycle:
        """The cycle whose numbers explain the rules: of the shown ones that with most gradients.

        Of several with as many gradients that are not zero, the first.
        """
        epoch = self.epochs[0] if self.epochs else 1
        return max(self.trace.cycles(epoch), key=_gradients)

    def has(self, slug: str) -> bool:
        """Whether one of the pages stands at ``slug``."""
        return slug in self._slugs

    @cached_property
    def _slugs(self) -> frozenset[str]:
        names = (kind.name for kind in self.kinds)
        epochs = (f"epoch-{epoch}" for epoch in self.epochs)
        return frozenset([*names, *epochs, *self.sequence, *self.prediction_slugs()])

    def desk(self, slug: str) -> Desk:
        """What the page ``slug`` is written with."""
        return Desk(self, slug)

    def prediction_slugs(self) -> tuple[str, ...]:
        """The slugs of the prediction pages."""
        return tuple(prediction_slug(row + 1) for row in self.predicted_rows)


def _gradients(cycle: Cycle) -> int:
    """How many weight gradients of a sample are numbers other than 0."""
    return sum(int(np.count_nonzero(np.nan_to_num(g, posinf=0, neginf=0))) for g in cycle.dL_dW)


@dataclass(frozen=True)
class Desk:
    """What one page is written with: a typesetter, the lines set so far, links to elsewhere.

    Builders set lines and note what they show; templates only ask.
    """

    walk: Walk
    slug: str
    lines: dict[str, SetLine] = field(default_factory=dict)
    users: dict[Ref, list[SetLine]] = field(default_factory=dict)

    @cached_property
    def typesetter(self) -> Typesetter:
        """Typesets for this page."""
        decimals = self.walk.trace.experiment.pages.decimals
        latex = self.walk.math == "latex"
        return Typesetter(decimals, self.walk.notation, self.address, latex, self.meaning)

    def address(self, ref: Ref) -> str:
        """A link to the line that computes ``ref``."""
        return self.walk.addresses.href(ref, self.slug)

    def link(self, slug: str, anchor: str = "") -> str:
        """A link to another page of the walkthrough."""
        return relative(self.slug, Address(slug, anchor), self.walk.file)

    def meaning(self, name: str) -> str:
        """A link to what a quantity means; "" on the page that tells it."""
        told = self.slug != GLOSSARY and self.walk.has(GLOSSARY)
        return self.link(GLOSSARY, name) if told else ""

    def mention(self, *names: str) -> None:
        """Note that this page speaks of quantities, in words or symbols outside of its lines."""
        for name in names:
            self.walk.index.shown(name, self.slug)

    def _noted(self, item: SetLine) -> SetLine:
        """A line of this page, noted in the index of symbols."""
        self.mention(*item.quantities)
        if item.ref and item.anchor:
            name, home = self.typesetter.quantity(item.ref), Address(self.slug, item.anchor)
            self.walk.index.computed(name, item.ref.layer, home)
        return item

    def set(self, line: Line) -> SetLine:
        """Typeset a line of this page and remember what it uses."""
        done = self._noted(self.typesetter.line(line))
        self.lines[done.anchor] = done
        for source in done.sources:
            self.users.setdefault(source.ref, []).append(done)
        return done

    def show(self, line: Line) -> SetLine:
        """Typeset a line here where its home is this page, else quote it."""
        home = self.walk.addresses.home(line.target, self.slug)
        if home is None or home.slug == self.slug:
            return self.set(line)
        return self._noted(self.typesetter.line(line, quoted=True))

    def show_all(self, lines: Iterable[Line]) -> tuple[SetLine, ...]:
        """The same for several lines."""
        return tuple(self.show(line) for line in lines)

    def set_all(self, lines: Iterable[Line]) -> tuple[SetLine, ...]:
        """Typeset several lines."""
        return tuple(self.set(line) for line in lines)

    def matrix(self, line: MatrixLine | None) -> SetLine | None:
        """Typeset a line of matrices."""
        return None if line is None else self._noted(self.typesetter.matrix(line))

    def used_by(self, ref: Ref) -> tuple[SetLine, ...]:
        """The lines of this page that use a number."""
        return tuple(self.users.get(ref, ()))

    def symbol(self, name: str, layer: int = 0, *index: int, linked: bool = True) -> Any:
        """A symbol as a formula of its own; not ``linked`` inside a link, heading or caption."""
        return self.typesetter.symbol(name, layer, index, linked=linked)

    def symbol_of(self, ref: Ref, *, linked: bool = True) -> Any:
        """The symbol of a reference as a formula of its own."""
        return self.written((ref,), linked=linked)

    def math(self, latex: str, *, linked: bool = True) -> Any:
        """Any LaTeX as a formula of its own."""
        return self.typesetter.math(latex, linked=linked)

    def written(self, parts: Written, *, linked: bool = True) -> Any:
        """A formula of symbols on its own."""
        return self.typesetter.written(parts, linked=linked)

    def latex(self, formula: str | Written, *, linked: bool = True) -> str:
        """A formula as LaTeX: given so, or as parts."""
        parts = (formula,) if isinstance(formula, str) else formula
        self.written(parts, linked=linked)
        return self.typesetter.latex_of(parts)

    def unit(self, number: int) -> int:
        """How a unit, input or output (from 1) is counted for readers."""
        return self.walk.notation.unit(number)

    def name_of(self, ref: Ref) -> str:
        """A number's symbol in plain text."""
        return self.walk.notation.plain_of(ref)

    def general(self, name: str) -> str:
        """The symbol of a quantity wherever it stands, in plain text."""
        return plain_text(self.walk.notation.general(name))

    def plain(self, name: str, layer: int = 0, *index: int) -> str:
        """A symbol in plain text."""
        return self.walk.notation.plain(name, layer, index)

    def picture_number(self, view: Pass) -> Callable[..., Number]:
        """Numbers for this page's pictures: of its lines, its parameters and its sample."""

        def number(name: str, layer: int, *index: int) -> Number:
            if name in ("W", "b"):
                operand = parameter(view.trace, name, layer, index, update=view.update)
                return self.typesetter.number(operand)
            if name in ("x", "y"):
                operands = view.x() if name == "x" else view.y()
                return self.typesetter.number(operands[index[0] - 1])
            anchor = Ref(name, layer, index).anchor
            return Number(self.lines[anchor].result, f"#{anchor}")

        return number
