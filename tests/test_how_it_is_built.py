"""The page on how tracer is built says what the code and its laws say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import house
import test_house
from house_figure import BEGIN, END, KINDS, kind_of, put_into
from house_figure import house as drawn

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "site" / "guide" / "how-it-is-built.md"


def test_the_picture_is_that_of_the_house(request: pytest.FixtureRequest) -> None:
    page, made = PAGE.read_text(encoding="utf-8"), drawn(ROOT)
    if request.config.getoption("--snapshot-update"):
        PAGE.write_text(put_into(page, made), encoding="utf-8")
        return
    assert page.count(BEGIN) == page.count(END) == 1
    assert made in page, "`make snapshots` draws the house anew"


def test_every_room_is_drawn_once_and_has_its_words() -> None:
    text = drawn(ROOT)
    rooms = [room for floor in house.FLOORS for room in floor]
    boxes = re.findall(r"<li>(.*?)</li>", text)
    assert sorted(re.findall(r">([^<]+)</span>", "".join(boxes))) == sorted(rooms)
    rows = re.findall(r"(?m)^\| `([^`]+)` \| (.+) \|$", text)
    assert len(rows) == len(rooms)
    assert all(len(words.split()) >= 2 for _, words in rows)


def test_the_top_is_above_and_the_kinds_are_those_of_the_laws() -> None:
    text = drawn(ROOT)
    assert text.index(">cli<") < text.index(">pages<") < text.index(">errors<")
    assert (kind_of("training"), kind_of("trace"), kind_of("pictures.plot")) == (
        "train",
        "number",
        "show",
    )
    assert set(KINDS) == {kind_of(room) for floor in house.FLOORS for room in floor}


def test_another_house_is_another_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("house_figure.FLOORS", house.FLOORS[:-1])
    assert drawn(ROOT) not in PAGE.read_text(encoding="utf-8")


def test_the_way_of_a_number_leads_through_rooms_that_stand() -> None:
    page = PAGE.read_text(encoding="utf-8")
    section = page.partition("## The way of a number")[2].partition("\n## ")[0]
    rooms = re.findall(r"(?m)^\| `([\w/]+)/` \|", section)
    assert len(rooms) > 5
    assert all((ROOT / "tracer" / room / "__init__.py").is_file() for room in rooms)


def test_every_law_has_its_reason_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    section = page.partition("## Its laws, and why")[2].partition("\n## ")[0]
    told = re.findall(r"<!-- (\w+) -->", section)
    assert {law.__name__ for law in test_house.LAWS} == set(told)
