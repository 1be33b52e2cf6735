"""A walkthrough belongs to what made it: what is removed, replaced, refused and left alone."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
import yaml

import warm
from sites import TINY, contents
from tracer.experiment import Experiment
from tracer.training import run
from tracer.writing.foreign import isolated
from tracer.writing.navigating import write_navigation
from tracer.writing.project import NAVIGATION, ORDER, find_project, page_order

pytestmark = pytest.mark.usefixtures("rendered_once")

LATEX = ("--math", "latex")
Call = Callable[..., tuple[int | str, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one experiment, where the command line works."""
    home = tmp_path / "home"
    (home / "experiments").mkdir(parents=True)
    (home / "experiments" / "first.toml").write_text(TINY, encoding="utf-8")
    monkeypatch.chdir(home)
    return home


def from_python(out: Path, name: str = "experiment") -> None:
    """Render a walkthrough of Python's own."""
    experiment = Experiment.from_mapping(
        {
            "data": {"columns": ["u", "t"], "rows": [[0, 0], [1, 1]]},
            "layers": [{"units": 1, "activation": "sigmoid"}],
            "training": {"loss": "binary_cross_entropy", "epochs": 1},
        }
    )
    assert experiment.name == name
    run(experiment).render(out, math="latex")


def test_only_what_this_project_made_goes_away_and_is_named(folder: Path, call_main: Call) -> None:
    out = folder / "site" / "examples"
    (folder / "experiments" / "second.toml").write_text(TINY, encoding="utf-8")
    (folder / "other.toml").write_text(TINY, encoding="utf-8")
    assert call_main("render", *LATEX)[0] == 0
    assert call_main("render", "other.toml", *LATEX)[0] == 0
    from_python(out)
    (folder / "experiments" / "second.toml").unlink()
    count = len(contents(out / "second")) - 1
    status, _, said = call_main("render", *LATEX)
    assert status == 0
    assert f"site/examples/second: the walkthrough is removed, {count} removed\n" in said
    assert "site/examples/first: 0 written, " in said
    assert said.count("\n") == 2
    assert {path.name for path in out.iterdir()} == {"first", "other", "experiment"}
    status, _, said = call_main("render", "--prune", *LATEX)
    assert status == 0
    assert "site/examples/other: the walkthrough is removed" in said
    assert "site/examples/experiment: the walkthrough is removed" in said
    assert {path.name for path in out.iterdir()} == {"first"}


def test_two_experiments_of_one_name_do_not_take_turns(folder: Path, call_main: Call) -> None:
    (folder / "first.toml").write_text(TINY, encoding="utf-8")
    assert call_main("render", *LATEX)[0] == 0
    before = contents(folder)
    status, _, said = call_main("render", "first.toml", *LATEX)
    assert status in (1, 2)
    assert "made from file:../../experiments/first.toml" in said
    assert "--prune" in said
    assert contents(folder) == before
    assert call_main("render", "first.toml", "--prune", *LATEX)[0] == 0
    (folder / "first.toml").rename(folder / "experiments" / "first.toml")
    assert call_main("render", *LATEX)[0] == 0  # it was moved: nothing else can want its place


def test_another_projects_pages_are_not_reached(folder: Path, call_main: Call) -> None:
    """Neither through a link, nor from a folder without experiments."""
    shared = folder.parent / "shared"
    assert call_main("render", "--out", "../shared", *LATEX)[0] == 0
    before = contents(shared)
    (folder / "site" / "examples").mkdir(parents=True)
    (folder / "site" / "examples" / "theirs").symlink_to(shared / "first")
    status, _, said = call_main("render", *LATEX)
    assert status == 0
    assert "theirs" not in said
    assert call_main("render", "--prune", *LATEX)[0] == 0
    assert (folder / "site" / "examples" / "theirs").is_symlink()
    assert contents(shared) == before
    (folder / "experiments" / "first.toml").rename(folder / "kept.toml")
    (folder.parent / "empty").mkdir()
    os.chdir(folder.parent / "empty")
    assert call_main("render", "--out", "../shared", *LATEX)[0] == 0
    assert contents(shared).items() >= before.items()


