"""`tracer render --html` and `--single` on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sites import TINY, contents, dead_links, read_site

pytestmark = pytest.mark.usefixtures("rendered_once")
Call = Callable[..., tuple[int | str, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(TINY, encoding="utf-8")
    return tmp_path


def test_a_folder_is_written_and_kept_up_to_date(home: Path, call_main: Call) -> None:
    status, _, said = call_main("render", "tiny.toml", "--html")
    assert (status, "html/index.html: the first page" in said) == (0, True)
    pages = read_site(home / "html")
    assert "tiny/task/index.html" in pages
    assert list(dead_links(home / "html", pages)) == []
    before = contents(home / "html")
    (home / "html" / "mine.txt").write_text("mine", encoding="utf-8")
    (home / "tiny.toml").write_text(TINY.replace("Tiny", "Another"), encoding="utf-8")
    status, _, said = call_main("render", "tiny.toml", "--html")
    assert status == 0
    after = contents(home / "html")
    assert after.pop("mine.txt") == b"mine"
    assert after.keys() == before.keys()
    assert b"Another" in after["index.html"]


def test_a_page_that_somebody_changed_stands_in_the_way(home: Path, call_main: Call) -> None:
    page = home / "out" / "tiny" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("mine", encoding="utf-8")
    status, _, said = call_main("render", "tiny.toml", "--html", "--out", "out")
    assert status == 2
    assert "tiny/index.html" in said
    assert contents(home / "out") == {"tiny/index.html": b"mine"}


def test_one_file_has_the_name_of_the_experiment_or_the_given_one(
    home: Path, call_main: Call
) -> None:
    status, _, said = call_main("render", "tiny.toml", "--single")
    assert (status, "tiny.html: " in said) == (0, True)
    assert call_main("render", "tiny.toml", "--single", "--out", "a/lesson.html")[0] == 0
    assert call_main("render", "tiny.toml", "--out", "folder", "--single")[0] == 0
    whole = (home / "tiny.html").read_bytes()
    assert (home / "a" / "lesson.html").read_bytes() == whole
    assert (home / "folder" / "tiny.html").read_bytes() == whole


def test_one_file_does_not_replace_another_persons(home: Path, call_main: Call) -> None:
    (home / "tiny.html").write_text("mine", encoding="utf-8")
    status, _, said = call_main("render", "tiny.toml", "--single")
    assert status == 2
    assert "tiny.html: was not written by tracer" in said
    assert (home / "tiny.html").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("more", [["--build"], ["--prune"], ["--math", "latex"]])
@pytest.mark.parametrize("form", ["--html", "--single"])
def test_options_of_markdown_are_refused(
    home: Path, call_main: Call, form: str, more: list[str]
) -> None:
    status, _, said = call_main("render", "tiny.toml", form, *more)
    assert status == 2
    assert f"{' '.join(more)} does not go with" in said
    assert [path.name for path in home.iterdir()] == ["tiny.toml"]


def test_one_form_is_chosen_also_where_one_of_them_is_there(home: Path, call_main: Call) -> None:
    assert call_main("render", "tiny.toml", "--single")[0] == 0
    for two in (["--html", "--single"], ["--single", "--pdf"]):
        status, _, said = call_main("render", "tiny.toml", *two)
        assert (status, "choose one" in said) == (2, True)
    assert sorted(path.name for path in home.iterdir()) == ["tiny.html", "tiny.toml"]


def test_a_size_of_paper_is_asked_for_with_a_print_alone(home: Path, call_main: Call) -> None:
    for form in ([], ["--html"]):
        status, _, said = call_main("render", "tiny.toml", *form, "--paper", "A4")
        assert (status, "say --pdf too" in said) == (2, True)
    assert [path.name for path in home.iterdir()] == ["tiny.toml"]


def test_what_is_not_there_is_not_served(home: Path, call_main: Call) -> None:
    status, _, said = call_main("serve", "tiny.toml", "tinny.toml", "missing/one.toml")
    assert status == 2
    assert 'Did you mean "tiny.toml"?' in said
    assert "missing/one.toml" in said
    assert "shows the pages" not in said


def test_a_file_is_no_folder(home: Path, call_main: Call) -> None:
    status, _, said = call_main("render", "tiny.toml", "--html", "--out", "x.html")
    assert status == 2
    assert "is the name of a file" in said
    status, _, said = call_main("render", "tiny.toml", "--single", "--out", "x.csv")
    assert (status, "name a file that ends in .html, such as 'x.html'" in said) == (2, True)


def test_checks_are_shown_in_the_page(home: Path, call_main: Call) -> None:
    status, _, said = call_main("render", "tiny.toml", "--html", "--check")
    assert (status, "passed" in said) == (0, True)
    page = (home / "html" / "tiny" / "checks" / "index.html").read_text(encoding="utf-8")
    assert "tr-checks" in page


def test_templates_of_ones_own_replace_a_part_of_the_frame(home: Path, call_main: Call) -> None:
    own = home / "own" / "html"
    own.mkdir(parents=True)
    template = '{% extends "tracer/html/page.html.j2" %}'
    template += "{% block foot %}{{ super() }}<footer>My school</footer>{% endblock %}"
    (own / "page.html.j2").write_text(template, encoding="utf-8")
    assert call_main("render", "tiny.toml", "--html", "--templates", "own")[0] == 0
    page = (home / "html" / "tiny" / "index.html").read_text(encoding="utf-8")
    assert "<footer>My school</footer>" in page
    assert "frame-search" in page
    (own / "page.html.j2").write_text("{{ nothing }}", encoding="utf-8")
    status, _, said = call_main("render", "tiny.toml", "--html", "--templates", "own")
    assert status == 2
    assert "html/page.html.j2: cannot be rendered" in said
