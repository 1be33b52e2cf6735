"""What pages ask for again and again with the same values, and what they were told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from tracer.pages.desk import Desk
from tracer.refs import Ref
from tracer.writing.context import PageMacro

SAYS = frozenset(["symbol", "math", "symbol_of"])
"""What a desk says in symbols: it differs only in where the links to meanings lead."""
MOST = 4096
"""Texts of one filter that are kept: a walkthrough has some hundreds of labels and titles."""


class Symbols(dict[Any, Any]):
    """What a desk says in symbols, by what it is asked: the name and values, or a reference."""

    desk: Desk

    def __missing__(self, key: tuple[Any, ...]) -> Any:
        name, args, more = key
        found = self[key] = getattr(self.desk, name)(*args, **dict(more))
        return found

    def of(self, ref: Ref, *, linked: bool = True) -> Any:
        """The symbol of a reference, which is the same at any moment."""
        key = ref.spot, linked
        found = self.get(key)
        if found is None:
            found = self[key] = self.desk.symbol_of(ref, linked=linked)
        return found


@dataclass(frozen=True)
class Remembered:
    """What was said of symbols, and what macros said of references, on the pages so far."""

    walks: dict[Any, tuple[Any, Symbols]] = field(default_factory=dict)
    names: dict[Any, Markup] = field(default_factory=dict)

    def symbols(self, desk: Desk) -> Symbols:
        """The symbols of all pages of a walkthrough whose links to meanings are these."""
        key = id(desk.walk), desk.meaning("z")
        if key not in self.walks:
            self.walks[key] = desk.walk, Symbols()  # with the walk, so that its id is not taken
        found = self.walks[key][1]
        found.desk = desk
        return found

    def of_ref(self, place: tuple[str, str], macro: PageMacro, ref: Ref) -> Markup:
        """What a macro says of a reference, which is the same on every page."""
        key = place, ref.spot, ref.is_of_parameter
        if key not in self.names:
            self.names[key] = Markup(macro(ref))
        return self.names[key]


class Filters(dict[str, Callable[..., Any]]):
    """The filters of an environment, each of which remembers what it made of a text."""

    def __init__(self, env: Environment) -> None:
        super().__init__()
        self.env = env

    def __missing__(self, name: str) -> Callable[..., Any]:
        do, known = self.env.filters[name], dict[Any, Any]()

        def filtered(value: Any, *args: Any, **more: Any) -> Any:
            if args or more or type(value) not in (str, Markup):
                return do(value, *args, **more)
            key = type(value), value
            if key not in known:
                if len(known) >= MOST:
                    known.clear()
                known[key] = do(value)
            return known[key]

        self[name] = filtered
        return filtered
