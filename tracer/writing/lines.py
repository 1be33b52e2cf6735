"""The lines of a page: typeset before, set here with words that templates say."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from tracer.refs import Ref
from tracer.typeset import SetLine
from tracer.typeset.setting import Words, block, row
from tracer.writing.foreign import isolated

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

    @property
    def functions(self) -> dict[str, Said]:
        """What templates may call, by name."""
        return {"set_line": self.line, "set_rows": self.rows}

    def line(self, item: SetLine, said: Mapping[str, Said]) -> Markup:
        """A line with its label; ``said`` are the macros of lines."""
        return block(item, self._words(item.ref, said), said["notes"])

    def rows(self, items: Sequence[SetLine], said: Mapping[str, Said]) -> Markup:
        """Lines as rows of a table, each on a line of text."""
        return Markup("").join(
            [row(item, self._words(item.ref, said), said["notes"]) + "\n" for item in items]
        )

    def _words(self, ref: Ref | None, said: Mapping[str, Said]) -> Words:
        key = (
            None
            if ref is None
            else (ref.name, ref.layer, ref.index, ref.after, ref.is_of_parameter)
        )
        found = self.known.get(key)
        if found is None:
            found = _words(ref, said)
            if self.keeps:
                self.known[key] = found
        return found


def _words(ref: Ref | None, said: Mapping[str, Said]) -> Words:
    because, link = one_line(said["because"]()), str(escape(one_line(said["to_itself"]())))
    if ref is None:
        return Words("", "", because, link)
    titled = isolated(Markup(one_line(said["in_layer"](ref))).striptags())
    return Words(one_line(said["label"](ref)), str(escape(titled)), because, link)


def one_line(text: Any) -> str:
    """Text on one line, without blanks at its ends."""
    return " ".join(part.strip() for part in str(text).splitlines() if part.strip())
