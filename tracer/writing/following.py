"""Jinja's environment for a page that is followed: what its templates do with values is noted.

It is made beside the environment that renders pages: with the same templates, whose decisions are
put to what they ask of wrapped values (see :mod:`tracer.writing.watching`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, cast

from jinja2 import BytecodeCache, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import copy_cache
from jinja2.utils import _PassArg
from markupsafe import Markup

from tracer.refs import Ref
from tracer.writing.compiling import PageEnvironment, PageGenerator
from tracer.writing.context import WHOLE_PAGE, PageContext, PageMacro, wants_context
from tracer.writing.foreign import put
from tracer.writing.watching import MARKS, Notes, Seen, Unfollowed, place_of

_LENGTHS = frozenset(["length", "count"])
LISTED = frozenset(["draw", "set_layers", "set_pass"])
"""What has a twin that gives its text in parts."""
_CLEAN = frozenset(["draw", "set_line", "set_parameters"])
"""What gives HTML on one line, without blanks at its ends."""
_EACH = {"set_rows": "set_row"}
"""What sets several items in turn, and what sets one of them."""


class FollowingGenerator(PageGenerator):
    """The generator of code for pages, where a text with marks decides nothing unseen."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        """The code of a template."""
        for found in list(node.find_all(nodes.Node)):
            for name in _DECIDING.get(type(found), ()):
                _weigh(found, name)
        super().visit_Template(node, frame)

    def _visit_macro(self, node: nodes.Call, frame: Frame, more: list[str]) -> None:
        CodeGenerator.visit_Call(self, node, frame, forward_caller=bool(more))

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write("put(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write(")")


#: The parts of expressions whose text decides something, by the kind of expression.
_DECIDING: Mapping[type[nodes.Node], tuple[str, ...]] = {
    nodes.If: ("test",),
    nodes.CondExpr: ("test",),
    nodes.And: ("left", "right"),
    nodes.Or: ("left", "right"),
    nodes.Not: ("node",),
    nodes.Test: ("node",),
    nodes.Compare: ("expr",),
    nodes.Operand: ("expr",),
    nodes.Getitem: ("arg",),
}
#: What is no text with marks, or a wrapped value.
_SURE = nodes.Const | nodes.Getattr | nodes.Slice


def _weigh(node: nodes.Node, name: str) -> None:
    """Let what decides be looked at first."""
    inner, line = getattr(node, name), node.lineno
    if not isinstance(inner, _SURE):
        weigh = nodes.EnvironmentAttribute("weigh", lineno=line)
        setattr(node, name, nodes.Call(weigh, [inner], [], None, None, lineno=line))


class FollowingContext(PageContext):
    """A context whose values are wrapped."""

    environment: FollowingEnvironment

    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call something from a template."""
        if type(called) is PageMacro:
            return self._macro(called, args, kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        if type(called) is Seen:
            return called(*args, **kwargs)
        notes = self.environment.notes
        if called is weighed:
            (item,) = args
            return item if type(item) is Seen else notes.pinned(item)
        if called in WHOLE_PAGE:
            return super().call(called, *args, **kwargs)
        if wants_context(called):
            raise Unfollowed("a function is given the whole context")
        if any(map(notes.has_seen, (*args, *kwargs.values()))):
            return self._noted(called, args, kwargs)
        return super().call(called, *args, **kwargs)

    def _macro(self, macro: PageMacro, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A macro is followed, but for those that have shapes of their own."""
        env = self.environment
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        notes = env.notes
        if not args and not kwargs and env.is_whole and env.defines(place_of(macro)[0]):
            region = notes.constant(f"region{place_of(macro)!r}")
            found = notes.seen(f"{region}(c)", notes.book.region(*place_of(macro))(env.given))
            notes.smooth.add(found.seen_as)
            return found
        if len(args) == 1 and not kwargs and isinstance(notes.real(args[0]), Ref):
            return notes.called(
                "of_ref", notes.book.remembered.of_ref, place_of(macro), macro, args[0]
            )
        return macro(*args, **kwargs)

    def _noted(self, called: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        env = self.environment
        name = env.function_names.get(id(called))
        if name is None:
            raise Unfollowed("a function that has no name")
        if name not in _EACH:
            code = f"{'parts' if name in LISTED else 'g'}[{name!r}]"
            found = env.notes.called(code, called, *args, **kwargs)
            if name in LISTED:
                env.notes.lists.add(found.seen_as)
            if name in _CLEAN:
                env.notes.clean.add(found.seen_as)
            return found
        items, one = args[0], cast("Callable[..., Any]", env.globals[_EACH[name]])
        said = [env.notes.called(f"g[{_EACH[name]!r}]", one, item, *args[1:]) for item in items]
        env.notes.clean.update([each.seen_as for each in said])
        return Markup("\n").join(said) + Markup("\n" if said else "")


def weighed(item: Any) -> Any:
    """What decides: a name for the context to know it by."""
    return item


class FollowingEnvironment(PageEnvironment):
    """The environment of pages that are followed."""

    code_generator_class = FollowingGenerator
    context_class = FollowingContext
    notes: Notes
    function_names: Mapping[int, str]
    given: Mapping[str, Any]
    is_whole: bool
    weigh = staticmethod(weighed)

    @contextmanager
    def following(self, notes: Notes, given: Mapping[str, Any], *, whole: bool) -> Iterator[None]:
        """Note what templates do with what they are ``given``: of a whole page or of a part."""
        before = self.__dict__.copy()
        self.notes, self.given, self.is_whole = notes, given, whole
        try:
            yield
        finally:
            for name in ("notes", "given", "is_whole"):
                self.__dict__[name] = before.get(name)

    def follow(self) -> None:
        """Let filters and tests note what they make of values."""
        self.function_names = {id(value): name for name, value in self.globals.items()}
        self.filters = {name: self._filter(name, do) for name, do in self.filters.items()}
        tests: Mapping[str, Any] = self.tests
        self.tests = {name: self._test(name, do) for name, do in tests.items()}

    def defines(self, template: str) -> bool:
        """Whether a template only defines macros."""
        return getattr(self.get_template(template), "lasting", False)

    def _filter(self, name: str, do: Callable[..., Any]) -> Callable[..., Any]:
        first = 0 if _PassArg.from_obj(do) is None else 1

        def filtered(*args: Any, **more: Any) -> Any:
            notes, given = self.notes, args[first:]
            if not any(map(notes.has_seen, (*given, *more.values()))):
                return do(*args, **more)
            if name in _LENGTHS:
                return len(given[0])
            if name == "list":
                return list(given[0])
            if name == "line" and type(given[0]) is not Seen:
                return self._on_one_line(do, given[0])
            if not first:
                return notes.called(f"filters[{name!r}]", do, *given, **more)
            return notes.called(f"asking({name!r})", self._asking(do, args[0]), *given, **more)

        return wraps(do)(filtered) if first else filtered

    def _asking(self, do: Callable[..., Any], first: Any) -> Callable[..., Any]:
        return lambda *args, **more: do(first, *args, **more)

    def _on_one_line(self, do: Callable[..., Any], text: Any) -> Any:
        for place in MARKS.findall(text):
            if "\n" in put(self.notes.values[int(place)][1]):
                raise Unfollowed("lines are put on one line")
        return do(text)

    def _test(self, name: str, do: Callable[..., Any]) -> Callable[..., Any]:
        first = 0 if _PassArg.from_obj(do) is None else 1

        def tested(*args: Any) -> bool:
            notes, given = self.notes, args[first:]
            if not any(map(notes.has_seen, given)):
                return bool(do(*args))
            if first:
                raise Unfollowed("a test is given the whole context")
            found = bool(do(*[notes.real(item) for item in given]))
            said = f"tests[{name!r}]({', '.join([notes.code(item) for item in given])})"
            notes.condition(said if found else f"not({said})")
            return found

        return wraps(do)(tested) if first else tested


def following(env: PageEnvironment, cache: BytecodeCache | None = None) -> FollowingEnvironment:
    """What follows the pages that an environment renders."""
    made = object.__new__(FollowingEnvironment)
    made.__dict__.update(env.__dict__)
    made.overlayed, made.linked_to, made.cache = True, env, copy_cache(env.cache)
    made.extensions = {name: each.bind(made) for name, each in env.extensions.items()}
    made.bytecode_cache = cache
    made.forget()
    made.follow()
    return made
