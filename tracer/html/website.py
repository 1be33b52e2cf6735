"""A whole site in finished HTML: every page and every file by its path, made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tracer.html.addresses import MARKDOWN, relative
from tracer.html.article import Article, Converter, Extensions
from tracer.html.frame import INDEX, LIST, ONWARD, Frame, Framed, frame_assets
from tracer.html.outline import Outline, page_node, placed
from tracer.html.searching import index_script
from tracer.html.sources import Given, RenderedLater, Source, own_files, written_pages
from tracer.html.walkthrough import Part
from tracer.writing.language import ENGLISH
from tracer.writing.project import PLACE, Project, read_config

FRONT = "index.html"


@dataclass(frozen=True)
class Maker:
    """What stays the same from one rendering to the next: the frame, and articles made already."""

    frame: Frame
    converter: Converter

    @classmethod
    def of(cls, project: Project | None, templates: Path | None = None) -> Maker:
        """The maker for a project's pages, or for walkthroughs alone."""
        return cls(Frame(templates), Converter(Extensions.of(_extensions(project))))


def _extensions(project: Project | None) -> Any:
    if project is not None and project.extensions is not None:
        return project.extensions
    config = files("tracer.templates") / "project" / "mkdocs.yml"
    return read_config(config.read_text(encoding="utf-8"))["markdown_extensions"]


@dataclass(frozen=True)
class Website:
    """The pages of a site by path, its navigation, and its other files.

    Attributes:
        title: what the site is called.
        sources: the pages.
        outline: the navigation.
        walkthroughs: title and front page of each walkthrough.
        base: the folder of the walkthroughs, "" or with a slash at its end.
        own: the other files of the project, by path.
        maker: the frame and the converter.
        live: markup that a server adds to each page.
        beside: what makes the files beside pages of walkthroughs, by path.
        home: the first page.
    """

    title: str
    sources: Mapping[str, Source]
    outline: Outline
    walkthroughs: tuple[tuple[str, str], ...]
    base: str
    own: Mapping[str, Path]
    maker: Maker
    live: Markup = field(default=Markup())
    beside: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    home: str = FRONT

    @cached_property
    def shared(self) -> Mapping[str, bytes]:
        """Styles, scripts and the font by path."""
        return {f"{self.assets}/{name}": content for name, content in frame_assets().items()}

    @property
    def assets(self) -> str:
        """The folder of what pages share."""
        return f"{self.base}assets"

    @property
    def index(self) -> str:
        """The path of the search index."""
        return f"{self.assets}/{INDEX}"

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every page and every file."""
        return tuple(sorted({*self.sources, *self.shared, *self.own, *self.beside, self.index}))

    def content(self, path: str) -> str | bytes:
        """What stands at one of the paths.

        Raises:
            KeyError: there is no such page or file.
            RenderError: the page cannot be made.
            OSError: a file of the project is gone.
        """
        if path in self.sources:
            return self.page(path)
        if path == self.index:
            return self.search_index()
        if path in self.beside:
            return self.beside[path]()
        return self.shared[path] if path in self.shared else self.own[path].read_bytes()

    def article(self, path: str) -> Article:
        """The article of a page."""
        source = self.sources[path]
        return self.maker.converter.article(path, source.markdown(), self._listing(path))

    def page(self, path: str) -> str:
        """A page in its frame."""
        framed = Framed(
            site=self.title,
            path=path,
            article=self.article(path),
            home=relative(path, self.home),
            assets=relative(path, self.assets),
            items=self.outline.items(path),
            trail=self.outline.trail(path),
            before=self.outline.beside(path, -1),
            after=self.outline.beside(path, 1),
            extra=self.live,
            guarded=isinstance(self.sources[path], RenderedLater),
        )
        return self.maker.frame.page(framed, self.sources[path].language)

    def search_index(self) -> str:
        """The words of all pages, as a script."""
        articles = ((path, self.article(path)) for path in self.order)
        return index_script((path, one.title, one.entries, one.weight) for path, one in articles)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """All pages: those of the navigation as they are read, then the others."""
        return tuple(dict.fromkeys([*self.outline.order, *sorted(self.sources)]))

    def _listing(self, here: str) -> str:
        """The list of walkthroughs that a page may ask for."""
        rows = [(title, relative(here, front)) for title, front in self.walkthroughs]
        return self.maker.frame.filled("walkthroughs.md.j2", walkthroughs=rows)


def website(project: Project | None, parts: Sequence[Part], maker: Maker) -> Website:
    """The site of some walkthroughs, with the pages of their project where there is one."""
    written: dict[str, Source] = {}
    nodes = outlined = tuple(part.node for part in parts)
    if project is not None:
        written = {page.path: page for page in written_pages(project)}
        outlined = placed(project.navigation, written, nodes)
    title = _title(project, parts)
    sources = {**written, **{one.path: one for part in parts for one in part.sources}}
    beside = {path: make for part in parts for path, make in part.beside.items()}
    home = FRONT
    if FRONT not in sources and len(parts) == 1:
        home = parts[0].front
        beside[FRONT] = partial(_onward, parts[0], maker)
    elif FRONT not in sources:
        sources[FRONT] = front = _front(title, parts, maker)
        outlined = (page_node(front), *outlined)
    return Website(
        title,
        sources,
        Outline(outlined, {path: partial(_said, one) for path, one in sources.items()}),
        tuple((part.title, part.front) for part in parts),
        base_of(project),
        _files(project) if project is not None else {},
        maker,
        beside=beside,
        home=home,
    )


def base_of(project: Project | None) -> str:
    """The folder of the walkthroughs in the site: where MkDocs has them."""
    return f"{PLACE}/" if project is not None else ""


def _said(source: Source) -> str:
    return source.title


def _title(project: Project | None, parts: Sequence[Part]) -> str:
    if project is not None and project.name:
        return project.name
    return parts[0].title if len(parts) == 1 else ""


def _files(project: Project) -> Mapping[str, Path]:
    """What stands among the pages and is none: pictures, for example."""
    found = (path for path in own_files(project) if path.suffix != MARKDOWN)
    return {path.relative_to(project.docs).as_posix(): path for path in found}


def _onward(part: Part, maker: Maker) -> str:
    """What leads to a walkthrough that is the whole site."""
    front = relative(FRONT, part.front)
    return maker.frame.filled(ONWARD, part.language, title=part.title, front=front)


def _front(title: str, parts: Sequence[Part], maker: Maker) -> Given:
    """A first page for walkthroughs that stand alone: it lists them."""
    language = parts[0].language if parts else ENGLISH
    text = maker.frame.filled(LIST, language, title=title, walkthroughs=parts)
    return Given(FRONT, text.strip() + "\n", language)
