"""Text that comes from data, made harmless where it is shown.

A title, the name of a column or of a file may hold signs that do something instead of being seen:
signs that command a terminal, and signs that turn the order of what follows on a page. The first
are named in words of their own; a text that runs from right to left is shut off from its
neighbours.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufff9-\uffff]"
)
#: What HTML shows as it is: ASCII but for quotes, brackets and the ampersand, and the minus sign.
_PLAIN = re.compile("[ !#-%(-;=?-~\u2212]*")
_LINES = re.compile("[\t\n\r]")
_FROM_RIGHT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_ISOLATE, _END = "\u2068", "\u2069"


def isolated(value: Any) -> Any:
    """A text for a page or a picture: what cannot be seen is named, and the order is kept.

    Text that is marked as HTML, and what is no text, stays as it is.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    if value.isascii() and value.isprintable():
        return value
    return _isolated(str(value))


@lru_cache(maxsize=2**14)  # short texts: numbers with a true minus sign, symbols, names
def _isolated(value: str) -> str:
    if value.startswith(_ISOLATE) and _is_closed(value):
        return value
    shown = _UNSEEN.sub(_named, value)
    return f"{_ISOLATE}{shown}{_END}" if _FROM_RIGHT.search(shown) else shown


def said(text: str) -> str:
    """A text as HTML shows it; one that is marked as HTML stays as it is."""
    return str(text) if isinstance(text, Markup) else _said(text)


def put(value: Any) -> str:
    """What a page shows of a value: text is escaped, HTML stays as it is."""
    kind = type(value)
    if kind is Markup:
        return value  # type: ignore[no-any-return]
    return _said(value) if kind is str else str(escape(isolated(value)))


@lru_cache(maxsize=2**14)  # numbers, links and names, of which a page has some hundreds
def _said(text: str) -> str:
    plain = _PLAIN.fullmatch(text)
    return plain[0] if plain else str(escape(isolated(text)))


def visible(text: str, *, lines: bool = False) -> str:
    """A text for a terminal, in which every sign that commands is named; ``lines`` are kept."""
    kept = text if lines else _LINES.sub(_named, text)
    return _UNSEEN.sub(_named, kept.replace("\r", "\\r"))


def _is_closed(value: str) -> bool:
    """Whether a text is one that was isolated before."""
    return value.endswith(_END) and not _UNSEEN.search(value[1:-1])


def _named(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
