"""The reader of printed pages: reads lines back from the emitted text and evaluates their digits.

:mod:`tracer.reread.printed` evaluates every printed line; :mod:`tracer.reread.origins` follows
every printed number to the line it comes from. Neither knows how the lines were made: this folder
imports nothing else of tracer.
"""

from __future__ import annotations

from tracer.reread.origins import Mismatch, check_origins
from tracer.reread.printed import PrintedLine, check_page, check_pages

__all__ = ["Mismatch", "PrintedLine", "check_origins", "check_page", "check_pages"]
