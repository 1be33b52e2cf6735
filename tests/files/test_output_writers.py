"""Real processes that are killed while they write, and several that write at once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sites import contents, python
from tracer.errors import RenderError
from tracer.files import locking
from tracer.files.atomic import write_atomically
from tracer.files.locking import locked
from tracer.files.manifest import MANIFEST
from tracer.files.tree import Tree, write_tree, write_trees

#: Writes the tree of each version in turn, for ever or a number of times.
WRITER = """
import sys
from pathlib import Path
from tracer.files.tree import write_tree
root, versions, times = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
for k in range(times):
    version = versions[k % len(versions)]
    write_tree(root, {f"page-{n}/index.md": version * 2000 for n in range(30)})
"""


def writer(root: Path, versions: str, times: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", WRITER, str(root), versions, str(times)]
    started = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    with started.stdout as said:
        assert said.readline() == "ready\n"
    return started


def versions_in(root: Path) -> set[str]:
    """The versions whose pages stand in a folder; a torn page is a version of its own."""
    texts = {path.read_text(encoding="utf-8") for path in root.rglob("*.md")}
    return {text[0] if text == text[0] * 2000 else "torn" for text in texts if text}


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*") if path.name != MANIFEST]


@pytest.mark.parametrize("foreign", [False, True])
def test_a_killed_writer_leaves_whole_pages_and_the_next_call_heals_the_rest(
    tmp_path: Path, foreign: bool
) -> None:
    root, chance = tmp_path / "site", random.Random(7)
    write_tree(root, {"page-0/index.md": "A" * 2000})
    if foreign:
        (root / "page-0" / "mine.txt").write_text("mine", encoding="utf-8")
    for _ in range(12):
        process = writer(root, "ABC", 100_000)
        time.sleep(chance.uniform(0.001, 0.15))
        process.kill()
        process.wait()
        assert "torn" not in versions_in(root)
        if not foreign:
            assert len(versions_in(root)) <= 1
            assert len(list(root.rglob("*.md"))) in (0, 1, 30)
        write_tree(root, {f"page-{n}/index.md": "D" * 2000 for n in range(30)})
        assert versions_in(root) == {"D"}
        assert len(list(root.rglob("*.md"))) == 30
        assert left_over(tmp_path) == []
    mine = root / "page-0" / "mine.txt"
    assert not foreign or mine.read_text(encoding="utf-8") == "mine"
    write_tree(root, {})
    assert set(contents(tmp_path)) == ({"site/page-0/mine.txt"} if foreign else set())


def test_two_writers_in_one_folder_never_mix_their_pages(tmp_path: Path) -> None:
    root = tmp_path / "site"
    both = [writer(root, versions, 12) for versions in ("AB", "CD")]
    seen = set()
    while any(process.poll() is None for process in both):
        seen |= versions_in_one_look(root)
    assert [process.wait() for process in both] == [0, 0]
    assert "torn" not in seen
    assert len(versions_in(root)) == 1
    assert left_over(tmp_path) == []
    write_tree(root, {})
    assert list(tmp_path.iterdir()) == []


def versions_in_one_look(root: Path) -> set[str]:
    try:
        return versions_in(root)
    except OSError:  # it was switched while we looked
        return set()


def test_a_reader_finds_the_pages_of_one_rendering(tmp_path: Path) -> None:
    root = tmp_path / "site"
    write_tree(root, {f"page-{n}/index.md": "A" for n in range(5)})
    opened = os.open(root, os.O_RDONLY)
    try:
        write_tree(root, {f"page-{n}/index.md": "B" for n in range(5)})
        # The folder as it was: nothing was ever changed in it, it went away as a whole.
        assert os.listdir(opened) == []  # noqa: PTH208
    finally:
        os.close(opened)
    assert {path.read_text("utf-8") for path in root.rglob("*.md")} == {"B"}


def test_a_folder_that_is_locked_is_waited_for_with_an_end(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    trees = [Tree(tmp_path / "out" / "one", {"a.md": "A"})]
    with locked(tmp_path / "out"), pytest.raises(RenderError, match="another tracer") as caught:
        write_trees(trees, patience=0.1)
    assert caught.value.problems[0].file == str(tmp_path / "out")
    write_trees(trees, patience=0.1)


def test_where_folders_cannot_be_locked_a_file_stands_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "_lock_folder", lambda *_: None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    folder = tmp_path / "out"
    folder.mkdir()
    with locked(folder):
        assert list(folder.iterdir()) == []
        held = "from pathlib import Path; import sys; from tracer.files import locking\n"
        held += "locking._lock_folder = lambda *_: None\n"
        held += "with locking.locked(Path(sys.argv[1]), 0.1): pass\n"
        done = python("-c", held, str(folder))
    assert "another tracer is writing here" in done.stderr
    with locked(folder, 0.1):
        pass


def test_no_temporary_file_has_a_name_that_can_be_guessed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("mine", encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".page.md.tracer-part").symlink_to(outside)
    (tmp_path / "out" / ".run.npz.tracer-part").write_text("mine too", encoding="utf-8")
    write_tree(tmp_path / "out", {"page.md": "page"})
    write_atomically(tmp_path / "out" / "run.npz", lambda stream: stream.write(b"run"))
    write_tree(tmp_path / "out", {})
    assert outside.read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "out" / ".page.md.tracer-part").is_symlink()
    kept = tmp_path / "out" / ".run.npz.tracer-part"
    assert kept.read_text(encoding="utf-8") == "mine too"


def test_what_a_killed_call_left_beside_a_file_goes_away_and_a_living_one_stays(
    tmp_path: Path,
) -> None:
    dead, alive = (tmp_path / f".{sign * 16}.tracer-part" for sign in "ab")
    for part in (dead, alive):
        part.write_text("half", encoding="utf-8")
        os.utime(part, (1, 1))
    with locking.held(alive):
        write_atomically(tmp_path / "run.npz", lambda stream: stream.write(b"run"))
    assert {path.name for path in tmp_path.iterdir()} == {"run.npz", alive.name}


def test_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"old")
    path.chmod(0o600)
    write_atomically(path, lambda stream: stream.write(b"new"))
    assert path.stat().st_mode & 0o777 == 0o600
    write_tree(tmp_path / "site", {"a.md": "1"})
    (tmp_path / "site" / "a.md").chmod(0o640)
    write_tree(tmp_path / "site", {"a.md": "2"})
    assert (tmp_path / "site" / "a.md").stat().st_mode & 0o777 == 0o640


def test_nothing_is_written_anywhere_if_one_folder_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "out" / "assets").mkdir(parents=True)
    (tmp_path / "out" / "assets" / "tracer.css").write_text("mine", encoding="utf-8")
    before = contents(tmp_path)
    trees = [
        Tree(tmp_path / "out" / "one", {"a.md": "A"}),
        Tree(tmp_path / "new" / "two", {"a.md": "A"}),
        Tree(tmp_path / "out" / "assets", {"tracer.css": "ours"}),
    ]
    with pytest.raises(RenderError, match="did not write"):
        write_trees(trees)
    assert contents(tmp_path) == before
    assert not (tmp_path / "new").exists()


def test_pages_of_another_origin_are_left_alone(tmp_path: Path) -> None:
    write_tree(tmp_path / "net", {"a.md": "A"}, origin="python")
    before = contents(tmp_path)
    with pytest.raises(RenderError, match=r"made from python, not from file:net\.toml"):
        write_tree(tmp_path / "net", {"a.md": "B"}, origin="file:net.toml")
    assert contents(tmp_path) == before
    write_trees([Tree(tmp_path / "net", {"a.md": "B"}, "file:net.toml", replaces=True)])
    assert (tmp_path / "net" / "a.md").read_text(encoding="utf-8") == "B"
    assert '"origin": "file:net.toml"' in (tmp_path / "net" / MANIFEST).read_text(encoding="utf-8")


def test_a_link_in_the_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    write_tree(tmp_path / "theirs" / "net", {"a.md": "A"})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "net").symlink_to(tmp_path / "theirs" / "net", target_is_directory=True)
    before = contents(tmp_path / "theirs")
    for files in ({}, {"a.md": "B"}):
        with pytest.raises(RenderError, match="is a link"):
            write_tree(tmp_path / "out" / "net", files)
    assert contents(tmp_path / "theirs") == before


def test_what_is_put_into_a_folder_at_the_last_moment_is_rescued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracer.files import switch

    root, fill = tmp_path / "site", switch._fill

    def late(plan: object, new: Path) -> None:
        fill(plan, new)  # type: ignore[arg-type]
        (root / "late.txt").write_text("mine", encoding="utf-8")

    write_tree(root, {"a.md": "A"})
    monkeypatch.setattr(switch, "_fill", late)
    write_tree(root, {"a.md": "B"})
    assert {k: v for k, v in contents(root).items() if k != MANIFEST} == {
        "a.md": b"B",
        "late.txt": b"mine",
    }
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("place", ["a.md", "gone.md"])
def test_a_file_that_is_changed_at_the_last_moment_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    from tracer.files import switch

    root, fill = tmp_path / "site", switch._fill

    def late(plan: object, new: Path) -> None:
        fill(plan, new)  # type: ignore[arg-type]
        was = (root / place).stat()
        (root / place).write_text("mine", encoding="utf-8")  # as long, and as old, as before
        os.utime(root / place, ns=(was.st_atime_ns, was.st_mtime_ns))

    write_tree(root, {"a.md": "AAAA", "gone.md": "GGGG"})
    monkeypatch.setattr(switch, "_fill", late)
    write_tree(root, {"a.md": "BBBB"})
    assert (root / "a.md").read_text(encoding="utf-8") == "BBBB"
    assert b"mine" in {path.read_bytes() for path in tmp_path.rglob(place)}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are of POSIX")
@pytest.mark.parametrize("kind", ["pipe", "link", "folder", "deep"])
def test_a_manifest_that_is_no_plain_file_is_refused(tmp_path: Path, kind: str) -> None:
    place = tmp_path / MANIFEST
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "link":
        place.symlink_to(tmp_path / "elsewhere.json")
    elif kind == "folder":
        place.mkdir()
    else:
        place.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(RenderError, match="no readable list"):
        write_tree(tmp_path, {"a.md": "A"})
