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


class PageMacro(Macro):
    """Jinja's macro, with a shorter way for one that is given its arguments one by one."""

    def __init__(
        self,
        environment: Environment,
        func: Callable[..., str],
        name: str,
        arguments: list[str],
        *takes: bool,
    ) -> None:
        self._environment, self._func, self.name = environment, func, name
        self.arguments, self._argument_count = arguments, len(arguments)
        self.catch_kwargs, self.catch_varargs, self.caller = takes[:3]
        self.explicit_caller = "caller" in arguments
        self._default_autoescape = environment.autoescape is True
        self._is_plain = not (any(takes[:3]) or self.explicit_caller)

    def __call__(self, *args: Any, **kwargs: Any) -> str:
        """What the macro says, as HTML."""
        lacks = self._argument_count - len(args)
        if kwargs or lacks < 0 or not self._is_plain or (args and type(args[0]) is EvalContext):
            return super().__call__(*args, **kwargs)
        if lacks:
            args += (missing,) * lacks
        said = self._func(*args)
        return marked(Markup, said) if self._default_autoescape else said
