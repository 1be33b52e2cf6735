"""What is known to be as it was left is not made again, and what is made is the same either way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sites import command, contents, succeed, times

FILE = """\
title = "Twice"
[data]
path = "twice.csv"
target = "t"
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
learning_rate = 0.1
epochs = 1
[pages]
decimals = 4
rows = "all"
"""
TABLE = "u,v,t\n0,1,0\n1,0.5,1\n"
TEMPLATE = "{% extends 'tracer/pages/task.md.j2' %}\n"
OWN = ("--templates", "own")
NOTED = 'title = "Once more"\n[notation]\nfirst_index = 0'
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
    ("experiments/twice.toml", "seed = 3", "seed = 4"),
    ("experiments/twice.csv", "1,0.5,1", "1,0.25,1"),
    ("experiments/twice.toml", "decimals = 4", "decimals = 5"),
    ("experiments/twice.toml", 'title = "Twice"', NOTED),
    ("experiments/twice.toml", 'rows = "all"', "rows = [2]"),
    ("own/pages/task.md.j2", "{%", "{% block question %}Told.{% endblock %}{%"),
]
"""One after the other; the fifth changes two things, so that it costs one rendering."""


def test_after_each_edit_the_pages_are_those_of_a_first_rendering(home: Path) -> None:
    render(home)
    for number, (name, old, new) in enumerate(EDITS):
        before = contents(home / "out")
        edited(home, name, old, new)
        said = render(home)
        assert " 0 written" not in said
        fresh = f"fresh-{number}"
        render(home, fresh)
        assert contents(home / "out") == contents(home / fresh), name
        assert contents(home / "out") != before


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


def test_an_unchanged_experiment_is_not_even_read(
    home: Path, monkeypatch: pytest.MonkeyPatch, call_main: Callable[..., tuple[int, str, str]]
) -> None:
    said = render(home)
    when = times(home / "out")
    monkeypatch.chdir(home)
    for name in ("tracer.cli.render._load", "tracer.cli.render.all_made"):
        monkeypatch.setattr(name, None)
    status, _, err = call_main("render", *OWN, "--out", "out")
    assert (status, err) == (0, said)
    assert " 0 written" in said
    assert times(home / "out") == when


def test_of_two_experiments_only_the_changed_one_is_made(
    home: Path, monkeypatch: pytest.MonkeyPatch, call_main: Callable[..., tuple[int, str, str]]
) -> None:
    text = FILE.replace("experiments/twice.csv", "twice.csv").replace("rows = ", "# ")
    (home / "experiments" / "other.toml").write_text(text, encoding="utf-8")
    render(home)
    whole = contents(home / "out" / "twice")
    edited(home, "experiments/other.toml", "seed = 3", "seed = 5")
    trained: list[str] = []
    monkeypatch.chdir(home)
    monkeypatch.setattr("tracer.cli.making._render", _noting(trained))
    status, _, err = call_main("render", *OWN, "--out", "out")
    assert (status, trained) == (0, ["other"]), err
    assert contents(home / "out" / "twice") == whole
    (home / "experiments" / "other.toml").unlink()
    assert "the walkthrough is removed" in render(home)


def _noting(trained: list[str]) -> Callable[..., object]:
    from tracer.cli.making import _render

    def noted(experiment: object, *args: object, **kwargs: object) -> object:
        trained.append(experiment.name)  # type: ignore[attr-defined]
        return _render(experiment, *args, **kwargs)  # type: ignore[arg-type]

    return noted


def test_two_at_once_leave_the_pages_of_one(home: Path) -> None:
    edited(home, "experiments/twice.toml", "0.1937", "0.1731")
    real = {"PYTHONHASHSEED": "0"}  # processes of their own
    both = [threading.Thread(target=render, args=[home], kwargs=real) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    render(home, "alone")
    assert written(home / "out") == written(home / "alone")
    assert " 0 written" in render(home)
