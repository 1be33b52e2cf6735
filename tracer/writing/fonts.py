"""The math font of the pages: STIX Two Math, cut down to what formulas need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from tracer.errors import RenderError
from tracer.files.keeping import kept
from tracer.files.packs import installed
from tracer.messages import gettext

if TYPE_CHECKING:
    from fontTools.subset import Options

#: What a browser shows in a formula as it was typed.
_PLAIN = (
    "0123456789"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρςστυφχψωϑϕϵϱϖ"
    "ℓℒℝℕℎ∅…⋯⋮⋱"
    " \u00a0!%&'\"*,-./:;?@_"
)
#: Operators, relations, arrows and fences; those that stretch bring their larger forms along.
_OPERATORS = (
    "=≈≠≡≔←→↦⇒⇐↑↓≤≥<>∈∉∞∂∇∑∏∫√′″⊤⊥"
    "−+±∓·×⋅∘⊙⊗⊕∗÷∕⁄"
    "()[]{}|‖⟨⟩⌊⌋⌈⌉"
    "^~¯ˆ˜˙¨‾_⏞⏟⎴⎵"
    "\u0302\u0303\u0304\u0305\u0307\u0308\u20d7"
    "\u2009\u200a\u200b\u2061\u2062\u2063\u2064"
)
#: A single letter in `<mi>` is shown from these blocks: bold and italic, Latin and Greek; and the
#: double-struck 1 of an indicator.
_ALPHABETS = (range(0x1D400, 0x1D468), range(0x1D6A8, 0x1D71C), range(0x1D7D9, 0x1D7DA))
QUALITY = 10
"""Of 11: the last step takes as long again, and makes the font smaller by a hundredth."""
_NAMES_TO_KEEP = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]  # with the copyright and the licence


@cache
def math_font() -> bytes:
    """Return STIX Two Math as woff2, with its MATH table, subset to the glyphs of formulas.

    The outlines come from the `ziamath` package and stand under the SIL Open Font License, whose
    notice stays in the font's name table. The same versions of the libraries give the same bytes.

    Raises:
        RenderError: the package with the font is not installed.
    """
    source, points = _source(), _code_points()
    key = b"\0".join([source, repr(sorted(points)).encode(), installed()])
    return kept(key, partial(_subset, source, points))


def _subset(source: bytes, points: set[int]) -> bytes:
    from fontTools.subset import Subsetter
    from fontTools.ttLib import TTFont

    # No outline changes, so each keeps the box that it says it has.
    font = TTFont(BytesIO(source), recalcTimestamp=False, recalcBBoxes=False, lazy=True)
    subsetter = Subsetter(_options())
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    font.flavor = "woff2"
    target = BytesIO()
    with _packed_sooner():
        font.save(target)
    return target.getvalue()


@contextmanager
def _packed_sooner() -> Iterator[None]:
    """As long as this lasts, fontTools lets Brotli try less than it can: it offers no choice."""
    from fontTools.ttLib import woff2

    brotli = woff2.brotli
    compress = partial(brotli.compress, quality=QUALITY)
    woff2.brotli = SimpleNamespace(compress=compress, MODE_FONT=brotli.MODE_FONT)
    try:
        yield
    finally:
        woff2.brotli = brotli


def _source() -> bytes:
    # Found, not imported: importing ziamath loads all of it, and warns of itself on some Pythons.
    package = find_spec("ziamath")
    places = (package and package.submodule_search_locations) or []
    for place in places:
        return (Path(place) / "fonts" / "STIXTwoMath-Regular.ttf").read_bytes()
    raise RenderError(gettext("the math font is missing: the package ziamath is not installed"))


def _code_points() -> set[int]:
    points = {ord(character) for character in _PLAIN + _OPERATORS}
    return points.union(*_ALPHABETS)


def _options() -> Options:
    from fontTools.subset import Options

    options = Options()
    options.layout_features = ["ccmp", "dtls", "flac", "kern", "ssty"]
    options.name_IDs = _NAMES_TO_KEEP
    options.hinting = False
    options.notdef_outline = True
    options.recalc_timestamp = False
    return options
