"""What templates are given, with a shorter way to macros: a page calls a thousand of them."""

from __future__ import annotations

from typing import Any

from jinja2.runtime import Context, Macro


class PageContext(Context):
    """Jinja's context, which asks of anything but a macro what it wants to be given."""

    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call something from a template."""
        if type(called) is Macro:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return called(self.eval_ctx, *args, **kwargs)
        return super().call(called, *args, **kwargs)
