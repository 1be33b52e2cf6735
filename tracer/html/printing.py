"""Printing with a browser: a document of HTML becomes a PDF, with bookmarks for its pages."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tracer.errors import BuildError, Problem
from tracer.extras import install_hint
from tracer.html.outline import NavItem
from tracer.html.owned import PDF
from tracer.html.paper import Print
from tracer.messages import gettext

if TYPE_CHECKING:
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import IndirectObject

GIVEN = "CHROME_PATH"
"""The variable that names the browser where it is not found by itself; other tools ask it too."""
NAMES = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("msedge", "microsoft-edge", "chromium-headless-shell", "chrome-headless-shell"),
)
_QUIET = (
    *("--headless", "--disable-gpu", "--no-first-run", "--disable-extensions"),
    *("--no-pdf-header-footer", "--disable-pdf-tagging"),  # tags make the file five times as big
)
_SAID = 300
"""Characters of what a browser says that are repeated: the end of it tells why it gave up."""


def check_printing() -> str:
    """Where the browser is that prints; BuildError says what is missing for a PDF."""
    try:
        import pypdf  # noqa: F401
    except ImportError:
        raise BuildError(
            Problem(gettext("a PDF needs pypdf, which is not here"), hint=install_hint("pdf"))
        ) from None
    names = (os.environ[GIVEN],) if os.environ.get(GIVEN) else NAMES
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        raise BuildError(
            Problem(
                gettext("a PDF is printed by Chromium, which is not here"),
                hint=gettext(
                    "Install Chromium, Chrome or Edge; or let %(name)s say where it is.", name=GIVEN
                ),
            )
        )
    return found


def pdf_of(document: Print) -> bytes:
    """The document as a PDF, with a bookmark for each page, nested by group, and tracer's mark.

    Raises:
        BuildError: a program that is needed is missing, or fails.
    """
    return PDF.put(_bookmarked(printed(document.text), document))


def printed(text: str) -> bytes:
    """A document of HTML that needs nothing beside it, as Chromium prints it."""
    browser = check_printing()
    with TemporaryDirectory(prefix="tracer-") as name:
        folder = Path(name)
        page, out = folder / "page.html", folder / "page.pdf"
        page.write_text(text, encoding="utf-8")
        done = subprocess.run(
            _command(browser, folder, page, out), capture_output=True, check=False
        )
        if done.returncode == 0 and out.is_file():
            return out.read_bytes()
    said = done.stderr.decode(errors="replace").strip()[-_SAID:]
    raise BuildError(
        Problem(
            gettext("Chromium could not print: %(said)s", said=said or done.returncode),
            file=browser,
        )
    )


def _command(browser: str, folder: Path, page: Path, out: Path) -> Sequence[str]:
    """Chromium refuses to run as root unless its sandbox is off; no script is in the page."""
    root = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    own = f"--user-data-dir={folder / 'profile'}"
    return (browser, *_QUIET, *root, own, f"--print-to-pdf={out}", page.as_uri())


def _bookmarked(content: bytes, document: Print) -> bytes:
    from pypdf import PdfReader, PdfWriter

    reader = PdfReader(BytesIO(content))
    writer = PdfWriter(clone_from=reader)
    _bookmark(writer, document.items, _places(reader), None)
    writer.metadata = {"/Title": document.title, "/Creator": "tracer"}
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _places(reader: PdfReader) -> Mapping[str, int | None]:
    """The sheet on which each page begins, by the page's name in the document."""
    return {
        unquote(name.removeprefix("/")): reader.get_destination_page_number(place)
        for name, place in reader.named_destinations.items()
    }


def _bookmark(
    writer: PdfWriter,
    items: Sequence[NavItem],
    places: Mapping[str, int | None],
    parent: IndirectObject | None,
) -> None:
    for item in items:
        sheet = places.get(unquote(item.href.removeprefix("#")))
        entry = writer.add_outline_item(
            title=item.title, page_number=sheet, parent=parent, is_open=parent is None
        )
        _bookmark(writer, item.below, places, entry)
