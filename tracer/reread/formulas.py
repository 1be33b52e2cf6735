"""The formulas of a page, each read once; of those that differ in numbers the shape is read once.

A walkthrough shows some hundred shapes, and ten thousand formulas with these numbers or those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from xml.etree import ElementTree as ET

from tracer.reread.mathml import read_math
from tracer.reread.tokens import (
    Numeral,
    Power,
    Ratio,
    Root,
    Row,
    Table,
    Token,
    UnreadableError,
    walk,
)

# a large walkthrough has so many that differ
REMEMBERED = 16_384
_FORMULA = re.compile(r"<math[ >].*?</math>")
_ATTRIBUTE = r' [a-z-]+="[^"<&]*"'
#: A number that is a link or has a point: others may be an index, which is read as text.
_NUMBER = re.compile(
    rf'<mn(?:{_ATTRIBUTE})*>(?:<a(?:{_ATTRIBUTE})*? href="([^"<&]+)"(?:{_ATTRIBUTE})*>'
    r"([^<&]+)</a>|(−?\d+\.\d+))</mn>"
)
#: Nothing of it is seen, and nothing is read.
_UNSEEN = re.compile(rf"{_ATTRIBUTE}(?=[ />])")
#: What stands for a number in a shape.
ANY = Numeral("nan")


@dataclass(frozen=True)
class Formula:
    """What a ``<math>`` element says: its tokens, and where its numbers lead.

    ``fault`` is what makes it no formula of ours; then there are no tokens.
    """

    row: Row
    links: tuple[str, ...]
    html: str
    fault: UnreadableError | None = None

    @property
    def text(self) -> str:
        """What is seen of it, without form."""
        return "".join(ET.fromstring(self.html).itertext())

    def read(self) -> Row:
        """The tokens. Raises UnreadableError where it is no formula of ours."""
        if self.fault is not None:
            raise self.fault
        return self.row


@dataclass(frozen=True)
class _Shape:
    """A formula with :data:`ANY` for its numbers, and None for where each of them leads."""

    row: Row
    links: tuple[str | None, ...]


NOTHING = Formula((), (), "<math/>")
Formulas = Mapping[str, Formula]
"""The formulas of a block by what :func:`taken_out` calls them."""


def taken_out(text: str) -> tuple[str, Formulas]:
    """HTML with an empty ``<math of="…">`` in place of each formula; and the formulas.

    Raises ParseError for a formula that is no XML.
    """
    found: dict[str, Formula] = {}

    def note(formula: re.Match[str]) -> str:
        of = str(len(found))
        found[of] = formula_of(formula[0])
        return f'<math of="{of}"/>'

    return _FORMULA.sub(note, text), found


def links_in(element: ET.Element, formulas: Formulas) -> tuple[str, ...]:
    """Where an element leads itself, or the numbers of the formula in its place."""
    if element.tag == "math":
        return formulas.get(element.get("of", ""), NOTHING).links
    return (element.get("href", ""),) if element.tag == "a" else ()


def plain_text(element: ET.Element, formulas: Formulas) -> str:
    """What an element says, its formulas without their form."""
    for math in element.iter("math"):
        math.text = formulas.get(math.get("of", ""), NOTHING).text
    return "".join(element.itertext())


@lru_cache(maxsize=REMEMBERED)
def formula_of(text: str) -> Formula:
    """The formula of a ``<math>`` element. Raises ParseError for what is no XML."""
    parts = _NUMBER.split(text)
    hrefs = [href or "" for href in parts[1::4]]
    shape = _shape_of(_UNSEEN.sub("", f"<mn>{ANY.text}</mn>".join(parts[::4])))
    if shape is None or shape.links.count(None) != len(hrefs):
        return _read_whole(text)
    digits = (linked or plain for linked, plain in zip(parts[2::4], parts[3::4], strict=True))
    led = iter(hrefs)
    links = [next(led) if link is None else link for link in shape.links]
    shown = tuple(filter(None, links))
    try:
        row = _filled(shape.row, map(Numeral, map(str.strip, digits), hrefs))
    except UnreadableError as fault:
        return Formula((), shown, text, fault)
    return Formula(row, shown, text)


@lru_cache(maxsize=REMEMBERED)
def _shape_of(text: str) -> _Shape | None:
    """The shape of a formula; None for one that is refused, or has a number inside a token."""
    try:
        root = ET.fromstring(text)
        shape = _Shape(read_math(root), tuple(_links(root)))
    except (ET.ParseError, UnreadableError):
        return None
    return shape if sum(_missing(shape.row)) == shape.links.count(None) else None


def _read_whole(text: str) -> Formula:
    root = ET.fromstring(text)
    links = tuple(link for link in _links(root) if link is not None)
    try:
        return Formula(read_math(root), links, text)
    except UnreadableError as fault:
        return Formula((), links, text, fault)


def _links(root: ET.Element) -> Iterator[str | None]:
    """Where the numbers of a formula lead, None for each that is missing."""
    for number in root.iter("mn"):
        if number.text == ANY.text:
            yield None
        yield from (link.get("href", "") for link in number.iter("a"))


def _missing(row: Row) -> Iterator[int]:
    """1 for each number that is missing."""
    return (1 for token in walk(row) if token == ANY)


def _filled(row: Row, numbers: Iterator[Numeral]) -> Row:
    """The same row with numbers where they are missing, in the order of reading."""
    return tuple([_with(token, numbers) for token in row])


def _with(token: Token, numbers: Iterator[Numeral]) -> Token:
    match token:
        case Numeral():
            return next(numbers) if token == ANY else token
        case Power(exponent):
            return Power(_filled(exponent, numbers))
        case Ratio(above, below):
            return Ratio(_filled(above, numbers), _filled(below, numbers))
        case Root(inside):
            return Root(_filled(inside, numbers))
        case Table(rows):
            return Table(tuple(tuple(_filled(cell, numbers) for cell in cells) for cells in rows))
        case _:
            return token
