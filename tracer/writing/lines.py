"""The lines of a page: typeset before, set here with words that templates say."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

from markupsafe import Markup, escape

from tracer.pages.desk import Desk
from tracer.refs import Ref
from tracer.typeset import SetLine
from tracer.typeset.setting import Words, block, row
from tracer.writing.foreign import isolated, said
from tracer.writing.frames import Frames

Said = Callable[..., Any]
"""A macro: what it says of a reference, or of a line."""


@dataclass(frozen=True)
class LineSetter:
    """Sets lines with the words of the page's macros.

    What a macro says of a reference is the same on every page of an experiment: it is asked once,
    unless the templates are the author's own (``keeps``).
    """

    keeps: bool = True
    known: dict[Hashable, Words] = field(default_factory=dict, repr=False)
    texts: dict[Hashable, str] = field(default_factory=dict, repr=False)
    sources: dict[Hashable, tuple[str, str]] = field(default_factory=dict, repr=False)

    @cached_property
    def blocks(self) -> Frames:
        """What lines share."""
        return Frames(self.line)

    @cached_property
    def row_frames(self) -> Frames:
        """What lines as rows of a table share."""
        return Frames(self.row)

    @property
    def functions(self) -> dict[str, Said]:
        """What templates may call, by name."""
        return {
            "set_line": self.line,
            "set_rows": self.rows,
            "set_row": self.row,
            "set_symbols": symbols,
            "set_meanings": self.meanings,
            "set_origins": self.origins,
        }

    def line(self, item: SetLine, macros: Mapping[str, Said]) -> Markup:
        """A line with its label; ``macros`` say its words."""
        return block(item, self._words(item.ref, macros), self._notes(macros))

    def rows(self, items: Sequence[SetLine], macros: Mapping[str, Said]) -> Markup:
        """Lines as rows of a table, each on a line of text."""
        return Markup("".join([f"{self.row(item, macros)}\n" for item in items]))

    def row(self, item: SetLine, macros: Mapping[str, Said]) -> Markup:
        """A line as a row of a table."""
        return row(item, self._words(item.ref, macros), self._notes(macros))

    def meanings(self, desk: Desk, meant: Said) -> Markup:
        """What the quantities of a page's lines are, as items of a list for the card."""
        quantities = dict.fromkeys([line.quantities for line in desk.lines.values()])
        names = tuple(dict.fromkeys(chain.from_iterable(quantities)))
        key = "meanings", names, desk.meaning("z")  # all links to meanings are like one
        found = self.texts.get(key)
        if found is None:
            items = [
                f'<li data-name="{said(name)}" data-href="{said(desk.meaning(name))}">'
                f"{self._kept(name, meant, name)}</li>"
                for name in names
            ]
            found = "".join(items)
            if self.keeps:
                self.texts[key] = found
        return Markup(found)

    def origins(self, desk: Desk, called: Said) -> Markup:
        """The numbers that come from other pages, as items of a list for the card."""
        items = []
        for source in desk.origins():
            start, end = self._origin(desk, source.ref, called)
            items.append(f'{start}{said(source.href)}" data-kept="{source.kept}{end}')
        return Markup("".join(items))

    def _origin(self, desk: Desk, ref: Ref, called: Said) -> tuple[str, str]:
        """An item of the list, before and after what is another on each page."""
        found = self.sources.get(_key(ref))
        if found is None:
            label = said(Markup(one_line(called(ref))).striptags())
            symbol = desk.symbol_of(ref, linked=False)
            found = (
                f'<li data-ref="{said(ref.anchor)}" data-href="',
                f'" data-label="{label}">{symbol}</li>',
            )
            if self.keeps:
                self.sources[_key(ref)] = found
        return found

    def _kept(self, key: Hashable, macro: Said, item: Any) -> str:
        """What a macro says of something, on one line."""
        found = self.texts.get(key)
        if found is None:
            found = one_line(macro(item))
            if self.keeps:
                self.texts[key] = found
        return found

    def _notes(self, macros: Mapping[str, Said]) -> Said:
        """What says the remarks on a line, which has them by its flags and by what it keeps."""

        def notes(item: SetLine) -> str:
            key = "notes", item.flags, item.kept
            found = self.texts.get(key)
            if found is None:
                found = self.texts[key] = str(macros["notes"](item))
            return found

        return notes if self.keeps else macros["notes"]

    def _words(self, ref: Ref | None, macros: Mapping[str, Said]) -> Words:
        key = None if ref is None else _key(ref)
        found = self.known.get(key)
        if found is None:
            found = _words(ref, macros)
            if self.keeps:
                self.known[key] = found
        return found


def symbols(desk: Desk, quantities: Iterable[Ref], comma: str) -> Markup:
    """The symbols of quantities, with what stands between two of a list."""
    return Markup(said(comma).join([desk.symbol_of(ref) for ref in quantities]))


def _key(ref: Ref) -> tuple[Hashable, ...]:
    """What decides the words for a number: they are the same at any moment."""
    return ref.spot, ref.is_of_parameter


def _words(ref: Ref | None, macros: Mapping[str, Said]) -> Words:
    because, link = one_line(macros["because"]()), str(escape(one_line(macros["to_itself"]())))
    if ref is None:
        return Words("", "", because, link)
    titled = isolated(Markup(one_line(macros["in_layer"](ref))).striptags())
    return Words(one_line(macros["label"](ref)), str(escape(titled)), because, link)


def one_line(text: Any) -> str:
    """Text on one line, without blanks at its ends."""
    return " ".join([part for line in str(text).splitlines() if (part := line.strip())])
