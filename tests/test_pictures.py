"""Pictures: every text has room, the SVG is sound, and nothing the network gives breaks them."""

from __future__ import annotations

import ast
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tracer.pictures as package
from tracer.notation import Number
from tracer.numerals import show
from tracer.pictures import (
    AgreementPicture,
    DataPicture,
    LossPicture,
    NetworkPicture,
    agreement_picture,
    cycle_values,
    data_picture,
    draw,
    loss_picture,
    network_picture,
)
from tracer.pictures.geometry import Box, Label, clean, clusters, collisions, fit, text_width
from tracer.pictures.loss import MOST_POINTS, thin
from tracer.pictures.network_plan import shown_units
from tracer.pictures.scale import Scale, log_ticks, nice_ticks, spread, whole_ticks
from tracer.templating import environment

ENV = environment()
TEMPLATES = Path(__file__).parent.parent / "templates"
SIZES = [
    (1, 1),
    (2, 1),
    (2, 2, 2),
    (2, 3, 2, 1),
    (3, 2, 3),
    (4, 3, 4, 3, 1),
    (4, 4),
    (1, 12, 1),
    (12, 1),
    (2, 8, 2),
    (4, 8, 8, 3),
    (5, 3, 5),
    (20, 5, 1),
    (13, 13, 13),
    (1000, 2),
]
MODES = ["structure", "forward", "backward"]
KINDS: dict[str, Callable[[float], float]] = {
    "grid": lambda v: round(v, 2),
    "computed": lambda v: v,
    "tiny": lambda v: v * 1.7e-7,
    "huge": lambda v: v * 1e300,
    "negative": lambda v: -0.12345678,
    "nan": lambda v: math.nan,
}
PHONE = 360


class Source:
    """Numbers that depend on nothing but their name."""

    def __init__(self, change: Callable[[float], float] = lambda v: v) -> None:
        self.change = change
        self.asked: set[tuple[Any, ...]] = set()

    def value(self, name: str, layer: int, *index: int) -> float:
        drawn = np.random.default_rng([len(name), ord(name[-1]), layer, *index]).uniform(-1, 1)
        return self.change(float(drawn))

    def number(self, name: str, layer: int, *index: int) -> Number:
        self.asked.add((name, layer, *index))
        address = "-".join(map(str, (name, layer, *index)))
        return Number(show(self.value(name, layer, *index), 4), f"#{address}")


def network(sizes: Sequence[int], mode: str, kind: str = "computed", **more: Any) -> NetworkPicture:
    source = Source(KINDS[kind])
    return network_picture(
        sizes,
        source.number,
        mode=mode,  # type: ignore[arg-type]
        inputs=more.pop("inputs", [f"a feature {k}" for k in range(1, sizes[0] + 1)]),
        outputs=more.pop("outputs", [f"class {k}" for k in range(1, sizes[-1] + 1)]),
        activations=["leaky_relu"] * (len(sizes) - 2) + ["sigmoid"],
        value=source.value,
        **more,
    )


def fake_trace(
    x: Any,
    y: Any,
    answer: Callable[[np.ndarray], np.ndarray],
    *,
    task: str = "binary",
    activation: str = "identity",
    train: int | None = None,
    **names: Any,
) -> Any:
    """What pictures ask of a trace; ``answer`` maps (n, n_0) to ŷ (n, n_L)."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    rows, first_test = len(x), len(x) if train is None else train
    classes = {"binary": (-1, 1), "multiclass": tuple("abcdefghij"[: y.shape[1]])}.get(task)
    labels: Any = [tuple(row) if len(row) > 1 else row[0] for row in y.tolist()]
    if classes is not None:
        pick = np.argmax(y, axis=1) if y.shape[1] > 1 else y[:, 0].astype(int)
        labels = [classes[k] for k in pick]
    dataset = SimpleNamespace(
        input_names=names.get("inputs", tuple(f"in {k}" for k in range(x.shape[1]))),
        target_names=names.get("targets", ("y",)),
        output_names=names.get("outputs", tuple(f"out {k}" for k in range(y.shape[1]))),
        task=task,
        classes=classes,
        x=x,
        y=y,
        labels=tuple(labels),
        train=tuple(range(first_test)),
        test=tuple(range(first_test, rows)),
    )
    layers = (SimpleNamespace(units=y.shape[1], activation=activation),)
    experiment = SimpleNamespace(dataset=dataset, layers=layers)

    def forward(points: np.ndarray, update: int = -1) -> Any:
        found = answer(np.asarray(points))
        return (found,), (found,)

    return SimpleNamespace(experiment=experiment, x=x, y=y, forward=forward)


MINI_X = [[0, 0], [1, 0], [1, 1], [2, 0], [3, 1], [3, 2], [2, 3], [3, 3], [0, 1], [0, 2], [1, 3]]
MINI_X += [[2, 2], [3, 1]]
MINI_Y = [[1], [0], [0], [0], [1], [1], [1], [0], [0], [0], [1], [1], [1]]


def half(points: np.ndarray) -> np.ndarray:
    """A plane's boundary through the middle of the data."""
    return 0.5 + 0.3 * (points[:, :1] - 1.5)


