"""Markdown without the blanks that templates leave between its parts."""

from __future__ import annotations

import re

_BLANKS, _BLANK_LINES = re.compile(r"[^\S\n]+(?=\n)"), re.compile("\n{3,}")


def tidy(*texts: str) -> str:
    """Markdown without blank lines at its start, runs of them inside, or spaces at line ends.

    Each of the ``texts`` begins on a line of its own. A page has a megabyte, so it is copied as
    seldom as possible: once into lines, and once out of them.
    """
    # Lines are long, and to look for one sign only takes a tenth of the time.
    parts = [text.splitlines() if "\r" in text else text.split("\n") for text in texts]
    lines = [line.rstrip() for lines in parts for line in lines]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    kept[:1] = [line.lstrip() for line in kept[:1]]
    ends = kept and not kept[-1]
    return "\n".join(kept if ends else [*(kept or [""]), ""])


def smooth(text: str) -> str:
    """A part of a page without runs of blank lines, or spaces at line ends."""
    return _BLANK_LINES.sub("\n\n", _BLANKS.sub("", text))
