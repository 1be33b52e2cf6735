"""Two layers as a table: for networks that are wider than a phone, with all their weights."""

from __future__ import annotations

import re

import pytest

from networks import mapping
from pictures import MODES, Source, network
from single import markdown_of, walk_of
from tracer.pictures import NetworkPicture, PairTable, network_picture, pair_table, pair_tables
from tracer.pictures.network.pair import LEVELS, MOST_COLUMNS
from tracer.pictures.plot.geometry import NARROW

TRIALS = [(8, 8, 8, 2), (1, 12, 1), (3, 5, 4, 3)]


def drawn(sizes: tuple[int, ...], mode: str) -> tuple[NetworkPicture, Source]:
    source = Source()
    picture = network_picture(sizes, source.number, mode=mode, value=source.value)  # type: ignore[arg-type]
    return picture, source


@pytest.mark.parametrize("sizes", TRIALS, ids=str)
@pytest.mark.parametrize("mode", MODES[1:])
def test_what_is_too_wide_for_a_phone_is_a_table_of_all_weights(
    sizes: tuple[int, ...], mode: str
) -> None:
    picture, source = drawn(sizes, mode)
    assert picture.width > NARROW
    tables = pair_tables(picture)
    assert set(tables) == set(range(1, len(sizes)))
    assert "edges" not in picture.__dict__, "a table needs no edges with places"
    for layer, table in tables.items():
        check_table(table, source, sizes[layer - 1], sizes[layer])


def check_table(table: PairTable, source: Source, before: int, size: int) -> None:
    """Each weight stands once, with its own number, in parts that fit a phone."""
    found = {
        (row.unit, unit): cell
        for part in table.parts
        for row in part.rows
        for unit, cell in zip(part.units, row.cells, strict=True)
    }
    assert found.keys() == {(i, j) for i in range(1, before + 1) for j in range(1, size + 1)}
    sizes = {place: abs(source.value(table.quantity, table.layer, *place)) for place in found}
    for place, cell in found.items():
        assert cell.number == source.number(table.quantity, table.layer, *place)
        assert 0 < cell.level <= LEVELS
    assert found[max(sizes, key=sizes.__getitem__)].level == LEVELS
    by_size = sorted(found, key=sizes.__getitem__)
    levels = [found[place].level for place in by_size]
    assert levels == sorted(levels)
    widths = [len(part.units) for part in table.parts]
    assert max(widths) <= MOST_COLUMNS
    assert max(widths) - min(widths) <= 1
    for part in table.parts:
        for name, numbers in part.around:
            wanted = [source.number(name, table.layer, unit) for unit in part.units]
            assert list(numbers) == wanted


def test_what_fits_stays_a_picture() -> None:
    for mode in MODES[1:]:
        assert pair_tables(drawn((2, 2, 1), mode)[0]) == {}


def test_a_layer_of_which_units_are_left_out_has_no_table() -> None:
    picture = network((20, 5, 1), "forward")
    assert set(pair_tables(picture)) == {2}


def test_a_weight_of_zero_has_no_shade() -> None:
    source = Source(lambda _: 0.0)
    picture = network_picture((1, 12), source.number, mode="forward", value=source.value)
    cells = [c for p in pair_table(picture, 1).parts for r in p.rows for c in r.cells]
    assert {cell.level for cell in cells} == {0}


def test_a_page_shows_the_tables_in_the_place_of_pictures() -> None:
    made = mapping((1, 9, 1), ("tanh", "identity"), rows=2, train=1, epochs=1)
    page = markdown_of(walk_of(made, "mathml"), "epoch-1/row-1")
    assert page.count('class="tr-slice tr-pair tr-wide"') == 4  # two layers, forward and backward
    assert "-net" not in "".join(re.findall(r'<use href="([^"]+)"', page))
    assert page.count("The more a cell stands out") == 2  # once a pass
    assert "darker" not in page  # in the dark it is brighter
    cells = re.findall(r'<td class="tr-cell\d"><a href="#(dL_dW-1-1-\d)" tabindex="-1">', page)
    assert cells == [f"dL_dW-1-1-{unit}" for unit in range(1, 10)]
