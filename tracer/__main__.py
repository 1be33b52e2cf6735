"""``python -m tracer``."""

from __future__ import annotations

from tracer.cli import main

main()
