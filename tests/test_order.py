"""How a run of the tests shares them out among its processes."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from each import each
from reports import are_brief, worth_telling
from sites import ROOT
from slow import BROWSED, IN_ONE_GO, SLOW, in_order


@dataclass
class Item:
    """A test, as far as its place is asked for."""

    path: Path
    number: int


NAMES = st.sampled_from([*BROWSED, *IN_ONE_GO, *"abcdef"])
ITEMS = st.lists(NAMES).map(
    lambda names: [Item(Path(f"{name}.py"), number) for number, name in enumerate(names)]
)


def ordered(items: list[Item], processes: int) -> list[Item]:
    return cast(list[Item], in_order(cast(Any, items), processes))


def test_modules_that_are_named_are_there() -> None:
    there = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    assert {*BROWSED, *IN_ONE_GO, *SLOW} - there == set()
    told = re.findall(r"tests/\S+\.py", (ROOT / "Makefile").read_text("utf-8"))
    assert told
    assert [path for path in told if not (ROOT / path).is_file()] == []
    assert not set(BROWSED) & set(IN_ONE_GO)


@given(ITEMS, st.integers(1, 4))
def test_none_is_lost_and_browsers_are_asked_first(items: list[Item], processes: int) -> None:
    found = ordered(items, processes)
    assert sorted(item.number for item in found) == list(range(len(items)))
    browsed = [item.path.stem in BROWSED for item in found]
    assert browsed == sorted(browsed, reverse=True)


def test_the_second_process_begins_with_what_takes_long() -> None:
    named = [Item(Path(f"{name}.py"), 0) for name in (*IN_ONE_GO, *BROWSED)]
    items = [*(Item(Path("test_a.py"), number) for number in range(60)), *named]
    for processes in (2, 3):
        second = ordered(items, processes)[len(items) // processes]
        assert second.path.stem == IN_ONE_GO[0]


@pytest.mark.parametrize("wrong", [None, "setup", "call", "teardown"])
def test_whatever_goes_wrong_is_told_and_a_test_that_passes_is_told_once(wrong: str | None) -> None:
    reports = [
        SimpleNamespace(when=when, passed=when != wrong) for when in ("setup", "call", "teardown")
    ]
    told = [report.when for report in worth_telling(cast(Any, reports))]
    assert told == [when for when in ("setup", "call", "teardown") if when in ("call", wrong)]


@pytest.mark.parametrize(
    ("asked", "brief"), [({}, True), ({"verbose": 1}, False), ({"durations": 9}, False)]
)
def test_little_is_told_only_where_nobody_asks_for_more(asked: Any, brief: bool) -> None:
    config: Any = SimpleNamespace(getoption=asked.get)
    assert not are_brief(config), "one process alone tells nobody"
    config.workerinput = {}
    assert are_brief(config) == brief


@each("number", [1, 2])
@each("letter, sign", [("a", "+"), ("b", "-")])
def asked(number: int, letter: str, sign: str, met: list[str]) -> None:
    met.append(f"{letter}{sign}{number}")
    assert met[-1] != "b-2", met


def test_each_case_is_asked_and_the_one_that_fails_is_named() -> None:
    met: list[str] = []
    with pytest.raises(AssertionError) as failed:
        asked(met=met)
    assert met == ["a+1", "b-1", "a+2", "b-2"]
    assert failed.value.__notes__ == ["letter = 'b', sign = '-'", "number = 2"]
    assert list(inspect.signature(asked).parameters) == ["met"]
