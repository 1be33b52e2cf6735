"""Tests of the pictures: network."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from each import each
from examples import examples
from pictures import (
    KINDS,
    MODES,
    PHONE,
    SIZES,
    Source,
    check_svg,
    check_texts,
    network,
    parsed,
    svg_of,
)
from tracer.notation import Number
from tracer.pictures import (
    NetworkPicture,
    cycle_values,
    network_picture,
)
from tracer.pictures.network.plan import shown_units
from tracer.pictures.plot.geometry import clean

# The network


@pytest.mark.parametrize("sizes", SIZES, ids=lambda s: "-".join(map(str, s)))
@each("mode", MODES)
@each("kind", KINDS)
def test_no_text_of_a_network_covers_another(sizes: Sequence[int], mode: str, kind: str) -> None:
    picture = network(sizes, mode, kind)
    check_texts(picture, picture.labels)
    check_nodes(picture)


def check_nodes(picture: NetworkPicture) -> None:
    boxes = [node.box for node in picture.nodes]
    boxes += [tab.box for node in picture.nodes for tab in node.tabs]
    assert not [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]
    for node in picture.nodes:
        for line in node.lines:
            assert line.value.box.within(node.box.grown(0.6))
    for edge in picture.edges:
        assert edge.label is None or not any(edge.label.box.overlaps(box) for box in boxes)


@each("mode", MODES)
@each("sizes", [(2, 3, 2, 1), (2, 2, 2), (3, 2, 3), (1, 1)])
def test_small_networks_fit_a_phone(sizes: Sequence[int], mode: str) -> None:
    picture = network(sizes, mode)
    assert picture.width <= PHONE
    assert not picture.scrolls or mode == "backward"  # by less than its own margin


def test_four_units_a_layer_fit_a_phone() -> None:
    assert network((4, 4, 1), "forward", "grid").width <= PHONE


def test_wide_networks_scroll() -> None:
    picture = network((4, 8, 8, 3), "forward")
    assert picture.scrolls
    assert 'tabindex="0"' in svg_of(picture)


@each("mode", ["forward", "backward"])
@each("sizes", SIZES[:8])
def test_every_number_is_a_link(sizes: Sequence[int], mode: str) -> None:
    source = Source()
    picture = network_picture(sizes, source.number, mode=mode, value=source.value)  # type: ignore[arg-type]
    shown = {entry.number.href for entry in picture.twin}
    assert len(shown) == len(picture.twin) == len(source.asked)
    links = set(re.findall(r'<a href="(#[^"]+)" tabindex="-1"', svg_of(picture)))
    edges = {e.number.href for e in picture.twin if e.name in {"W", "dL_dW"}}
    assert shown - edges <= links
    labelled = [layer for layer in range(1, len(sizes)) if layer not in picture.unlabelled]
    for entry in picture.twin:
        assert entry.name not in {"W", "dL_dW"} or (
            (entry.number.href in links) == (entry.layer in labelled)
        )


def test_what_the_passes_ask_for() -> None:
    forward, backward = Source(), Source()
    network_picture((2, 2, 1), forward.number, mode="forward")
    network_picture((2, 2, 1), backward.number, mode="backward")
    assert {key[0] for key in forward.asked} == {"x", "y", "b", "W", "z", "a", "loss"}
    assert ("W", 1, 2, 1) in forward.asked
    names = {"x", "a", "loss", "dL_da", "dL_dz", "dL_db", "dL_dW"}
    assert {key[0] for key in backward.asked} == names
    assert ("a", 2, 1) in backward.asked


@pytest.mark.parametrize("mode", MODES)
def test_indices_in_the_picture_are_real_ones(mode: str) -> None:
    texts = re.findall(r"<text[^>]*>(.*?)</text>", svg_of(network((2, 3, 1), mode)))
    assert not [text for text in texts if re.search("[₀-₉⁰-⁹]", text)]
    assert (mode == "backward") != any('class="tr-index"' in text for text in texts)


def test_a_number_without_an_address_is_no_link() -> None:
    picture = network_picture((1, 1), lambda *_: Number("0.5", ""), mode="forward")
    assert "<a " not in svg_of(picture)


def test_forward_runs_down_and_backward_is_upside_down() -> None:
    def heights(mode: str) -> list[float]:
        bands = sorted(network((2, 3, 1), mode).bands, key=lambda band: band.layer)
        return [band.box.top for band in bands]

    assert heights("forward") == sorted(heights("forward"))
    assert heights("backward") == sorted(heights("backward"), reverse=True)


def test_edges_are_told_apart_by_sign_and_strength() -> None:
    picture = network((4, 8, 8, 3), "forward")
    assert picture.unlabelled == (1, 2, 3)
    assert {edge.sign for edge in picture.edges if edge.layer} == {"pos", "neg"}
    widths = {edge.width for edge in picture.edges if edge.layer == 2}
    assert max(widths) == 3.2
    assert len(widths) > 5
    assert svg_of(picture).count("<title>w, layer 2, from") == 64


def test_without_values_edges_have_no_sign() -> None:
    picture = network_picture((2, 2), Source().number, mode="forward")
    assert {edge.sign for edge in picture.edges} == {"none"}


def test_dead_units_are_marked() -> None:
    source = Source(lambda v: max(v, 0.0))
    picture = network_picture((2, 6, 1), source.number, mode="forward", value=source.value)
    dead = [(1, k) for k in range(1, 7) if source.value("a", 1, k) == 0]
    assert 0 < len(dead) < 6
    assert list(picture.dead) == dead
    assert svg_of(picture).count(" tr-dead") == len(dead)
    assert f"Unit {dead[0][1]} of layer 1 gives 0" in svg_of(picture)


def test_very_wide_layers_are_clipped() -> None:
    assert shown_units(12) == tuple(range(1, 13))
    assert shown_units(20) == (1, 2, 3, 4, 5, 0, 20)
    picture = network((20, 5, 1), "forward")
    assert picture.clipped == ((0, 14),)
    assert "14 of its units are left out" in svg_of(picture)
    assert [n.skipped for n in picture.nodes if n.kind == "more"] == [14]


def test_a_wide_network_asks_only_for_what_it_shows() -> None:
    source = Source()
    network_picture((784, 128, 10), source.number, mode="forward", value=source.value)
    assert len(source.asked) < 500


@pytest.mark.parametrize("mode", MODES)
def test_long_names_are_cut_and_kept_as_titles(mode: str) -> None:
    name = "👩‍👩‍👧 a very long name & <b>markup</b>\nthat never ends"
    picture = network((4, 2), mode, inputs=[name] * 4)
    cut = [label for label in picture.labels if label.full == clean(name)]
    assert len(cut) == 4
    assert all(label.text.endswith("…") for label in cut)
    svg = svg_of(picture)
    parsed(svg)
    assert "<b>" not in svg
    assert "&lt;b&gt;markup" in svg


def test_impossible_networks_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one unit"):
        network_picture((2, 0, 1), mode="structure")
    with pytest.raises(ValueError, match="needs numbers"):
        network_picture((2, 1), mode="forward")


def test_values_of_a_cycle() -> None:
    cycle: Any = SimpleNamespace(
        x=np.array([1.0, 2.0]), W=(np.array([[1.0, 2.0], [3.0, 4.0]]),), loss=0.5
    )
    value = cycle_values(cycle)
    assert (value("x", 0, 2), value("W", 1, 2, 1), value("loss", 0)) == (2.0, 3.0, 0.5)


@examples(60)
@given(
    st.lists(st.sampled_from([1, 2, 3, 4, 5, 8, 12, 13, 15]), min_size=2, max_size=5).filter(
        lambda sizes: sum(a * b for a, b in pairwise(sizes)) < 300
    ),
    st.sampled_from(MODES),
    st.sampled_from([0.0, -0.0, 1e300, -1e300, 5e-324, math.nan, math.inf, -math.inf, 0.25]),
    st.floats(),
)
def test_any_network_with_any_values(sizes: list[int], mode: str, a: float, b: float) -> None:
    source = Source(lambda v: a if v > 0 else b)
    picture = network_picture(sizes, source.number, mode=mode, value=source.value)  # type: ignore[arg-type]
    check_texts(picture, picture.labels)
    check_nodes(picture)
    assert all(0.8 <= edge.width <= 3.2 for edge in picture.edges)
    check_svg(svg_of(picture))


def test_a_way_through_the_network_is_drawn_and_told() -> None:
    picture = replace(network_picture((2, 3, 2, 1), mode="structure"), path=(2, 3, 1, 1))
    marked = [(e.layer, e.source, e.target) for e in picture.edges if picture.is_on_path(e)]
    assert sorted(marked) == [(1, 2, 3), (2, 3, 1), (3, 1, 1)]
    plain = network_picture((2, 3, 2, 1), mode="structure")
    assert not any(plain.is_on_path(edge) for edge in plain.edges)
