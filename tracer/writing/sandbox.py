"""Templates that data names: an experiment file that was downloaded may bring some of its own.

They run in Jinja's sandbox, which is narrowed: they see what a page is told, and may call what
pages are written with and nothing else, so no file is read or written and no code is run. Loops,
macros and texts are counted, so that a template comes to an end.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, TemplateSyntaxError, nodes, pass_eval_context
from jinja2.exceptions import SecurityError
from jinja2.filters import do_join
from jinja2.nodes import EvalContext
from jinja2.runtime import markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_TURNS = 5_000_000
"""How often loops turn and macros are called on one page."""
MOST_SIGNS = 50_000_000
"""How many characters one page may put together."""
LONGEST = 1_000_000
"""How long a text or a list may be that a template makes, and a template itself."""
# a number of 1,233 digits: more than any page shows, and its power is computed in no time
MOST_BITS = 4096
_FILTERS = (
    frozenset(
        ["abs", "attr", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first"]
    )
    | frozenset(
        ["float", "int", "items", "join", "last", "length", "list", "lower", "map", "max", "min"]
    )
    | frozenset(
        ["reject", "rejectattr", "replace", "reverse", "round", "safe", "select", "selectattr"]
    )
    | frozenset(
        ["sort", "string", "striptags", "sum", "title", "trim", "unique", "upper", "wordcount"]
    )
)
_METHODS = (
    frozenset(
        [
            "capitalize",
            "count",
            "endswith",
            "find",
            "get",
            "index",
            "is_integer",
            "isalpha",
            "isdigit",
        ]
    )
    | frozenset(
        ["items", "keys", "lower", "lstrip", "removeprefix", "removesuffix", "rfind", "rstrip"]
    )
    | frozenset(
        ["split", "splitlines", "startswith", "strip", "title", "unescape", "upper", "values"]
    )
)
_SEEN = ("builtins", "jinja2", "markupsafe", "numpy", "tracer")
_CALLED: tuple[str, ...] = (
    "jinja2",
    "tracer.explain",
    "tracer.notation",
    "tracer.numerals",
    "tracer.pages",
    "tracer.refs",
)
_CALLED += (
    "tracer.check.proof",
    "tracer.check.spot",
    "tracer.pictures",
    "tracer.writing.site",
    "tracer.writing.templating",
    "tracer.typeset",
)
_REFUSED = frozenset(["beside", "symbolic"])
_GLOBALS = ("range", "dict", "namespace")


class DataLoader(FileSystemLoader):
    """Templates inside one folder; a link that leads out of it is refused."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """The text of a template, its file, and whether it is as it was."""
        text, filename, unchanged = super().get_source(environment, template)
        if not Path(filename).resolve().is_relative_to(Path(self.searchpath[0]).resolve()):
            raise TemplateSyntaxError("a link leads out of the folder", 1, template, filename)
        if len(text) > LONGEST:
            message = f"more than {LONGEST} characters in one template"
            raise TemplateSyntaxError(message, 1, template, filename)
        return text, filename, unchanged


class DataEnvironment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox for templates that data names."""

    intercepted_binops = frozenset(["*", "**", "+", "%"])

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.filters = {name: f for name, f in self.filters.items() if name in _FILTERS}
        self.filters["replace"] = _replaced
        self.filters["join"] = _joined
        self.globals = {name: self.globals[name] for name in _GLOBALS}
        self.budget = Budget()

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _counted(super()._parse(source, name, filename))
        tree.set_environment(self)
        return tree

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may look at an attribute."""
        return _of(type(obj).__module__, _SEEN) and super().is_safe_attribute(obj, attr, value)

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether a template may call something."""
        if not super().is_safe_callable(obj):
            return False
        given = any(obj is one for one in self.globals.values())
        return given or _is_ours(obj) or _is_plain_method(obj)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """``left operator right`` where the result stays small."""
        if not _stays_small(operator, left, right):
            raise SecurityError(f"the result of {operator} would be too large")
        return super().call_binop(context, operator, left, right)


