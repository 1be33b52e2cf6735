"""Regions as data: each rendered by the page's own templates, once for every key it can have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from jinja2 import Environment

from tracer.conditions import Tree, given
from tracer.explore.choices import Choices, sections
from tracer.explore.exporting import MOST, Exporter, Place, size_of
from tracer.explore.regions import Items, Nested, Options, Region, Slot
from tracer.writing.foreign import said
from tracer.writing.lines import one_line

MACROS, COUNTING = "macros.md.j2", "words/counting.j2"
Json = dict[str, Any]
NOTHING: Mapping[str, Any] = MappingProxyType({})


def choices(env: Environment, context: Mapping[str, Any], place: Place) -> Json:
    """What a cycle's page tells by its numbers, as JSON has it.

    ``context`` is that of a live page of a cycle that has an update (see
    :func:`tracer.explore.choices.live_context`); ``place`` gives each number its place.
    """
    macros = env.get_template(MACROS).make_module(dict(context))
    made = _Rendered(env, {**context, "tr": macros}, Exporter(context["cycle"], place))
    return {
        "regions": dict(made.regions()),
        "sections": {name: made.export.tree(tree) for name, tree in made.told(sections())},
    }


def macros_of(
    env: Environment, template: str, context: Mapping[str, Any], told: Mapping[str, Any] = NOTHING
) -> Any:
    """The macros of a part of the page, in the page's context and with what is ``told`` there."""
    tr = context["tr"] if "tr" in context else env.get_template(MACROS).make_module(dict(context))
    return env.get_template(template).make_module({**context, **told, "tr": tr})


@dataclass(frozen=True)
class _Rendered:
    env: Environment
    context: Mapping[str, Any]
    export: Exporter
    modules: dict[str, Any] = field(default_factory=dict)
    sizes: dict[Tree, int] = field(default_factory=dict)

    def told(self, trees: Mapping[str, Tree]) -> Iterator[tuple[str, Tree]]:
        """The trees that a network of this size has room for."""
        sizes, known = self.export.cycle.trace.layer_sizes, self.sizes
        yield from ((k, tree) for k, tree in trees.items() if size_of(tree, sizes, known) <= MOST)

    def regions(self) -> Iterator[tuple[str, Json]]:
        """Every region by its name."""
        found = {region.name: region for region in Choices(self.context).regions()}
        for name, key in self.told({name: region.key for name, region in found.items()}):
            region = found[name]
            inner = {"inner": True} if region.is_inner else {}
            yield name, {"key": self.export.tree(key), "variants": self._variants(region), **inner}

    def _variants(self, region: Region) -> Json:
        return {
            key: self._pieces(region, self._text(region, key, region.variants.get(key, {})))
            for key in region.keys
        }

    def _text(self, region: Region, key: str, told: Mapping[str, Any]) -> str:
        module = self._module(region.template, told)
        return one_line(getattr(module, region.macro)(*region.arguments.get(key, ())))

    def _module(self, template: str, told: Mapping[str, Any]) -> Any:
        """A template with its macros; the one that is given nothing more is made once."""
        if told or template not in self.modules:
            made = macros_of(self.env, template, self.context, told)
            if told:
                return made
            self.modules[template] = made
        return self.modules[template]

    def _pieces(self, region: Region, text: str) -> list[str | Json]:
        return [self._piece(piece) for piece in region.slots.pieces(text)]

    def _piece(self, piece: str | Slot) -> str | Json:
        return piece if isinstance(piece, str) else self.export.tree(self._tree(piece))

    def _tree(self, slot: Slot) -> Tree:
        match slot:
            case Options(values, filters, place):
                return given(*(self._filtered(value, filters) for value in values)).at(place)
            case Items(texts, comma):
                return Tree("listed", (self._tree(texts), given(comma or self._comma)))
            case Nested(name):
                return Tree("say", (name,))
            case _:
                return slot

    @property
    def _comma(self) -> str:
        """What stands between two of a list."""
        counting = self._module(COUNTING, {})
        return str(counting.comma(_NotLast))

    def _filtered(self, value: Any, filters: Iterable[str]) -> str:
        for name in filters:
            value = self.env.filters[name](value)
        return said(value)


class _NotLast:
    """A place in a loop that others follow."""

    last = False
