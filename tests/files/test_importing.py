"""Modules whose code is kept are the same as those that Python compiles."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pytest

from tracer.files import importing, keeping, shelf
from tracer.files.importing import Modules, modules_kept


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(keeping.FOLDER, str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path


@contextmanager
def forgotten(*names: str) -> Iterator[None]:
    """As long as this lasts, these modules are not imported yet."""
    held = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    try:
        yield
    finally:
        sys.modules.update(held)


def made(name: str) -> ModuleType:
    parent, _, short = name.rpartition(".")
    before = getattr(sys.modules[parent], short, None)
    with forgotten(name), modules_kept():
        found = import_module(name)
    setattr(sys.modules[parent], short, before)
    return found


def names_of(module: ModuleType) -> set[str]:
    return {name for name, value in vars(module).items() if not isinstance(value, ModuleType)}


@pytest.mark.parametrize("name", ["tracer.numerals", "tracer.files"])
def test_a_second_time_nothing_is_compiled(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    first = made(name)
    with monkeypatch.context() as patch:
        patch.setattr(SourceFileLoader, "get_code", lambda *_: pytest.fail("compiled again"))
        second = made(name)
    assert names_of(second) == names_of(first) == names_of(import_module(name))
    assert second.__file__ == first.__file__ == import_module(name).__file__
    assert getattr(second, "__path__", None) == getattr(first, "__path__", None)
    assert second.__doc__ == first.__doc__


def test_what_lies_in_a_package_is_found(folder: Path) -> None:
    for _ in range(2):
        found = made("tracer.templates")
        assert (files(found) / "macros.md.j2").is_file()


@pytest.mark.parametrize("content", [b"", b"damaged"])
def test_what_is_damaged_is_compiled_again(folder: Path, content: bytes) -> None:
    for _ in range(2):
        assert made("tracer.numerals").__doc__
        (kept,) = folder.iterdir()
        kept.write_bytes(content)


def test_another_state_of_the_source_has_its_own_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made("tracer.numerals")
    assert Modules().code("tracer.numerals") is not None
    monkeypatch.setattr(shelf, "source_state", lambda: b"another")
    assert Modules().code("tracer.numerals") is None


def test_where_python_keeps_modules_it_is_left_to_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "code_folder", lambda: folder / "elsewhere")
    before = list(sys.meta_path)
    with modules_kept():
        assert sys.meta_path == before
    monkeypatch.setenv(keeping.FOLDER, "")
    with modules_kept():
        assert sys.meta_path == before


def test_other_modules_are_left_alone(folder: Path) -> None:
    assert Modules().find_spec("json.decoder", ["nowhere"]) is None
    assert Modules().find_spec("tracer", None) is None
    assert Modules().find_spec("tracer.nothing", [str(Path(importing.__file__).parents[1])]) is None