def mini(answer: Callable[[np.ndarray], np.ndarray] = half) -> Any:
    return fake_trace(MINI_X, MINI_Y, answer, train=8, inputs=("🌞", "💧"))


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg.replace(" data-search-exclude>", ">"))


def svg_of(picture: Any, **more: Any) -> str:
    return str(draw(ENV, picture, id="pic", **more))


def check_texts(picture: Any, labels: Sequence[Label]) -> None:
    whole = Box(-0.5, -0.5, picture.width + 0.5, picture.height + 0.5)
    outside = [label for label in labels if label.text and not label.box.within(whole)]
    assert not outside
    assert not collisions(labels)


# The network


@pytest.mark.parametrize("sizes", SIZES, ids=lambda s: "-".join(map(str, s)))
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
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


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sizes", [(2, 3, 2, 1), (2, 2, 2), (3, 2, 3), (1, 1)])
def test_small_networks_fit_a_phone(sizes: Sequence[int], mode: str) -> None:
    picture = network(sizes, mode)
    assert picture.width <= PHONE + 25
    assert not picture.scrolls


def test_four_units_a_layer_fit_a_phone() -> None:
    assert network((4, 4, 1), "forward", "grid").width <= PHONE


def test_wide_networks_scroll() -> None:
    picture = network((4, 8, 8, 3), "forward")
    assert picture.scrolls
    assert 'tabindex="0"' in svg_of(picture)


@pytest.mark.parametrize("mode", ["forward", "backward"])
@pytest.mark.parametrize("sizes", SIZES[:8], ids=lambda s: "-".join(map(str, s)))
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


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 15), min_size=2, max_size=5),
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


# The SVG of every picture


def check_svg(svg: str) -> None:
    assert "\n" not in svg
    assert "\r" not in svg
    root = parsed(svg)
    assert root.tag == "figure"
    drawing = root.find(".//{http://www.w3.org/2000/svg}svg")
    assert drawing is not None
    assert drawing.get("role") == "img"
    assert drawing.get("aria-labelledby") == "pic-title pic-desc"
    ids = [element.get("id", "") for element in root.iter()]
    assert sorted(filter(None, ids)) == ["pic", "pic-desc", "pic-title"]
    texts = {e.get("id"): "".join(e.itertext()).strip() for e in drawing if e.get("id")}
    assert all(texts[f"pic-{part}"] for part in ("title", "desc"))


def every_picture() -> dict[str, Any]:
    regression = fake_trace(MINI_X, MINI_Y, half, task="regression", train=8)
    many = fake_trace(np.eye(4), np.arange(4.0)[:, None], half, task="regression")
    line = fake_trace([[0], [1], [2]], [[0], [1], [4]], lambda p: p**2, task="regression")
    pictures: dict[str, Any] = {mode: network((2, 3, 1), mode) for mode in MODES}
    pictures |= {
        "data": data_picture(mini(), boundary=False),
        "boundary": data_picture(mini(), boundary=True),
        "levels": data_picture(regression, boundary=True),
        "curve": data_picture(line, boundary=True),
        "agreement": agreement_picture(many),
        "loss": loss_picture(np.linspace(2, 0.1, 50)),
        "log": loss_picture(np.geomspace(2, 1e-7, 50)),
        "diverged": loss_picture(np.array([1.0, 2.0, np.inf])),
    }
    return pictures


