"""Regular expressions that were compiled before match as ever, and nothing stays behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from tracer.files import keeping, patterns
from tracer.files.patterns import HOOK, patterns_kept

COMPILER = re._compiler  # type: ignore[attr-defined]
REAL = getattr(COMPILER, HOOK)
TEXTS = ["", "a", "Abc-12 x_ü\n", "# 3.14 é", "aaab", "(12)", "ΑΒΓ αβγ", "\x00"]
EXPRESSIONS = [
    (r"(?P<name>[^\W\d_]+)[\s_-]*(?P<count>\d{1,3})", 0),
    (r"(?i:a+)b|c(?=\n)|(?<!x)_", 0),
    (r"^\s*#?.*?$", re.MULTILINE | re.DOTALL),
    (r"[α-ω\u0391]+ # letters", re.VERBOSE | re.IGNORECASE),
    (r"(a)(b)?(?(2)c|d)|(?P<q>['\"]).*?(?P=q)", 0),
    (r"", re.ASCII),
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(keeping, "code_folder", lambda: tmp_path)
    return tmp_path


def made(expression: str, flags: int) -> re.Pattern[str]:
    re.purge()
    return re.compile(expression, flags)


def same(one: re.Pattern[str], other: re.Pattern[str]) -> bool:
    looks = [[(m.span(), m.groups()) for m in p.finditer("|".join(TEXTS))] for p in (one, other)]
    return (one, repr(one), one.flags, one.groups, one.groupindex, looks[0]) == (
        *(other, repr(other), other.flags, other.groups, other.groupindex, looks[1]),
    )


@pytest.mark.parametrize(("expression", "flags"), EXPRESSIONS)
def test_a_second_time_nothing_is_compiled(
    monkeypatch: pytest.MonkeyPatch, expression: str, flags: int
) -> None:
    wanted = made(expression, flags)
    with patterns_kept():
        assert same(made(expression, flags), wanted)
    with monkeypatch.context() as patch, patterns_kept():
        patch.setattr(COMPILER, "_code", lambda *_: pytest.fail("compiled again"))
        assert same(made(expression, flags), wanted)


@pytest.mark.filterwarnings("ignore::FutureWarning")  # Python may mean something else by "[["
@examples(60)
@given(st.lists(st.sampled_from([*"ab.()[]|?*+^$\\", r"\d", "(?:", "(?P<n>", "{2}"]), max_size=8))
def test_what_is_wrong_is_refused_as_ever(parts: list[str]) -> None:
    expression = "".join(parts)
    try:
        wanted = made(expression, 0)
    except re.error as error:
        with patterns_kept(), pytest.raises(re.error, match=re.escape(str(error))):
            made(expression, 0)
    else:
        with patterns_kept():
            assert same(made(expression, 0), wanted)


def test_a_python_that_compiles_in_other_parts_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(patterns, "TRIED", (3, 0))
    with patterns_kept():
        assert getattr(COMPILER, HOOK) is REAL
        assert made("a|b", 0).match("b")
    assert not list(folder.iterdir())


def test_it_ends_with_what_it_is_for() -> None:
    with patterns_kept():
        assert getattr(COMPILER, HOOK) is not REAL
        with patterns_kept():
            assert made("a|b", 0).match("b")
            assert re.compile(rb"\d").match(b"1")
        assert getattr(COMPILER, HOOK) is not REAL
    assert getattr(COMPILER, HOOK) is REAL


@pytest.mark.parametrize("content", [b"", b"damaged"])
def test_what_is_damaged_is_compiled_again(folder: Path, content: bytes) -> None:
    for _ in range(2):
        with patterns_kept():
            assert made("x+y", 0).match("xxy")
        (kept,) = folder.iterdir()
        kept.write_bytes(content)
