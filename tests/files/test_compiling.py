"""Dataclasses whose methods were compiled before are the same, and nothing stays behind."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tracer.files import compiling, keeping
from tracer.files.compiling import HOOK, compiled_once


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(keeping, "code_folder", lambda: tmp_path)
    return tmp_path


def point() -> type:
    made: type = dataclasses.make_dataclass("Point", [("x", int), ("y", int, 2)], frozen=True)
    return made


def test_a_second_time_nothing_is_compiled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with compiled_once():
        first = point()
    asked: list[str] = []
    monkeypatch.setattr(compiling, "compile", lambda text, *_: asked.append(text), raising=False)
    with compiled_once():
        second = point()
    assert asked == []
    assert repr(second(1)) == repr(first(1)) == "Point(x=1, y=2)"
    assert second(1) == second(1, 2) != second(2)
    assert hash(second(1)) == hash(first(1))
    with pytest.raises(dataclasses.FrozenInstanceError):
        second(1).x = 2


def test_it_ends_with_what_it_is_for(folder: Path) -> None:
    with compiled_once():
        assert HOOK in vars(dataclasses)
        with compiled_once():
            point()
        assert HOOK in vars(dataclasses)
    assert HOOK not in vars(dataclasses)


@pytest.mark.parametrize("content", [b"", b"damaged"])
def test_what_is_damaged_is_compiled_again(folder: Path, content: bytes) -> None:
    for _ in range(2):
        with compiled_once():
            assert repr(point()(3)) == "Point(x=3, y=2)"
        (kept,) = folder.iterdir()
        kept.write_bytes(content)
