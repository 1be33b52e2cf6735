"""Naming this module in ``mkdocs.yml`` silences what Material for MkDocs prints at every start.

MkDocs reads its configuration before it loads the theme, and the theme looks into the environment::

    extra:
      tracer:
        quiet: !!python/name:tracer.quiet.QUIET
"""

from __future__ import annotations

import os

QUIET = "NO_MKDOCS_2_WARNING"

os.environ.setdefault(QUIET, "1")
