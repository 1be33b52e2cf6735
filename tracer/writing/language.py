"""The language that pages speak: a catalog of messages, English where there is none.

A message is a sentence of the templates between ``{% trans %}`` and ``{% endtrans %}``; its English
text is its name. A translation is a file ``locale/LANGUAGE/LC_MESSAGES/tracer.po``, as gettext has
it, beside the experiment file or among the built-in templates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from tracer.errors import Problem, RenderError
from tracer.experiment import Experiment
from tracer.experiment.read import problem_at
from tracer.messages import gettext
from tracer.writing.context import WHOLE_PAGE, marked
from tracer.writing.foreign import put

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

SOURCE = "en"
"""The language in which messages are written."""
CATALOG = Path("LC_MESSAGES", "tracer.po")
_PLACE = re.compile(r"%\((\w+)\)s|%%")
Finish = Callable[[Any], Any]


@dataclass(frozen=True)
class Language:
    """A language by its name ("en", "de", "pt_BR"), and the messages that it translates."""

    name: str = SOURCE
    messages: NullTranslations = field(default_factory=NullTranslations, compare=False)


ENGLISH = Language()
NO_CATALOG = NullTranslations()


def language_of(experiment: Experiment) -> Language:
    """The language that an experiment's pages speak.

    Raises:
        RenderError: there is no catalog of that name, or it cannot be read.
    """
    name, source = experiment.pages.language, experiment.source
    if name == SOURCE:
        return ENGLISH
    beside = [] if source is None else [Path(source).parent / "locale"]
    found = _catalogs(name, (*beside, Path(str(files("tracer.templates"))) / "locale"))
    if found is None:
        where = f"locale/{name}/{CATALOG.as_posix()}"
        raise RenderError(
            problem_at(
                source,
                ("pages", "language"),
                gettext('expected a language whose catalog there is, found "%(name)s"', name=name),
                gettext(
                    "Put a catalog into %(place)s beside the experiment file, "
                    'or take "%(source)s".',
                    place=where,
                    source=SOURCE,
                ),
            )
        )
    return found


def _catalogs(name: str, folders: tuple[Path, ...]) -> Language | None:
    paths = [path for folder in folders if (path := folder / name / CATALOG).is_file()]
    return Language(name, read_catalog(paths[0], name)) if paths else None


def read_catalog(path: Path, name: str) -> GNUTranslations:
    """The messages of a catalog in gettext's text format.

    Raises:
        RenderError: it cannot be read.
    """
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po

    compiled = BytesIO()
    try:
        with path.open("rb") as stream:
            catalog = read_po(stream, locale=name, abort_invalid=True)
        _check_places(catalog)
        write_mo(compiled, catalog)
    except (OSError, ValueError, PoFileError) as error:
        raise RenderError(
            Problem(
                gettext("cannot be read as a catalog of messages: %(error)s", error=error),
                str(path),
                hint=gettext("Write it with a tool for gettext catalogs, in UTF-8."),
            )
        ) from error
    compiled.seek(0)
    return GNUTranslations(compiled)


def _check_places(catalog: Catalog) -> None:
    """Raise ValueError for a translation that asks for a value that its message does not have."""
    for message in catalog:
        given = set(_places(message.id))
        for place in _places(message.string or ""):
            if place not in given:
                raise ValueError(f"%({place})s is no value of the message {message.id!r}")


def _places(texts: str | Iterable[str]) -> Iterator[str]:
    for text in (texts,) if isinstance(texts, str) else texts:
        yield from (place[1] for place in _PLACE.finditer(text) if place[1])


class Messages(dict[str, Markup]):
    """The messages of a language on pages: by their English text where they have no values."""

    def __init__(self, catalog: NullTranslations = NO_CATALOG) -> None:
        super().__init__()
        self.catalog = catalog
        self.parts: dict[str, list[Any]] = {}

    def __missing__(self, message: str) -> Markup:
        self[message] = found = self.one(message)
        return found

    def one(self, message: str, /, **values: Any) -> Markup:
        """A message with its values, each escaped unless it is HTML."""
        return self._filled(self.catalog.gettext(message), values)

    def many(self, one: str, many: str, count: int, /, **values: Any) -> Markup:
        """A message that tells one from many."""
        return self._filled(self.catalog.ngettext(one, many, count), {"num": count, **values})

    def _filled(self, text: str, values: Mapping[str, Any]) -> Markup:
        parts = self.parts.get(text)
        if parts is None:
            parts = self.parts[text] = _PLACE.split(text)
        found = [*parts]
        found[1::2] = ["%" if name is None else put(values[name]) for name in parts[1::2]]
        return marked(Markup, "".join(found))


def speak(env: Environment, language: Language, finish: Finish) -> None:
    """Let the templates of an environment speak a language.

    ``finish`` is what becomes of each value that is put into a message.
    """
    messages = language.messages

    @pass_context
    def gettext(context: Context, message: str, /, **values: Any) -> str:
        return _filled(context, messages.gettext(message), values, finish)

    @pass_context
    def ngettext(context: Context, one: str, many: str, count: int, /, **values: Any) -> str:
        text = messages.ngettext(one, many, count)
        return _filled(context, text, {"num": count, **values}, finish)

    WHOLE_PAGE.update((gettext, ngettext))
    env.add_extension("jinja2.ext.i18n")
    env.newstyle_gettext = True  # type: ignore[attr-defined]
    env.policies["ext.i18n.trimmed"] = True
    env.globals.update(gettext=gettext, ngettext=ngettext, _=gettext)


def _filled(context: Context, text: str, values: Mapping[str, Any], finish: Finish) -> str:
    """A message with its values; in a page they are escaped, unless they are HTML."""
    html = context.eval_ctx.autoescape

    def value(place: re.Match[str]) -> str:
        if place[1] is None:
            return "%"
        put = finish(values[place[1]])
        return str(escape(put)) if html else str(put)

    said = _PLACE.sub(value, text)
    return Markup(said) if html else said
