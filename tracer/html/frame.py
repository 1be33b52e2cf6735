"""The frame: what stands around the article of a page, worded and laid out by templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, TemplateError
from markupsafe import Markup

from tracer.errors import Problem, RenderError
from tracer.html.article import Article, Heading
from tracer.html.outline import NavItem
from tracer.messages import gettext
from tracer.writing.language import ENGLISH, Language
from tracer.writing.project import SCRIPTS, STYLES
from tracer.writing.site import assets
from tracer.writing.templating import environment

PAGE, SINGLE = "html/page.html.j2", "html/single.html.j2"
LIST, ONWARD = "html/list.md.j2", "html/onward.html.j2"
OWN = ("colours.css", "frame.css", "search.css", "prose.css")
OWN_SCRIPTS = ("frame.js", "search.js")
ALL_STYLES = (*OWN, *STYLES)
ALL_SCRIPTS = (*OWN_SCRIPTS, *SCRIPTS)
ONE_FILE = "single.js"
INDEX = "search-index.js"


@dataclass(frozen=True)
class Framed:
    """What a page's template is given.

    Attributes:
        site: what the site is called.
        path: where the page stands.
        article: its title, its HTML and its headings.
        home: the link to the first page of the site.
        assets: the link to the folder of styles and scripts.
        items, trail, before, after: the navigation as this page shows it.
        extra: markup for the end of the page's head.
        guarded: whether the page runs no script but those in files of the site. What somebody wrote
            may hold others.
    """

    site: str
    path: str
    article: Article
    home: str
    assets: str
    items: tuple[NavItem, ...] = ()
    trail: tuple[NavItem, ...] = ()
    before: NavItem | None = None
    after: NavItem | None = None
    extra: Markup = field(default=Markup())
    guarded: bool = False

    @property
    def root(self) -> str:
        """What stands before the path of any file of the site in a link from here."""
        return "../" * self.path.count("/")

    @property
    def headings(self) -> tuple[Heading, ...]:
        """The headings that the page lists beside itself."""
        return self.article.headings


class Frame:
    """The templates of the frame, in the language of each page."""

    def __init__(self, templates: Path | None = None) -> None:
        self._templates = templates
        self._made: dict[str, Environment] = {}

    def page(self, framed: Framed, language: Language = ENGLISH) -> str:
        """One page as a whole document; templates of one's own may bring scripts with them."""
        framed = replace(framed, guarded=framed.guarded and self._templates is None)
        return self.filled(PAGE, language, page=framed, styles=ALL_STYLES, scripts=ALL_SCRIPTS)

    def filled(self, template: str, language: Language = ENGLISH, **context: Any) -> str:
        """A template of the frame with what it is given; raises RenderError where it is faulty."""
        if language.name not in self._made:
            self._made[language.name] = environment(self._templates, language)
            self._made[language.name].auto_reload = True  # a server shows what has changed
        env = self._made[language.name]
        try:
            return env.get_template(template).render(language=language.name, **context)
        except TemplateError as error:
            line = getattr(error, "lineno", None)
            raise RenderError(
                Problem(gettext("cannot be rendered: %(error)s", error=error), template, line)
            ) from error


def frame_assets() -> Mapping[str, bytes]:
    """Styles, scripts and the font that the pages of a site share, by name."""
    shared = {
        name: content.encode() if isinstance(content, str) else content
        for name, content in assets().items()
    }
    own = files("tracer.templates") / "assets" / "html"
    return {**shared, **{name: (own / name).read_bytes() for name in (*OWN, *OWN_SCRIPTS)}}


def texts(names: Sequence[str]) -> str:
    """Styles or scripts one after the other."""
    shared, own = (
        files("tracer.templates") / "assets",
        files("tracer.templates") / "assets" / "html",
    )
    found = ((own if (own / name).is_file() else shared) / name for name in names)
    return "\n".join(path.read_text(encoding="utf-8") for path in found)
