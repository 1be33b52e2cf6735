"""Sites built for the tests, and what a reader's browser would find in them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

import warm
from sharing import shared
from warm import QUIET, hand_over

ROOT = Path(__file__).resolve().parents[2]
#: What is run in a process that has imported it already.
WARM = frozenset(["tracer", "mkdocs"])
VOID = frozenset(
    ["area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"]
)
RAW = frozenset(["script", "style"])
TOKEN = re.compile(
    r"<!--.*?-->|<[!?][^>]*>|<(/?)([a-zA-Z][^\s/>]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL
)
ATTRIBUTE = re.compile(
    r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""", re.DOTALL
)
ASKED = re.compile(r"\b(?:id|href|src|srcset|data|poster|style)\b", re.IGNORECASE)
LOADING = frozenset(["stylesheet", "icon", "preload", "prefetch", "modulepreload", "manifest"])

#: The shortest experiment there is: one unit, two rows.
TINY = """\
title = "Tiny"
[data]
columns = ["u", "t"]
rows = [[0, 0], [1, 1]]
[[layers]]
units = 1
activation = "sigmoid"
[training]
loss = "binary_cross_entropy"
epochs = 1
"""

#: A network of two inputs, two hidden units and one output, that learns from three rows.
SMALL = """\
title = "Three rows"

[data]
columns = ["u", "v", "t"]
rows = [[0, 1, 0], [1, 0.5, 1], [0.25, 1, 1], [0.5, 0.5, 0]]
train = 3

[[layers]]
units = 2
activation = "tanh"

[[layers]]
units = 1
activation = "sigmoid"

[init]
seed = 3
decimals = 2

[training]
loss = "binary_cross_entropy"
epochs = 3
"""