class Budget:
    """What one page may still spend."""

    def __init__(self) -> None:
        self.refill()

    def refill(self) -> None:
        """Begin another page."""
        self.turns, self.signs = MOST_TURNS, MOST_SIGNS

    def turn(self) -> str:
        """Count a call of a macro."""
        self.turning(((),))
        return ""

    def turning(self, items: Any) -> Any:
        """What a loop goes through, all its turns counted before the first."""
        found = items if hasattr(items, "__len__") else list(islice(items, self.turns + 1))
        self.turns -= len(found)
        if self.turns < 0:
            raise SecurityError(f"loops turn more than {MOST_TURNS} times on one page")
        return found

    def said(self, text: Any) -> Any:
        """Count what is written."""
        self.signs -= len(text) if isinstance(text, str) else 0
        if self.signs < 0:
            raise SecurityError(f"more than {MOST_SIGNS} characters on one page")
        return text

    def together(self, *parts: Any) -> Any:
        """Texts put together; counted, as each use may be twice as long as the one before."""
        return self.said(markup_join(parts))


def _counted(tree: nodes.Template) -> nodes.Template:
    """The template with a count in every loop, in every macro and where texts are joined."""
    for loop in list(tree.find_all(nodes.For)):
        loop.iter = _budget("turning", [cast("nodes.Expr", loop.iter)], loop.lineno)
    called = [loop for loop in tree.find_all(nodes.For) if loop.recursive]
    macros: list[nodes.For | nodes.Macro | nodes.CallBlock] = [
        *called,
        *tree.find_all(nodes.Macro),
        *tree.find_all(nodes.CallBlock),
    ]
    for macro in macros:
        macro.body.insert(0, nodes.Output([_budget("turn", [])], lineno=macro.lineno))
    _join_counted(tree)
    return tree


def _join_counted(node: nodes.Node) -> None:
    for name, value in node.iter_fields():
        if isinstance(value, list):
            value[:] = [_without_concat(item) for item in value]
        elif isinstance(value, nodes.Node):
            setattr(node, name, _without_concat(value))
    for child in node.iter_child_nodes():
        _join_counted(child)


def _without_concat(item: Any) -> Any:
    if isinstance(item, nodes.Concat):
        return _budget("together", item.nodes, item.lineno)
    return item


def _budget(name: str, arguments: list[nodes.Expr], lineno: int = 1) -> nodes.Call:
    budget = nodes.EnvironmentAttribute("budget", lineno=lineno)
    wanted = nodes.Getattr(budget, name, "load", lineno=lineno)
    return nodes.Call(wanted, arguments, [], None, None, lineno=lineno)


def _is_ours(called: Any) -> bool:
    function = called.func if isinstance(called, partial) else called
    if isinstance(getattr(function, "__self__", None), Budget):
        return True
    name = getattr(function, "__name__", "")
    module = getattr(function, "__module__", None) or type(function).__module__
    if isinstance(function, type) or name in _REFUSED:
        return False
    return _of(module, _CALLED)


def _is_plain_method(called: Any) -> bool:
    owner = getattr(called, "__self__", None)
    plain = _of(type(owner).__module__, ("builtins", "markupsafe"))
    return owner is not None and plain and getattr(called, "__name__", "") in _METHODS


def _of(module: str, names: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def _stays_small(operator: str, left: Any, right: Any) -> bool:
    sizes = [_size(value) for value in (left, right)]
    if operator == "%":
        return not isinstance(left, str)
    if operator == "+":
        return sum(sizes) <= LONGEST
    if any(isinstance(value, str | list | tuple) for value in (left, right)):
        numbers = (abs(value) for value in (left, right) if isinstance(value, int))
        return max(sizes) * max(numbers, default=0) <= LONGEST
    if operator == "**":
        powers = isinstance(right, int | float) and abs(right) <= MOST_BITS
        return powers and _bits(left) * max(1, abs(right)) <= MOST_BITS
    return _bits(left) + _bits(right) <= MOST_BITS


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple) else 0


def _bits(value: Any) -> int:
    return value.bit_length() if isinstance(value, int) else 64


def _replaced(text: Any, old: str, new: str) -> Any:
    """The filter ``replace`` where the result stays small."""
    if len(str(text)) + str(text).count(old) * len(new) > LONGEST:
        raise SecurityError("the result of replace would be too large")
    return text.replace(old, new)


@pass_eval_context
def _joined(context: EvalContext, value: Any, d: str = "", attribute: Any = None) -> str:
    """The filter ``join`` where the result stays small."""
    parts = list(value)
    if sum(len(str(part)) + len(d) for part in parts) > LONGEST:
        raise SecurityError("the result of join would be too large")
    joined: str = do_join(context, parts, d, attribute)
    return joined
