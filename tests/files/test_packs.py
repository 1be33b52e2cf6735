"""What runs worked out is kept in one file, for the same source and libraries, and never needed."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from examples import examples
from tracer.files import keeping, packs
from tracer.files.keeping import FOLDER, clear, keep
from tracer.files.packs import Pack, worked_out

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner).map(tuple),
    max_leaves=8,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path / "cache"))
    return tmp_path / "cache"


def never() -> None:
    raise AssertionError("it is made again")


def place(folder: Path) -> Path:
    (found,) = folder.iterdir()
    return found


@examples(25, HealthCheck.function_scoped_fixture)
@given(st.dictionaries(st.text(), plain.filter(lambda value: value is not None)))
def test_another_process_reads_what_was_written(folder: Path, values: dict[str, object]) -> None:
    clear(folder)
    first = Pack()
    for key, value in values.items():
        assert first.get(key, partial(lambda found: found, value)) == value
    first.write()
    second = Pack()
    assert {key: second.get(key, never) for key in values} == values


def test_this_process_finds_what_it_has_added(folder: Path) -> None:
    pack = Pack()
    assert pack.find("a") is None
    pack.add("a", "code")
    assert pack.find("a") == "code"


def test_two_that_write_leave_what_both_have_found(folder: Path) -> None:
    one, other = Pack(), Pack()
    one.get("a", lambda: 1)
    other.get("b", lambda: 2)
    one.write()
    other.write()
    third = Pack()
    found: list[object] = [third.get(key, never) for key in "ab"]
    assert found == [1, 2]
    third.write()
    assert not third.is_longer


def broken(whole: bytes) -> Iterator[bytes]:
    yield from (b"", b"x", whole[:-1] + b"!", whole + b"more")


@pytest.mark.parametrize("code", [False, True])
def test_a_damaged_pack_is_made_again(
    folder: Path, code: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "code_folder", keeping.cache_folder)

    def fill() -> None:
        pack = Pack(code=code)
        pack.get("a", lambda: "right")
        pack.write()

    fill()
    whole = place(folder).read_bytes()
    for content in broken(whole):
        place(folder).write_bytes(content)
        assert Pack(code=code).get("a", lambda: "made") == "made"
    fill()
    assert Pack(code=code).get("a", never) == "right"
    with pytest.raises(AssertionError, match="made again"):
        Pack(code=not code).get("a", never)


@pytest.mark.parametrize("content", [b"no pickle", pickle.dumps(7), pickle.dumps({"a": b"no"})])
def test_what_is_no_pack_is_passed_over(folder: Path, content: bytes) -> None:
    keep(packs._state(), content)
    assert Pack().get("a", lambda: "made") == "made"


@pytest.mark.parametrize("name", ["_source", "installed"])
def test_another_source_or_library_reads_nothing_of_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    pack = Pack()
    pack.get("a", lambda: "old")
    pack.write()
    other = {"_source": lambda: iter([("tracer/x.py", 1, 2)]), "installed": lambda: b"sympy-0"}
    packs._state.cache_clear()
    monkeypatch.setattr(packs, name, other[name])
    try:
        assert Pack().get("a", lambda: "new") == "new"
    finally:
        packs._state.cache_clear()


def test_a_pack_that_is_too_large_starts_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Pack(), Pack()
    first.get("a", lambda: "x" * 100)
    first.write()
    monkeypatch.setattr(packs, "MOST_BYTES", 150)
    second.get("b", lambda: "y" * 60)
    second.write()
    third = Pack()
    assert set(third.recalled) == {"b"}
    third.get("c", lambda: "z" * 200)
    third.write()
    assert set(Pack().recalled) == {"b"}


def test_without_a_folder_a_process_still_works_it_out_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(FOLDER, "")
    asked: list[int] = []

    def make() -> int:
        asked.append(1)
        return 5

    for _ in range(2):
        assert worked_out(make, "a test", "of packs") == 5
    assert asked == [1]


def test_the_code_of_a_text_is_compiled_by_the_first_run_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert eval(packs.code_of("2 + 3", mode="eval")) == 5
    packs.pack().write()
    packs._pack.cache_clear()
    monkeypatch.setattr(packs, "compile", never, raising=False)
    assert eval(packs.code_of("2 + 3", mode="eval")) == 5
    assert folder.is_dir()
