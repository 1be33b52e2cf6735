"""How templates call macros: a page calls some five hundred of them."""

from __future__ import annotations

from typing import Any

from jinja2.runtime import Context, Macro
from jinja2.utils import internalcode


class DirectContext(Context):
    """Variables of a template that calls a macro at once.

    Jinja first asks of all that is called what it wants to be given; of a macro it is known.
    """

    @internalcode
    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """What ``called`` gives for the arguments."""
        if type(called) is not Macro:
            return super().call(called, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return called(self.eval_ctx, *args, **kwargs)
