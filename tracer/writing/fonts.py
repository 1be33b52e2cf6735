"""The math font of the pages: STIX Two Math, cut down to what formulas need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from tracer.errors import RenderError
from tracer.files.keeping import code_folder, kept, recall
from tracer.files.packs import installed
from tracer.messages import gettext

if TYPE_CHECKING:
    from fontTools.subset import Options
    from fontTools.ttLib import TTFont

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
LIBRARIES = ("fonttools", "brotli", "ziamath")
"""What says which bytes the font has."""
_NAMES_TO_KEEP = (0, 1, 2, 3, 4, 5, 6, 7, 13, 14)  # with the copyright and the licence
_ENGLISH = 0x409  # as OpenType counts languages


@cache
def math_font() -> bytes:
    """Return STIX Two Math as woff2, with its MATH table, subset to the glyphs of formulas.

    The outlines come from the `ziamath` package and stand under the SIL Open Font License, whose
    notice stays in the font's name table. The same versions of the libraries give the same bytes.

    Raises:
        RenderError: the package with the font is not installed.
    """
    source = _source()
    return kept(_made_of(source), partial(_subset, source), code=True)


def is_to_be_made() -> bool:
    """Whether the font is not kept yet, and can be: it takes half as long as a rendering."""
    with suppress(RenderError):
        return code_folder() is not None and recall(_made_of(_source()), code=True) is None
    return False


def _made_of(source: Path) -> bytes:
    """All that the font is made of: the file, which nobody reads for that, the libraries and this.

    Nothing of it is the user's, so the font is kept where tracer's own code is.
    """
    found = source.stat()
    file = repr((str(source), found.st_size, found.st_mtime_ns)).encode()
    return b"\0".join([file, Path(__file__).read_bytes(), installed(libraries=LIBRARIES)])


def _subset(source: Path) -> bytes:
    from fontTools.subset import Subsetter
    from fontTools.ttLib import TTFont

    # No outline changes, so each keeps the box that it says it has.
    content = BytesIO(source.read_bytes())
    font = TTFont(content, recalcTimestamp=False, recalcBBoxes=False, lazy=True)
    subsetter = Subsetter(_options())
    subsetter.populate(unicodes=_code_points())
    with _names_aside(font):
        subsetter.subset(font)
    font.flavor = "woff2"
    target = BytesIO()
    with _packed_sooner():
        font.save(target)
    return target.getvalue()


@contextmanager
def _names_aside(font: TTFont) -> Iterator[None]:
    """Cut the names by hand: fontTools walks through the whole font for what refers to one."""
    names = font["name"]
    del font["name"]
    yield
    wanted = (one for one in names.names if one.nameID in _NAMES_TO_KEEP and one.isUnicode())
    names.names = [one for one in wanted if one.langID == _ENGLISH]
    font["name"] = names


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


def _source() -> Path:
    # Found, not imported: importing ziamath loads all of it, and warns of itself on some Pythons.
    package = find_spec("ziamath")
    places = (package and package.submodule_search_locations) or []
    for place in places:
        return Path(place) / "fonts" / "STIXTwoMath-Regular.ttf"
    raise RenderError(gettext("the math font is missing: the package ziamath is not installed"))


def _code_points() -> set[int]:
    points = {ord(character) for character in _PLAIN + _OPERATORS}
    return points.union(*_ALPHABETS)


def _options() -> Options:
    from fontTools.subset import Options

    options = Options()
    options.layout_features = ["ccmp", "dtls", "flac", "kern", "ssty"]
    options.hinting = False
    options.notdef_outline = True
    options.recalc_timestamp = False
    return options