@pytest.mark.parametrize("name", every_picture())
def test_every_picture_is_one_sound_line(name: str) -> None:
    svg = svg_of(every_picture()[name], caption="a <caption> & more")
    check_svg(svg)
    assert "<figcaption>a &lt;caption&gt; &amp; more</figcaption>" in svg


def test_without_caption_there_is_no_figcaption() -> None:
    assert "figcaption" not in svg_of(loss_picture(np.array([1.0])))


def test_templates_hold_no_colours() -> None:
    for path in (TEMPLATES / "svg").iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb|hsl|currentColor", text), path
        assert not re.search(r"\b(fill|stroke|color)=|(fill|stroke|color):", text), path


def test_every_class_of_a_sign_has_a_style() -> None:
    css = (TEMPLATES / "assets" / "pictures.css").read_text(encoding="utf-8")
    signs = ["pos", "neg", "zero", "dead", "band", "box", "tab", "plate", "halo", "area", "curve"]
    signs += [f"{kind}-{k}" for kind in ("class", "level", "stroke") for k in range(1, 9)]
    assert [sign for sign in signs if f".tr-{sign}" not in css] == []


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_text_has_contrast_in_both_schemes(scheme: str) -> None:
    css = (TEMPLATES / "assets" / "pictures.css").read_text(encoding="utf-8")
    block = css.split(f'[data-md-color-scheme="{scheme}"] {{')[1].split("}")[0]
    colours = dict(re.findall(r"--tr-([\w-]+):[^;]*(#[0-9a-f]{6})", block))
    grounds = ["paper", "band", "box", "tab", "input", "output", "loss", "dead"]
    pairs = [(text, ground, 4.5) for text in ("text", "muted") for ground in grounds]
    pairs += [(text, "paper", 4.5) for text in ("pos", "neg", "zero")]
    pairs += [(f"class-{k}", "paper", 3.0) for k in range(1, 9)]
    pairs += [("box-edge", "paper", 3.0), ("axis", "paper", 3.0), ("edge", "paper", 3.0)]
    low = [(a, b) for a, b, least in pairs if contrast(colours[a], colours[b]) < least]
    assert low == []


def contrast(first: str, second: str) -> float:
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_pictures_know_nothing_of_training() -> None:
    for path in Path(str(package.__file__)).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        assert not [m for m in modules if m.startswith(("tracer.training", "mkdocs"))], path


# The data


def shown(picture: DataPicture | None) -> DataPicture:
    assert picture is not None
    return picture


def test_rows_of_one_place_share_a_mark() -> None:
    picture = shown(data_picture(mini(), boundary=False))
    both = next(marker for marker in picture.markers if marker.rows == (5, 13))
    assert both.fill == "both"
    assert both.ring
    assert "5, 13" in {label.text for label in picture.numbers}
    assert len(picture.markers) == len(picture.numbers) == 12
    assert picture.numbered
    assert "rows 5, 13: y = 1" in svg_of(picture)


def test_classes_at_one_place_stand_side_by_side() -> None:
    trace = fake_trace([[1, 1], [1, 1], [0, 0]], [[0], [1], [1]], half)
    picture = shown(data_picture(trace, boundary=False))
    first, second, _ = picture.markers
    assert first.path != second.path
    assert first.style != second.style
    assert not first.box.overlaps(second.box)
    assert [label.text for label in picture.numbers] == ["1, 2", "3"]


def test_train_and_test_rows_differ() -> None:
    picture = shown(data_picture(mini(), boundary=False))
    fills = {row: marker.fill for marker in picture.markers for row in marker.rows}
    assert (fills[1], fills[9]) == ("train", "test")
    assert {key.kind for key in picture.keys} == {"class", "train", "test"}


def test_the_boundary_lies_where_the_decision_changes() -> None:
    picture = shown(data_picture(mini(), boundary=True))
    assert picture.boundary
    assert {area.style for area in picture.areas} == {1, 2}
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", picture.curves[0].path)]
    assert numbers[0::2] == pytest.approx([picture.plot.x(1.5)] * len(numbers[0::2]), abs=0.2)


