"""A console of rich on which text from data is only text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from tracer.writing.foreign import visible


class PlainConsole(Console):
    """Names every sign in a text that would command the terminal; its own commands stay."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """What is to be written, each text harmless."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else visible(text, lines=True), style, control)

    def render_str(self, text: str, **named: Any) -> Text:
        """A text as rich measures it: with the names that are written for its signs."""
        return super().render_str(visible(text, lines=True), **named)
