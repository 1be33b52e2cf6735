"""Tests of the pictures: svg."""

from __future__ import annotations

import ast
import colorsys
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracer.pictures as package
from each import each
from pictures import (
    MINI_X,
    MINI_Y,
    MODES,
    TEMPLATES,
    check_svg,
    fake_trace,
    half,
    mini,
    network,
    svg_of,
)
from tracer.pictures import (
    Series,
    agreement_picture,
    data_picture,
    dial_picture,
    heat_picture,
    loss_picture,
    series_picture,
    slope_picture,
)
from tracer.pictures.draw import compact

# The SVG of every picture


def _runs(count: int) -> list[Series]:
    epochs = np.arange(1.0, 9.0)
    with np.errstate(over="ignore"):
        return [
            Series(f"η = {k}", epochs, 0.1 ** (epochs * (3 - k)), group=1) for k in range(count)
        ]


@cache
def every_picture() -> dict[str, Any]:
    regression = fake_trace(MINI_X, MINI_Y, half, task="regression", train=8)
    many = fake_trace(np.eye(4), np.arange(4.0)[:, None], half, task="regression")
    line = fake_trace([[0], [1], [2]], [[0], [1], [4]], lambda p: p**2, task="regression")
    pictures: dict[str, Any] = {mode: network((2, 3, 1), mode) for mode in MODES}
    pictures |= {
        "data": data_picture(mini(), boundary=False, decimals=4),
        "boundary": data_picture(mini(), boundary=True, decimals=4),
        "levels": data_picture(regression, boundary=True, decimals=4),
        "curve": data_picture(line, boundary=True, decimals=4),
        "agreement": agreement_picture(many, decimals=4),
        "loss": loss_picture(np.linspace(2, 0.1, 50), decimals=4),
        "log": loss_picture(np.geomspace(2, 1e-7, 50), decimals=4),
        "diverged": loss_picture(np.array([1.0, 2.0, np.inf]), decimals=4),
        "series": series_picture(_runs(3), "rates", decimals=4),
        "parameters": series_picture(_runs(20), "parameters", decimals=4),
        "dial": dial_picture(
            np.linspace(-1, 1, 9),
            np.linspace(-1, 1, 9) ** 2,
            [(0.0, 0.0), (1.0, 1.0)],
            "miss",
            decimals=4,
        ),
        "slope": slope_picture(
            np.arange(5.0), np.arange(5.0) ** 2, 2.0, 4.0, "W[1]₁,₁", decimals=4
        ),
        "small": data_picture(mini(), boundary=True, small=True, decimals=4),
        "small levels": data_picture(regression, boundary=True, small=True, decimals=4),
        "heat": heat_picture(
            np.outer([1.0, -2.0, 0.5], [3.0, 0.0]), "W", 1, lambda index: f"w{index}", decimals=4
        ),
        "small agreement": agreement_picture(many, small=True, decimals=4),
    }
    return pictures


@each("name", every_picture)
def test_every_picture_is_one_sound_line(name: str) -> None:
    svg = svg_of(every_picture()[name], caption="a <caption> & more")
    check_svg(svg)
    assert "<figcaption>a &lt;caption&gt; &amp; more</figcaption>" in svg


def test_without_caption_there_is_no_figcaption() -> None:
    assert "figcaption" not in svg_of(loss_picture(np.array([1.0]), decimals=4))


def test_templates_hold_no_colours() -> None:
    for path in (TEMPLATES / "svg").iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb|hsl|currentColor", text), path
        assert not re.search(r"\b(fill|stroke|color)=|(fill|stroke|color):", text), path


def test_every_class_of_a_sign_has_a_style() -> None:
    sheets = ("pictures.css", "plots.css")
    css = "".join((TEMPLATES / "assets" / s).read_text(encoding="utf-8") for s in sheets)
    signs = ["pos", "neg", "zero", "dead", "band", "box", "tab", "plate", "halo", "area", "curve"]
    signs += ["tangent", "on-path", "thin", "dot", "exit", "told"]
    signs += [f"{kind}-{k}" for kind in ("class", "level", "stroke") for k in range(1, 9)]
    signs += [f"dash-{k}" for k in range(2, 9)]  # the first is solid
    assert [sign for sign in signs if f".tr-{sign}" not in css] == []


