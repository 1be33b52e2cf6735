"""A whole site as one file: pictures, fonts, styles and scripts in it, and every link within it."""

from __future__ import annotations

import mimetypes
import posixpath
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from markupsafe import Markup

from tracer.html.article import Article
from tracer.html.frame import ALL_SCRIPTS, ALL_STYLES, ONE_FILE, SINGLE, texts
from tracer.html.outline import NavItem, Node
from tracer.html.owned import HTML, check_owned, write_owned
from tracer.html.searching import index_script
from tracer.html.website import Website
from tracer.meters import Meter, no_meter
from tracer.writing.fonts import math_font
from tracer.writing.site import FONT

_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
#: What a page loads from beside itself: in one file nothing stands there.
_BESIDE = re.compile(r'<link rel="stylesheet"[^<>]*>|<script src="[\w.]+"[^<>]*></script>')
#: Attributes that name places of their own page, one or several.
_NAMING = re.compile(
    r'(\s(?:id|for|name|headers|aria-(?:labelledby|describedby|controls|owns))=")([^"]*)"'
)
_LEADING = re.compile(r'(\s(?:href|xlink:href|src|poster)=")([^"]*)"')
_PAINT = re.compile(r"url\(#([^)]+)\)")
BETWEEN = ":"
"""Between the name of a page and a place on it: no address of a page has one."""


@dataclass(frozen=True)
class Sheet:
    """A page in the one file: its name there, and what stands around its article."""

    name: str
    article: Article
    trail: tuple[NavItem, ...]
    before: NavItem | None
    after: NavItem | None


class Binder:
    """Knows where each page of a site stands in the one file, and binds it for its place there."""

    def __init__(self, site: Website) -> None:
        self.site = site
        self.order = site.order
        self.names = {path: _name(path) for path in self.order}

    def sheets(self, meter: Meter = no_meter) -> list[Sheet]:
        """All pages in reading order."""
        bound = []
        for path in self.order:
            bound.append(self.sheet(path))
            meter(len(bound), len(self.order))
        return bound

    def sheet(self, path: str) -> Sheet:
        """The page at ``path``."""
        article, outline = self.site.article(path), self.site.outline
        name, here = self.names[path], self.order.index(path)
        alone = _BESIDE.sub("", article.body)
        body = _TAG.sub(lambda tag: self._bound(tag[0], path, name), alone)
        beside = [self._item(at) for at in (here - 1, here + 1)]
        trail = tuple(self._led(item, path) for item in outline.trail(path))
        return Sheet(name, replace(article, body=Markup(body)), trail, *beside)

    def _led(self, item: NavItem, path: str) -> NavItem:
        return replace(item, href=self.address(item.href, path))

    def _item(self, at: int) -> NavItem | None:
        if not 0 <= at < len(self.order):
            return None
        path = self.order[at]
        return NavItem(self.site.sources[path].title, "#" + quote(self.names[path]))

    def items(self, nodes: tuple[Node, ...]) -> tuple[NavItem, ...]:
        """The whole navigation; the page itself says what of it is open."""
        return tuple(
            NavItem(node.title, self._to(node), below=self.items(node.below))
            for node in nodes
            if not node.paths or node.paths[0] in self.names
        )

    def _to(self, node: Node) -> str:
        return "#" + quote(self.names[node.paths[0]]) if node.paths else node.href

    def _bound(self, tag: str, path: str, name: str) -> str:
        """A tag whose names are those of the one file, and whose links lead within it."""
        own = escape(name) + BETWEEN
        tag = _NAMING.sub(lambda m: f'{m[1]}{" ".join(own + one for one in m[2].split())}"', tag)
        tag = _LEADING.sub(lambda m: f'{m[1]}{escape(self.address(unescape(m[2]), path))}"', tag)
        return _PAINT.sub(lambda m: f"url(#{own}{m[1]})", tag)

    def address(self, href: str, path: str) -> str:
        """Where a link from the page at ``path`` leads in the one file."""
        parts = urlsplit(href)
        if parts.scheme or parts.netloc:
            return href
        folder = posixpath.dirname(path)
        target = path
        if parts.path:
            target = posixpath.normpath(posixpath.join(folder, unquote(parts.path)))
        if target in self.names:
            place = BETWEEN + parts.fragment if parts.fragment else ""
            return "#" + quote(self.names[target], safe="/") + place
        if target in self.site.own:
            return _data(target, self.site.own[target].read_bytes())
        return href


def _name(path: str) -> str:
    stem = path.removesuffix(".html")
    return stem.removesuffix("/index")


def _data(name: str, content: bytes) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{b64encode(content).decode()}"


def single_file(site: Website, meter: Meter = no_meter) -> str:
    """The whole site as the text of one HTML file, which needs nothing beside it."""
    binder = Binder(site)
    sheets = binder.sheets(meter)
    first = site.sources[binder.order[0]]
    text = site.maker.frame.filled(SINGLE, first.language, sheets=sheets, **_rest(site, binder))
    return HTML.put(text.encode()).decode()


def _rest(site: Website, binder: Binder) -> Mapping[str, Any]:
    """What stands around the pages. Scripts are our own: no data is in them."""
    found = ((site.article(path), binder.names[path]) for path in binder.order)
    rows = ((_search_base(name), one.title, one.entries, one.weight) for one, name in found)
    return {
        "site": site.title,
        "items": binder.items(site.outline.nodes),
        "style": styles(),
        "early": Markup(texts(ALL_SCRIPTS[:1])),
        "script": Markup(texts((*ALL_SCRIPTS[1:], ONE_FILE))),
        "index": Markup(_joined(index_script(rows))),
    }


def styles() -> Markup:
    """All styles, with the font in them. They are our own: no data is in them."""
    font = _data(FONT, math_font())
    return Markup(texts(ALL_STYLES).replace(f'"{FONT}"', f'"{font}"'))


def _search_base(name: str) -> str:
    return "#" + quote(name)


def _joined(index: str) -> str:
    """The index with the names of places as they are in the one file."""
    return re.sub(r'(\["#[^"#]*)#', rf"\1{BETWEEN}", index)


def check_single(path: Path) -> None:
    """Raise RenderError where something stands at ``path`` that is not as tracer wrote it."""
    check_owned(path, HTML)


def write_single(path: Path, text: str) -> None:
    """Put the one file in its place, whole or not at all; raises as write_owned does."""
    write_owned(path, text.encode(), HTML)
