"""What is kept between runs: the same bytes, made once, and never needed."""

from __future__ import annotations

import errno
import marshal
import os
import subprocess
import sys
from functools import partial
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from jinja2 import Environment

from tracer.executor import can_copy
from tracer.files import keeping
from tracer.files.keeping import FOLDER, clear, keep, kept, recall, size
from tracer.files.packs import Pack, pack
from tracer.writing import ahead
from tracer.writing.templating import DataTemplates, code_in, environment, plain_environment


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


def test_a_full_disk_keeps_nothing_and_leaves_nothing(folder, monkeypatch):
    def full(descriptor, mode):
        if mode != "wb":
            return open(descriptor, mode)  # noqa: PTH123
        os.write(descriptor, b"half")
        os.close(descriptor)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "open", full, raising=False)
        assert kept(b"a", lambda: b"first") == b"first"
        assert list(folder.iterdir()) == []
    assert kept(b"a", lambda: b"again") == b"again"


@pytest.mark.parametrize("named", ["", "taken"])
def test_without_a_folder_it_is_made_each_time(named, tmp_path, monkeypatch):
    (tmp_path / "taken").write_bytes(b"")
    monkeypatch.setenv(FOLDER, str(tmp_path / "taken") if named else "")
    assert [kept(b"a", partial(bytes, made)) for made in (b"1", b"2")] == [b"1", b"2"]
    assert environment().bytecode_cache is None


def test_templates_are_compiled_once_and_a_changed_one_anew(folder, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    for text in ("one", "two"):
        (own / "mine.j2").write_text(text, encoding="utf-8")
        for _ in range(2):
            assert environment(own).get_template("mine.j2").render() == text
    pack().write()
    assert len(list(folder.iterdir())) == 1


def test_code_of_tracer_stands_where_python_keeps_its_modules(folder, monkeypatch):
    beside = Path(cache_from_source(keeping.__file__)).parent
    assert keeping.code_folder() == beside
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert keeping.code_folder() == folder


def test_code_goes_to_the_other_folder_where_python_may_not_write(folder, monkeypatch):
    beside, allowed = str(Path(cache_from_source(keeping.__file__)).parent), os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: str(path) != beside and allowed(path, mode)
    )
    assert keeping.code_folder() == folder


def test_where_nothing_is_kept_no_code_is_either(monkeypatch):
    monkeypatch.setenv(FOLDER, "")
    assert keeping.code_folder() is None


