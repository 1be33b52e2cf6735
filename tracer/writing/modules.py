"""The macros that pages import: made once, and given the values of each page in turn.

A template that only defines macros looks up what it speaks of when one of them is called. So its
module is given the context of another page instead of being made anew, unless the page that is
being rendered holds it already with other values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jinja2.environment import TemplateModule
from jinja2.runtime import Context

from tracer.writing.context import MISSING, asks_for_all

MOST_MODULES = 200
"""How many imported templates are kept at a time: a page has about forty."""
Key = tuple[Any, ...]
"""The name of a template, and the ids of the values that it asks for."""


@dataclass(eq=False)
class Held:
    """A module with the context and the values that it was given, and the page that held it last.

    ``lasts``: it may be given others. ``parts`` are the modules that it imports.
    """

    context: Context
    needed: Sequence[str]
    key: Key
    values: Sequence[Any]
    page: int
    lasts: bool
    parts: list[Part] = field(default_factory=list)
    module: TemplateModule = field(init=False)

    @property
    def is_whole(self) -> bool:
        """Whether all that it imports still has the values that it had with it."""
        return all(part.held.key == part.key and part.held.is_whole for part in self.parts)

    def hold(self, page: int) -> None:
        """Note that a page holds it, with all that it imports."""
        self.page = page
        for part in self.parts:
            part.held.hold(page)


@dataclass(eq=False)
class Part:
    """What a module imports: ``key`` tells with which values; ``local`` was defined before it."""

    held: Held
    key: Key
    local: Mapping[str, Any]


class Modules:
    """The modules of an environment; ``page`` counts the pages."""

    def __init__(self) -> None:
        self.page = 0
        self.known: dict[Key, Held] = {}
        self.lasting: dict[str, list[Held]] = {}
        self.making: list[Held | None] = []

    def of(
        self, template: Any, needed: Sequence[str], context: Context, given: Any
    ) -> TemplateModule:
        """The module of a template that asks for these names, imported in a context.

        ``template`` is a :class:`tracer.writing.compiling.PageTemplate`.
        """
        local = {name: value for name, value in given.items() if value is not MISSING}
        values = [local[k] if k in local else context.resolve_or_missing(k) for k in needed]
        if self._is_apart or any(map(asks_for_all, values)):
            return self.alone(template, context, given)
        key = template.name, *map(id, values)
        held = self.known.get(key)
        if held is None or not held.is_whole:
            known = {**context.get_all(), **local}
            held = self._free(key, known) or self._made(template, needed, key, values, known)
        held.hold(self.page)
        self._note(held, context, local)
        return held.module

    def alone(self, template: Any, context: Context, given: Any) -> TemplateModule:
        """A module that nothing else has: what imports it cannot be given other values."""
        if self.making and (importer := self.making[-1]) is not None:
            importer.lasts = False
        made: TemplateModule = template.make_module(context.get_all(), True, given)
        return made

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Make modules that outlive pages."""
        self.making.append(None)
        try:
            yield
        finally:
            self.making.pop()

    @property
    def _is_apart(self) -> bool:
        return None in self.making

    def _note(self, held: Held, context: Context, local: Mapping[str, Any]) -> None:
        """Note that a module that is being made imports this one."""
        importer = self.making[-1] if self.making else None
        if importer is None:
            return
        importer.lasts &= held.lasts and importer.context is context
        importer.parts.append(Part(held, held.key, {**context.vars, **local}))

    def _made(
        self,
        template: Any,
        needed: Sequence[str],
        key: Key,
        values: Sequence[Any],
        known: dict[str, Any],
    ) -> Held:
        """A new module, which is kept for the same values, and for others if it lasts."""
        context = template.new_context(known, True)
        held = Held(context, needed, key, values, self.page, template.lasting)
        self.making.append(held)
        try:
            held.module = template.module_in(context)
        finally:
            self.making.pop()
        if len(self.known) >= MOST_MODULES:
            self.known.clear()
            self.lasting.clear()
        self.known[key] = held  # with the values, so that no id is taken again
        if held.lasts:
            self.lasting.setdefault(key[0], []).append(held)
        return held

    def _free(self, key: Key, known: dict[str, Any]) -> Held | None:
        """A module that this page does not hold yet, with the values of another context."""
        found = self.lasting.get(key[0], ())
        return next((held for held in found if self._given(held, known)), None)

    def _given(self, held: Held, known: dict[str, Any]) -> bool:
        """Give a module and what it imports other values; False where the page holds a part."""
        values = [known.get(name, MISSING) for name in held.needed]
        key = held.key[0], *map(id, values)
        if held.key == key and held.is_whole:
            return True
        if held.page == self.page or (key != held.key and key in self.known):
            return False
        if not all(self._given(part.held, {**known, **part.local}) for part in held.parts):
            return False
        if self.known.get(held.key) is held:
            del self.known[held.key]
        held.context.parent, held.key, held.values = known, key, values
        for part in held.parts:
            part.key = part.held.key
        self.known[key] = held
        return True
