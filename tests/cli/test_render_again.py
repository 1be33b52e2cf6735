"""What is known to be as it was left is not made again, and what is made is the same either way."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import warm
from sites import command, contents, python, succeed, times
from tracer.cli.again import Asked
from tracer.writing.project import find_project

FILE = """\
title = "Twice"
[data]
path = "twice.csv"
target = "t"
[[layers]]
units = 1
activation = "sigmoid"
[init]
seed = 3
decimals = 2
[training]
loss = "binary_cross_entropy"
learning_rate = 0.1
epochs = 1
[pages]
decimals = 4
rows = "all"
"""
TABLE = "u,v,t\n0,1,0\n1,0.5,1\n"
TEMPLATE = "{% extends 'tracer/pages/task.md.j2' %}\n"
OWN = ("--templates", "own")
MANIFEST = "twice/.tracer-manifest.json"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("again")
    (folder / "experiments").mkdir()
    (folder / "own" / "pages").mkdir(parents=True)
    (folder / "own" / "pages" / "task.md.j2").write_text(TEMPLATE, encoding="utf-8")
    (folder / "experiments" / "twice.toml").write_text(FILE, encoding="utf-8")
    (folder / "experiments" / "twice.csv").write_text(TABLE, encoding="utf-8")
    return folder


def render(home: Path, out: str = "out", **environment: str) -> str:
    return succeed("tracer", "render", *OWN, "--out", out, cwd=home, **environment).stderr


def written(folder: Path) -> dict[str, bytes]:
    """All but the manifest: after it was lost, the folders are nobody's."""
    return {path: content for path, content in contents(folder).items() if path != MANIFEST}


def edited(home: Path, name: str, old: str, new: str) -> None:
    path = home / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


EDITS = [
    ("experiments/twice.toml", "learning_rate = 0.1", "learning_rate = 0.1937"),
    ("experiments/twice.csv", "1,0.5,1", "1,0.25,1"),
    ("own/pages/task.md.j2", "{%", "{% block question %}Told.{% endblock %}{%"),
]
OTHERS = [
    ("experiments/twice.toml", "seed = 3", "seed = 4"),
    ("experiments/twice.toml", "decimals = 4", "decimals = 5"),
    ("experiments/twice.toml", 'title = "Twice"', 'title = "Once more"'),
    ("experiments/twice.toml", "[pages]", '[notation]\nconvention = "column"\n[pages]'),
    ("experiments/twice.toml", 'rows = "all"', "rows = [2]"),
    ("experiments/twice.toml", "[training]", "# only a remark\n[training]"),
]


def test_after_an_edit_the_pages_are_those_of_a_first_rendering(home: Path) -> None:
    render(home)
    for number, (name, old, new) in enumerate(EDITS):
        before = contents(home / "out")
        edited(home, name, old, new)
        assert " 0 written" not in render(home)
        render(home, f"fresh-{number}")
        assert contents(home / "out") == contents(home / f"fresh-{number}"), name
        assert contents(home / "out") != before


@pytest.mark.parametrize(("name", "old", "new"), EDITS[1:] + OTHERS)
def test_whatever_is_edited_gives_another_key(
    tmp_path: Path, name: str, old: str, new: str
) -> None:
    files = {"experiments/twice.toml": FILE, "experiments/twice.csv": TABLE}
    for path, text in {**files, "own/pages/task.md.j2": TEMPLATE}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    asked = tmp_path / "experiments" / "twice.toml", None, "mathml", tmp_path / "own", ""
    before = Asked.of((asked[0],), *asked[1:])
    assert before.keys_now() == before.keys
    edited(tmp_path, name, old, new)
    assert before.keys_now() != before.keys
    assert Asked.of((asked[0],), None, "latex", *asked[3:]).keys != before.keys_now()


def page(home: Path) -> Path:
    return home / "out" / "twice" / "task" / "index.md"


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a removed page": lambda home: page(home).unlink(),
    "a removed style": lambda home: (home / "out" / "assets" / "tracer.css").unlink(),
    "no manifest": lambda home: (home / "out" / MANIFEST).unlink(),
    "what a killed call left": lambda home: (
        home / "out" / f".twice.{'0' * 16}.tracer-new"
    ).mkdir(),
}


def test_what_is_missing_is_there_again(home: Path) -> None:
    render(home)
    whole = written(home / "out")
    for name, damage in DAMAGE.items():
        damage(home)
        render(home)
        assert written(home / "out") == whole, name
        assert sorted(p.name for p in (home / "out").iterdir()) == ["assets", "twice"]


def test_a_page_that_was_changed_by_hand_is_refused_and_not_lost(home: Path) -> None:
    render(home)
    whole = page(home).read_bytes()
    page(home).write_bytes(whole + b"mine")
    done = command("tracer", "render", *OWN, "--out", "out", cwd=home)
    assert done.returncode == 2
    assert "was changed since" in done.stderr
    assert page(home).read_bytes() == whole + b"mine"
    page(home).write_bytes(whole)


