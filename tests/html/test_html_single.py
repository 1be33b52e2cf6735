"""One file that holds a whole site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from finished import small_site
from sites import dead_links, read_once, read_site
from tracer.errors import RenderError
from tracer.html.single import check_single, write_single


@pytest.fixture(scope="module")
def folder() -> Path:
    return small_site() / "single"


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    return (folder / "small.html").read_text(encoding="utf-8")


def test_every_link_leads_to_a_place_in_the_file(folder: Path) -> None:
    pages = read_site(folder)
    assert list(dead_links(folder, pages)) == []
    (page,) = pages.values()
    assert page.doubled_ids == []
    assert len(page.links) > 1000
    assert [one for one in page.loads if not one.startswith("#")] == []


def test_it_has_every_page_and_every_line_of_the_folder(text: str) -> None:
    site = read_once(small_site() / "html")
    walk = [page for path, page in site.items() if path != "index.html"]
    assert text.count('class="frame-sheet"') == len(walk)
    lines = sum(page.html.count('class="tr-line') for page in walk)
    assert text.count('class="tr-line') == lines
    for page in walk:
        name = page.path.removesuffix("/index.html")
        found = {one for one in page.ids if re.match(r"(z|a|W|b|dL|loss|x|y)[-_0-9]", one)}
        assert all(f'id="{name}:{one}"' in text for one in found), page.path


def test_nothing_comes_from_elsewhere(text: str) -> None:
    assert re.findall(r'<(?:script|link|img)\b[^>]*\b(?:src|href)="(?!data:)', text) == []
    assert re.findall(r"url\((?![\"']?data:|#)", text) == []
    assert "font/woff2;base64," in text


def test_names_inside_a_picture_are_of_their_page(text: str) -> None:
    used = set(re.findall(r'aria-labelledby="([^" ]+)', text))
    assert used
    assert all(f'id="{name}"' in text for name in used)


def test_a_file_that_is_not_ours_is_kept(text: str, tmp_path: Path) -> None:
    path = tmp_path / "one.html"
    check_single(path)
    write_single(path, text)
    write_single(path, text)
    assert path.read_text(encoding="utf-8") == text
    for other in (text.replace("tr-line", "tr-lime", 1), text + "mine", "mine", ""):
        path.write_text(other, encoding="utf-8")
        with pytest.raises(RenderError, match="was not written by tracer, or was changed"):
            write_single(path, text)
        assert path.read_text(encoding="utf-8") == other


def test_a_link_is_not_followed(text: str, tmp_path: Path) -> None:
    (tmp_path / "target.html").write_text(text, encoding="utf-8")
    (tmp_path / "link.html").symlink_to(tmp_path / "target.html")
    with pytest.raises(RenderError):
        check_single(tmp_path / "link.html")
