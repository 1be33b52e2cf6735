"""Many experiments: the same pages and errors in many processes; only changed pages are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from networks import experiment
from sites import TINY, command, contents, succeed, times
from tracer.cli.making import TEXT, fitting
from tracer.studies.size import walkthrough_size

NAMES = ("first", "second")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two experiments, of which each has a title of its own."""
    (tmp_path / "experiments").mkdir()
    for name in NAMES:
        text = TINY.replace("Tiny", f"Tiny, {name}")
        (tmp_path / "experiments" / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_pages_do_not_depend_on_the_number_of_processes(folder: Path) -> None:
    alone = succeed("tracer", "render", "--out", "alone", "--check", cwd=folder)
    many = succeed("tracer", "render", "--out", "many", "--check", "--jobs", "2", cwd=folder)
    assert contents(folder / "alone") == contents(folder / "many")
    assert {path.split("/")[0] for path in contents(folder / "many")} >= set(NAMES)
    assert many.stderr == alone.stderr.replace("alone", "many")
    assert -1 < many.stderr.find("first: ") < many.stderr.find("second: ")


def test_an_error_in_a_process_is_told_as_it_is_here(folder: Path) -> None:
    own = folder / "experiments" / "own"
    own.mkdir()
    (own / "pages").mkdir()
    (own / "pages" / "task.md.j2").write_text("{{ nothing.at.all }}", encoding="utf-8")
    second = folder / "experiments" / "second.toml"
    text = second.read_text(encoding="utf-8")
    second.write_text(text + '\n[pages]\ntemplates = "own"\n', encoding="utf-8")
    said = [
        command("tracer", "render", "--out", "out", "--jobs", jobs, cwd=folder)
        for jobs in ("1", "2")
    ]
    assert [each.returncode for each in said] == [said[0].returncode] * 2 != [0, 0]
    assert "task.md.j2:1" in said[0].stderr
    assert said[1].stderr == said[0].stderr
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("free", "expected"), [(None, 3), (2**40, 3), (0, 1), (2.5, 2), (1.5, 1), (9.0, 3)]
)
def test_no_more_are_made_at_a_time_than_memory_has_room_for(
    monkeypatch: pytest.MonkeyPatch, free: float | None, expected: int
) -> None:
    """``free`` is in bytes, or so many times what the largest one takes."""
    loaded = [experiment(epochs=epochs) for epochs in (1, 2, 5)]
    size = walkthrough_size(loaded[-1])
    largest = size.run.trace + size.beside + TEXT * size.text
    left = free * largest if isinstance(free, float) else free
    monkeypatch.setattr("tracer.files.memory.free_memory", lambda: left)
    assert fitting(loaded, 8) == expected
    assert fitting(loaded, 1) == fitting(loaded[:1], 8) == 1


def test_only_pages_that_show_what_changed_are_written(folder: Path) -> None:
    (folder / "experiments" / "second.toml").unlink()
    file, out = folder / "experiments" / "first.toml", folder / "out"
    # Under a title of its own: another test may prove these very pages in the meantime.
    text = file.read_text(encoding="utf-8").replace("Tiny, first", "Tiny, by itself")
    file.write_text(text, encoding="utf-8")
    succeed("tracer", "render", "--out", "out", cwd=folder)
    before, pages = times(out), contents(out)
    (out / "first" / "task" / "index.md").unlink()
    succeed("tracer", "render", "--out", "out", cwd=folder)
    changed = {path for path, when in times(out).items() if when != before[path]}
    assert _pages(changed) == {"first/task/index.md"}
    assert contents(out) == pages

    before = times(out)
    file.write_text(text + "learning_rate = 0.25\n", encoding="utf-8")
    succeed("tracer", "render", "--out", "out", cwd=folder)
    now, after = times(out), contents(out)
    written = {path for path, when in now.items() if when != before.get(path)}
    differing = {path for path, content in after.items() if content != pages.get(path)}
    assert _pages(written) == _pages(differing)
    assert "first/task/index.md" not in _pages(written)
    assert any(path.startswith("first/epoch-1") for path in _pages(written))


def _pages(paths: set[str]) -> set[str]:
    return {path for path in paths if path.endswith(".md")}
