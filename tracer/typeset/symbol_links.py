"""Letters of a formula as links to what they mean.

An HTML link inside a MathML token works without script; it must not be a stop of the Tab key, as
there are hundreds of them. Scripts, operators and names of functions stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from markupsafe import escape

from tracer.files.packs import worked_out
from tracer.notation import LETTERS, Notation
from tracer.typeset.mathml import to_mathml
from tracer.typeset.spoken import SILENT, Voice

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

Meaning = Callable[[str], str]
"""A link to what a quantity means, seen from the page being written; "" where there is none."""

ITSELF = "\uf8fe"
_SCRIPTS = frozenset(["msub", "msup", "msubsup", "munder", "mover", "munderover"])
_UNDER_A_BAR = frozenset(["mover", "msqrt"])
_NO_QUANTITY = frozenset("∂Δ∇")
_SHORT = frozenset("acegmnopqrsuvwxyzηγμρεϵσ")
_MARKED = re.compile(f'href="{ITSELF}([^"]*)"([^>]*)(?=>(.))')


def nowhere(_name: str) -> str:
    """The link to a meaning where no page tells it."""
    return ""


@lru_cache(maxsize=100_000)
def linked_symbol(latex: str, href: str) -> str:
    """The MathML of one symbol, its base letters linked to ``href`` ("" for no links)."""
    if not href:
        return to_mathml(latex)
    return _marked_symbol(latex).replace(f'"{ITSELF}"', f'"{escape(href)}"')


def linked_letters(latex: str, meaning: Meaning, voice: Voice = SILENT) -> str:
    """The MathML of any formula; a letter that is the symbol of a quantity links to its meaning."""
    hrefs = {found[1]: meaning(found[1]) for found in _MARKED.finditer(_marked_letters(latex))}
    if not all(hrefs.values()):
        return to_mathml(latex)
    return _MARKED.sub(
        lambda found: f'href="{escape(hrefs[found[1]])}"{found[2]}{voice.link(found[3])}',
        _marked_letters(latex),
    )


@lru_cache(maxsize=100_000)
def _marked_symbol(latex: str) -> str:
    return worked_out(lambda: _symbol_anew(latex), "marked_symbol", latex)


def _symbol_anew(latex: str) -> str:
    root = _parsed(latex)
    for letter, _ in _letters(root):
        _link(letter, "")
    return _printed(root)


@lru_cache(maxsize=10_000)
def _marked_letters(latex: str) -> str:
    return worked_out(lambda: _letters_anew(latex), "marked_letters", latex)


def _letters_anew(latex: str) -> str:
    root, names = _parsed(latex), _names()
    for letter, shown in _letters(root):
        if shown in names:
            _link(letter, names[shown])
    return _printed(root)


@cache
def _names() -> Mapping[str, str]:
    """The quantity of each letter, as it is shown: with its accent."""
    general = Notation(layers=1).general
    shown = {"".join(_parsed(general(name)).itertext()): name for name in LETTERS}
    return MappingProxyType({**shown, "δ": "dL_dz"})


def _letters(element: ET.Element, accent: str = "") -> Iterator[tuple[ET.Element, str]]:
    """Each base letter below ``element`` with the text it is shown as, its accent included."""
    inside = list(element)
    if element.tag in _SCRIPTS:
        accent = "".join(inside[1].itertext()) if element.tag == "mover" else ""
        inside = inside[:1]
    for child in inside:
        text = child.text or ""
        if child.tag != "mi":
            yield from _letters(child)
        elif len(text) == 1 and text not in _NO_QUANTITY and not child.get("mathvariant"):
            if element.tag in _UNDER_A_BAR and text not in _SHORT:
                child.set("class", "tr-tall")
            yield child, text + accent


def _link(letter: ET.Element, name: str) -> None:
    from xml.etree import ElementTree as ET

    inner = ET.SubElement(letter, "a", {"href": ITSELF + name, "tabindex": "-1"})
    inner.text, letter.text = letter.text, None


def _parsed(latex: str) -> ET.Element:
    from xml.etree import ElementTree as ET

    return ET.fromstring(f"<math>{to_mathml(latex)}</math>")


def _printed(root: ET.Element) -> str:
    from xml.etree import ElementTree as ET

    text = ET.tostring(root, encoding="unicode").replace(" />", "/>")
    return text.removeprefix("<math>").removesuffix("</math>")