def test_regions_of_many_classes_cover_the_plot() -> None:
    rng = np.random.default_rng(1)
    y = np.eye(3)[rng.integers(0, 3, 30)]
    centres = np.array([[0, 0], [2, 0], [1, 2]])

    def answer(points: np.ndarray) -> np.ndarray:
        return np.asarray(-((points[:, None, :] - centres) ** 2).sum(axis=2))

    trace = fake_trace(rng.uniform(-1, 3, (30, 2)), y, answer, task="multiclass")
    picture = shown(data_picture(trace, boundary=True))
    assert {area.style for area in picture.areas} == {1, 2, 3}
    check_texts(picture, picture.labels)


def test_labels_of_several_outputs_have_a_line_each() -> None:
    trace = fake_trace(
        MINI_X, [[k % 2, k // 7] for k in range(13)], lambda p: p / 3, task="multilabel"
    )
    picture = shown(data_picture(trace, boundary=True))
    assert not picture.areas
    assert {curve.style for curve in picture.curves} == {1, 2}
    assert [key.label.text for key in picture.keys if key.kind == "line"] == [
        "out 0 = 0.5",
        "out 1 = 0.5",
    ]


def test_regression_of_two_inputs_has_levels() -> None:
    trace = fake_trace(MINI_X, MINI_Y, lambda p: p[:, :1] * p[:, 1:], task="regression")
    picture = shown(data_picture(trace, boundary=True))
    assert picture.bar is not None
    assert len(picture.areas) >= 4
    assert len(picture.bar.swatches) == len({swatch.style for swatch in picture.bar.swatches})
    check_texts(picture, picture.labels)


def test_one_input_is_a_curve() -> None:
    trace = fake_trace([[0], [1], [2]], [[0], [1], [4]], lambda p: p**2, task="regression")
    picture = shown(data_picture(trace, boundary=True))
    assert picture.kind == "curve"
    assert len(picture.curves) == 1
    assert not shown(data_picture(trace, boundary=False)).curves


@pytest.mark.parametrize("task", ["multiclass", "regression", "multilabel"])
def test_one_input_with_several_outputs(task: str) -> None:
    y = np.eye(2)[[0, 1, 1, 0]]
    trace = fake_trace([[0], [1], [2], [3]], y, lambda p: np.hstack([p, -p]), task=task)
    picture = shown(data_picture(trace, boundary=True))
    assert {curve.style for curve in picture.curves} == {1, 2}
    check_texts(picture, picture.labels)
    check_svg(svg_of(picture))


def test_more_inputs_have_no_plot() -> None:
    trace = fake_trace(np.eye(3), [[0], [1], [1]], half)
    assert data_picture(trace, boundary=True) is None
    assert agreement_picture(trace) is None


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("inputs", [1, 2])
@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.filterwarnings("error")
def test_a_network_without_answers_has_no_boundary(bad: float, inputs: int, task: str) -> None:
    trace = fake_trace(
        np.array(MINI_X)[:, :inputs], MINI_Y, lambda p: np.full((len(p), 1), bad), task=task
    )
    picture = shown(data_picture(trace, boundary=True))
    assert not picture.boundary
    assert not picture.areas
    assert not picture.curves
    check_svg(svg_of(picture))


@pytest.mark.filterwarnings("error")
@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 3)),
        min_size=1,
        max_size=25,
    ),
    st.sampled_from(["binary", "regression", "multiclass"]),
    st.floats(),
)
def test_any_data(rows: list[tuple[float, int]], task: str, scale: float) -> None:
    y = np.eye(2)[[int(v > 0) for v, _ in rows]]
    outputs = y if task == "multiclass" else y[:, 1:]

    def answer(points: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            found = points[:, :1] * scale
            return np.hstack([found, 1 - found])[:, : outputs.shape[1]]

    trace = fake_trace(rows, outputs, answer, task=task, train=len(rows) // 2)
    picture = shown(data_picture(trace, boundary=True))
    check_texts(picture, picture.labels)
    check_svg(svg_of(picture))
    assert not [m for m in picture.markers if not m.box.within(picture.plot.box.grown(30))]


def test_numbers_of_rows_never_cover_anything() -> None:
    points = np.random.default_rng(0).normal(size=(45, 2))
    trace = fake_trace(points, np.zeros((45, 1)), half)
    picture = shown(data_picture(trace, boundary=False))
    assert len(picture.numbers) > 25
    marks = [marker.box for marker in picture.markers]
    assert not [n for n in picture.numbers if any(n.box.overlaps(mark) for mark in marks)]
    check_texts(picture, picture.labels)


def test_a_large_table_is_not_numbered() -> None:
    points = np.random.default_rng(0).normal(size=(500, 2))
    picture = shown(data_picture(fake_trace(points, np.zeros((500, 1)), half), boundary=True))
    assert picture.numbers == ()
    assert not picture.numbered


def test_long_names_of_features_and_classes() -> None:
    name = "a feature whose name is so long that it can never stand at an axis of this plot 💧"
    trace = fake_trace(MINI_X, MINI_Y, half, inputs=(name, name), targets=(name * 2,))
    picture = shown(data_picture(trace, boundary=True))
    check_texts(picture, picture.labels)
    assert picture.plot.x_name.full == picture.plot.y_name.full == name
    check_svg(svg_of(picture))


def test_the_twin_of_the_data_has_every_row() -> None:
    picture = shown(data_picture(mini(), boundary=False))
    assert picture.twin[12] == ("13", "test", "3", "1", "y = 1")


def test_agreement_of_a_regression() -> None:
    def answer(points: np.ndarray) -> np.ndarray:
        return np.array([[0.0], [1.5], [math.nan], [3.0]])

    trace = fake_trace(np.eye(4), np.arange(4.0)[:, None], answer, task="regression", train=3)
    picture = agreement_picture(trace)
    assert isinstance(picture, AgreementPicture)
    assert picture.missing == (3,)
    assert picture.twin[1] == ("2", "out 0", "1", "1.5")
    assert "No finite prediction for row 3" in svg_of(picture)
    check_texts(picture, picture.labels)


# The loss


CURVES: dict[str, Any] = {
    "falls": np.geomspace(1, 0.1, 1000),
    "one": [0.7],
    "two": [0.7, 0.1],
    "constant": [0.5] * 40,
    "zero": [0.0] * 5,
    "decades": np.geomspace(3, 1e-9, 300),
    "diverges": [0.7, 0.9, 40.0, 1e5, math.inf, math.nan],
    "diverges late": [*np.linspace(1, 0.2, 99), math.nan],
    "never": [math.nan, math.nan],
    "largest": [1.7e308, 1e300, 1.7e308],
    "smallest": [5e-324, 1.0, 5e-324],
    "negative": [-3.0, -1e308, 1e308],
    "noise": np.random.default_rng(0).normal(1, 0.3, 5000),
}


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.filterwarnings("error")
def test_any_curve_of_the_loss(name: str) -> None:
    picture = loss_picture(np.array(CURVES[name]))
    check_texts(picture, picture.labels)
    check_svg(svg_of(picture))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(), min_size=1, max_size=60))
