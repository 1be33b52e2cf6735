"""A symbol as a text that knows how it is drawn in a picture, set on a page and said aloud."""

from __future__ import annotations

import re
from typing import Any, Self

from markupsafe import Markup, escape

from tracer.notation import plain_text

UP, DOWN = -4, 3
"""Pixels by which an upper and a lower index leave the line: a third of a picture's small text."""
_PARTS = re.compile(r"([^^_]+)(?:\^\{([^{}]*)\})?(?:_\{?([\d,]+)\}?)?")
_BACK = "\u200b"  # of no width: it only carries the text behind the symbol back to its line


class NamedSymbol(str):
    """The symbol in plain text; ``math`` is the formula, ``said`` its words."""

    latex: str
    math: str
    said: str

    def __new__(cls, text: str, latex: str, math: str, said: str) -> Self:
        """Make the text and keep the rest beside it."""
        made = super().__new__(cls, text)
        made.latex, made.math, made.said = latex, math, said
        return made

    def __getnewargs__(self) -> tuple[str, str, str, str]:  # type: ignore[override]
        """Give what a copy is made of."""
        return str(self), self.latex, self.math, self.said


def shown_as(text: Any, how: str) -> Any:
    """A symbol as it is "drawn" in SVG, "set" on a page or "said"; any other text as it is."""
    if not isinstance(text, NamedSymbol):
        return text
    if how == "said":
        return text.said
    return drawn(text.latex) if how == "drawn" else Markup(text.math)


def drawn(latex: str) -> Markup:
    """A symbol as text of SVG with real upper and lower indices."""
    parts = _PARTS.fullmatch(latex)
    if parts is None or not (parts[2] or parts[3]):
        return escape(plain_text(latex))
    found, level = [str(escape(plain_text(parts[1])))], 0
    for text, height in ((parts[2], UP), (parts[3], DOWN)):
        if text:
            found.append(_moved(text, height - level, ' class="tr-index"'))
            level = height
    return Markup("".join([*found, _moved(_BACK, -level)]))


def _moved(text: str, by: int, more: str = "") -> str:
    return f'<tspan{more} dy="{by}">{escape(text)}</tspan>'
