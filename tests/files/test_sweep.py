"""What a call that was killed leaves beside a folder is mended by the next one."""

from __future__ import annotations

from pathlib import Path

from tracer.files.switch import sweep

SIGN = "0123456789abcdef"


def folder(parent: Path, name: str, content: str) -> Path:
    made = parent / name
    made.mkdir()
    (made / "page.md").write_text(content, encoding="utf-8")
    return made


def names(parent: Path) -> set[str]:
    return {path.name for path in parent.iterdir()}


def test_a_new_folder_that_was_not_finished_goes_away(tmp_path: Path) -> None:
    folder(tmp_path, "pages", "whole")
    folder(tmp_path, f".pages.{SIGN}.tracer-new", "half")
    sweep(tmp_path)
    assert names(tmp_path) == {"pages"}
    assert (tmp_path / "pages" / "page.md").read_text(encoding="utf-8") == "whole"


def test_an_old_folder_whose_place_is_empty_comes_back(tmp_path: Path) -> None:
    folder(tmp_path, f".pages.{SIGN}.tracer-old", "whole")
    sweep(tmp_path)
    assert names(tmp_path) == {"pages"}
    assert (tmp_path / "pages" / "page.md").read_text(encoding="utf-8") == "whole"


def test_what_only_looks_alike_is_left_alone(tmp_path: Path) -> None:
    alike = {f".pages.{SIGN}.tracer-other", ".pages.tracer-new", f"pages.{SIGN}.tracer-old"}
    for name in alike:
        folder(tmp_path, name, "somebody's")
    (tmp_path / f".file.{SIGN}.tracer-new").write_text("a file", encoding="utf-8")
    target = folder(tmp_path, "elsewhere", "a target")
    (tmp_path / f".link.{SIGN}.tracer-new").symlink_to(target)
    before = names(tmp_path)
    sweep(tmp_path)
    assert names(tmp_path) == before


def test_a_parent_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    sweep(tmp_path / "nowhere")