def test_any_losses_at_all(values: list[float]) -> None:
    picture = loss_picture(np.array(values))
    check_texts(picture, picture.labels)
    check_svg(svg_of(picture))


def test_first_and_last_loss_are_marked() -> None:
    picture = loss_picture(np.geomspace(1, 0.1, 1000), decimals=3)
    assert [(mark.epoch, mark.label.text) for mark in picture.marks] == [(1, "1"), (1000, "0.1")]
    assert picture.twin[0] == ("1", "1")
    assert picture.twin[-1] == ("1000", "0.1")


def test_one_epoch_is_a_point() -> None:
    picture = loss_picture(np.array([0.7]))
    assert picture.path == ""
    assert len(picture.marks) == 1


def test_a_curve_ends_where_the_loss_does() -> None:
    picture = loss_picture(np.array([1.0, 2.0, 3.0, math.inf, math.nan]))
    assert picture.stop is not None
    assert (picture.stop.epoch, picture.stop.text) == (4, "∞")
    assert picture.marks[-1].epoch == 3
    svg = svg_of(picture)
    assert "From epoch 4 on there is no finite loss" in svg
    assert ">epoch 4: ∞</text>" in svg


def test_a_wide_span_has_a_logarithmic_axis() -> None:
    assert loss_picture(np.geomspace(1, 1e-4, 9)).log
    assert not loss_picture(np.geomspace(1, 1e-2, 9)).log
    assert not loss_picture(np.array([1.0, 0.0])).log


