"""What tracer writes appears whole; what it did not write is never touched."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from tracer.errors import RenderError
from tracer.files.manifest import MANIFEST
from tracer.files.tree import WriteReport, write_atomically, write_tree

PATHS = ["index.md", "a/index.md", "a/b/index.md", "a/b/c.svg", "d/e/f/index.md", "☀/index.md"]
TREES = st.dictionaries(
    st.sampled_from(PATHS), st.sampled_from(["", "one\n", "two\r\n", "σ′(z)", b"\x00\xff"])
)


def content_of(root: Path) -> dict[str, bytes]:
    """Return every file under a folder, but the manifest."""
    found = (path for path in root.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def folders_of(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_dir()}


def as_bytes(files: dict[str, Any]) -> dict[str, bytes]:
    return {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


class Interruption(BaseException):
    """As if the process ended."""


def interrupted_at(step: int) -> Callable[..., Any]:
    """Return a wrapper for what changes a folder that fails at the call of this number."""
    calls = 0

    def wrap(method: Any) -> Any:
        def changed(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls >= step:
                raise Interruption
            return method(*args, **kwargs)

        return changed

    return wrap


def test_first_second_and_third_call(tmp_path: Path) -> None:
    root = tmp_path / "new" / "site"
    assert write_tree(root, {"b.md": "B", "a/c.md": b"C"}) == WriteReport(
        ("a/c.md", "b.md"), (), (), ()
    )
    before = (root / "b.md").stat().st_mtime_ns
    report = write_tree(root, {"b.md": "B", "a/c.md": "changed"})
    assert report == WriteReport(("a/c.md",), ("b.md",), (), ())
    assert (root / "b.md").stat().st_mtime_ns == before
    assert write_tree(root, {"b.md": "B"}) == WriteReport((), ("b.md",), ("a/c.md",), ())
    assert content_of(root) == {"b.md": b"B"}
    assert folders_of(root) == set()


@given(st.lists(TREES, max_size=4))
def test_the_folder_holds_exactly_the_last_tree(trees: list[dict[str, Any]]) -> None:
    with folder() as root:
        for files in trees:
            write_tree(root, files)
            assert content_of(root) == as_bytes(files)
            needed = {str(parent) for path in files for parent in Path(path).parents} - {"."}
            assert folders_of(root) == needed
            before = [(path, path.stat().st_mtime_ns) for path in root.rglob("*")]
            assert write_tree(root, files) == WriteReport((), tuple(sorted(files)), (), ())
            assert [(path, path.stat().st_mtime_ns) for path in root.rglob("*")] == before


@given(TREES, TREES, TREES)
def test_what_somebody_else_wrote_stays(
    first: dict[str, Any], by_hand: dict[str, Any], second: dict[str, Any]
) -> None:
    with folder() as root:
        write_tree(root, first)
        for path, content in as_bytes(by_hand).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        before = content_of(root)
        wanted, earlier = as_bytes(second), as_bytes(first)
        foreign = {path: text for path, text in before.items() if earlier.get(path) != text}
        clashes = {path for path, text in foreign.items() if wanted.get(path, text) != text}
        if clashes:
            with pytest.raises(RenderError) as caught:
                write_tree(root, second)
            assert {problem.file for problem in caught.value.problems} == {
                str(root / path) for path in clashes
            }
            assert content_of(root) == before
        else:
            report = write_tree(root, second)
            assert content_of(root) == foreign | wanted
            assert set(report.kept) == {path for path in foreign.keys() - wanted if path in first}


@examples(100)
@given(TREES, TREES, TREES, st.integers(1, 30), st.integers(1, 30))
def test_an_interrupted_call_can_be_repeated(
    first: dict[str, Any], second: dict[str, Any], third: dict[str, Any], one: int, two: int
) -> None:
    with folder() as root:
        write_tree(root, first)
        for files, step in ((second, one), (third, two)):
            with pytest.MonkeyPatch.context() as patch:
                wrap = interrupted_at(step)
                for name in ("replace", "unlink", "rmdir", "mkdir"):
                    patch.setattr(Path, name, wrap(getattr(Path, name)))
                with suppress(Interruption):
                    write_tree(root, files)
            whole = {
                content
                for path, content in content_of(root).items()
                if not path.endswith(".tracer-part")
            }
            assert whole <= {
                text for tree in (first, second, third) for text in as_bytes(tree).values()
            }
        write_tree(root, third)
        assert content_of(root) == as_bytes(third)


def test_all_obstacles_are_named_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("mine")
    (tmp_path / "b").write_text("mine")
    (tmp_path / "c.md").mkdir()
    with pytest.raises(RenderError) as caught:
        write_tree(tmp_path, {"a.md": "A", "b/index.md": "B", "c.md": "C", "d.md": "D"})
    assert [Path(str(problem.file)).name for problem in caught.value.problems] == [
        "a.md",
        "b",
        "c.md",
    ]
    assert all(problem.hint for problem in caught.value.problems)
    assert content_of(tmp_path) == {"a.md": b"mine", "b": b"mine"}


def test_a_file_may_become_a_folder_and_back(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a": "file"})
    write_tree(tmp_path, {"a/b/c": "inside"})
    assert content_of(tmp_path) == {"a/b/c": b"inside"}
    write_tree(tmp_path, {"a": "file"})
    assert content_of(tmp_path) == {"a": b"file"}
    assert folders_of(tmp_path) == set()


def test_nothing_is_left_of_a_tree_without_files(tmp_path: Path) -> None:
    write_tree(tmp_path / "made" / "site", {"a/b.md": "1"})
    write_tree(tmp_path / "made" / "site", {})
    assert list((tmp_path / "made").iterdir()) == []
    write_tree(tmp_path / "made", {"a.md": "1"})
    write_tree(tmp_path / "made", {})
    assert list((tmp_path / "made").iterdir()) == []
    write_tree(tmp_path / "never", {})
    assert not (tmp_path / "never").exists()


def test_a_folder_with_something_of_the_users_stays(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    write_tree(tmp_path, {"mine/page.md": "1", "ours/page.md": "2", "ours/deep/page.md": "3"})
    (tmp_path / "ours" / "note.txt").write_text("by hand")
    write_tree(tmp_path, {})
    assert content_of(tmp_path) == {"ours/note.txt": b"by hand"}
    assert folders_of(tmp_path) == {"mine", "ours"}


@pytest.mark.parametrize(
    "path",
    [
        "../out.md",
        "/out.md",
        "a/../../out.md",
        "",
        ".",
        "a//b",
        "a/",
        "./a",
        "a\\b",
        "C:/x",
        MANIFEST,
        "a\0b",
    ],
)
def test_paths_that_leave_the_folder_are_refused(tmp_path: Path, path: str) -> None:
    root = tmp_path / "site"
    with pytest.raises(RenderError):
        write_tree(root, {path: "x", "good.md": "y"})
    assert content_of(tmp_path) == {}


def test_links_that_lead_out_are_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "site", tmp_path / "outside"
    outside.mkdir()
    (outside / "page.md").write_text("old")  # the very content that tracer wrote
    write_tree(root, {"a/page.md": "old", "b.md": "old"})
    (root / "a" / "page.md").unlink()
    (root / "a").rmdir()
    (root / "a").symlink_to(outside, target_is_directory=True)
    (root / "b.md").unlink()
    (root / "b.md").symlink_to(outside / "page.md")
    with pytest.raises(RenderError, match="leads out"):
        write_tree(root, {"a/page.md": "new"})
    with pytest.raises(RenderError, match="did not write"):
        write_tree(root, {"b.md": "new"})
    assert write_tree(root, {}).removed == ()
    assert (outside / "page.md").read_text() == "old"
    assert (root / "b.md").is_symlink()


def test_one_path_cannot_be_a_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="folder of"):
        write_tree(tmp_path, {"a": "1", "a/b": "2"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"tracer_manifest": 2, "files": {}, "folders": []}',
        '{"tracer_manifest": 1, "files": {"../x": "0"}, "folders": []}',
        '{"tracer_manifest": 1, "files": {"x": 3}, "folders": []}',
        '{"tracer_manifest": 1, "files": [], "folders": []}',
        '{"tracer_manifest": 1, "files": {}, "folders": ["/etc"]}',
        '{"tracer_manifest": 1, "files": {}, "folders": [[]]}',
        "\ud800",
    ],
)
def test_a_damaged_manifest_is_a_clear_error(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(RenderError, match="no readable list") as caught:
        write_tree(tmp_path, {"a.md": "A"})
    assert caught.value.problems[0].hint
    assert content_of(tmp_path) == {}


def test_the_manifest_is_sorted_and_says_nothing_of_the_machine(tmp_path: Path) -> None:
    write_tree(tmp_path, {"b.md": "B", "a/☀.md": "A"})
    content = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
    assert list(content["files"]) == ["a/☀.md", "b.md"]
    assert content["folders"] == ["a"]
    assert set(content) == {"files", "folders", "tracer_manifest"}
    assert str(tmp_path) not in (tmp_path / MANIFEST).read_text(encoding="utf-8")


def test_a_full_disk_is_a_render_error_and_can_be_repeated(tmp_path: Path) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device", f".o.{16 * 'a'}.tracer-new/page.md")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(RenderError, match=r"^o/page\.md: cannot be written: No space left"):
            write_tree(tmp_path, {"page.md": "1"})
    assert content_of(tmp_path) == {}
    write_tree(tmp_path, {"page.md": "1"})
    assert content_of(tmp_path) == {"page.md": b"1"}


def test_write_atomically_leaves_the_old_file_if_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    path.write_bytes(b"old")

    def fail(stream: Any) -> None:
        stream.write(b"half")
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        write_atomically(path, fail)
    assert content_of(tmp_path) == {"run.npz": b"old"}
    write_atomically(path, lambda stream: stream.write(b"new"))
    assert content_of(tmp_path) == {"run.npz": b"new"}
