"""The reader of printed pages: reads lines back from the emitted text and evaluates their digits.

:mod:`tracer.reread.printed` evaluates every printed line; :mod:`tracer.reread.origins` follows
every printed number to the line it comes from. Neither knows how the lines were made: this folder
imports nothing else of tracer.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracer.reread.origins import Mismatch, check_origins
    from tracer.reread.printed import PrintedLine, check_page, check_pages

__all__ = ["Mismatch", "PrintedLine", "check_origins", "check_page", "check_pages"]
_HOMES = {"Mismatch": "origins", "check_origins": "origins"}


def __getattr__(name: str) -> Any:
    """Import what reads pages when it is used: a page that names its findings needs none of it."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'printed')}"), name)
