"""What one page is written with: its lines as they are set, its links, its formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

from tracer.explain.operands import Pass, parameter
from tracer.notation import Notation, Number
from tracer.pages.addresses import Address, relative
from tracer.pages.formulas import WritesFormulas
from tracer.pages.index import Index
from tracer.pages.walk import Walk
from tracer.refs import Ref, anchor_of
from tracer.typeset import Line, MatrixLine, Operand, SetLine, Source, Typesetter
from tracer.typeset.symbol_links import nowhere

GLOSSARY = "glossary"


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


def desk_of(walk: Walk, name: str, **values: int) -> Desk:
    """What a page of the kind ``name`` is written with."""
    return Desk(walk, walk.slug(name, **values))
