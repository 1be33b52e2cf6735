"""Tests of the pictures in words: every picture has its twin, with the same numbers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from each import each
from pictures import ENV, KINDS, MODES, TEMPLATES, Source, check_svg, mini, network, svg_of
from rendering import DEFAULT, walkthrough
from test_pictures_svg import every_picture
from tracer.notation import Notation
from tracer.pictures import (
    PICTURES,
    DataPicture,
    HeatPicture,
    NetworkPicture,
    Picture,
    PictureKind,
    data_picture,
    draw,
    in_words,
    kind_of,
)
from tracer.writing.markdown import is_block

WALKTHROUGHS = [DEFAULT, "multiclass", "diverging classes", "mean squared error", "multilabel"]
SUMMARY = '<details class="tr-twin"><summary>The picture in words</summary>'


def read(words: str) -> ET.Element:
    return ET.fromstring(f"<div>{words}</div>")


def text_of(element: ET.Element) -> str:
    return "".join(element.itertext())


def rows_of(picture: Picture) -> list[tuple[str, ...]]:
    """The rows of the twin's table as texts."""
    rows = read(in_words(ENV, picture)).iterfind(".//tbody/tr")
    return [tuple(text_of(cell) for cell in row) for row in rows]


@pytest.mark.parametrize("kind", PICTURES.values(), ids=lambda kind: kind.name)
def test_every_kind_of_picture_has_a_twin(kind: PictureKind) -> None:
    assert (TEMPLATES / kind.twin).is_file()
    assert any(kind_of(picture) is kind for picture in every_picture().values())


@each("name", every_picture)
def test_a_twin_can_be_read_aloud(name: str) -> None:
    words = str(in_words(ENV, every_picture()[name]))
    assert "\n" not in words
    found = read(words)
    assert not [element for element in found.iter() if element.get("id")]
    for sentence in found.iterfind("p"):
        assert text_of(sentence).endswith(".")
        assert not re.search(r"[a-z][.:][A-Z]|  | [.,:]", text_of(sentence))


@each("name", every_picture)
def test_tables_have_headers_and_scroll_in_a_box_of_their_own(name: str) -> None:
    found = read(in_words(ENV, every_picture()[name]))
    assert found.findall("./div[@class='tr-scroll']/table") == list(found.iter("table"))
    for table in found.iter("table"):
        caption = table.find("caption")
        assert caption is not None
        assert text_of(caption)
        heads = table.findall("thead/tr/th")
        assert [(text_of(head) != "", head.get("scope")) for head in heads] == [
            (True, "col") for _ in heads
        ]
        for row in table.iterfind("tbody/tr"):
            assert [cell.tag for cell in row] == ["th", *["td"] * (len(heads) - 1)]
            assert row[0].get("scope") == "row"


def expected(picture: Any) -> list[tuple[str, ...]]:
    """The rows that the twin's table has to have."""
    if isinstance(picture, HeatPicture):
        return list(picture.largest)
    used, own = {"train": "training", "test": "test"}, {"train": "training rows"}
    if isinstance(picture, DataPicture):
        return [(row[0], used[row[1]], *row[2:]) for row in picture.twin]
    return [(own.get(row[0], row[0]), *(cell or "–" for cell in row[1:])) for row in picture.twin]


def without_networks() -> list[str]:
    made = every_picture().items()
    return [name for name, picture in made if not isinstance(picture, NetworkPicture)]


@each("name", without_networks)
def test_the_numbers_of_a_twin_are_those_of_its_picture(name: str) -> None:
    picture = every_picture()[name]
    rows = rows_of(picture)
    assert rows == expected(picture)
    assert rows


def linked_of(words: str) -> dict[str, str]:
    """The number of each link."""
    found = read(words).iter("a")
    return {link.get("href", ""): text_of(link) for link in found}


@pytest.mark.parametrize("sizes", [(2, 3, 1), (1, 1), (3, 20, 14, 2)], ids=str)
@pytest.mark.parametrize("mode", MODES)
def test_every_number_that_a_network_shows_is_in_its_twin(
    mode: str, sizes: tuple[int, ...]
) -> None:
    picture = network(sizes, mode)
    shown = set(re.findall(r"−?\d\.\d{2,}", re.sub(r"<desc.*?</desc>", "", drawing_of(picture))))
    found = linked_of(in_words(ENV, picture))
    assert shown <= set(found.values())
    assert found == {entry.number.href: entry.number.text for entry in picture.twin}


