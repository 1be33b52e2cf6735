"""A receipt holds as long as everything is as it was left, and no longer."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from tracer.files.keeping import FOLDER, clear, keep
from tracer.files.receipts import (
    Receipt,
    absolute,
    digests_at,
    kept_digest,
    names_in,
    receipt_of,
)

FILES = ("out/a.md", "out/deep/b.md", "out/.tracer-manifest.json")
ASKED = b"what the checks found"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path / "cache"))
    return left_in(tmp_path / "home")


def left_in(home: Path) -> Path:
    for name in FILES:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(name.encode())
    return home


def receipt_for(home: Path) -> Receipt:
    out = absolute(home / "out")
    return Receipt(
        "key",
        ("nothing to do",),
        digests_at(home / name for name in FILES[:2]),
        {ASKED.hex(): kept_digest(ASKED)},
        {out: names_in(out)},
    )


def _linked(path: Path) -> None:
    other = path.with_name("elsewhere")
    path.rename(other)
    path.symlink_to(other)


def _linked_folder(home: Path) -> None:
    (home / "out" / "deep").rename(home / "elsewhere")
    (home / "out" / "deep").symlink_to(home / "elsewhere")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a byte": lambda home: (home / FILES[0]).write_bytes(b"out/a.mD"),
    "a removed file": lambda home: (home / FILES[1]).unlink(),
    "another manifest": lambda home: (home / FILES[2]).write_bytes(b"{}"),
    "a new file": lambda home: (home / "out" / "new").touch(),
    "a new folder": lambda home: (home / "out" / "new").mkdir(),
    "a file as a folder": lambda home: _folder(home / FILES[0]),
    "a link": lambda home: _linked(home / FILES[0]),
    "a linked folder": _linked_folder,
    "a pipe": lambda home: _piped(home / FILES[0]),
    "no folder": lambda home: shutil.rmtree(home / "out"),
    "what is kept": lambda _: keep(ASKED, b"passed"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_it_holds_until_something_changes(home: Path, name: str) -> None:
    receipt = receipt_for(home)
    receipt.keep("here")
    assert receipt_of("here", "key") == receipt
    assert receipt.holds
    assert receipt.contents() == {absolute(home / n): n.encode() for n in FILES[:2]}
    CHANGES[name](home)
    assert not receipt.holds


@examples(25)
@given(st.dictionaries(st.sampled_from("abcd"), st.binary(max_size=3)), st.sampled_from("abcd"))
def test_it_tells_contents_apart(files: dict[str, bytes], changed: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        for file, content in files.items():
            Path(name, file).write_bytes(content)
        left = digests_at(Path(name, file) for file in files)
        receipt = Receipt("key", (), left, {}, {name: names_in(name)})
        assert receipt.holds
        path = Path(name, changed)
        path.write_bytes(path.read_bytes() + b"!" if path.exists() else b"")
        assert not receipt.holds
        assert (receipt.contents() is None) == (changed in files)


def test_another_key_or_place_has_none(home: Path) -> None:
    receipt_for(home).keep("here")
    assert receipt_of("here", "other") is None
    assert receipt_of("there", "key") is None


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"said": 1}', b"\xff"])
def test_what_is_no_receipt_is_passed_over(home: Path, content: bytes) -> None:
    receipt_for(home).keep("here")
    keep(b"receipt here", content)
    assert receipt_of("here", "key") is None
    cache = home.parent / "cache"
    for path in cache.iterdir():
        path.write_bytes(b"damaged")
    assert receipt_of("here", "key") is None
    clear(cache)
    assert receipt_of("here", "key") is None
