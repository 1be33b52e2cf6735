"""Where pages stand in the finished HTML, and how one leads to another."""

from __future__ import annotations

import posixpath
from urllib.parse import quote, urlsplit

MARKDOWN = ".md"
README = "README.md"


def page_path(source: str) -> str:
    """The path of the page that a Markdown file becomes: ``guide/cli.md`` is ``guide/cli.html``."""
    folder, name = posixpath.split(source)
    stem = "index" if name == README else name.removesuffix(MARKDOWN)
    return posixpath.join(folder, f"{stem}.html")


def page_address(href: str) -> str:
    """A link that leads to the page where it led to a Markdown file; any other stays as it is."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return href
    if parts.scheme or parts.netloc or not parts.path.endswith(MARKDOWN):
        return href
    return parts._replace(path=page_path(parts.path)).geturl()


def relative(here: str, target: str) -> str:
    """The link from the page at the path ``here`` to the file at the path ``target``."""
    return quote(posixpath.relpath(target, posixpath.dirname(here) or "."))
