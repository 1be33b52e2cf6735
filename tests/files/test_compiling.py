"""Dataclasses whose methods were compiled before are the same, and nothing stays behind."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

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


def used(kind: type) -> None:
    assert repr(kind(1)) == "Point(x=1, y=2)"
    assert kind(1) == kind(1, 2) != kind(2)
    assert hash(kind(1)) == hash(kind(1))
    with pytest.raises(dataclasses.FrozenInstanceError):
        kind(1).x = 2


def test_a_second_time_nothing_is_compiled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with compiled_once():
        used(point())
    asked: list[str] = []
    monkeypatch.setattr(compiling, "compile", lambda text, *_: asked.append(text), raising=False)
    with compiled_once():
        used(point())
    assert asked == []


def test_what_is_seldom_called_is_compiled_when_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def compiled(text: str, *options: Any) -> Any:
        asked.append(text)
        return compile(text, *options)

    monkeypatch.setattr(compiling, "compile", compiled, raising=False)
    with compiled_once():
        kind = dataclasses.make_dataclass("Pair", ["x"], frozen=True, order=True, slots=False)
        inner = dataclasses.make_dataclass("Inner", ["y"], bases=(kind,), frozen=True)
    assert all("__init__" in text for text in asked) or sys.version_info >= (3, 13)
    asked.clear()
    assert kind(1) == kind(1)
    assert kind(1) < kind(2) <= kind(2)
    assert hash(inner(1, 2)) == hash(inner(1, 2)) != hash(inner(2, 2))
    assert repr(inner(1, 2)) == "Inner(x=1, y=2)"
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'y'"):
        inner(1, 2).y = 3
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'x'"):
        del inner(1, 2).x
    assert len(asked) == len(set(asked))
    assert kind.__eq__.__qualname__ == "Pair.__eq__"
    assert kind.__hash__ is not inner.__hash__


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
