"""Checks: what a walkthrough says is derived again, by other means.

:mod:`tracer.check.printed` reads the printed lines back from the emitted text and evaluates them
from their digits; :mod:`tracer.check.origins` follows every printed number to the line it comes
from. Neither knows how the lines were made.
"""

from __future__ import annotations

from tracer.check.origins import Mismatch, check_origins
from tracer.check.printed import PrintedLine, check_page, check_pages

__all__ = ["Mismatch", "PrintedLine", "check_origins", "check_page", "check_pages"]
