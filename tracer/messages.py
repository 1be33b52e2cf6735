"""What Python itself says to people: messages of the catalog, in the language that is spoken here.

A message is a plain string, its values are given by name and put where ``%(name)s`` stands:
``gettext("%(file)s is damaged", file=path)``. An f-string cannot be found for the catalog.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations

ENGLISH = NullTranslations()
"""The language in which messages are written: each is its own translation."""
_SPOKEN: ContextVar[NullTranslations] = ContextVar("spoken", default=ENGLISH)


def spoken() -> NullTranslations:
    """The messages of the language that is spoken here."""
    return _SPOKEN.get()


@contextmanager
def speaking(messages: NullTranslations) -> Iterator[None]:
    """Speak another language for a while."""
    before = _SPOKEN.set(messages)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def N_(message: str) -> str:
    """Marks a message for the catalog where it is written, to be translated where it is shown."""
    return message


def gettext(message: str, /, **values: object) -> str:
    """A message with its values, in the language that is spoken here."""
    return spoken().gettext(message) % values


def ngettext(one: str, many: str, num: int, /, **values: object) -> str:
    """A message about one thing or many; ``%(num)s`` in it is their number."""
    return spoken().ngettext(one, many, num) % {"num": num, **values}