@pytest.mark.parametrize("first", [0, 1])
def test_each_number_of_a_twin_stands_in_the_row_of_its_unit(first: int) -> None:
    note = Notation(2, first_index=first)
    for mode in ("forward", "backward"):
        words = read(in_words(ENV, network((2, 3, 2), mode, notation=note)))
        (table,) = (table for table in words.iter("table") if "Layer 1" in text_of(table))
        heads = [text_of(head) for head in table.iterfind("thead/tr/th")]
        rows = [[text_of(cell) for cell in row] for row in table.iterfind("tbody/tr")]
        assert [row[0].split()[0] for row in rows] == [str(k + first) for k in range(3)]
        weight = "weight" if mode == "forward" else "slope of the loss by the weight"
        assert heads[-1] == f"{weight} from input {1 + first}"
        sums = heads.index("weighted sum" if mode == "forward" else "slope of the loss by its sum")
        source, quantity = Source(KINDS["computed"]), "z" if mode == "forward" else "dL_dz"
        names = {"W" if mode == "forward" else "dL_dW": -1, quantity: sums}
        for unit, row in enumerate(rows, start=1):
            for name, column in names.items():
                index = (2, unit) if name in {"W", "dL_dW"} else (unit,)
                assert row[column] == source.number(name, 1, *index).text


def test_the_twin_of_the_pieces_names_every_layer() -> None:
    assert rows_of(network((2, 3, 1), "structure")) == [
        ("inputs", "2", "–", "a feature 1; a feature 2"),
        ("1", "3", "leaky_relu", "–"),
        ("2, the output", "1", "sigmoid", "class 1"),
    ]


def drawing_of(picture: Picture) -> str:
    found = re.search(r"</desc>(.*)</svg>", svg_of(picture))
    assert found is not None
    return found[1]


def test_the_marks_of_a_loss_are_in_its_twin() -> None:
    picture = every_picture()["loss"]
    assert {mark.label.text for mark in picture.marks} <= {loss for _, loss in rows_of(picture)}


def test_a_twin_tells_what_the_network_answers() -> None:
    boundary, data = (data_picture(mini(), boundary=asked, decimals=4) for asked in (True, False))
    assert boundary is not None
    assert data is not None
    assert [(row[0], row[-2], row[-1]) for row in rows_of(boundary)][:3] == [
        ("1", "y = 1", "y = −1"),
        ("2", "y = −1", "y = −1"),
        ("3", "y = −1", "y = −1"),
    ]
    assert [row[:-1] for row in rows_of(boundary)] == rows_of(data)


def test_a_twin_stands_in_the_figure() -> None:
    svg = svg_of(every_picture()["loss"], caption="a caption")
    check_svg(svg)
    assert SUMMARY in svg
    assert svg.endswith("</details><figcaption>a caption</figcaption></figure>")
    assert is_block(str(draw(ENV, every_picture()["loss"], id="loss-curve")))


SLICE = '<figure class="tr-slice'
"""A part of a picture that stands on the same page, with its twin."""


@pytest.mark.parametrize("name", WALKTHROUGHS)
def test_every_figure_of_a_walkthrough_has_its_twin(name: str) -> None:
    pages = walkthrough(name)
    counted = 0
    for path, page in pages.items():
        for line in page.splitlines():
            figures = line.count("<figure ") - line.count(SLICE)
            assert figures == line.count(SUMMARY), path
            assert "<figure " not in line or is_block(line), path
            counted += figures
    assert counted > 5


@pytest.mark.parametrize("name", WALKTHROUGHS)
def test_without_pictures_the_twins_take_their_place(name: str) -> None:
    pages = walkthrough(name)
    for path, page in walkthrough(name, "latex").items():
        assert "<svg" not in page, path
        drawn = re.findall(r'<figure class="[^"]*" id="([^"]*)"', pages[path])
        named = re.findall(r'^<span id="([^"]*)"></span>', page, re.MULTILINE)
        assert [name for name in named if name in drawn] == drawn, path
