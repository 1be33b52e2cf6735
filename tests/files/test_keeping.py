"""What is kept between runs where TRACER_CACHE names a folder: the same bytes, made once."""

from __future__ import annotations

import pytest

from tracer.files.keeping import FOLDER, kept
from tracer.writing.templating import DataTemplates, environment


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path / "cache"))
    return tmp_path / "cache"


def never():
    raise AssertionError("it is made again")


def test_it_is_made_once_for_each_key(folder):
    assert kept(b"a", lambda: b"first") == b"first"
    assert kept(b"a", never) == b"first"
    assert kept(b"b", lambda: b"second") == b"second"
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("named", ["", "taken"])
def test_without_a_folder_it_is_made_each_time(named, tmp_path, monkeypatch):
    (tmp_path / "taken").write_bytes(b"")
    monkeypatch.setenv(FOLDER, str(tmp_path / "taken") if named else "")
    assert [kept(b"a", lambda made=made: made) for made in (b"1", b"2")] == [b"1", b"2"]
    assert environment().bytecode_cache is None


def test_templates_are_compiled_once_and_a_changed_one_anew(folder, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    for text in ("one", "two"):
        (own / "mine.j2").write_text(text, encoding="utf-8")
        for _ in range(2):
            assert environment(own).get_template("mine.j2").render() == text
    assert len(list(folder.iterdir())) == 1


def test_what_data_names_is_never_kept(folder, tmp_path):
    (tmp_path / "mine.j2").write_text("one", encoding="utf-8")
    made = environment(DataTemplates(tmp_path))
    assert made.get_template("mine.j2").render() == "one"
    assert made.bytecode_cache is None
