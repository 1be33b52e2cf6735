"""The math font: small, whole where formulas need it, the same every time."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont, woff2

from tracer.cli.render import load_beside_font
from tracer.executor import can_copy
from tracer.files import keeping
from tracer.writing import fonts
from tracer.writing.fonts import math_font


@pytest.fixture(scope="module")
def font() -> TTFont:
    return TTFont(BytesIO(math_font()))


def test_it_is_small_woff2(font: TTFont) -> None:
    assert math_font()[:4] == b"wOF2"
    assert len(math_font()) < 100_000
    assert font.flavor == "woff2"


def test_others_are_packed_as_ever_after_it() -> None:
    known = woff2.brotli
    with fonts._packed_sooner():
        assert woff2.brotli is not known
    assert woff2.brotli is known


def test_it_is_the_same_every_time_and_free_the_second_time() -> None:
    first = math_font()
    assert math_font() is first
    math_font.cache_clear()
    assert math_font() == first


def test_it_outlasts_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def make(source: Path) -> bytes:
        made.append(source)
        return b"a font"

    monkeypatch.setattr(keeping, "code_folder", lambda: tmp_path)
    monkeypatch.setenv(keeping.FOLDER, "")
    monkeypatch.setattr(fonts, "_subset", make)
    for _ in range(2):
        assert math_font.__wrapped__() == b"a font"
    assert len(made) == 1
    monkeypatch.setattr(fonts, "installed", lambda **_: b"another fontTools")
    assert math_font.__wrapped__() == b"a font"
    assert len(made) == 2


@pytest.mark.skipif(not can_copy(), reason="this system copies no processes")
def test_a_copy_of_the_process_makes_it_while_experiments_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "code_folder", lambda: tmp_path)
    monkeypatch.setattr(fonts, "code_folder", lambda: tmp_path)
    monkeypatch.setattr(fonts, "_subset", lambda _: str(os.getpid()).encode())
    math_font.cache_clear()
    assert fonts.is_to_be_made()
    assert load_beside_font([], insist=False, copied=True) == []
    assert not fonts.is_to_be_made()
    assert math_font.__wrapped__() not in (b"", str(os.getpid()).encode())
    monkeypatch.setattr(fonts, "code_folder", lambda: None)
    assert not fonts.is_to_be_made(), "nothing that a copy makes could be kept"
    math_font.cache_clear()


@pytest.mark.parametrize(
    "text",
    [
        "0123456789.,",
        "abcxyzABCXYZ",
        "αβσηθλμεΣΔ",
        "𝑥𝑊𝑎𝑧ℎ𝐿𝜎𝜂𝛿",
        "𝐖𝐱𝐛𝛅",
        "=≈≠≤≥<>←→∈∞",
        "−+±·×⋅⊙∂∇∑√⊤′",
        "()[]{}|",
        "ˆ^¯\u0302\u2061\u2062\u2009\u00a0",
    ],
)
def test_it_has_the_characters_of_formulas(font: TTFont, text: str) -> None:
    known = font.getBestCmap()
    assert [character for character in text if ord(character) not in known] == []


@pytest.mark.parametrize("character", "()[]{}|√")
def test_fences_and_roots_stretch(font: TTFont, character: str) -> None:
    variants = font["MATH"].table.MathVariants
    glyph = font.getBestCmap()[ord(character)]
    assert glyph in variants.VertGlyphCoverage.glyphs
    index = variants.VertGlyphCoverage.glyphs.index(glyph)
    construction = variants.VertGlyphConstruction[index]
    larger = {record.VariantGlyph for record in construction.MathGlyphVariantRecord}
    assert len(larger) > 3 or construction.GlyphAssembly.PartRecords
    assert larger <= set(font.getGlyphOrder())


def test_constants_for_laying_out_are_kept(font: TTFont) -> None:
    assert font["MATH"].table.MathConstants.AxisHeight.Value > 0


def test_the_licence_stays_in_the_font(font: TTFont) -> None:
    assert "SIL Open Font License" in font["name"].getDebugName(13)
    assert "STIX" in font["name"].getDebugName(0)
