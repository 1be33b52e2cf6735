"""The table of pages: what a row says, in which order rows stand, pages by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

from tracer.errors import CatalogError, Problem
from tracer.messages import gettext
from tracer.pages.exercise import Practice, none
from tracer.registry import Registry

Built = Iterator[tuple[str, Mapping[str, Any]]]
"""The pages of one kind: the slug of each, and what its template is given."""
_SLUG = re.compile(r"(?:[\w{}-]+(?:/[\w{}-]+)*)?", re.ASCII)


@dataclass(frozen=True)
class Page:
    """One page to write: where it stands, its template and what the template is given."""

    slug: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The file of the page in the walkthrough's folder."""
        return path_of(self.slug)


def path_of(slug: str) -> str:
    """The file of a page in the walkthrough's folder."""
    return f"{slug}/index.md".lstrip("/")


def once(_walk: Any) -> Iterable[Mapping[str, int]]:
    """There is one page of a kind, with nothing in its address that varies."""
    return ({},)


@dataclass(frozen=True, kw_only=True)
class PageKind:
    """A row of the table of pages: from it follow navigation, overview, "next" and front matter.

    Attributes:
        name: what other pages call it, in links and in the words of ``words/pages.j2``.
        slug: its address in the walkthrough, with what varies in braces.
        build: makes the pages of the kind, from the :class:`tracer.pages.walk.Walk`.
        each: what varies in the address, for each page of the kind in reading order.
        one: makes one page alone, from the walk and what varies in its address; where nothing is
            said, all pages before it are made too.
        source: its template; that of its name in ``pages/`` where nothing else is said.
        grouped: it stands in the navigation together with the others of its top folder.
        listed: the overview has a line for it, with its teaser.
        passed: what is read next after the page before is not this one but one after it.
        proves: it tells what the checks found in all the others, and is rendered after them.
        practice: the exercises at the end of such a page, from its desk and its context.
        gathers: it tells what all the others show, and is built after them.
        title, teaser: the words of a row that stands outside of tracer, with what varies in braces.
        after: the name of the page that such a row follows; at the end where nothing is said.
        templates: the folder in which such a row's template stands.
    """

    name: str
    slug: str
    build: Callable[[Any], Built]
    each: Callable[[Any], Iterable[Mapping[str, int]]] = once
    one: Callable[..., Mapping[str, Any]] | None = None
    source: str = ""
    grouped: bool = False
    listed: bool = True
    passed: bool = False
    proves: bool = False
    gathers: bool = False
    practice: Practice = none
    title: str = ""
    teaser: str = ""
    after: str = ""
    templates: Path | None = None

    @property
    def template(self) -> str:
        """The name of the template."""
        return self.source or f"pages/{self.name}.md.j2"

    def group(self, slug: str) -> str:
        """The part of the navigation that a page of this kind belongs to; "" for the top level."""
        return slug.split("/", maxsplit=1)[0] if self.grouped else ""


@dataclass(frozen=True)
class PageRef:
    """A page as others speak of it: its kind, and what varies in its address."""

    kind: PageKind
    values: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of its kind."""
        return self.kind.name

    @property
    def title(self) -> str:
        """Its title, if its row has one: those of tracer's own stand in ``words/pages.j2``."""
        return self.kind.title.format(**self.values)

    @property
    def teaser(self) -> str:
        """What the overview says of it, if its row does."""
        return self.kind.teaser.format(**self.values)

    @property
    def slug(self) -> str:
        """Where it stands in the walkthrough."""
        return self.kind.slug.format(**self.values)

    @property
    def path(self) -> str:
        """The file of the page in the walkthrough's folder."""
        return path_of(self.slug)

    @property
    def group(self) -> str:
        """The part of the navigation that it belongs to; "" for the top level."""
        return self.kind.group(self.slug)


class PageTable(Registry[PageKind]):
    """The kinds of pages by name, in reading order.

    Raises:
        CatalogError: a name or an address that is taken, or a page to follow that is not there.
    """

    def register(self, row: PageKind) -> None:
        """Take up a row, after the page that it names and after those that follow that already."""
        self._check(row)
        super().register(row)
        if row.after:
            rows = [other for other in self._rows.values() if other is not row]
            rows.insert(_place(rows, row.after), row)
            self._rows = {other.name: other for other in rows}

    def _check(self, row: PageKind) -> None:
        _check_address(row.slug)
        if any(other.slug == row.slug for other in self.values() if other.name != row.name):
            raise CatalogError(
                Problem(
                    gettext("another page stands at %(slug)r already", slug=row.slug),
                    hint=gettext("Give the page another address."),
                )
            )
        for text in (row.title, row.teaser):
            _check_words(text, row.slug)
        if row.after and row.after not in self:
            raise CatalogError(
                Problem(
                    gettext("there is no page %(name)r to follow", name=row.after),
                    hint=gettext("Pages are %(names)s.", names=", ".join(self)),
                )
            )


def _check_address(slug: str) -> None:
    """Raise CatalogError where an address is none."""
    if not _SLUG.fullmatch(slug):
        raise CatalogError(
            Problem(
                gettext("%(slug)r is no address for a page", slug=slug),
                hint=gettext("It is made of letters, digits and dashes, with / between folders."),
            )
        )


def _check_words(text: str, slug: str) -> None:
    """Raise CatalogError where words vary by something that the address does not tell."""
    if unknown := _fields(text) - _fields(slug):
        names = ", ".join(sorted(unknown))
        raise CatalogError(
            Problem(
                gettext(
                    "%(text)r varies by %(names)s, its address does not", text=text, names=names
                )
            )
        )


def _fields(text: str) -> set[str]:
    """What stands in braces in a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _place(rows: list[PageKind], after: str) -> int:
    """The place of a row that follows ``after`` and all that follow that one already."""
    place = next(k for k, row in enumerate(rows) if row.name == after) + 1
    family = {after}
    while place < len(rows) and rows[place].after in family:
        family.add(rows[place].name)
        place += 1
    return place
