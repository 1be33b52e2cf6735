"""MkDocs as a child process that ends when its parent does: ``python -m tracer.cli.mkdocs …``.

The parent holds the other end of our standard input. When it is gone, by whatever signal, the
input ends, and so do we.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    from mkdocs.__main__ import cli

    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.exit(cli())