UNREAD = """\
import tracer.cli.render as render
render._load = render.all_made = None
"""
NOTED = """\
import tracer.cli.making as making
made = making._render
def noted(experiment, *args, **kwargs):
    print("made", experiment.name)
    return made(experiment, *args, **kwargs)
making._render = noted
"""


def patched(home: Path, patch: str, *more: str) -> subprocess.CompletedProcess[str]:
    """The same command in a process of its own in which something is replaced."""
    asked = ["render", *OWN, "--out", "out", *more]
    program = f"{patch}\nfrom tracer.cli import main\nmain({asked})\n"
    return python("-c", program, cwd=home)


def test_an_unchanged_experiment_is_not_even_read(home: Path) -> None:
    render(home)
    said = render(home)
    when = times(home / "out")
    done = patched(home, UNREAD)
    assert (done.returncode, done.stderr) == (0, said)
    assert " 0 written" in said
    assert times(home / "out") == when
    edited(home, "experiments/twice.toml", "seed = 3", "seed = 8")
    assert patched(home, UNREAD).returncode == 70
    edited(home, "experiments/twice.toml", "seed = 8", "seed = 3")


@pytest.mark.parametrize("option", ["--html", "--single"])
def test_unchanged_html_is_not_made_again(home: Path, option: str) -> None:
    """As pages are: it is there, and all that it is made of is as it was."""
    out = {"--html": "finished", "--single": "one.html"}[option]
    asked = ["experiments/twice.toml", option, "--out", out]
    said = succeed("tracer", "render", *asked, cwd=home).stderr
    place = home / out
    files = place.rglob("*") if place.is_dir() else [place]
    before = {path: path.read_bytes() for path in files if path.is_file()}
    program = f"{UNREAD}\nfrom tracer.cli import main\nmain({['render', *asked]})\n"

    def again() -> subprocess.CompletedProcess[str]:
        return python("-c", program, cwd=home)

    done = again()
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == said.splitlines()[-1]
    assert len(done.stderr.splitlines()) == len(said.splitlines())
    first = next(path for path in before if path.suffix == ".html")
    first.unlink()
    assert again().returncode == 70
    first.write_bytes(before[first])
    assert again().returncode == 0
    if place.is_dir():
        (place / "another.html").write_text("mine", encoding="utf-8")
        assert again().returncode == 70
        (place / "another.html").unlink()
    edited(home, "experiments/twice.toml", "seed = 3", "seed = 9")
    assert again().returncode == 70
    edited(home, "experiments/twice.toml", "seed = 9", "seed = 3")


def test_html_follows_the_pages_of_its_project(tmp_path: Path) -> None:
    """Where a whole project is made, a page that somebody wrote is a part of it."""
    files = {"experiments/twice.toml": FILE, "experiments/twice.csv": TABLE, "docs/index.md": "# 1"}
    for path, text in {**files, "mkdocs.yml": "site_name: Mine\n"}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    project = find_project(tmp_path)
    assert project is not None
    asked = (tmp_path / "experiments" / "twice.toml",), None, "html", None, ""
    before = Asked.of(*asked, pages=project.docs)
    assert before.keys_now() == before.keys
    (tmp_path / "docs" / "index.md").write_text("# 2", encoding="utf-8")
    assert Asked.of(*asked, pages=project.docs).key != before.key


@pytest.mark.parametrize("option", ["--html", "--single", "--pdf", "--check"])
def test_what_else_is_asked_for_is_made_although_the_pages_are_there(
    home: Path, option: str
) -> None:
    render(home)
    assert patched(home, UNREAD, option).returncode == 70


def test_of_two_experiments_only_the_changed_one_is_made(home: Path) -> None:
    text = FILE.replace("experiments/twice.csv", "twice.csv").replace("rows = ", "# ")
    (home / "experiments" / "other.toml").write_text(text, encoding="utf-8")
    render(home)
    whole = contents(home / "out" / "twice")
    edited(home, "experiments/other.toml", "seed = 3", "seed = 5")
    done = patched(home, NOTED)
    assert (done.returncode, done.stdout) == (0, "made other\n"), done.stderr
    assert contents(home / "out" / "twice") == whole
    (home / "experiments" / "other.toml").unlink()
    assert "the walkthrough is removed" in render(home)


def test_two_at_once_leave_the_pages_of_one(home: Path) -> None:
    edited(home, "experiments/twice.toml", "decimals = 2", "decimals = 3")
    with Path(os.devnull).open("wb") as nothing:
        asked = ["render", *OWN, "--out", "out"]
        both = [warm.started("tracer", asked, home, nothing) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    render(home, "alone")
    assert written(home / "out") == written(home / "alone")
    assert " 0 written" in render(home)
