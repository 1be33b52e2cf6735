"""How a library that tracer can do without is installed: the words, in one place.

The distribution is called ``nn-tracer``; the import and the command are ``tracer``. Until it is
published, it and its extras are installed from a checkout.
"""

from __future__ import annotations

DISTRIBUTION = "nn-tracer"
INSTALL = "pip install -e '.[{extra}]'"
"""The command, run in the checkout; ``extra`` is one of pyproject.toml."""


def install_hint(extra: str) -> str:
    """The sentence that tells how to install an extra of tracer."""
    return f"In the checkout of tracer: {INSTALL.format(extra=extra)}"