def colours_of(scheme: str) -> dict[str, str]:
    """The colours of pictures and of the parts of a cycle, by name."""
    found: dict[str, str] = {}
    for name in ("pictures", "reading"):
        css = (TEMPLATES / "assets" / f"{name}.css").read_text(encoding="utf-8")
        block = css.split(f'[data-md-color-scheme="{scheme}"] {{')[1].split("}")[0]
        found |= dict(re.findall(r"--tr-([\w-]+):[^;]*(#[0-9a-f]{6})", block))
    return found


PHASES = ("forward", "loss-phase", "backward", "update")


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_text_has_contrast_in_both_schemes(scheme: str) -> None:
    colours = colours_of(scheme)
    grounds = ["paper", "band", "box", "tab", "input", "output", "loss", "dead"]
    pairs = [(text, ground, 4.5) for text in ("text", "muted") for ground in grounds]
    pairs += [(text, "paper", 4.5) for text in ("ink", "zero", *PHASES)]
    pairs += [(f"class-{k}", "paper", 4.5) for k in range(1, 9)]
    pairs += [("text", "lit", 4.5), ("lit-edge", "paper", 3.0)]
    pairs += [("box-edge", "paper", 3.0), ("axis", "paper", 3.0), ("edge", "paper", 3.0)]
    low = [(a, b) for a, b, least in pairs if contrast(colours[a], colours[b]) < least]
    assert low == []


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_only_the_parts_of_a_cycle_have_a_colour(scheme: str) -> None:
    """All else in pictures is a grey: a sign, a class and a layer are told without colour."""
    colours = colours_of(scheme)
    hues = {round(hue(colours[name]), 1) for name in PHASES}
    assert len(hues) == len(PHASES)
    coloured = {name for name in colours if vivid(colours[name])}
    assert coloured == {*PHASES, "loss", "lit", "lit-edge"}  # the loss has the tint of its part


def vivid(colour: str) -> bool:
    red, green, blue = channels(colour)
    return max(red, green, blue) - min(red, green, blue) > 0.13  # beyond the tint of a slate grey


def hue(colour: str) -> float:
    return colorsys.rgb_to_hsv(*channels(colour))[0]


def channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return red, green, blue


def test_signs_are_told_without_colour() -> None:
    edges = network((2, 3, 1), "forward").edges
    css = (TEMPLATES / "assets" / "pictures.css").read_text(encoding="utf-8")
    assert {"pos", "neg"} <= {edge.sign for edge in edges}
    assert ".tr-picture line.tr-neg { stroke-dasharray: 5 3; }" in css
    heat = svg_of(heat_picture(np.array([[-1.0, 0.0, 1.0]]), "W", 1, str, decimals=2))
    shades = re.findall(r'class="tr-shade(-?\d)" d="([^"]+)"', heat)
    dashes = re.findall(r'class="tr-minus(-\d)" d="M0.25 0.5h.5', heat)
    assert dashes == [level for level, _ in shades if level.startswith("-")]


def contrast(first: str, second: str) -> float:
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_pictures_know_nothing_of_training() -> None:
    for path in Path(str(package.__file__)).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        assert not [m for m in modules if m.startswith(("tracer.training", "mkdocs"))], path


@each("name", every_picture)
def test_letters_are_legible_at_every_width(name: str) -> None:
    """Indices stand below a letter and are smaller; what is wider than the page scrolls."""
    picture = every_picture()[name]
    sizes = re.findall(r'<text [^>]*font-size="([\d.]+)"', svg_of(picture))
    shrinks = picture.least / picture.width
    assert sizes
    assert min(float(size) for size in sizes) * shrinks >= 12 - 0.05  # least is a whole number


@given(st.text(alphabet="<>a \n\r\t", max_size=14))
def test_a_picture_is_one_line_without_blanks_between_tags(html: str) -> None:
    one_line = re.sub(r"\s*[\r\n]+\s*", " ", html)
    assert compact(html) == re.sub("> +<", "><", one_line).strip()
