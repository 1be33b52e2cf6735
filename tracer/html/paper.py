"""A whole site as one document for the printer: all pages one after the other, and no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tracer.html.outline import NavItem
from tracer.html.single import Binder, Sheet, styles
from tracer.html.website import Website
from tracer.meters import Meter, no_meter

PRINT = "html/print.html.j2"
_RULE = "@page"
_ENDING = '"\\\n\r\f<'
"""What could end a text in CSS, begin an escape in it, or end the element that it stands in."""


@dataclass(frozen=True)
class Leaf:
    """A page on paper, and what stands at the foot of its sheets: a text as CSS writes it."""

    sheet: Sheet
    foot: Markup


@dataclass(frozen=True)
class Print:
    """What is printed: the document, what it is called, and its pages as a tree of bookmarks."""

    text: str
    title: str
    items: tuple[NavItem, ...]


def print_of(site: Website, paper: str, meter: Meter = no_meter) -> Print:
    """The site on sheets of a size that CSS knows by its name: ``A4`` or ``letter``."""
    binder = Binder(site)
    leaves = [Leaf(sheet, css_text(sheet.article.title)) for sheet in binder.sheets(meter)]
    title = site.title or leaves[0].sheet.article.title
    items = binder.items(site.outline.nodes)
    first = site.sources[binder.order[0]]
    told = {"site": title, "items": items, "style": styles(), "feet": _feet(leaves, paper)}
    text = site.maker.frame.filled(PRINT, first.language, leaves=leaves, **told)
    return Print(text, title, items)


def _feet(leaves: Sequence[Leaf], paper: str) -> Markup:
    """The styles of the sheets: their size, and what stands at their feet."""
    rules = [f"{_RULE}{{size:{paper}}}"]
    for number, leaf in enumerate(leaves, 1):
        rules.append(f"{_RULE} s{number}{{@bottom-left{{content:{leaf.foot}}}}}")
    return Markup("\n".join(rules))


def css_text(text: str) -> Markup:
    """A text in quotes for a style sheet in a page: what could end it is written by its number."""
    written = "".join(f"\\{ord(sign):x} " if sign in _ENDING else sign for sign in text)
    return Markup(f'"{written}"')
