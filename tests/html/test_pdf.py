"""A walkthrough as one PDF: its bookmarks and links, and what is said where it cannot be made."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from sites import TINY
from tracer.errors import BuildError, RenderError
from tracer.html.outline import NavItem
from tracer.html.owned import PDF, check_owned, write_owned
from tracer.html.paper import Print, css_text
from tracer.html.printing import GIVEN, pdf_of

Call = Callable[..., tuple[int | str, str, str]]

PAGES = ("one", "group/two", "group/three — ∂L")
LINKS = "".join(f'<a href="#{name}">{name}</a> ' for name in PAGES)
SECTIONS = "".join(f'<section id="{name}">{name} <b>0.25</b></section>' for name in PAGES)
BROKEN = "<style>section { break-before: page }</style>"
DOCUMENT = f"{BROKEN}<nav>{LINKS}</nav>{SECTIONS}"
ITEMS = (
    NavItem("One", "#one"),
    NavItem("Group", "", below=(NavItem("Two", "#group/two"), NavItem("Three", f"#{PAGES[2]}"))),
)


@pytest.mark.browser
@pytest.mark.usefixtures("browser")  # skips where there is none
def test_a_pdf_has_a_bookmark_for_each_page_nested_by_group() -> None:
    content = pdf_of(Print(DOCUMENT, "A — title", ITEMS))
    assert PDF.is_whole(content)
    read = PdfReader(BytesIO(content))
    assert read.metadata is not None
    assert (read.metadata.title, read.metadata.creator) == ("A — title", "tracer")
    one, group, below = cast(Any, read.outline)
    assert [one.title, group.title, *(entry.title for entry in below)] == [
        *("One", "Group", "Two", "Three")
    ]
    found = [read.get_destination_page_number(entry) for entry in (one, *below)]
    assert found == [1, 2, 3]
    for sheet, name in zip(found, PAGES, strict=True):
        assert sheet is not None
        assert name.partition(" ")[0] in read.pages[sheet].extract_text()
    links = [note.get_object() for note in cast(Any, read.pages[0]["/Annots"])]
    assert [str(link["/Dest"]) in read.named_destinations for link in links] == [True] * 3


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(GIVEN, raising=False)
    (tmp_path / "tiny.toml").write_text(TINY, encoding="utf-8")
    return tmp_path


def test_without_a_browser_it_says_what_to_install(
    home: Path, call_main: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(home))
    status, _, said = call_main("render", "tiny.toml", "--pdf")
    assert status != 0
    assert "Install Chromium, Chrome or Edge" in said
    assert [path.name for path in home.iterdir()] == ["tiny.toml"]


@pytest.mark.parametrize("does", ["echo no display >&2; exit 1", "exit 0"])
def test_a_browser_that_fails_leaves_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, does: str
) -> None:
    browser = home / "browser"
    browser.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    browser.chmod(0o755)
    monkeypatch.setenv(GIVEN, str(browser))
    with pytest.raises(BuildError, match=r"Chromium could not print: (no display|0)"):
        pdf_of(Print(DOCUMENT, "", ITEMS))
    assert sorted(path.name for path in home.iterdir()) == ["browser", "tiny.toml"]


def test_a_file_that_is_not_ours_stands_in_the_way(home: Path, call_main: Call) -> None:
    (home / "tiny.pdf").write_bytes(b"%PDF mine")
    status, _, said = call_main("render", "tiny.toml", "--pdf")
    assert status != 0
    assert "tiny.pdf: was not written by tracer" in said
    assert (home / "tiny.pdf").read_bytes() == b"%PDF mine"


@given(st.binary(max_size=200), st.binary(min_size=1, max_size=5))
def test_a_mark_tells_a_change(content: bytes, more: bytes) -> None:
    sealed = PDF.put(content)
    assert PDF.is_whole(sealed)
    assert not PDF.is_whole(sealed + more)
    assert not PDF.is_whole(more + sealed)


def test_a_file_of_ours_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a" / "one.pdf"
    for content in (b"first", b"\xff second"):
        write_owned(path, PDF.put(content), PDF)
        check_owned(path, PDF)
    path.write_bytes(path.read_bytes() + b"mine")
    with pytest.raises(RenderError, match="was changed since"):
        write_owned(path, PDF.put(b"third"), PDF)


@given(st.text())
def test_a_title_cannot_leave_its_place_in_the_styles(title: str) -> None:
    inner = str(css_text(title))[1:-1]
    assert not set(inner) & set('"<\n\r\f')
    parts = inner.split("\\")
    read = parts[0]
    for part in parts[1:]:
        code, _, rest = part.partition(" ")
        read += chr(int(code, 16)) + rest
    assert read == title