def test_nothing_is_written_if_the_assets_cannot_be(folder: Path, call_main: Call) -> None:
    (folder / "site" / "examples" / "assets").mkdir(parents=True)
    (folder / "site" / "examples" / "assets" / "tracer.css").write_text("mine", encoding="utf-8")
    before = contents(folder)
    status, _, said = call_main("render")
    assert status in (1, 2)
    assert "tracer.css: tracer did not write this" in said
    assert contents(folder) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("render", "--out", "one.html"),
        ("render", "--out", "a/b.MD"),
        ("render", "--out", ""),
        ("render", "--out", " "),
        ("new", ""),
        ("new", "my.toml"),
        ("examples", "xor", "--copy", ""),
    ],
)
def test_a_folder_that_is_none_is_refused(
    folder: Path, call_main: Call, arguments: tuple[str, ...]
) -> None:
    before = sorted(folder.rglob("*"))
    status, out, said = call_main(*arguments)
    assert (status, out) == (2, "")
    assert "folder" in said or "is empty" in said
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    "config",
    [
        "docs_dir: [a]",
        "site_dir: 7",
        'docs_dir: ""',
        'docs_dir: "a\\0b"',
        "when: 2001-99-99",
        f"n: {'9' * 5000}",
        "? [a]\n: b",
        "[" * 5000,
        "extra: {tracer: {nav: &a [{x: *a}, examples]}}",
    ],
)
def test_an_odd_configuration_is_an_error_of_its_own(
    folder: Path, call_main: Call, config: str
) -> None:
    (folder / "mkdocs.yml").write_text(config, encoding="utf-8")
    before = contents(folder)
    status, out, said = call_main("render")
    assert status in (1, 2)
    assert out == ""
    assert "mkdocs.yml" in said
    assert "fault of tracer" not in said
    assert contents(folder) == before


def test_a_damaged_walkthrough_does_not_break_anothers(folder: Path, call_main: Call) -> None:
    (folder / "mkdocs.yml").write_text("site_name: Mine\ndocs_dir: site\n", encoding="utf-8")
    (folder / "other.toml").write_text(TINY.replace("Tiny", "Other"), encoding="utf-8")
    assert call_main("render", "other.toml", *LATEX)[0] == 0
    page = folder / "site" / "examples" / "other" / "index.md"
    page.write_text("no front matter", encoding="utf-8")
    assert call_main("render")[0] == 0
    assert "Other" in (folder / NAVIGATION).read_text(encoding="utf-8")
    page.unlink()
    project = find_project(folder)
    assert project is not None
    write_navigation(project, project.out)
    text = (folder / NAVIGATION).read_text(encoding="utf-8")
    assert "examples/other/index.md" not in text
    assert "examples/other/task/index.md" in text


def test_a_killed_render_is_healed_by_the_next(folder: Path, call_main: Call) -> None:
    out, chance = folder / "site" / "examples" / "first", random.Random(3)
    assert call_main("render", *LATEX)[0] == 0
    versions = {index(out)}
    for title in ("Second", "Third"):
        text = TINY.replace("Tiny", title)
        (folder / "experiments" / "first.toml").write_text(text, encoding="utf-8")
        with Path(os.devnull).open("wb") as nothing:
            process = warm.started("tracer", ["render", *LATEX], folder, nothing)
        time.sleep(chance.uniform(0.1, 0.6))
        process.kill()
        process.wait()
        pages = [text for name, text in contents(out).items() if name.endswith(".md")]
        assert all(text.startswith(b"# ") and text.endswith(b"\n") for text in pages)
        assert call_main("render", *LATEX)[0] == 0
        versions.add(index(out))
    assert len(versions) == 3
    assert {path.name for path in out.parent.iterdir()} == {"first"}


def test_two_renderings_at_once_wait_for_each_other(folder: Path) -> None:
    log = folder.parent / "log"
    (folder / "mkdocs.yml").write_text("site_name: Mine\ndocs_dir: site\n", encoding="utf-8")
    (folder / "second.toml").write_text(TINY.replace("Tiny", "Second"), encoding="utf-8")
    names = ("experiments/first.toml", "second.toml")
    with log.open("wb") as said:
        both = [warm.started("tracer", ["render", name], folder, said) for name in names]
    assert [process.wait() for process in both] == [0, 0], log.read_text("utf-8")
    nav = yaml.safe_load((folder / NAVIGATION).read_text(encoding="utf-8"))["nav"]
    assert [list(section) for section in nav] == [["Tiny"], ["Second"]]
    out = folder / "site" / "examples"
    assert {path.name for path in out.iterdir()} == {"first", "second", "assets"}


@pytest.mark.parametrize(
    "title",
    [
        "a" * 1500,
        "x\x01y",
        "x\ufffey",
        "- a: b",
        "? a",
        "!!x",
        "*a",
        "{a: b}",
        "'\"<>&#",
        "a\u202eb",
    ],
)
def test_any_title_stays_right_in_the_navigation(folder: Path, title: str) -> None:
    (folder / "mkdocs.yml").write_text("site_name: Mine\ndocs_dir: site\n", encoding="utf-8")
    walk = folder / "site" / "examples" / "odd"
    walk.mkdir(parents=True)
    (walk / "index.md").write_text("# Page\n", encoding="utf-8")
    (walk / ORDER).write_text(page_order(title, [("", "index.md")]), encoding="utf-8")
    project = find_project(folder)
    assert project is not None
    write_navigation(project, project.out)
    (section,) = yaml.safe_load((folder / NAVIGATION).read_text(encoding="utf-8"))["nav"]
    ((shown, pages),) = section.items()
    assert unescape(shown) == isolated(title)
    assert "<" not in shown
    assert pages == ["examples/odd/index.md"]


def index(out: Path) -> str:
    return (out / "index.md").read_text(encoding="utf-8")
