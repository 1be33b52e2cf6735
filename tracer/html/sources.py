"""The pages that stand in the frame: those of a walkthrough, and those that somebody wrote."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol

from markupsafe import Markup

from tracer.check.proof import Proof
from tracer.errors import Problem, RenderError
from tracer.explore.beside import paths_of
from tracer.html.addresses import MARKDOWN, page_path
from tracer.html.article import parted
from tracer.messages import gettext
from tracer.pages import Page, PageKind
from tracer.writing.language import ENGLISH, Language
from tracer.writing.project import ORDER, Project
from tracer.writing.site import PageRenderer

TITLE = "nav.title.txt.j2"


class Source(Protocol):
    """One page before it is HTML."""

    @property
    def path(self) -> str:
        """Where its HTML stands in the site."""

    @property
    def title(self) -> str:
        """What the navigation calls it, in plain text."""

    @property
    def language(self) -> Language:
        """The language that it is written in."""

    def markdown(self) -> str:
        """Its Markdown. Raises RenderError where it cannot be had."""


@dataclass(frozen=True)
class Written:
    """A page that stands in a file among the project's pages."""

    file: Path
    path: str
    named: str = ""
    language: Language = ENGLISH

    @property
    def title(self) -> str:
        """What the navigation calls it, else its front matter, else its first heading."""
        if self.named:
            return self.named
        return title_in(self.markdown()) or self.file.stem

    def markdown(self) -> str:
        """The text of the file."""
        try:
            return self.file.read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            raise RenderError(
                Problem(gettext("cannot be read: %(error)s", error=error), file=str(self.file))
            ) from None


@dataclass(frozen=True)
class Given:
    """A page whose text is made elsewhere."""

    path: str
    text: str
    language: Language = ENGLISH

    @property
    def title(self) -> str:
        """Its first heading."""
        return title_in(self.text)

    def markdown(self) -> str:
        """The text."""
        return self.text


@dataclass(frozen=True)
class RenderedLater:
    """A page of a walkthrough, rendered when it is asked for; built then, too, with ``later``."""

    page: Page
    kind: PageKind
    folder: str
    language: Language
    render: PageRenderer = field(repr=False)
    prove: Callable[[], tuple[Proof, ...] | None] | None = None
    later: Callable[[], Mapping[str, Any]] | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        """Where its HTML stands in the site."""
        return self.folder + page_path(self.page.path)

    @cached_property
    def title(self) -> str:
        """The title that its words give it."""
        said = self.render(Page(self.page.slug, TITLE, self.page.context))
        return str(Markup(said.strip()).unescape())

    def markdown(self) -> str:
        """The page as its template says it."""
        return self._text

    @property
    def beside(self) -> Mapping[str, Callable[[], str]]:
        """The files that stand beside the page, by their path in the site, made when asked for."""
        paths = paths_of(self.page.slug, self.kind)
        return {self.folder + path: partial(self._file, path) for path in paths}

    def _file(self, path: str) -> str:
        return self._files[path]

    @cached_property
    def _files(self) -> Mapping[str, str]:
        return self.render.beside(self._context)

    @cached_property
    def _context(self) -> Mapping[str, Any]:
        return self.page.context if self.later is None else self.later()

    @cached_property
    def _text(self) -> str:
        context = self._context
        if self.prove is not None:
            context = {**context, "proofs": self.prove()}
        return self.render(Page(self.page.slug, self.page.template, context))


def title_in(text: str) -> str:
    """What a page calls itself: in its front matter, else in its first heading."""
    title, rest = parted(text)
    heading = next((line[2:] for line in rest.splitlines() if line.startswith("# ")), "")
    return title or str(Markup(heading.strip()).unescape())


def written_pages(project: Project) -> list[Written]:
    """The pages among those of a project that no walkthrough made, in the order of their names."""
    return [
        Written(path, page_path(path.relative_to(project.docs).as_posix()))
        for path in own_files(project)
        if path.suffix == MARKDOWN
    ]


def own_files(project: Project) -> Sequence[Path]:
    """The files among a project's pages that no rendering made; hidden ones are none of them."""
    found: list[Path] = []
    made = (project.out / "assets").resolve()
    for place, folders, names in os.walk(project.docs):
        here = Path(place)
        if ORDER in names or here.resolve() == made:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [here / name for name in sorted(names) if not name.startswith(".")]
    return found
