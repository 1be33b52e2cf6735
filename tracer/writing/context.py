"""What templates are given, with a shorter way to macros: a page calls a thousand of them."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any
from weakref import WeakSet

from jinja2 import Environment
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro
from jinja2.utils import missing
from markupsafe import Markup

marked = str.__new__
"""``marked(Markup, text)``: a text that is HTML as such; it asks nothing of the text."""
MISSING = missing
Told = tuple[str, tuple[str, ...], bool, bool, bool]
_PLAINLY = False, False, False
PLAIN = (FunctionType, MethodType)
WHOLE_PAGE: WeakSet[Any] = WeakSet()
"""Functions that want the context and ask it for nothing that a loop or a block sets."""


class PageContext(Context):
    """Jinja's context, which asks of anything but a macro what it wants to be given."""

    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call something from a template."""
        kind = type(called)
        if kind is PageMacro:
            first: tuple[Any, ...] = () if self.eval_ctx.autoescape else (self.eval_ctx,)
        elif kind is FunctionType and called in WHOLE_PAGE:
            first = (self,)
        elif kind in PLAIN and not hasattr(called, "jinja_pass_arg"):
            first = ()
        else:
            return super().call(called, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return called(*first, *args, **kwargs)


class PageMacro:
    """Jinja's macro, with a shorter way for one that is given its arguments one by one.

    ``told`` is what its template says of it: its name and the names of its arguments, and whether
    it takes other keywords, other arguments, and a caller. A page makes some hundreds of macros.
    """

    __slots__ = ("environment", "func", "told")

    def __init__(self, environment: Environment, func: Callable[..., str], told: Told) -> None:
        self.environment, self.func, self.told = environment, func, told

    @property
    def name(self) -> str:
        """What the macro is called."""
        return self.told[0]

    def __call__(self, *args: Any, **kwargs: Any) -> str:
        """What the macro says, as HTML where its environment makes that."""
        told = self.told
        lacks = len(told[1]) - len(args)
        if kwargs or lacks < 0 or told[2:] != _PLAINLY or (args and type(args[0]) is EvalContext):
            return self._whole(*args, **kwargs)
        if lacks:
            args += (missing,) * lacks
        said = self.func(*args)
        return marked(Markup, said) if self.environment.autoescape is True else said

    def _whole(self, *args: Any, **kwargs: Any) -> str:
        """The same by Jinja's own way."""
        name, names, keywords, others, caller = self.told
        autoescape = self.environment.autoescape is True
        told = self.environment, self.func, name, list(names), keywords, others, caller, autoescape
        return Macro(*told)(*args, **kwargs)


def wants_context(value: Any) -> bool:
    """Whether a function is given the context when a template calls it."""
    return callable(value) and hasattr(value, "jinja_pass_arg")


def asks_for_all(value: Any) -> bool:
    """Whether a function may look at the whole context."""
    return wants_context(value) and value not in WHOLE_PAGE