def required(reason: str) -> None:
    """Skip the test; where everything has to be tried, let it fail instead."""
    if os.environ.get("TRACER_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def from_npm(package: str) -> Path:
    """The folder of a package that package.json names; where it is missing, the test is skipped."""
    folder = ROOT / "node_modules" / package
    if not folder.is_dir():
        if os.environ.get("TRACER_REQUIRE_NPM") == "1":
            pytest.fail(f"{package} is not installed")
        pytest.skip(f"{package} is not installed")
    return folder


def project(folder: Path) -> Path:
    """The project of this checkout, without what was rendered: its settings and its own pages."""
    shutil.copytree(ROOT / "site", folder / "site", ignore=shutil.ignore_patterns("examples"))
    shutil.copy(ROOT / "mkdocs.yml", folder)
    return folder


def small_project(folder: Path, experiment: str = SMALL) -> Path:
    """A project as `tracer new` makes it, but with one experiment, ``small.toml``."""
    succeed("tracer", "new", str(folder), cwd=folder.parent)
    for path in (folder / "experiments").iterdir():
        path.unlink()
    (folder / "experiments" / "small.toml").write_text(experiment, encoding="utf-8")
    (folder / "site" / "index.md").write_text("# Home\n", encoding="utf-8")
    return folder


def command(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m …`` in a folder, warm unless Python is told anything, and capture all."""
    if arguments[0] in WARM and not any(name.startswith("PYTHON") for name in environment):
        return warm.ended(arguments[0], arguments[1:], cwd, environment)
    return python("-m", *arguments, cwd=cwd, **environment)


def python(
    *arguments: str, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``python …`` in a process of its own that imports everything anew, and capture all."""
    hand_over()
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, **QUIET, **environment},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


def succeed(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same, where it has to succeed."""
    done = command(*arguments, cwd=cwd, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def contents(folder: Path) -> dict[str, bytes]:
    """Every file under a folder by its relative path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def times(folder: Path) -> dict[str, int]:
    """When every file under a folder was last written."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in files}


@dataclass
class Page:
    """One HTML page: anchors, links, what it loads, and text kept out of the search."""

    path: str
    html: str
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)

    @cached_property
    def maths(self) -> list[str]:
        """The formulas in the order of the page."""
        return re.findall(r"<math.*?</math>", self.html, re.DOTALL)

    @property
    def doubled_ids(self) -> list[str]:
        """Anchors that stand on the page more than once."""
        return [name for name, count in Counter(self.ids).items() if count > 1]


def attributes(told: str) -> dict[str, str]:
    """What a tag tells after its name."""
    found = (
        (name.lower(), one or other or bare) for name, one, other, bare in ATTRIBUTE.findall(told)
    )
    return {name: unescape(value) if "&" in value else value for name, value in found}


class Reader:
    """Reads a page into what it is to be asked for.

    Of what ``html.parser`` can, this is what pages need, in a quarter of the time.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.open: list[tuple[str, bool]] = []
        self.text: list[str] = []
        self.excluded = 0

    def feed(self, html: str) -> None:
        """Read HTML from its beginning to its end."""
        at = 0
        while found := TOKEN.search(html, at):
            self._data(html[at : found.start()])
            at = found.end()
            closing, tag, told = found.groups()
            if closing:
                self._end(tag.lower())
            elif tag:
                at = self._start(tag.lower(), told, html, at)
        self._data(html[at:])

    def _start(self, tag: str, told: str, html: str, at: int) -> int:
        """Read a tag that ends at a place; tell from where to read on."""
        excludes = False
        if ASKED.search(told):
            values = attributes(told)
            excludes = "data-search-exclude" in values
            if "id" in values:
                self.page.ids.append(values["id"])
            self._collect(tag, values)
        if tag in VOID:
            return at
        self.open.append((tag, excludes))
        self.excluded += excludes
        if told.endswith("/"):
            self._end(tag)
        elif tag in RAW:
            end = html.find(f"</{tag}", at)
            self._data(html[at:end])
            return end
        return at

    def _end(self, tag: str) -> None:
        if not any(name == tag for name, _ in reversed(self.open)):
            return
        while self.open:
            name, excludes = self.open.pop()
            self.excluded -= excludes
            if excludes and not self.excluded:
                self.page.hidden.append("".join(unescape("".join(self.text)).split()))
                self.text.clear()
            if name == tag:
                return

    def _data(self, data: str) -> None:
        if self.excluded:
            self.text.append(data)

    def _collect(self, tag: str, values: dict[str, str]) -> None:
        target = values.get("href", values.get("xlink:href"))
        if target is None:
            pass
        elif tag == "a":
            self.page.links.append(target)
        elif tag == "link" and set(values.get("rel", "").split()) & LOADING:
            self.page.loads.append(target)
        elif tag == "link":
            self.page.links.append(target)
        elif tag in ("use", "image"):
            self.page.loads.append(target)
        for name in ("src", "srcset", "data", "poster"):
            if name in values:
                self.page.loads.append(values[name])
        self.page.loads += re.findall(r"url\(([^)]*)\)", values.get("style", ""))


def read_site(public: Path) -> dict[str, Page]:
    """Every HTML page of a built site; the page for wrong addresses is of no place and left out."""
    pages = {}
    for path in sorted(public.rglob("*.html")):
        name = path.relative_to(public).as_posix()
        if name != "404.html":
            pages[name] = read_page(public, name)
    return pages


def read_page(public: Path, name: str) -> Page:
    """One page of a built site."""
    page = Page(name, (public / name).read_text(encoding="utf-8"))
    Reader(page).feed(page.html)
    return page


def read_once(public: Path) -> dict[str, Page]:
    """The same of a site that nothing changes any more; it is read once in a run."""
    pages: dict[str, Page] = shared(f"pages of {public}", lambda: read_site(public))
    return pages


def dead_links(public: Path, pages: dict[str, Page]) -> Iterator[str]:
    """The links inside the site that lead to no file, or to an anchor that is not there."""
    for page in pages.values():
        for link in dict.fromkeys(page.links + page.loads):
            if not is_outside(link) and (reason := _dead(public, pages, page, link)):
                yield f"{page.path}: {link}: {reason}"


def is_outside(link: str) -> bool:
    """Whether a link leaves the site."""
    parts = urlsplit(link)
    return bool(parts.scheme or parts.netloc)


def _dead(public: Path, pages: dict[str, Page], page: Page, link: str) -> str:
    if not link:
        return "leads nowhere"
    parts = urlsplit(urljoin(page.path, link))
    path, anchor = unquote(parts.path), unquote(parts.fragment)
    if path.startswith(("/", "..")) or not (public / path).is_file():
        return "no such file"
    is_moment = "=" in anchor  # of the explorer, whose script reads it
    if anchor and not is_moment and path in pages and anchor not in pages[path].ids:
        return "no such anchor"
    return ""
