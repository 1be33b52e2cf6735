"""LaTeX → MathML, by math-core."""

from __future__ import annotations

from functools import cache, lru_cache, partial
from typing import Any

from tracer.errors import RenderError
from tracer.files.packs import worked_out
from tracer.messages import gettext


@cache
def _converter() -> Any:
    from math_core import LatexToMathML

    return LatexToMathML()


@lru_cache(maxsize=100_000)
def to_mathml(latex: str) -> str:
    """LaTeX as the inside of a ``<math>`` element; raises RenderError for LaTeX it can't read."""
    return worked_out(partial(_converted, latex), "mathml", latex)


def _converted(latex: str) -> str:
    from math_core import LatexError

    try:
        text: str = _converter().convert_with_local_state(latex, displaystyle=False)
    except LatexError as error:
        raise RenderError(
            gettext("cannot typeset %(latex)s: %(error)s", latex=repr(latex), error=error)
        ) from error
    inside = text.removeprefix("<math>").removesuffix("</math>")
    return inside.replace("&ApplyFunction;", "\u2061")
