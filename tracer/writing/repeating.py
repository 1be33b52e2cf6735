"""Pages of one template: what they share is rendered once, and each puts its own values there.

The first page of a shape is rendered by its templates, which are followed (see
:mod:`tracer.writing.following`). What is noted becomes a function that asks another page whether it
has the same shape, and gives its text. A page or a part of one that has none of the shapes that are
known is rendered by its templates, as is every one that cannot be followed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from jinja2 import BytecodeCache, TemplateError
from jinja2.runtime import Context
from markupsafe import Markup

from tracer.errors import TracerError
from tracer.pages import Page
from tracer.writing.compiling import PageEnvironment
from tracer.writing.context import marked
from tracer.writing.following import FollowingEnvironment, following
from tracer.writing.regions import MACROS
from tracer.writing.remembered import Filters, Remembered
from tracer.writing.shaping import Fill, Missed, Shape, with_blanks
from tracer.writing.tidying import smooth, tidy
from tracer.writing.watching import Notes, Unfollowed

PARTS = "parts_of_texts"
MOST_SHAPES = 24
"""Shapes of a page, or of a part of one, that are tried: twice as many as a part is known to have,
and each page is asked for one after the other."""
IN_DOUBT = (
    Missed,
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
Given = Mapping[str, Any]
Texts = Callable[[PageEnvironment, Page, Given], Sequence[str]]
"""The texts of a page, one after the other, with what its templates are given."""


@dataclass
class Shapes:
    """The functions of some shapes, the one that was met last first."""

    fills: list[Fill] = field(default_factory=list)
    tried: int = 0

    def text(self, given: Given) -> str | None:
        """A text of a shape that is known."""
        for k, fill in enumerate(self.fills):
            try:
                parts = fill(given)
            except IN_DOUBT:
                continue
            if parts is not None:
                if k:
                    self.fills.insert(0, self.fills.pop(k))
                return "".join(parts)
        return None

    def learn(self, follow: Callable[[], Fill], given: Given, text: str) -> None:
        """Note the shape of a text, unless it cannot be followed or is made otherwise."""
        if self.tried >= MOST_SHAPES:
            return
        self.tried += 1
        try:
            fill = follow()
            parts = fill(given)
        except (Unfollowed, TracerError, *IN_DOUBT):
            return
        if parts is not None and "".join(parts) == text:
            self.fills.insert(0, fill)


class Late:
    """A macro of the templates, found when it is called: in the page that is rendered then."""

    __slots__ = ("book", "name", "template")

    def __init__(self, book: Book, template: str, name: str) -> None:
        self.book, self.template, self.name = book, template, name

    def __call__(self, *args: Any, **more: Any) -> Any:
        """What the macro says."""
        return self.book.macro(self.template, self.name)(*args, **more)


@dataclass
class Region:
    """A part of the pages, with shapes of its own: a macro that is given nothing."""

    book: Book
    macro: Late
    shapes: Shapes = field(default_factory=Shapes)

    def __call__(self, given: Given) -> Markup:
        """Its text for a page."""
        text = self.shapes.text(given)
        if text is None:
            text = smooth(self.macro())
            self.shapes.learn(self._follow, given, text)
        return marked(Markup, text)

    def _follow(self) -> Fill:
        return self.book.follow(lambda env, context: [self._said(env, context)], _smoothed)

    def _said(self, env: FollowingEnvironment, context: Context) -> str:
        return str(macro_of(env, context, self.macro.template, self.macro.name)())


def macro_of(env: PageEnvironment, context: Context, template: str, name: str) -> Any:
    """A macro of a template that a page imports: pages call their own macros ``tr``."""
    macros = env.module(MACROS, context, {})
    module = macros if template == MACROS else env.module(template, context, {"tr": macros})
    return getattr(module, name)


class Book:
    """Pages of one template that are given values of the same names."""

    def __init__(self, env: PageEnvironment, library: Library) -> None:
        self.env, self.library = env, library
        self.shapes = Shapes()
        self.regions: dict[tuple[str, str], Region] = {}
        self.remembered = library.remembered
        self.page: Page
        self._context: Context | None = None

    def text(self, page: Page) -> str:
        """A page as text."""
        self.page = page
        self._context = None
        found = self.shapes.text(page.context)
        if found is None:
            found = tidy(*self.library.texts(self.env, page, page.context))
            self.shapes.learn(self._follow, page.context, found)
        return found

    def _follow(self) -> Fill:
        page = self.page
        return self.follow(
            lambda env, context: self.library.texts(env, page, context.parent), tidy, whole=True
        )

    def follow(
        self,
        say: Callable[[FollowingEnvironment, Context], Sequence[str]],
        made: Callable[..., str],
        *,
        whole: bool = False,
    ) -> Fill:
        """What templates do with the page that is open."""
        env, notes, given = self.library.followed, Notes(self), self.page.context
        if whole:
            env.turn()
        seen = {name: notes.seen(f"c[{name!r}]", item) for name, item in given.items()}
        context = env.get_template(self.page.template).new_context(seen)
        with env.following(notes, given, whole=whole):
            texts = [with_blanks(text, notes) for text in say(env, context)]
        return Shape(notes, made(*texts)).fill(self.space)

    @cached_property
    def space(self) -> Mapping[str, Any]:
        """What the names in a function of a shape stand for."""
        env = self.env
        return {
            "g": env.globals,
            "parts": env.globals[PARTS],
            "filters": self.library.filters,
            "tests": env.tests,
            "asking": self.asking,
            "late": self.late,
            "region": self.region,
            "of_ref": self.remembered.of_ref,
            "symbols": self.remembered.symbols,
        }

    def late(self, template: str, name: str) -> Late:
        """A macro of a template; LookupError where the template defines none of that name."""
        return Late(self, template, name)

    def region(self, template: str, name: str) -> Region:
        """A part of the pages."""
        key = template, name
        if key not in self.regions:
            self.regions[key] = Region(self, self.late(template, name))
        return self.regions[key]

    def macro(self, template: str, name: str) -> Any:
        """A macro of a template in the page that is open."""
        return macro_of(self.env, self._opened(), template, name)

    def _opened(self) -> Context:
        if self._context is None:
            template = self.env.get_template(self.page.template)
            self._context = template.new_context(dict(self.page.context))
        return self._context

    def asking(self, name: str) -> Callable[..., Any]:
        """A filter that is given the context."""

        def filtered(value: Any, *args: Any, **more: Any) -> Any:
            return self.env.call_filter(name, value, args, more, context=self._opened())

        return filtered


class Library:
    """The pages that an environment renders, by their templates and by what these are given."""

    def __init__(
        self, env: PageEnvironment, texts: Texts, cache: BytecodeCache | None = None
    ) -> None:
        self.env, self.texts, self.cache = env, texts, cache
        self.books: dict[Any, Book] = {}
        self.remembered, self.filters = Remembered(), Filters(env)

    @cached_property
    def followed(self) -> FollowingEnvironment:
        """The environment in which templates are followed."""
        return following(self.env, self.cache)

    def text(self, page: Page) -> str:
        """A page as text."""
        key = page.template, frozenset(page.context)
        if key not in self.books:
            self.books[key] = Book(self.env, self)
        return self.books[key].text(page)


def _smoothed(*texts: str) -> str:
    return smooth("".join(texts))
