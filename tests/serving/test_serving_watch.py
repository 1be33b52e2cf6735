"""Watching: every file that has a part in the pages, however an editor writes it."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sites import TINY
from tracer.inputs import digest_of, experiment_digest, parts_of
from tracer.serving import watching
from tracer.serving.inputs import Inputs
from tracer.serving.watching import Watch

TABLE = '[data]\npath = "table.csv"\ntarget = "t"\n'
FILE = TABLE + TINY.partition("[data]")[2].partition("]]\n")[2]
FILE += '[pages]\ntemplates = "own"\nlanguage = "de"\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    experiments = tmp_path / "experiments"
    (experiments / "own" / "pages").mkdir(parents=True)
    (experiments / "locale").mkdir()
    (experiments / "one.toml").write_text(FILE, encoding="utf-8")
    (experiments / "table.csv").write_text("u,t\n0,0\n1,1\n", encoding="utf-8")
    (experiments / "own" / "pages" / "task.md.j2").write_text("x", encoding="utf-8")
    (experiments / "locale" / "de.po").write_text("", encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text("site_name: x\ndocs_dir: site\n", encoding="utf-8")
    (tmp_path / "site" / "guide").mkdir(parents=True)
    (tmp_path / "site" / "guide" / "a.md").write_text("# A\n", encoding="utf-8")
    walk = tmp_path / "site" / "examples" / "one"
    walk.mkdir(parents=True)
    (walk / ".tracer-pages.json").write_text("{}", encoding="utf-8")
    (walk / "index.md").write_text("# Rendered\n", encoding="utf-8")
    return tmp_path


def test_everything_that_has_a_part_is_watched(home: Path) -> None:
    given = home / "given"
    (given / "pages").mkdir(parents=True)
    (given / "pages" / "chain.md.j2").write_text("x", encoding="utf-8")
    names = {path.relative_to(home).as_posix() for path in Inputs(home, (), given).files()}
    assert names == {
        "experiments/one.toml",
        "experiments/table.csv",
        "experiments/own/pages/task.md.j2",
        "experiments/locale/de.po",
        "given/pages/chain.md.j2",
        "mkdocs.yml",
        "site/guide/a.md",
    }


def test_of_a_named_experiment_only_its_own_files(home: Path) -> None:
    inputs = Inputs(home, (home / "experiments" / "one.toml",))
    assert home / "site/guide/a.md" not in inputs.files()
    assert home / "experiments/table.csv" in inputs.files()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[data",
        "data = 3",
        "[data]\npath = 3",
        '[data]\npath = "a\\u0000b"',
        "[pages]\n",
        "\xff",
    ],
)
def test_a_file_that_cannot_be_read_names_no_others(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(text.encode("latin-1"))
    assert list(parts_of(path)) == []
    assert list(parts_of(tmp_path / "gone.toml")) == []


@pytest.mark.timeout(20)
def test_what_is_refused_later_is_not_read_before(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    os.mkfifo(tmp_path / "pipe")
    for templates in ("/", "..", "a" * 5000):
        path.write_text(
            f'[data]\npath = "pipe"\n[pages]\ntemplates = "{templates}"\n', encoding="utf-8"
        )
        assert list(parts_of(path)) == [tmp_path / "pipe"]
        assert experiment_digest(path) == experiment_digest(path)


def _rewrite(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def _replace(path: Path) -> None:
    """As careful editors do: a new file takes the place of the old one."""
    part = path.with_name(".part")
    part.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    part.replace(path)


def _swap_as_vim(path: Path) -> None:
    backup = path.with_name(path.name + "~")
    path.rename(backup)
    path.write_text(backup.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    backup.unlink()


CHANGES: list[tuple[str, Callable[[Path], object]]] = [
    ("experiments/one.toml", _rewrite),
    ("experiments/one.toml", _replace),
    ("experiments/one.toml", _swap_as_vim),
    ("experiments/one.toml", Path.unlink),
    ("experiments/table.csv", _replace),
    ("experiments/own/pages/task.md.j2", _rewrite),
    ("site/guide/a.md", _replace),
    ("mkdocs.yml", _rewrite),
    ("experiments/two.toml", lambda path: path.write_text("x", encoding="utf-8")),
    ("site/guide/b.md", lambda path: path.write_text("x", encoding="utf-8")),
]


@pytest.mark.parametrize("polls", [False, True])
@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_a_change_is_seen_while_one_waits(
    home: Path,
    name: str,
    change: Callable[[Path], object],
    polls: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "LOOK", 0.05)
    monkeypatch.setattr(watching, "AGAIN", 0.05)
    watch = Watch(Inputs(home), polls=polls)
    assert not watch.changed()
    monkeypatch.setattr(watching, "AGAIN", 5)  # what was told is seen long before
    timer = threading.Timer(0.1, change, [home / name])
    timer.start()
    deadline = time.monotonic() + 20
    while not watch.changed():
        assert time.monotonic() < deadline
    timer.join()
    monkeypatch.setattr(watching, "AGAIN", 0.05)
    while watch.changed():
        assert time.monotonic() < deadline


def test_what_has_no_part_is_not_seen(home: Path) -> None:
    watch = Watch(Inputs(home), polls=True)
    (home / "site/examples/one/index.md").write_text("# Rendered again\n", encoding="utf-8")
    (home / "experiments/notes.txt").write_text("x", encoding="utf-8")
    assert not watch.changed()


def test_a_folder_that_comes_and_goes_is_no_error(home: Path) -> None:
    watch = Watch(Inputs(home))
    shutil.rmtree(home / "site")
    assert watch.changed()
    (home / "site" / "new").mkdir(parents=True)
    (home / "site" / "new" / "c.md").write_text("# C\n", encoding="utf-8")
    assert watch.changed()
    shutil.rmtree(home / "experiments")
    assert watch.changed()


def test_a_digest_is_of_names_and_contents(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"a")
    first = digest_of([one, two])
    assert digest_of([one, two]) == first
    os.utime(one, (1, 1))
    assert digest_of([one, two]) == first
    two.write_bytes(b"a")
    assert digest_of([one, two]) != first
    assert digest_of([two, one]) != digest_of([one, two])