def test_long_curves_are_thinned_and_keep_their_extremes() -> None:
    values = np.random.default_rng(0).normal(size=100_000)
    values[54_321], values[77_777] = 99.0, -99.0
    kept = thin(values.tolist())
    assert len(kept) <= MOST_POINTS + 2
    assert {0, 54_321, 77_777, 99_999} <= set(kept)
    assert kept == sorted(kept)
    assert len(svg_of(loss_picture(values))) < 20_000


def test_a_loss_without_epochs_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one epoch"):
        loss_picture(np.array([]))


# Axes and texts


finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=300, deadline=None)
@given(st.lists(finite, min_size=1, max_size=5), st.integers(2, 9), st.sampled_from([0, 0.1]))
def test_ticks_are_round_and_inside(values: list[float], count: int, pad: float) -> None:
    low, high = spread(values, pad)
    ticks = nice_ticks(low, high, count)
    numbers = [tick.value for tick in ticks]
    assert 2 <= len(ticks) <= max(count + 1, 5)
    assert all(low <= value <= high for value in numbers)
    assert numbers == sorted(set(numbers))
    assert len({tick.text for tick in ticks}) == len(ticks)
    for tick in ticks:
        assert read(tick.text) == pytest.approx(tick.value, rel=1e-9, abs=(high - low) * 1e-8)
    places = [Scale(low, high, 0, 1000)(value) for value in numbers]
    assert places == sorted(places)
    assert 0 <= places[0] <= places[-1] <= 1000


def read(text: str) -> float:
    superscripts = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
    mantissa, _, power = text.partition(" × 10")
    plain = mantissa.translate(superscripts)
    return float(f"{plain}e{power.translate(superscripts)}" if power else plain)


def test_ticks_as_one_expects_them() -> None:
    assert [t.text for t in nice_ticks(-0.3, 3.3)] == ["0", "1", "2", "3"]
    assert [t.text for t in nice_ticks(0, 0.1)] == ["0.00", "0.02", "0.04", "0.06", "0.08", "0.10"]
    assert [t.text for t in nice_ticks(-2e9, 2e9, 3)] == ["−2 × 10⁹", "0", "2 × 10⁹"]
    assert [t.text for t in whole_ticks(1, 1000)] == ["1", "200", "400", "600", "800", "1000"]
    assert [t.text for t in whole_ticks(1, 1)] == ["1"]
    assert [t.text for t in log_ticks(1e-3, 1)] == ["10⁻³", "10⁻²", "10⁻¹", "1"]


@given(st.integers(1, 10**6), st.integers(2, 9))
def test_whole_ticks_have_both_ends(high: int, count: int) -> None:
    numbers = [tick.value for tick in whole_ticks(1, high, count)]
    assert numbers[0] == 1
    assert numbers[-1] == high
    assert numbers == sorted(set(numbers))
    assert len(numbers) <= count + 2


@given(st.text(max_size=30), st.floats(10, 200))
def test_a_fitted_text_fits(text: str, width: float) -> None:
    short = fit(text, width, 11)
    assert text_width(short, 11) <= max(width, text_width("…", 11))
    assert short == clean(text) or short.endswith("…")


def test_joined_emoji_are_never_cut() -> None:
    assert list(clusters("a👩‍👩‍👧🇩🇪🇫🇷é👍🏽")) == ["a", "👩‍👩‍👧", "🇩🇪", "🇫🇷", "é", "👍🏽"]


@dataclass(frozen=True)
class Case:
    """A label and another that does or does not touch it."""

    other: Label
    meets: bool
    first: Label = field(default_factory=lambda: Label(50, 50, "0.1234", 12))


@pytest.mark.parametrize(
    "case",
    [
        Case(Label(60, 50, "0.1234", 12), True),
        Case(Label(120, 50, "0.1234", 12), False),
        Case(Label(50, 64, "0.1234", 12), False),
        Case(Label(50, 55, "0.1234", 12, turned=True), True),
        Case(Label(50, 50, "", 12), False),
    ],
)
def test_collisions_are_seen(case: Case) -> None:
    assert bool(collisions([case.first, case.other])) is case.meets


def test_kinds_of_pictures_are_public() -> None:
    kinds = (AgreementPicture, DataPicture, LossPicture, NetworkPicture)
    assert {kind.template for kind in kinds} == {
        f"svg/{name}.svg.j2" for name in ("agreement", "data", "loss", "network")
    }
