"""A typeset line as HTML: a block of its own, or a row of a table; its words come from templates.

Both are elements of class ``tr-line`` with the line's anchor as ``id``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup

from tracer.typeset import markup as marks
from tracer.typeset.set_line import SetLine

PUT_IN = frozenset(["tr-numbers", "tr-branch"])


class Words(NamedTuple):
    """What is said of a line, as HTML: its label, the same with its layer for an attribute.

    ``because`` stands before the condition of a branch, ``link`` names the link to the line itself.
    """

    label: str
    titled: str
    because: str
    link: str


Notes = Callable[[SetLine], str]
"""The remarks on a line; asked only where it has flags."""


def block(line: SetLine, words: Words, notes: Notes) -> Markup:
    """A line with its label above it."""
    shown = " ".join([_part(kind, html, words) for kind, html in line.parts])
    start = '<p class="tr-math">' if line.ref else '<p class="tr-math tr-matrix">'
    remarks = _remarks(line, notes) if line.flags else ""
    end = f"{remarks} </div>" if remarks else "</div>"
    return marks.html(
        f'<div class="tr-line"{_named(line, words)} data-search-exclude> {_label(line, words)}'
        f"{start}{shown} </p> {end}"
    )


def row(line: SetLine, words: Words, notes: Notes) -> Markup:
    """A line as a row; its formula, that of all rows, is there for the card and without script."""
    formula, put_in = [], []
    symbol = result = ""
    for kind, html in line.parts:
        if kind == "tr-symbol":
            symbol = html
        elif kind == "tr-result":
            result = html
        elif kind in PUT_IN:
            put_in.append(_part(kind, html, words))
        else:
            formula.append(f'<span class="{kind}">{html}</span>')
    kept = f"<noscript>{' '.join(formula)}</noscript>" if formula else ""
    remarks = _remarks(line, notes) if line.flags else ""
    return marks.html(
        f'<tr class="tr-line"{_named(line, words)}>'
        f'<th class="tr-symbol" scope="row">{symbol}</th>'
        f'<td>{kept}{" ".join(put_in)}{remarks}</td><td class="tr-result">{result}</td></tr>'
    )


def _named(line: SetLine, words: Words) -> str:
    """The attributes that say which line it is; one of matrices has no address of its own."""
    if line.ref is None:
        return f' data-matrix="{line.anchor}"' if line.anchor else ""
    found = f' id="{line.anchor}"' if line.anchor else ""
    kept = "" if line.kept == line.result else f' data-kept="{line.kept}"'
    label = f'data-label="{words.titled}"{kept}'
    return f"{found} {label}"


def _label(line: SetLine, words: Words) -> str:
    if line.ref is None:
        return ""
    here = (
        f' <a class="tr-self" href="#{line.anchor}" tabindex="-1" aria-label="{words.link}">#</a> '
        if line.anchor
        else ""
    )
    return f'<p class="tr-label">{words.label}{here}</p>'


def _part(kind: str, html: str, words: Words) -> str:
    if kind == "tr-branch":
        html = f'<span class="tr-because">{words.because}</span> {html}'
    return f'<span class="{kind}">{html}</span>'


def _remarks(line: SetLine, notes: Notes) -> str:
    """The remarks on one line of HTML."""
    return " ".join(part.strip() for part in notes(line).splitlines() if part.strip())
