"""What templates are given, with a shorter way to macros: a page calls a thousand of them."""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import Any
from weakref import WeakSet

from jinja2.runtime import Context, Macro

PLAIN = (FunctionType, MethodType)
WHOLE_PAGE: WeakSet[Any] = WeakSet()
"""Functions that want the context and ask it for nothing that a loop or a block sets."""


class PageContext(Context):
    """Jinja's context, which asks of anything but a macro what it wants to be given."""

    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call something from a template."""
        kind = type(called)
        if kind is Macro:
            first: tuple[Any, ...] = (self.eval_ctx,)
        elif kind is FunctionType and called in WHOLE_PAGE:
            first = (self,)
        elif kind in PLAIN and not hasattr(called, "jinja_pass_arg"):
            first = ()
        else:
            return super().call(called, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return called(*first, *args, **kwargs)