def test_only_templates_of_tracer_are_kept_with_its_code(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(keeping, "code_folder", lambda: tmp_path)
    packs = {name: Pack(code=name == "code") for name in ("code", "others")}
    monkeypatch.setattr("tracer.writing.templating.pack", lambda: packs["others"])
    monkeypatch.setattr("tracer.writing.templating.code_pack", lambda: packs["code"])
    (tmp_path / "mine.j2").write_text("one", encoding="utf-8")
    made = environment(tmp_path)
    made.get_template("mine.j2")
    assert (len(packs["code"].used), len(packs["others"].used)) == (0, 1)
    made.get_template("nav.head.yml.j2")
    assert (len(packs["code"].used), len(packs["others"].used)) == (1, 1)


def test_code_has_a_bound_of_its_own(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(keeping, "code_folder", lambda: tmp_path)
    monkeypatch.setattr(keeping, "MOST_CODE", 100)
    keep(b"a", b"x" * 60, code=True)
    keep(b"b", b"y" * 60, code=True)
    assert [recall(key, code=True) for key in (b"a", b"b")] == [None, b"y" * 60]
    assert not list(tmp_path.glob("cache/*"))


@pytest.mark.parametrize("opened", [environment, plain_environment])
def test_a_process_compiles_a_template_once(opened, folder, tmp_path, monkeypatch):
    name = "words/counting.j2"
    first = opened().get_template(name)
    monkeypatch.setattr(Environment, "compile", None)
    again = opened().get_template(name)
    assert again.root_render_func.__code__ is first.root_render_func.__code__


def test_a_copy_compiles_the_later_templates_and_this_process_none(folder, monkeypatch):
    code = Pack(code=True)
    for module in ("templating", "ahead"):
        monkeypatch.setattr(f"tracer.writing.{module}.code_pack", lambda: code)
    monkeypatch.setattr(code, "recalled", {})
    monkeypatch.setattr(ahead, "is_one_free", lambda: True)
    made, compiled_here, compile_it = environment(), [], Environment.compile
    made.filters["num"] = str

    def noting(*given, **options):
        compiled_here.append(options.get("name", given[2:3]))
        return compile_it(*given, **options)

    monkeypatch.setattr(Environment, "compile", noting)
    pages = ["pages/task.md.j2", "pages/none.md.j2", "pages/checks.md.j2"]
    with ahead.compiled_ahead(made, pages, copied=can_copy()):
        for name in (*ahead.LATE, "pages/checks.md.j2"):
            made.get_template(name)
    assert bool(compiled_here) is not can_copy()
    assert len(code.values) == len(ahead.LATE) + 1


def test_code_that_escapes_is_not_that_which_does_not(folder, tmp_path):
    (tmp_path / "mine.j2").write_text("{{ text }}", encoding="utf-8")
    for _ in range(2):
        for opened, shown in ((environment, "&lt;"), (plain_environment, "<")):
            assert opened(tmp_path).get_template("mine.j2").render(text="<") == shown


def test_what_data_names_is_never_kept(folder, tmp_path):
    (tmp_path / "mine.j2").write_text("one", encoding="utf-8")
    made = environment(DataTemplates(tmp_path))
    assert made.get_template("mine.j2").render() == "one"
    assert made.bytecode_cache is None


def test_what_is_damaged_is_made_again(folder):
    kept(b"a", lambda: b"first")
    (place,) = folder.iterdir()
    for broken in (b"", b"x", place.read_bytes()[:-1] + b"!", place.read_bytes() + b"more"):
        place.write_bytes(broken)
        assert recall(b"a") is None
        assert kept(b"a", lambda: b"again") == b"again"
        assert recall(b"a") == b"again"


def test_what_is_no_code_of_a_template_is_none():
    assert code_in(b"") is None
    assert code_in(marshal.dumps(1)) is None


def test_an_entry_is_found_by_its_own_key_only(folder):
    keep(b"a", b"first")
    (place,) = folder.iterdir()
    keep(b"b", b"second")
    (other,) = set(folder.iterdir()) - {place}
    other.write_bytes(place.read_bytes())
    assert recall(b"b") is None


def test_what_is_kept_stays_within_a_bound(folder, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_BYTES", 100)
    for number in range(9):
        keep(bytes([number]), b"0" * 10)
        assert size(folder) <= 100
        assert recall(bytes([number])) == b"0" * 10


def test_only_what_is_tracers_is_cleared(folder, tmp_path):
    keep(b"a", b"first")
    (tmp_path / "mine.j2").write_text("one", encoding="utf-8")
    environment(tmp_path).get_template("mine.j2")
    pack().write()
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    assert clear(folder) == 2
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    assert clear(folder) == 0


LINES = """
from tracer.files.keeping import kept
for k in range(200):
    kept(b"%d" % (k % 5), lambda: b"x" * 99999)
"""


def test_two_processes_keep_the_same_without_harm(folder):
    done = [subprocess.Popen([sys.executable, "-c", LINES]) for _ in range(2)]
    assert [one.wait() for one in done] == [0, 0]
    assert len(list(folder.iterdir())) == 5
    assert recall(b"3") == b"x" * 99999


def test_the_folder_of_the_user_is_taken_where_none_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setattr(keeping, "user_cache_path", lambda name: tmp_path / name)
    keep(b"a", b"first")
    assert recall(b"a") == b"first"
    assert (tmp_path / keeping.APPLICATION).stat().st_mode & 0o077 == 0


def test_the_command_tells_where_it_is_and_clears_it(folder, call_main):
    keep(b"a", b"first")
    status, out, said = call_main("cache")
    assert (status, str(folder) in out + said) == (0, True)
    _, out, said = call_main("cache", "--clear")
    assert "1 file removed" in out + said
    assert size(folder) == 0


def test_the_command_says_where_nothing_is_kept(call_main, monkeypatch):
    monkeypatch.setenv(FOLDER, "")
    status, out, said = call_main("cache")
    assert (status, "nothing is kept" in out + said) == (0, True)
