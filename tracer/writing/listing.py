"""The list of a project's walkthroughs, for a page of one's own that asks for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from tracer.errors import TracerError
from tracer.writing.project import Walkthrough, walkthroughs
from tracer.writing.templating import environment


def listing(docs: Path, page: str) -> str | None:
    """The list as Markdown, with links from ``page``; None where it cannot be told.

    Args:
        docs: the folder of the project's pages.
        page: the path in it of the page that the list is for.
    """
    try:
        found = walkthroughs(docs, deep=True)
    except TracerError:
        return None
    rows = [(one.title, address) for one in found for address in _address(docs, page, one)]
    return environment().get_template("walkthroughs.md.j2").render(walkthroughs=rows)


def _address(docs: Path, page: str, one: Walkthrough) -> Iterator[str]:
    """How the page links to a walkthrough's first page; nothing where it has none."""
    first = next((path for _, path in one.pages if (one.folder / path).is_file()), None)
    if first is not None:
        target = (one.folder / first).relative_to(docs).as_posix()
        yield quote(os.path.relpath(target, PurePosixPath(page).parent).replace(os.sep, "/"))
