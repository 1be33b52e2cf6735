"""The scripts by which a reader steers the explorer: moments, addresses, keys, numbers, plots."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scripted import answers
from tracer.numerals import numeral
from tracer.pictures.loss import loss_picture

MOMENTS = [[epoch, row, 3 * (epoch - 1) + k] for epoch in (1, 2, 5) for k, row in ((1, 2), (2, 4))]
"""Two rows an epoch; of the epochs 3 and 4 nothing is carried."""
START: dict[str, Any] = {"cycle": 0, "compared": None, "changes": [], "steps": 0}
READ = {"what": "read", "moments": MOMENTS}


def chosen(*asked: dict[str, Any]) -> list[Any]:
    found: list[Any] = answers("chosen.mjs", list(asked))
    return found


def test_an_address_says_everything_and_is_read_back() -> None:
    state: dict[str, Any] = {
        "cycle": 3,
        "compared": 0,
        "changes": [["W-1-2-3", 0.1 + 0.2], ["x-1", -1e-300]],
        "steps": 12,
    }
    (text,) = chosen({"what": "write", "moments": MOMENTS, "state": state, "place": "z-1-2"})
    assert text == (
        "#epoch=2&row=4&with=1-2&W-1-2-3=0.30000000000000004&x-1=-1e-300&steps=12&at=z-1-2"
    )
    (read,) = chosen({**READ, "hash": text})
    assert read["nonsense"] == []
    assert read["place"] == "z-1-2"
    found = {name: float(value) for name, value in read["state"].pop("changes")}
    assert found == dict(state["changes"])
    assert read["state"] == {"cycle": 3, "compared": 0, "steps": 12}


def test_nonsense_in_an_address_is_left_out_and_told() -> None:
    wrong = [
        *("epoch=0", "epoch=3", "epoch=99", "epoch=1e3", "epoch=-1", "row=7", "row=x"),
        *("with=1", "with=9-9", "steps=-2", "steps=9999999999", "at=<b>", "epoch"),
        *("W-1-1-1=nan", "W-1-1-1=Infinity", "W-1-1-1=1e999", "z-1-1=2", "=3", "%=1", "x-1=%"),
        *("W-1-1-1=" + "9" * 99, "__proto__=1", "constructor=1", "loss=0"),
    ]
    found = chosen(*({**READ, "hash": f"#{part}"} for part in wrong))
    for part, read in zip(wrong, found, strict=True):
        assert read["nonsense"] == [part], part
        assert read["state"] == START, part
    (read,) = chosen({**READ, "hash": "#epoch=1&epoch=2"})
    assert read["nonsense"] == ["epoch=2"]
    (read,) = chosen({**READ, "hash": "#epoch=x&row=4"})
    assert read["nonsense"] == ["epoch=x"]
    assert read["state"] == {**START, "cycle": 1}, "the row holds, whatever the epoch is"


def test_a_number_may_be_typed_in_many_ways() -> None:
    typed = {".5": 0.5, "5.": 5.0, "+4": 4.0, "−0,25": -0.25, " 1e-3 ": 1e-3, "-.5e2": -50.0}
    wrong = ["", ".", "-", "+", "e5", "1.2.3", "1,2,3", "--1", "0x1", "1 2"]
    address = "#" + "&".join(f"W-1-1-{k + 1}={text}" for k, text in enumerate(typed))
    (read,) = chosen({**READ, "hash": address.replace("+", "%2B")})
    assert [float(value) for _, value in read["state"]["changes"]] == list(typed.values())
    (read,) = chosen({**READ, "hash": "#" + "&".join(f"b-1-{k}={t}" for k, t in enumerate(wrong))})
    assert len(read["nonsense"]) == len(wrong)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=20, max_size=60))
def test_any_address_is_read(texts: list[str]) -> None:
    for read in chosen(*({**READ, "hash": f"#{text}"} for text in texts)):
        state = read["state"]
        assert 0 <= state["cycle"] < len(MOMENTS)
        assert all(math.isfinite(float(value)) for _, value in state["changes"])


def test_moves_go_to_moments_that_there_are() -> None:
    cases = [
        (0, "byCycles", 1, 1),
        (0, "byCycles", -1, 0),
        (5, "byCycles", 9, 5),
        (1, "byEpochs", 1, 3),  # the same row
        (3, "byEpochs", 1, 5),  # the next epoch that is carried
        (5, "byEpochs", -1, 3),
        (5, "byEpochs", -9, 1),
        (0, "byEpochs", 99, 4),
        (1, "atEpoch", 4, 5),
        (2, "atUpdate", 13, 4),
        (2, "atUpdate", 999, 5),
    ]
    asked = [
        {"what": "move", "moments": MOMENTS, "state": {"cycle": k}, "by": by, "args": [n]}
        for k, by, n, _ in cases
    ]
    found = [state["cycle"] for state in chosen(*asked)]
    assert found == [wanted for *_, wanted in cases]


def test_changes_are_undone_and_done_again() -> None:
    (told,) = chosen({"what": "undo"})
    values = [dict(state["changes"]).get("b-1-1") for state in told["shown"]]
    assert values == ["1", None, "1", "2"]
    assert told["ahead"] == 0
    assert told["kept"] == 200


def test_a_number_moves_by_its_last_digit() -> None:
    cases = [
        ("0.63", 1, "0.64"),
        ("0.69", 1, "0.70"),
        ("0.09", -10, "-0.01"),
        ("-0.5", 10, "0.5"),
        ("1", 1, "2"),
        ("9.99", 1, "10.00"),
        ("-0.01", 1, "0.00"),
        (".5", 1, "0.6"),
        ("+4", 1, "5"),
        ("1.5e-7", 1, "1.6e-7"),
        ("9.9e5", 1, "1.00e6"),
        ("−0,5", -1, "-0.6"),
        ("x", 1, "x"),
        ("", 1, ""),
        ("1" * 50, 1, "1" * 50),
    ]
    found = chosen(*({"what": "nudged", "text": t, "by": by} for t, by, _ in cases))
    assert found == [wanted for *_, wanted in cases]


@settings(max_examples=5, deadline=None)
@given(st.lists(st.tuples(*[st.floats(-1e9, 1e9)] * 2), min_size=20, max_size=40))
def test_a_difference_is_that_of_the_printed_numbers(pairs: list[tuple[float, float]]) -> None:
    asked = [{"what": "apart", "now": repr(a), "before": repr(b), "decimals": 4} for a, b in pairs]
    for (a, b), found in zip(pairs, chosen(*asked), strict=True):
        one, other = numeral(a, 4).value, numeral(b, 4).value
        assert one is not None
        assert other is not None
        assert Fraction(found) == Fraction(one) - Fraction(other)


def plot(curve: list[float]) -> dict[str, Any]:
    from tracer.explore.pictures import curve_data

    return dict(curve_data(loss_picture(np.array(curve), decimals=4), np.array(curve)))


def test_losses_lie_where_the_drawn_curve_lies() -> None:
    for curve in ([0.7, 0.5, 0.4, 0.39], [1e5, 3.0, 1e-4]):  # the second on a logarithmic axis
        drawn = loss_picture(np.array(curve), decimals=4).path
        (found,) = chosen({"what": "path", "plot": plot(curve), "losses": curve, "first": 1})
        points = [
            [float(number) for number in re.findall(r"-?[\d.]+", path)] for path in (drawn, found)
        ]
        assert np.allclose(points[0], points[1], atol=0.11), (drawn, found)


def test_a_curve_ends_before_what_is_not_finite() -> None:
    told = plot([3.0, 2.0, 1.0])
    asked = [
        {"what": "path", "plot": told, "losses": losses, "first": 1}
        for losses in (["2", "1", "nan", "1"], ["inf"], [])
    ]
    whole, none, empty = chosen(*asked)
    assert whole.count("L") == 1
    assert none == empty == ""


def test_a_click_on_the_curve_is_an_epoch() -> None:
    scale = plot([float(k) for k in range(9, 0, -1)])["x"]
    asked = [{"what": "place", "scale": scale, "value": epoch} for epoch in range(1, 10)]
    places = chosen(*asked)
    found = chosen(*({"what": "nearest", "scale": scale, "at": at + 3} for at in places))
    assert found == list(range(1, 10))
    assert chosen(*({"what": "nearest", "scale": scale, "at": at} for at in (-99, 9999))) == [1, 9]


def test_a_long_curve_keeps_its_lows_and_highs() -> None:
    values = [math.sin(k) + (9 if k == 5000 else 0) - (9 if k == 7001 else 0) for k in range(10000)]
    (kept,) = chosen({"what": "thin", "values": values, "most": 600})
    assert len(kept) <= 600
    assert kept == sorted(set(kept))
    assert {0, 5000, 7001, 9999} <= set(kept)


def test_the_boundary_is_where_the_score_is_zero() -> None:
    scale = {"low": -2.0, "high": 2.0, "start": 0.0, "stop": 320.0, "log": False}
    told = {"x": scale, "y": {**scale, "start": 320.0, "stop": 0.0}}
    path, none, lost = chosen(
        {"what": "circle", "plot": told, "radius": 1.0},
        {"what": "circle", "plot": told, "radius": 9.0},
        {"what": "lost", "plot": told},
    )
    points = [float(text) for text in re.findall(r"-?[\d.]+", path)]
    for x, y in zip(points[::2], points[1::2], strict=True):
        assert abs(math.hypot((x - 160) / 80, (y - 160) / 80) - 1) < 0.01
    assert len(points) > 100
    assert none == ""
    assert lost is None


def test_keys_that_scroll_move_the_run_in_its_bar_alone() -> None:
    keys = ["ArrowLeft", "ArrowRight", " ", "Home", "End", "a"]
    asked = [{"what": "key", "key": key, "inBar": inside} for inside in (0, 1) for key in keys]
    found = chosen(*asked, {"what": "key", "key": "ArrowRight", "shift": True, "inBar": 0})
    assert found[:6] == ["back", "on", None, None, None, None]
    assert found[6:12] == ["back", "on", "play", "first", "last", None]
    assert found[12] == "epoch-on"


def test_words_take_their_values_as_they_are() -> None:
    asked = {"sentence": "epoch {epoch}: {loss} {other}", "values": {"epoch": 3, "loss": "{epoch}"}}
    assert chosen({"what": "said", **asked}) == ["epoch 3: {epoch} {other}"]
