"""The command ``tracer``, and ``python -m tracer``: Ctrl-C while it is imported is no traceback."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""128 + SIGINT, as `tracer.cli` ends; that is what is still to be imported."""


def main() -> None:
    """Run the command line; before its first import, nobody of tracer's can answer Ctrl-C."""
    try:
        from tracer.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
